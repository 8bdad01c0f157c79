"""The C++ core: what no kept library does natively. Bytes in, bytes out; sources in core/."""

def keccak256(data: bytes, /) -> bytes:
    """Keccak-256 with the padding from before FIPS 202."""

def blake2f(data: bytes, /) -> bytes | None:
    """BLAKE2b's compression function on EIP-152's 213 bytes; None for any other input."""

def bn254_add(data: bytes, /) -> bytes | None:
    """The sum of two points (128 bytes, EIP-196); None where one is not on the curve."""

def bn254_multiply(data: bytes, /) -> bytes | None:
    """A point times a scalar (96 bytes, EIP-196); None where it is not on the curve."""

def bn254_pairing_check(data: bytes, /) -> bool | None:
    """Whether pairings multiply to one (EIP-197); None where a point is not in its group."""
