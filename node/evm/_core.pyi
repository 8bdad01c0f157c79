"""The C++ core: execution, and precompiles that no kept library does natively; sources in core/.

Bytes in, bytes out.
"""

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

class ChainConfig:
    """When which rules of a chain hold; times in seconds, None where a fork is not scheduled."""

    def __init__(
        self,
        chain_id: int,
        shanghai_time: int,
        cancun_time: int | None,
        prague_time: int | None,
        osaka_time: int | None,
        blob_schedules: list[tuple[int, int, int, int]],
        deposit_contract: bytes,
    ) -> None:
        """blob_schedules: (time, target, max, base fee update fraction), ascending by time."""

class BlockEnv:
    """The block around a transaction."""

    def __init__(
        self,
        fork: int,
        chain_id: int,
        number: int,
        timestamp: int,
        coinbase: bytes,
        gas_limit: int,
        prev_randao: bytes,
        base_fee: bytes,
        blob_base_fee: bytes,
        max_blobs: int,
        ancestors: list[bytes],
    ) -> None:
        """fork: 0 Shanghai to 3 Osaka. Fees: 32 bytes. ancestors: hashes, parent first."""

def validate_block(
    config: ChainConfig,
    block: bytes,
    nodes: list[bytes],
    codes: list[bytes],
    headers: list[bytes],
) -> tuple[str, bytes, bytes, int]:
    """Executes a block from its witness: (status, block hash, state root, gas used)."""

def prove_block(input: bytes) -> tuple[str, bytes]:
    """(status, statement): what the block guest makes of an input; see docs/blocks.md."""

def run_precompile(number: int, data: bytes) -> tuple[int, bytes | None]:
    """(price, output) under Osaka's rules, None where the call fails.

    ValueError for a number that no precompile has. The price is not compared with anything, and
    lengths are taken as they are: call it with what can be computed.
    """

def run_transaction(
    env: BlockEnv,
    allocation: list[tuple[bytes, int, bytes, bytes, list[tuple[bytes, bytes]]]],
    transaction: bytes,
) -> tuple[str, bytes, bytes, int, bool]:
    """Executes a transaction: (status, state root, logs hash, gas used, success).

    allocation: (address, nonce, balance, code, [(slot, value)]), numbers in 32 bytes.
    """
