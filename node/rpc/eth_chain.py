"""eth_*, net_*, web3_*, rpc_*: the chain, the node and what it can do."""

from __future__ import annotations

from typing import Annotated, Any, Final

from node.evm.chain_config import ChainConfig
from node.evm.forks import Fork
from node.evm.precompiles import PRECOMPILES
from node.rpc import codec
from node.rpc.codec import BOOL, OBJECT, STRING, Kind, QuantityJson, data, quantity
from node.rpc.context import Context
from node.rpc.registry import METHODS, method, openrpc
from node.types import Address

_ANY_LIST: Final = Kind("List", codec.parse_object, {"type": "array"})
_PRECOMPILE_NAMES: Final = {
    0x01: "ECREC",
    0x02: "SHA256",
    0x03: "RIPEMD160",
    0x04: "ID",
    0x05: "MODEXP",
    0x06: "BN254_ADD",
    0x07: "BN254_MUL",
    0x08: "BN254_PAIRING",
    0x09: "BLAKE2F",
    0x0A: "KZG_POINT_EVALUATION",
    0x0B: "BLS12_G1ADD",
    0x0C: "BLS12_G1MSM",
    0x0D: "BLS12_G2ADD",
    0x0E: "BLS12_G2MSM",
    0x0F: "BLS12_PAIRING_CHECK",
    0x10: "BLS12_MAP_FP_TO_G1",
    0x11: "BLS12_MAP_FP2_TO_G2",
    0x100: "P256VERIFY",
}
"""EIP-7910's names."""
_SYSTEM_CONTRACTS: Final = (
    (Fork.CANCUN, "BEACON_ROOTS_ADDRESS", "000f3df6d732807ef1319fb7b8bb8522d0beac02"),
    (
        Fork.PRAGUE,
        "CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS",
        "0000bbddc7ce488642fb579f8b00f3a590007251",
    ),
    (Fork.PRAGUE, "HISTORY_STORAGE_ADDRESS", "0000f90827f1c53a10cb7a02335b175320002935"),
    (
        Fork.PRAGUE,
        "WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS",
        "00000961ef480eb55e80d19ad83579a64c007002",
    ),
)
"""EIP-4788, EIP-7251, EIP-2935, EIP-7002."""


@method("eth_chainId")
def chain_id(context: Context) -> QuantityJson:
    """The chain id (EIP-695)."""
    return quantity(context.chain.config.chain_id)


@method("eth_blockNumber")
def block_number(context: Context) -> QuantityJson:
    """The number of the newest block."""
    return quantity(context.chain.heads.latest.number)


@method("eth_syncing")
def syncing(_: Context) -> Annotated[bool, BOOL]:
    """Always false: this node makes the blocks it serves."""
    return False


@method("eth_accounts")
def accounts(_: Context) -> Annotated[list[str], _ANY_LIST]:
    """Always empty: the node keeps no keys of users."""
    return []


@method("eth_protocolVersion")
def protocol_version(_: Context) -> QuantityJson:
    """The newest version of the eth wire protocol, which tools ask for to tell old nodes."""
    return quantity(68)


@method("eth_mining")
def mining(_: Context) -> Annotated[bool, BOOL]:
    """Always false: there is no proof of work."""
    return False


@method("eth_hashrate")
def hashrate(_: Context) -> QuantityJson:
    """Always 0: there is no proof of work."""
    return "0x0"


@method("eth_coinbase")
def coinbase(context: Context) -> codec.DataJson:
    """Who receives the tips of the newest block."""
    return data(context.chain.heads.latest.coinbase)


@method("eth_config")
def config(context: Context) -> Annotated[dict[str, Any], OBJECT]:
    """The rules in force and those scheduled (EIP-7910)."""
    head = context.chain.heads.latest
    chain = context.chain.config
    following = chain.next_activation(head.timestamp)
    last = chain.fork_times[-1] if chain.fork_times else 0
    return {
        "current": _rules(context, chain.current_activation(head.timestamp)),
        "next": None if following is None else _rules(context, following),
        "last": None if following is None else _rules(context, last),
    }


def _rules(context: Context, activation: int) -> dict[str, Any]:
    chain, number = context.chain.config, context.chain.heads.latest.number
    fork = chain.fork_at(number, activation)
    schedule = chain.blob_schedule_at(activation)
    blob_schedule = schedule and {
        "target": schedule.target,
        "max": schedule.max,
        "baseFeeUpdateFraction": schedule.base_fee_update_fraction,
    }
    return {
        "activationTime": activation,
        "blobSchedule": blob_schedule,
        "chainId": quantity(chain.chain_id),
        "forkId": data(chain.fork_id(context.chain.genesis_hash, number, activation)),
        "precompiles": _precompiles(fork),
        "systemContracts": _system_contracts(chain, fork),
    }


def _precompiles(fork: Fork) -> dict[str, str]:
    named = {
        _PRECOMPILE_NAMES[int.from_bytes(address, "big")]: data(address)
        for address in PRECOMPILES[fork]
    }
    return dict(sorted(named.items()))


def _system_contracts(chain: ChainConfig, fork: Fork) -> dict[str, str]:
    found = {name: "0x" + address for since, name, address in _SYSTEM_CONTRACTS if fork >= since}
    if fork >= Fork.PRAGUE:
        deposit: Address = chain.deposit_contract
        found["DEPOSIT_CONTRACT_ADDRESS"] = data(deposit)
    return dict(sorted(found.items()))


@method("eth_capabilities")
def capabilities(context: Context) -> Annotated[dict[str, Any], OBJECT]:
    """How far back each kind of data can be served, so that routers can choose a node."""
    head = context.chain.heads.latest
    whole = {"disabled": False, "oldestBlock": "0x0"}
    state: dict[str, Any] = whole | {"oldestBlock": quantity(context.chain.oldest_state)}
    if context.state_window is not None:
        retained = quantity(context.state_window)
        state["deleteStrategy"] = {"type": "window", "retentionBlocks": retained}
    return {
        "head": {"number": quantity(head.number), "hash": data(head.hash)},
        "state": state,
        "tx": whole,
        "logs": whole,
        "receipts": whole,
        "blocks": whole,
        "stateproofs": state,
    }


@method("net_version")
def net_version(context: Context) -> Annotated[str, STRING]:
    """The network id in decimal; it is the chain id."""
    return str(context.chain.config.chain_id)


@method("net_listening")
def net_listening(_: Context) -> Annotated[bool, BOOL]:
    """Whether the node is there to be asked."""
    return True


@method("net_peerCount")
def net_peer_count(_: Context) -> QuantityJson:
    """Always 0: blocks come from the sequencer, not from peers."""
    return "0x0"


@method("web3_clientVersion")
def client_version(context: Context) -> Annotated[str, STRING]:
    """Name and version of this software."""
    return context.client_version


@method("rpc_modules")
def modules(context: Context) -> Annotated[dict[str, str], OBJECT]:
    """The namespaces that are served."""
    return dict.fromkeys(sorted({*context.namespaces, "rpc"}), "1.0")


@method("rpc.discover")
def discover(context: Context) -> Annotated[dict[str, Any], OBJECT]:
    """The OpenRPC document of the methods that are served."""
    served = {
        name: entry
        for name, entry in METHODS.items()
        if entry.namespace in (*context.namespaces, "rpc", "rpc.discover")
    }
    return openrpc(served, "Strikefold JSON-RPC", context.client_version.split("/")[1])
