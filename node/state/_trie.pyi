# Batched updates of Merkle Patricia tries; source in node/state/native.
from collections.abc import Callable

class Malformed(ValueError): ...

def update(
    read: Callable[[bytes, bytes], bytes],
    root: bytes | None,
    keys: list[bytes],
    values: dict[bytes, bytes],
) -> tuple[bytes | None, dict[bytes, bytes | None]] | None:
    """(new root, changed nodes by path); None where nothing changes. Roots: None if empty.

    keys: those of `values`, sorted, 32 bytes each. Raises Malformed, and what `read` raises.
    """
