"""The stepwise loop: one instruction at a time, every rule checked at its place.

It is the definition of what the faster loops compute, and the one that tracers watch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.evm.forks import Fork
from node.evm.interpreter.errors import (
    ExecutionError,
    InvalidOpcode,
    OutOfGas,
    StackOverflow,
    StackUnderflow,
)
from node.evm.interpreter.frame import Frame
from node.evm.interpreter.handlers import ENDED, HANDLERS, Handler
from node.evm.interpreter.tables import INSTRUCTIONS

STACK_LIMIT: Final = 1024

Entry = tuple[Handler, int, int, int]
"""Handler, static gas, and the least and greatest stack height it may find."""


def _undefined(f: Frame) -> object:
    raise InvalidOpcode(f.program.code[f.pc - 1])


def _dispatch(fork: Fork) -> tuple[Entry, ...]:
    table: list[Entry] = [(_undefined, 0, 0, STACK_LIMIT)] * 256
    for opcode, i in INSTRUCTIONS[fork].items():
        table[opcode] = (HANDLERS[opcode], i.gas, i.pops, STACK_LIMIT + i.pops - i.pushes)
    return tuple(table)


DISPATCH: Final[Mapping[Fork, tuple[Entry, ...]]] = {fork: _dispatch(fork) for fork in Fork}


def run_stepwise(f: Frame) -> Frame | None:
    """Runs a frame until it ends (None) or a child has to run first."""
    while True:
        result = run_block(f)
        if result.__class__ is not int:
            return None if result is ENDED else result  # type: ignore[return-value]


def run_block(f: Frame) -> object:
    """Runs until a jump is taken; returns what the last handler did (see `handlers`)."""
    table = DISPATCH[f.context.fork]
    code, stack = f.program.code, f.stack
    while True:
        pc = f.pc
        handler, gas, least, most = table[code[pc]]
        if not least <= len(stack) <= most:
            raise _stack_error(len(stack), least, most)
        f.gas -= gas
        if f.gas < 0:
            raise OutOfGas
        f.pc = pc + 1
        result = handler(f)
        if result is not None:
            return result


def _stack_error(height: int, least: int, most: int) -> ExecutionError:
    if height < least:
        return StackUnderflow(height, least)
    return StackOverflow(height, most)


def run_traced(f: Frame) -> Frame | None:
    """As `run_stepwise`, telling the context's tracer of each instruction."""
    table, tracer = DISPATCH[f.context.fork], f.context.tracer
    assert tracer is not None
    code, stack = f.program.code, f.stack
    while True:
        opcode = code[f.pc]
        handler, gas, least, most = table[opcode]
        before = f.gas
        tracer.on_step(f, opcode)
        try:
            if not least <= len(stack) <= most:
                raise _stack_error(len(stack), least, most)
            f.gas -= gas
            if f.gas < 0:
                raise OutOfGas
            f.pc += 1
            result = handler(f)
        except ExecutionError as error:
            tracer.on_step_end(before - f.gas, str(error) if error.before_execution else None)
            raise
        tracer.on_step_end(before - f.gas, None)
        if result is not None and result.__class__ is not int:
            return None if result is ENDED else result  # type: ignore[return-value]
