"""Chains of random transactions of every type on random contracts, under Osaka's rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from node.errors import InvalidTransaction
from node.evm.chain_config import ChainConfig
from node.evm.execution import ExecutedBlock
from node.evm.genesis import Genesis
from node.evm.transactions import BLOB
from tests.conformance.random_contracts import program
from tests.conformance.random_transactions import (
    BALANCE,
    CHAIN_ID,
    KINDS,
    SENDER,
    SLOTS,
    WEALTH,
    make_transaction,
)
from tests.conformance.random_writer import ACCOUNTS, AUTHORITY, OSAKA, SENDER_SECRET
from tests.unit.evm.chains import MemoryChain, genesis_json

BLOCKS, TRANSACTIONS = 2, 4


def genesis(random: Random) -> Genesis:
    """Contracts with storage, one perhaps delegated, a rich sender, an authority."""
    made = genesis_json(chainId=CHAIN_ID)
    made["alloc"] |= {
        SENDER.hex(): {"balance": hex(WEALTH)},
        AUTHORITY.hex(): {"balance": hex(BALANCE)},
    }
    for address in ACCOUNTS:
        code = program(random, address, OSAKA)
        if address == ACCOUNTS[3] and random.randrange(3) == 0:
            code = b"\xef\x01\x00" + random.choice(ACCOUNTS)
        slots = {hex(n): hex(random.choice((1, 2, 2**255))) for n in SLOTS if random.randrange(2)}
        made["alloc"][address.hex()] = {
            "balance": hex(BALANCE), "nonce": "0x1", "code": code.hex(), "storage": slots
        }  # fmt: skip
    return Genesis.from_json(made)


def random_blocks(seed: int) -> Iterator[tuple[ChainConfig, ExecutedBlock]]:
    """A chain's blocks, one on the other, built by the engine that `programs` names."""
    random = Random(seed)
    chain = MemoryChain(genesis(random))
    nonce = 0
    for _ in range(BLOCKS):
        builder = chain.builder(prev_randao=random.randbytes(32))
        for _ in range(TRANSACTIONS):
            tx = replace(make_transaction(random, (*KINDS, BLOB)), nonce=nonce)
            try:
                builder.add(tx.signed(SENDER_SECRET))
            except InvalidTransaction:
                continue
            nonce += 1
        executed = builder.seal()
        chain.append(executed)
        yield chain.config, executed
