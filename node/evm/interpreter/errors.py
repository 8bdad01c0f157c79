"""What ends a message abnormally, in geth's words.

Subclasses of py-evm's VMError, so that code written against py-evm's taxonomy still catches them.
"""

from __future__ import annotations

from eth.exceptions import VMError


class ExecutionError(VMError):  # type: ignore[misc]  # py-evm's hierarchy is untyped
    """An exceptional halt: takes all gas of the message and reverts it."""

    message = "execution error"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)


class Reverted(ExecutionError):
    """REVERT: gives back the gas that is left and returns data."""

    message = "execution reverted"
    burns_gas = False
    erases_return_data = False


class OutOfGas(ExecutionError):
    """Not enough gas for an instruction."""

    message = "out of gas"


class GasOverflow(ExecutionError):
    """A memory size or cost beyond 64 bits."""

    message = "gas uint64 overflow"


class CodeStoreOutOfGas(ExecutionError):
    """Not enough gas to store the created code."""

    message = "contract creation code storage out of gas"


class StackUnderflow(ExecutionError):
    """Fewer items on the stack than the instruction pops."""

    def __init__(self, height: int, required: int) -> None:
        super().__init__(f"stack underflow ({height} <=> {required})")


class StackOverflow(ExecutionError):
    """More than 1,024 items on the stack. limit: the most the instruction may find."""

    def __init__(self, height: int, limit: int) -> None:
        super().__init__(f"stack limit reached {height} ({limit})")


class InvalidOpcode(ExecutionError):
    """An opcode this fork does not define, or INVALID."""

    def __init__(self, opcode: int) -> None:
        name = "INVALID" if opcode == 0xFE else f"opcode {opcode:#x} not defined"
        super().__init__(f"invalid opcode: {name}")


class InvalidJump(ExecutionError):
    """A jump to something that is no JUMPDEST."""

    message = "invalid jump destination"


class WriteProtection(ExecutionError):
    """A state change inside a static call."""

    message = "write protection"


class ReturnDataOutOfBounds(ExecutionError):
    """RETURNDATACOPY beyond the end (EIP-211)."""

    message = "return data out of bounds"


class AddressCollision(ExecutionError):
    """A creation at an address already in use (EIP-684, EIP-7610)."""

    message = "contract address collision"


class InitCodeTooLarge(ExecutionError):
    """Initcode above 49,152 bytes (EIP-3860)."""

    message = "max initcode size exceeded"


class CodeTooLarge(ExecutionError):
    """Code above 24,576 bytes (EIP-170)."""

    message = "max code size exceeded"


class InvalidCode(ExecutionError):
    """Code that begins with 0xef (EIP-3541)."""

    message = "invalid code: must not begin with 0xef"


class PrecompileFailed(ExecutionError):
    """A precompiled contract refused its input."""
