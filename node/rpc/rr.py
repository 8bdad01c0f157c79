"""rr_*: what only a rollup node knows.

What became of a transaction, who vouches for a block, and whether the node does its work.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from node.rollup.proving.block_proof import BlockInput, decode_block_proof
from node.rollup.service import Node
from node.rpc import blocks
from node.rpc.codec import DATA, OBJECT, HashArg, checksum_address, data, quantity
from node.rpc.context import Context
from node.rpc.errors import header_not_found, server_error
from node.rpc.params import LATEST, BlockRefArg
from node.rpc.registry import method

ObjectJson = Annotated[dict[str, Any], OBJECT]


def _node(context: Context) -> Node:
    if context.node is None:
        raise server_error("this server has no node of its own")
    return context.node


@method("rr_getTransactionFate")
def get_transaction_fate(context: Context, tx_hash: HashArg) -> ObjectJson | None:
    """pending, queued, included, replaced or dropped, why and when; null if never seen."""
    fate = _node(context).fate(tx_hash)
    if fate is None:
        return None
    return {"status": fate.status, "reason": fate.reason, "timestamp": quantity(int(fate.when))}


@method("rr_getSealedHead")
def get_sealed_head(context: Context, block: BlockRefArg = LATEST) -> ObjectJson:
    """A block's hash with the sequencer's EIP-712 signature over it; no signature for genesis."""
    node, number = _node(context), blocks.find(context.chain, block)
    header = context.chain.header(number) if number >= 0 else None
    if header is None:
        raise header_not_found()
    return {
        "number": quantity(header.number),
        "hash": data(header.hash),
        "signature": data(node.chain.signature(number)),
        "sequencer": checksum_address(node.sequencer.address),
    }


@method("rr_health")
def health(context: Context) -> ObjectJson:
    """Whether the node does its work, and if not, why.

    disagreement: the block from which on nothing may be proved, because executing it a second time
    gave something else; null if there is none.
    """
    state = _node(context).health()
    found = state.disagreement
    return {
        "ok": state.ok,
        "problem": state.problem,
        "head": quantity(state.head),
        "headAge": round(state.head_age_s, 3),
        "pending": state.pending,
        "queued": state.queued,
        "disagreement": found
        and {
            "number": quantity(found.number),
            "hash": data(found.block_hash),
            "reason": found.reason,
            "file": str(found.file),
        },
    }


@method("rr_getBlockInput")
async def get_block_input(context: Context, block: BlockRefArg = LATEST) -> Annotated[str, DATA]:
    """What it takes to prove a block: the input of the guest."""
    node, number = _node(context), blocks.find(context.chain, block)
    if number < 1:
        raise header_not_found()
    node.recheck.require_provable(number)
    return data(await asyncio.to_thread(_block_input, node, number))


def _block_input(node: Node, number: int) -> bytes:
    chain = node.chain
    return BlockInput.of(chain.config, chain.block(number), chain.witness(number)).given


@method("rr_getBlockProof")
async def get_block_proof(context: Context, block: BlockRefArg = LATEST) -> ObjectJson | None:
    """The proof of a block and what it says; null where the block is not proved yet."""
    node, number = _node(context), blocks.find(context.chain, block)
    header = context.chain.header(number) if number >= 0 else None
    if header is None:
        raise header_not_found()
    stored = await asyncio.to_thread(node.proofs.get, header.hash)
    if stored is None:
        return None
    statement = decode_block_proof(stored).statement
    return {
        "number": quantity(header.number),
        "config": data(statement.config),
        "parentHash": data(statement.parent),
        "hash": data(statement.block),
        "inputs": data(statement.inputs),
        "burned": quantity(statement.burned),
        "proof": data(stored),
    }
