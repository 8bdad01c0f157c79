"""Memory: expansion and its price, and the instructions that read, write and copy it."""

from __future__ import annotations

from typing import Final

from gmpy2.gmpy2 import powmod

from node.crypto import keccak256
from node.evm.forks import Fork
from node.evm.interpreter.errors import GasOverflow, OutOfGas, ReturnDataOutOfBounds
from node.evm.interpreter.frame import Frame

_LIMIT: Final = 2**32
"""Bytes; below what any payable amount of gas reaches, above it nothing is computed."""
_MODULUS: Final = 1 << 256
_COPY_WORD_GAS: Final = 3
_KECCAK_WORD_GAS: Final = 6


def charge(f: Frame, gas: int) -> None:
    """Takes gas. Raises OutOfGas."""
    f.gas -= gas
    if f.gas < 0:
        raise OutOfGas


def expand(f: Frame, offset: int, size: int) -> None:
    """Makes memory reach `offset + size` and charges 3 w + w^2/512 for w words."""
    end = offset + size
    memory = f.memory
    if not size or end <= len(memory):
        return
    if end > _LIMIT:
        raise GasOverflow if end >= 2**64 else OutOfGas
    old, new = len(memory) >> 5, (end + 31) >> 5
    f.gas -= 3 * (new - old) + new * new // 512 - old * old // 512
    if f.gas < 0:
        raise OutOfGas
    memory.extend(bytes((new - old) << 5))


def read(f: Frame, offset: int, size: int) -> bytes:
    """Memory already expanded."""
    return bytes(f.memory[offset : offset + size]) if size else b""


def mload(f: Frame, offset: int) -> int:
    """MLOAD."""
    expand(f, offset, 32)
    return int.from_bytes(f.memory[offset : offset + 32])


def mstore(f: Frame, offset: int, value: int) -> None:
    """MSTORE."""
    expand(f, offset, 32)
    f.memory[offset : offset + 32] = value.to_bytes(32)


def mstore8(f: Frame, offset: int, value: int) -> None:
    """MSTORE8."""
    expand(f, offset, 1)
    f.memory[offset] = value & 255


def mcopy(f: Frame, to: int, source: int, size: int) -> None:
    """MCOPY (EIP-5656)."""
    _charge_copy(f, size)
    expand(f, max(to, source), size)
    if size:
        f.memory[to : to + size] = f.memory[source : source + size]


def keccak(f: Frame, offset: int, size: int) -> int:
    """KECCAK256."""
    expand(f, offset, size)
    charge(f, _KECCAK_WORD_GAS * ((size + 31) >> 5))
    return int.from_bytes(keccak256(read(f, offset, size)))


def calldataload(f: Frame, offset: int) -> int:
    """CALLDATALOAD."""
    return int.from_bytes(f.data[offset : offset + 32].ljust(32, b"\0"))


def calldatacopy(f: Frame, to: int, source: int, size: int) -> None:
    """CALLDATACOPY."""
    _copy(f, f.data, to, source, size)


def codecopy(f: Frame, to: int, source: int, size: int) -> None:
    """CODECOPY. What pads the code is zeros, as what lies behind it."""
    _copy(f, f.program.code, to, source, size)


def returndatacopy(f: Frame, to: int, source: int, size: int) -> None:
    """RETURNDATACOPY (EIP-211)."""
    if source + size > len(f.return_data):
        raise ReturnDataOutOfBounds
    _copy(f, f.return_data, to, source, size)


def copy_padded(f: Frame, data: bytes, to: int, source: int, size: int) -> None:
    """Writes `data[source:source + size]`, zeros beyond its end, into memory already expanded."""
    if size:
        f.memory[to : to + size] = data[source : source + size].ljust(size, b"\0")


def charge_copied(f: Frame, to: int, size: int) -> None:
    """Charges 3 gas a word copied and the memory it goes to."""
    _charge_copy(f, size)
    expand(f, to, size)


def _copy(f: Frame, data: bytes, to: int, source: int, size: int) -> None:
    charge_copied(f, to, size)
    copy_padded(f, data, to, source, size)


def _charge_copy(f: Frame, size: int) -> None:
    charge(f, _COPY_WORD_GAS * ((size + 31) >> 5))


def exp(f: Frame, base: int, exponent: int) -> int:
    """EXP: 10 gas (50 since EIP-160) a byte of the exponent."""
    if exponent:
        byte_gas = 50 if f.context.fork >= Fork.SPURIOUS_DRAGON else 10
        charge(f, byte_gas * ((exponent.bit_length() + 7) // 8))
    return int(powmod(base, exponent, _MODULUS))
