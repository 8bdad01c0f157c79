"""Random transactions on random contracts, under Osaka's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from node.codec import encode, int_to_bytes
from node.crypto import EMPTY_TRIE_ROOT, SECP256K1_N, address_of, keccak256, sign
from node.evm.transactions import (
    ACCESS_LIST,
    BLOB,
    DYNAMIC_FEE,
    LEGACY,
    SET_CODE,
    AccessList,
    Authorization,
    Transaction,
)
from node.state.account import Account, StateChanges
from tests.conformance.precompile_inputs import some_input
from tests.conformance.random_contracts import program
from tests.conformance.random_writer import (
    ACCOUNTS,
    AUTHORITY,
    AUTHORITY_SECRET,
    NOBODY,
    OSAKA,
    SENDER_SECRET,
)

SENDER = address_of(SENDER_SECRET)
COINBASE = b"\xcb" * 20
CHAIN_ID = 31337
SLOTS = range(4)
BALANCE, WEALTH = 10**6, 10**24
KINDS = (LEGACY, ACCESS_LIST, DYNAMIC_FEE, SET_CODE)
"""Types of transactions that come without more data."""


@dataclass(frozen=True)
class Case:
    """Contracts with storage, and a transaction."""

    codes: dict[bytes, bytes]
    storage: dict[bytes, dict[int, int]]
    tx: Transaction

    def alloc(self) -> StateChanges:
        """The state before.

        The authority exists: anvil takes those that don't for empty ones and refunds too much.
        """
        alloc = StateChanges({SENDER: Account(0, WEALTH), AUTHORITY: Account(0, BALANCE)})
        for address, code in self.codes.items():
            code_hash = keccak256(code)
            alloc.accounts[address] = Account(1, BALANCE, EMPTY_TRIE_ROOT, code_hash)
            alloc.codes[code_hash] = code
            alloc.storage[address] = self.storage[address]
        return alloc


def authorization(random: Random) -> Authorization:
    """Of AUTHORITY or the sender, to a contract or back to nothing; sometimes not a valid one."""
    secret = random.choice((AUTHORITY_SECRET, AUTHORITY_SECRET, SENDER_SECRET))
    chain_id = random.choice((0, CHAIN_ID, CHAIN_ID, 5))
    target = random.choice((*ACCOUNTS, bytes(20)))
    # The sender's nonce has grown by the time its authorization is looked at.
    nonce = random.choice((0, 0, 0, 1) if secret == AUTHORITY_SECRET else (1, 1, 1, 0, 2))
    items = encode([int_to_bytes(chain_id), target, int_to_bytes(nonce)])
    parity, r, s = sign(secret, keccak256(b"\x05" + items))
    if random.randrange(10) == 0:
        parity, s = random.choice(((1 - parity, SECP256K1_N - s), (2, s), (parity, 0)))
    return Authorization(chain_id, target, nonce, parity, r, s)


def access_list(random: Random) -> AccessList:
    """An account or two, one perhaps twice, with slots that contracts use."""
    return tuple(
        (
            random.choice((*ACCOUNTS, NOBODY, AUTHORITY)),
            tuple(random.choice(SLOTS) for _ in range(random.randrange(4))),
        )
        for _ in range(random.choice((0, 1, 1, 2)))
    )


def blob_hashes(random: Random) -> tuple[bytes, ...]:
    """One to six, a version other than KZG's among them now and then."""
    version = random.choice((1,) * 20 + (2,))
    return tuple(
        bytes([version]) + random.randbytes(31) for _ in range(random.choice((1, 2, 3, 6)))
    )


def make_transaction(random: Random, kinds: Sequence[int]) -> Transaction:
    kind = random.choice(kinds)
    creates = kind not in (BLOB, SET_CODE) and random.randrange(10) == 0
    to, data = None, program(random, ACCOUNTS[0], OSAKA)
    if not creates:
        to = random.choice((*ACCOUNTS[:1] * 6, AUTHORITY, SENDER, *ACCOUNTS))
        data = random.randbytes(random.choice((0, 1, 4, 36, 100, 3000)))
        if random.randrange(30) == 0:
            number = random.choice(OSAKA.precompiles)
            to, data = number.to_bytes(20, "big"), some_input(random, number)
    tip = random.choice((0, 1, 10**9))
    return Transaction(
        type=kind,
        chain_id=CHAIN_ID,
        nonce=0,
        max_priority_fee_per_gas=tip if kind >= DYNAMIC_FEE else 10**10,
        max_fee_per_gas=10**10,
        gas_limit=random.choice((60_000, 1_000_000, 5_000_000, 10_000_000)),
        to=to,
        value=random.choice((0, 0, 1, 1000)),
        data=data,
        access_list=() if kind == LEGACY else access_list(random),
        max_fee_per_blob_gas=random.randrange(3) if kind == BLOB else 0,
        blob_hashes=blob_hashes(random) if kind == BLOB else (),
        authorizations=tuple(authorization(random) for _ in range(random.randrange(1, 3)))
        if kind == SET_CODE
        else (),
    ).signed(SENDER_SECRET)


def make_case(seed: int, kinds: Sequence[int] = KINDS) -> Case:
    random = Random(seed)
    codes = {address: program(random, address, OSAKA) for address in ACCOUNTS}
    if random.randrange(3) == 0:  # delegated to another contract, an empty account, a precompile
        target = random.choice((*ACCOUNTS, NOBODY, bytes(19) + b"\4"))
        codes[ACCOUNTS[3]] = b"\xef\x01\x00" + target
    storage = {
        address: {slot: random.choice((1, 2, 2**255)) for slot in SLOTS if random.randrange(2)}
        for address in ACCOUNTS
    }
    return Case(codes, storage, make_transaction(random, kinds))
