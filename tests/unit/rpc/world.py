"""What the chain of these tests contains, and how to make transactions for it."""

from __future__ import annotations

from typing import Any, Final

from genesis import devnet_genesis
from node.crypto import address_of
from node.evm.transactions import DYNAMIC_FEE, AccessList, Transaction

CHAIN_ID: Final = 1337
NAMESPACES: Final = ("eth", "net", "web3", "debug", "txpool")
ETHER: Final = 10**18
GWEI: Final = 10**9

ALICE_KEY: Final = bytes(31) + b"\x01"
BOB_KEY: Final = bytes(31) + b"\x02"
CAROL_KEY: Final = bytes(31) + b"\x03"
POOR_KEY: Final = bytes(31) + b"\x04"
ALICE: Final = address_of(ALICE_KEY)
BOB: Final = address_of(BOB_KEY)
CAROL: Final = address_of(CAROL_KEY)
POOR: Final = address_of(POOR_KEY)

ECHO: Final = bytes.fromhex("e0" * 20)
"""Returns its call data."""
REVERTER: Final = bytes.fromhex("e1" * 20)
"""Reverts with its call data."""
LOOPER: Final = bytes.fromhex("e2" * 20)
"""Never ends."""
LOGGER: Final = bytes.fromhex("e3" * 20)
"""Emits an empty log whose one topic is the first word of its call data."""
KEEPER: Final = bytes.fromhex("e4" * 20)
"""Stores the first word of its call data in slot 0."""
BREAKER: Final = bytes.fromhex("e5" * 20)
"""Runs the invalid instruction."""

CODES: Final = {
    ECHO: "365f5f37365ff3",
    REVERTER: "365f5f37365ffd",
    LOOPER: "5b5f56",
    LOGGER: "5f355f5fa100",
    KEEPER: "5f355f5500",
    BREAKER: "fe",
}
NOPE: Final = "08c379a0" + f"{32:064x}" + f"{4:064x}" + b"nope".hex().ljust(64, "0")
"""Error(string) of "nope"."""
PANIC: Final = "4e487b71" + f"{0x11:064x}"
"""Solidity's arithmetic panic."""


def genesis_json() -> dict[str, Any]:
    """A development chain with these accounts and contracts."""
    funded = dict.fromkeys((ALICE, BOB, CAROL), 1_000 * ETHER)
    genesis = devnet_genesis(chain_id=CHAIN_ID, accounts=funded, timestamp=1, gas_limit=30_000_000)
    alloc = {hexed(address): {"balance": "0x0", "code": "0x" + CODES[address]} for address in CODES}
    return genesis | {"alloc": genesis["alloc"] | alloc}


def transfer(
    key: bytes,
    nonce: int,
    *,
    to: bytes | None = BOB,
    value: int = 1,
    gas: int = 21_000,
    data: bytes = b"",
    tip: int = GWEI,
    cap: int = 10 * GWEI,
    access_list: AccessList = (),
    chain_id: int = CHAIN_ID,
) -> Transaction:
    """A signed transaction with EIP-1559 fees."""
    return Transaction(
        DYNAMIC_FEE, chain_id, nonce, tip, cap, gas, to, value, data, access_list
    ).signed(key)


def raw(tx: Transaction) -> str:
    """What eth_sendRawTransaction takes."""
    return "0x" + tx.encoded.hex()


def hexed(address: bytes) -> str:
    """An address or hash as JSON has it."""
    return "0x" + address.hex()
