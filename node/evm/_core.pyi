"""The C++ core: execution, and precompiles that no kept library does natively; sources in core/.

Bytes in, bytes out.
"""

from collections.abc import Callable, Sequence
from enum import Enum

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

def status_names() -> list[str]:
    """The names of statuses, in the order of the numbers that the block guest exits with."""

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

class Signal(Enum):
    """Why a frame failed."""

    REVERTED = ...
    OUT_OF_GAS = ...
    GAS_OVERFLOW = ...
    SENTRY_OUT_OF_GAS = ...
    DEPOSIT_OUT_OF_GAS = ...
    INITCODE_TOO_LARGE = ...
    INVALID_OPCODE = ...
    INVALID_JUMP = ...
    STACK_UNDERFLOW = ...
    STACK_OVERFLOW = ...
    WRITE_PROTECTION = ...
    RETURN_DATA_OUT_OF_BOUNDS = ...
    ADDRESS_COLLISION = ...
    CODE_TOO_LARGE = ...
    INVALID_CODE = ...
    PRECOMPILE_FAILED = ...

Halt = tuple[Signal, int, int, int]
"""(why, opcode, height of the stack, size asked for)"""

Result = tuple[
    int,
    list[tuple[bytes, tuple[bytes, ...], bytes]],
    bytes,
    Halt | None,
    bytes | None,
    int,
    int,
    int,
]
"""(gas used, logs, output, halt where it failed, contract created, refund, most gas, zk gas)"""

def zk_gas_tables() -> tuple[dict[str, int], dict[int, tuple[int, int]]]:
    """(entry -> cells, number of a precompile -> (cells, cells per gas of its price))."""

class Session:
    """One block being executed over a reader: node.evm.engine.Session, bytes and numbers only.

    What a callback raises is raised here, and then the session is good for nothing more.
    """

    def __init__(
        self,
        env: BlockEnv,
        reader: object,
        block_hash: Callable[[int], bytes],
    ) -> None:
        """reader: a StateReader. block_hash: of an ancestor that `env` does not hold."""

    def transact(self, encoded: bytes, sender: bytes) -> Result | None:
        """Executes a transaction; None where it may not be: nothing has changed then."""

    def call(
        self,
        sender: bytes,
        to: bytes | None,
        value: int,
        data: bytes,
        gas: int,
        gas_price: int,
        access_list: Sequence[tuple[bytes, Sequence[int]]],
        authorizations: Sequence[tuple[int, bytes, int, int, int, int]],
        blob_hashes: Sequence[bytes],
    ) -> Result | None:
        """Executes a call; authorizations: (chain id, address, nonce, y parity, r, s)."""

    def system_call(self, address: bytes, data: bytes) -> tuple[bytes, Halt | None]:
        """(output, halt where it failed)."""

    def add_balance(self, address: bytes, wei: int) -> None:
        """Credits an account."""

    def set_balance(self, address: bytes, wei: int) -> None:
        """Sets a balance."""

    def set_nonce(self, address: bytes, nonce: int) -> None:
        """Sets a nonce."""

    def set_code(self, address: bytes, code: bytes) -> None:
        """Sets code."""

    def set_storage(self, address: bytes, slot: int, value: int) -> None:
        """Sets a slot."""

    def clear_storage(self, address: bytes) -> None:
        """Empties an account's storage."""

    def remove(self, address: bytes) -> None:
        """Deletes an account."""

    def snapshot(self) -> int:
        """A point to revert to."""

    def revert(self, snapshot: int) -> None:
        """Takes back everything since; does nothing where the session broke off."""

    def account(self, address: bytes) -> tuple[int, int, bytes, bytes] | None:
        """(nonce, balance, storage root before the session, code hash)."""

    def storage(self, address: bytes, slot: int) -> int:
        """The value in a slot now."""

    def code(self, address: bytes) -> bytes:
        """An account's code now."""

    def code_by_hash(self, hash: bytes) -> bytes:
        """Code that some account has."""

    def has_storage(self, address: bytes) -> bool:
        """Whether a slot of the account is not zero."""

    def changes(
        self,
    ) -> list[
        tuple[bytes, tuple[int, int, bytes, bytes] | None, bool, dict[int, int], bytes | None]
    ]:
        """(address, account, wiped, changed slots, new code) of each account that changed."""

    def accessed(self) -> tuple[list[tuple[bytes, list[int]]], list[bytes], list[int]]:
        """([(address, slots)], code hashes, block numbers) read so far."""
