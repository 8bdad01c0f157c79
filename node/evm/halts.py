"""Why a frame of the core's failed, in the words of `interpreter.errors`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from node.evm import _core
from node.evm.forks import Fork
from node.evm.interpreter import errors
from node.evm.interpreter.messages import MAX_INITCODE_SIZE
from node.evm.interpreter.stepwise import STACK_LIMIT
from node.evm.interpreter.storage import SENTRY_TEXT
from node.evm.interpreter.tables import INSTRUCTIONS
from node.evm.precompiles import PRECOMPILES, PrecompileFailure
from node.types import Address

_SIMPLE: Final[Mapping[_core.Signal, Callable[[], errors.ExecutionError]]] = {
    _core.Signal.REVERTED: errors.Reverted,
    _core.Signal.OUT_OF_GAS: errors.OutOfGas,
    _core.Signal.GAS_OVERFLOW: errors.GasOverflow,
    _core.Signal.SENTRY_OUT_OF_GAS: lambda: errors.OutOfGas(SENTRY_TEXT),
    _core.Signal.DEPOSIT_OUT_OF_GAS: errors.CodeStoreOutOfGas,
    _core.Signal.INVALID_JUMP: errors.InvalidJump,
    _core.Signal.WRITE_PROTECTION: errors.WriteProtection,
    _core.Signal.RETURN_DATA_OUT_OF_BOUNDS: errors.ReturnDataOutOfBounds,
    _core.Signal.ADDRESS_COLLISION: errors.AddressCollision,
    _core.Signal.CODE_TOO_LARGE: errors.CodeTooLarge,
    _core.Signal.INVALID_CODE: errors.InvalidCode,
}


def halt_text(halt: _core.Halt, fork: Fork, to: Address | None, data: bytes) -> str:
    """What went wrong in a message to `to` with this data."""
    signal, opcode, height, size = halt
    if opcode not in INSTRUCTIONS[fork]:
        return str(errors.InvalidOpcode(opcode))
    simple = _SIMPLE.get(signal)
    if simple is not None:
        return str(simple())
    if signal == _core.Signal.PRECOMPILE_FAILED and to is not None:
        return _precompile_text(fork, to, data)
    if signal == _core.Signal.INITCODE_TOO_LARGE:
        return str(errors.InitCodeTooLarge(size, MAX_INITCODE_SIZE))
    instruction = INSTRUCTIONS[fork][opcode]
    if signal == _core.Signal.STACK_UNDERFLOW:
        return str(errors.StackUnderflow(height, instruction.pops))
    if signal == _core.Signal.STACK_OVERFLOW:
        most = STACK_LIMIT + instruction.pops - instruction.pushes
        return str(errors.StackOverflow(height, most))
    raise AssertionError(f"no words for {signal}")


def _precompile_text(fork: Fork, to: Address, data: bytes) -> str:
    """The precompile's own words: it is asked again."""
    try:
        PRECOMPILES[fork][to].run(data)
    except PrecompileFailure as failure:
        return str(failure)
    raise AssertionError(f"precompile 0x{to.hex()} failed in the core only")
