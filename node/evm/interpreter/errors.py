"""What ends a message abnormally, in geth's words.

Subclasses of py-evm's VMError, so that code written against py-evm's taxonomy still catches them.
"""

from __future__ import annotations

from eth.exceptions import VMError


class ExecutionError(VMError):
    """An exceptional halt: takes all gas of the message and reverts it."""

    message = "execution error"
    before_execution = False
    """Whether it is known before the instruction executes: a stack height or a price."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)


class Reverted(ExecutionError):
    """REVERT: gives back the gas that is left and returns data."""

    message = "execution reverted"
    burns_gas = False
    erases_return_data = False


class CallDepthExceeded(ExecutionError):
    """A message below 1,024 others: it does not start, and its gas goes back."""

    message = "max call depth exceeded"
    burns_gas = False


class InsufficientBalance(ExecutionError):
    """A message that moves more than its sender has: it does not start, and its gas goes back."""

    message = "insufficient balance for transfer"
    burns_gas = False


class NonceOverflow(ExecutionError):
    """A creation by an account whose nonce cannot grow (EIP-2681); its gas goes back."""

    message = "nonce uint64 overflow"
    burns_gas = False


class OutOfGas(ExecutionError):
    """Not enough gas for an instruction."""

    message = "out of gas"
    before_execution = True


class GasOverflow(ExecutionError):
    """A memory size or cost beyond 64 bits."""

    message = "gas uint64 overflow"
    before_execution = True


class CodeStoreOutOfGas(ExecutionError):
    """Not enough gas to store the created code."""

    message = "contract creation code storage out of gas"


class StackUnderflow(ExecutionError):
    """Fewer items on the stack than the instruction pops."""

    before_execution = True

    def __init__(self, height: int, required: int) -> None:
        super().__init__(f"stack underflow ({height} <=> {required})")


class StackOverflow(ExecutionError):
    """More than 1,024 items on the stack. limit: the most the instruction may find."""

    before_execution = True

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
    """Initcode above the limit of EIP-3860. Both in bytes."""

    before_execution = True

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"out of gas: max initcode size exceeded: code size {size} limit {limit}")


class CodeTooLarge(ExecutionError):
    """Code above 24,576 bytes (EIP-170)."""

    message = "max code size exceeded"


class InvalidCode(ExecutionError):
    """Code that begins with 0xef (EIP-3541)."""

    message = "invalid code: must not begin with 0xef"


class PrecompileFailed(ExecutionError):
    """A precompiled contract refused its input."""
