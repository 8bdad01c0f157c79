"""The plain types every layer shares. Nothing here imports anything of ours."""

from __future__ import annotations

from typing import Final, TypeAlias

Address: TypeAlias = bytes
"""20 bytes."""
Hash32: TypeAlias = bytes
"""32 bytes, as Keccak-256 returns them."""

ZERO_ADDRESS: Final[Address] = bytes(20)
ZERO_HASH: Final[Hash32] = bytes(32)
UINT64_MAX: Final = 2**64 - 1
UINT256_MAX: Final = 2**256 - 1
