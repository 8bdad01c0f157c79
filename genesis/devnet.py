"""The genesis of a development network, in geth's format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from genesis.addresses import DEVNET_TOKENS, PREDEPLOYS
from genesis.artifacts import artifact
from genesis.preinstalls import preinstalls
from genesis.system import SYSTEM_CONTRACTS
from node.errors import InvalidGenesis
from node.types import UINT64_MAX, UINT256_MAX, Address

DEVNET_CHAIN_ID: Final = 53_460
DEFAULT_GAS_LIMIT: Final = 60_000_000
INITIAL_BASE_FEE: Final = 10**9

_BLOB_PARAMETERS: Final = {
    "cancun": {"target": 3, "max": 6, "baseFeeUpdateFraction": 3_338_477},
    "prague": {"target": 6, "max": 9, "baseFeeUpdateFraction": 5_007_716},
    "osaka": {"target": 6, "max": 9, "baseFeeUpdateFraction": 5_007_716},
}
"""EIP-7840. The L2 refuses blob transactions, but the header fields and BLOBBASEFEE exist."""

_BLOCK_FORKS: Final = (
    "homestead",
    "eip150",
    "eip155",
    "eip158",
    "byzantium",
    "constantinople",
    "petersburg",
    "istanbul",
    "berlin",
    "london",
    "mergeNetsplit",
)
_TIME_FORKS: Final = ("shanghai", "cancun", "prague", "osaka")


def chain_config(chain_id: int) -> dict[str, Any]:
    """Configuration of a chain with Osaka's rules from its genesis."""
    return {
        "chainId": chain_id,
        **{f"{fork}Block": 0 for fork in _BLOCK_FORKS},
        "terminalTotalDifficulty": 0,
        **{f"{fork}Time": 0 for fork in _TIME_FORKS},
        "blobSchedule": {fork: dict(values) for fork, values in _BLOB_PARAMETERS.items()},
    }


def devnet_genesis(
    *,
    chain_id: int = DEVNET_CHAIN_ID,
    accounts: Mapping[Address, int],
    timestamp: int,
    gas_limit: int = DEFAULT_GAS_LIMIT,
) -> dict[str, Any]:
    """Genesis with the system contracts, the preinstalls, the option suite and faucet tokens.

    The same arguments always give the same genesis, so the same genesis hash.

    Args:
        chain_id: EIP-155 chain id, at least 1.
        accounts: Balances in wei.
        timestamp: Unix time of the genesis block.
        gas_limit: Gas limit of the genesis block.

    Returns:
        JSON object as in geth's genesis.json; numbers in `config` are plain, others hex.

    Raises:
        InvalidGenesis: A number is out of range, or an account is a contract's address.
    """
    _require_range("chain id", chain_id, 1, UINT64_MAX)
    _require_range("timestamp", timestamp, 0, UINT64_MAX)
    _require_range("gas limit", gas_limit, 5_000, 2**63 - 1)
    alloc = {_hex(address): _contract(code) for address, code in _contracts(chain_id).items()}
    for address, balance in sorted(accounts.items()):
        _require_range(f"balance of {_hex(address)}", balance, 0, UINT256_MAX)
        if len(address) != 20 or _hex(address) in alloc:
            raise InvalidGenesis(f"account {_hex(address)} is not an address free for an account")
        alloc[_hex(address)] = {"balance": hex(balance)}
    return {
        "config": chain_config(chain_id),
        "nonce": "0x0",
        "timestamp": hex(timestamp),
        "extraData": "0x",
        "gasLimit": hex(gas_limit),
        "difficulty": "0x0",
        "mixHash": "0x" + "00" * 32,
        "coinbase": "0x" + "00" * 20,
        "baseFeePerGas": hex(INITIAL_BASE_FEE),
        "excessBlobGas": "0x0",
        "blobGasUsed": "0x0",
        "number": "0x0",
        "parentHash": "0x" + "00" * 32,
        "alloc": alloc,
    }


def _contracts(chain_id: int) -> dict[Address, bytes]:
    ours = {**PREDEPLOYS, **DEVNET_TOKENS}
    return {
        **SYSTEM_CONTRACTS,
        **preinstalls(chain_id),
        **{address: artifact(name).deployed_bytecode for name, address in ours.items()},
    }


def _contract(code: bytes) -> dict[str, str]:
    # Nonce 1 as a deployed contract has it (EIP-161).
    return {"balance": "0x0", "nonce": "0x1", "code": "0x" + code.hex()}


def _require_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise InvalidGenesis(f"{name} {value} is not in [{low}, {high}]")


def _hex(address: Address) -> str:
    return "0x" + address.hex()
