"""Runs a message and all messages below it without recursion: the call stack is a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from node.evm.forks import Fork
from node.evm.interpreter.errors import (
    AddressCollision,
    CodeStoreOutOfGas,
    CodeTooLarge,
    ExecutionError,
    InvalidCode,
    OutOfGas,
    PrecompileFailed,
)
from node.evm.interpreter.frame import Frame
from node.evm.precompiles import Precompile, PrecompileFailure
from node.state.account import Account

MAX_CODE_SIZE: Final = 24_576
_DEPOSIT_GAS: Final = 200

Loop = Callable[[Frame], Frame | None]
"""Runs a frame until it ends (None) or needs a child to run first."""


def execute(frame: Frame, loop: Loop) -> None:
    """Runs a message to its end; its result is in the frame afterwards."""
    parents: list[Frame] = []
    running = _begin(frame)
    while True:
        if running:
            child = _advance(frame, loop)
            if child is not None:
                parents.append(frame)
                frame = child
                running = _begin(frame)
                continue
        _finish(frame)
        if not parents:
            return
        parent = parents.pop()
        _settle(parent, frame)
        frame = parent
        running = True


def _advance(frame: Frame, loop: Loop) -> Frame | None:
    try:
        return loop(frame)
    except ExecutionError as error:
        frame.error = error
        return None


def _begin(frame: Frame) -> bool:
    """Moves the value and runs a precompile; returns whether there is code left to run.

    A frame that comes with an error never starts.
    """
    tracer = frame.context.tracer
    if tracer is not None:
        tracer.on_enter(frame.info())
    if frame.error is not None:
        return False
    if frame.is_create:
        return _begin_create(frame)
    _transfer(frame)
    if frame.precompile is not None:
        _run_precompile(frame, frame.precompile)
        return False
    return frame.program.size > 0


def _transfer(frame: Frame) -> None:
    world, kind = frame.world, frame.kind
    if kind == "CALL":
        if frame.value:
            world.transfer(frame.caller, frame.address, frame.value)
            return
        if frame.context.fork < Fork.SPURIOUS_DRAGON:
            world.add_balance(frame.address, 0)
            return
    if kind in ("CALL", "STATICCALL"):
        account = world.account(frame.address)
        if account is not None and not account.nonce and world.is_dead(frame.address):
            world.touch(frame.address)


def _begin_create(frame: Frame) -> bool:
    world, address = frame.world, frame.address
    account = world.account(address) or Account()
    if account.nonce or world.code(address) or world.has_storage(address):
        frame.error = AddressCollision()
        return False
    nonce = 1 if frame.context.fork >= Fork.SPURIOUS_DRAGON else 0
    world.set_account(address, account._replace(nonce=nonce))
    world.put(world.created, address, True)
    world.transfer(frame.caller, address, frame.value)
    return frame.program.size > 0


def _run_precompile(frame: Frame, precompile: Precompile) -> None:
    price = precompile.gas(frame.data)
    if price > frame.gas:
        frame.error = OutOfGas()
        return
    frame.gas -= price
    try:
        frame.output = precompile.run(frame.data)
    except PrecompileFailure as failure:
        frame.error = PrecompileFailed(str(failure))


def _finish(frame: Frame) -> None:
    """Deploys created code, reverts on failure, tells the tracer."""
    if frame.is_create and frame.error is None:
        frame.error = _deploy(frame)
    error = frame.error
    if error is not None:
        frame.world.revert(frame.snapshot)
        if error.burns_gas:
            frame.gas = 0
            frame.output = b""
    tracer = frame.context.tracer
    if tracer is not None:
        used = frame.start_gas - frame.gas
        tracer.on_exit(frame.output, used, None if error is None else str(error))


def _deploy(frame: Frame) -> ExecutionError | None:
    code, fork = frame.output, frame.context.fork
    if fork >= Fork.SPURIOUS_DRAGON and len(code) > MAX_CODE_SIZE:
        return CodeTooLarge()
    if fork >= Fork.LONDON and code[:1] == b"\xef":
        return InvalidCode()
    price = _DEPOSIT_GAS * len(code)
    if price > frame.gas:
        if fork >= Fork.HOMESTEAD:
            return CodeStoreOutOfGas()
        frame.output = b""
        return None
    frame.gas -= price
    frame.world.set_code(frame.address, code)
    return None


def _settle(parent: Frame, child: Frame) -> None:
    """Hands a child's result to its parent."""
    succeeded = child.error is None
    parent.gas += child.gas
    if child.is_create:
        parent.return_data = b"" if succeeded else child.output
        parent.stack.append(int.from_bytes(child.address) if succeeded else 0)
        return
    output = parent.return_data = child.output
    parent.stack.append(1 if succeeded else 0)
    size = min(len(output), child.output_size)
    if size:
        parent.memory[child.output_at : child.output_at + size] = output[:size]
