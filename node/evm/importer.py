"""Blocks from elsewhere: decoded, validated, executed and compared, or re-executed on a witness."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from node.errors import InvalidBlock, InvalidEncoding, InvalidTransaction, InvalidWitness, TxFault
from node.evm.block import Block, Header, Receipt, bloom_of, decode_block
from node.evm.chain_config import ChainConfig
from node.evm.engine import Engine
from node.evm.execution import BlockExecution, ExecutedBlock, Outcome
from node.evm.ommers import validate_ommers
from node.evm.validation import BlockRule, validate_body, validate_header
from node.evm.witness import Witness, WitnessRecorder, WitnessState, witness_headers
from node.state.roots import StateView
from node.state.trie import ordered_root
from node.types import Hash32


def parse_block(data: bytes) -> Block:
    """A block from its RLP. Raises InvalidBlock, naming the fault of a malformed transaction."""
    try:
        return decode_block(data)
    except InvalidEncoding as error:
        raise InvalidBlock(BlockRule.RLP, f"block does not decode: {error}") from error
    except InvalidTransaction as error:
        rule = BlockRule.RLP if error.fault is TxFault.RLP else error.fault
        raise InvalidBlock(rule, f"block does not decode: {error}") from error


def execute_block(
    engine: Engine,
    config: ChainConfig,
    block: Block,
    parent: Header,
    view: StateView,
    *,
    header_at: Callable[[int], Header],
    ancestors: Sequence[Block] = (),
) -> ExecutedBlock:
    """Validates a block completely and executes it on the state after `parent`.

    view: the state at the end of `parent`. header_at: headers of ancestors by number. ancestors:
    the last blocks, parent first, needed only for the ommers of a block before Paris.
    Raises InvalidBlock; nothing is written either way.
    """
    validate_header(config, block.header, parent)
    validate_body(config, block)
    if block.ommers:
        validate_ommers(config, block, ancestors)
    recorder = WitnessRecorder(view, header_at)
    execution, outcome = _run(engine, config, block, recorder, recorder.block_hash)
    return ExecutedBlock(
        block,
        tuple(execution.receipts),
        outcome.update,
        recorder.witness(parent, outcome.update.changes),
        outcome.requests,
    )


def execute_on_witness(
    engine: Engine, config: ChainConfig, block: Block, witness: Witness
) -> Hash32:
    """Validates and executes a block from its witness alone; returns the state root after it.

    Ommers' own validity cannot be told without the ancestors' bodies and is not checked.
    Raises InvalidBlock where the block is wrong, InvalidWitness where the witness is.
    """
    headers = witness_headers(witness, block.header.parent_hash)
    parent = header_of(headers, block.header.number - 1)
    validate_header(config, block.header, parent)
    validate_body(config, block)
    state = WitnessState(witness, parent.state_root)
    try:
        _, outcome = _run(
            engine, config, block, state, lambda number: header_of(headers, number).hash
        )
    except InvalidEncoding as error:
        raise InvalidWitness(f"witness holds a malformed node: {error}") from error
    return outcome.update.root


def header_of(headers: dict[int, Header], number: int) -> Header:
    """A header of a witness. Raises InvalidWitness where it is missing."""
    header = headers.get(number)
    if header is None:
        raise InvalidWitness(f"witness has no header of block {number}")
    return header


def _run(
    engine: Engine,
    config: ChainConfig,
    block: Block,
    view: StateView,
    block_hash: Callable[[int], Hash32],
) -> tuple[BlockExecution, Outcome]:
    """Executes a block whose header and body are valid, and compares what came out."""
    execution = BlockExecution(engine, config, block.header, view, block_hash)
    for index, tx in enumerate(block.transactions):
        try:
            execution.add(tx)
        except InvalidTransaction as error:
            raise InvalidBlock(
                error.fault, f"could not apply tx {index} [0x{tx.hash.hex()}]: {error}"
            ) from error
    _compare_gas(block.header, execution)
    outcome = execution.finish(block.withdrawals, block.ommers)
    _compare(block.header, execution.receipts, outcome)
    return execution, outcome


def _compare_gas(header: Header, execution: BlockExecution) -> None:
    if header.gas_used != execution.gas_used:
        raise InvalidBlock(
            BlockRule.GAS_USED,
            f"invalid gas used (remote: {header.gas_used} local: {execution.gas_used})",
        )
    if header.blob_gas_used is not None and header.blob_gas_used != execution.blob_gas_used:
        raise InvalidBlock(
            BlockRule.BLOB_GAS_USED,
            f"blob gas used mismatch (header {header.blob_gas_used},"
            f" calculated {execution.blob_gas_used})",
        )


def _compare(header: Header, receipts: Sequence[Receipt], outcome: Outcome) -> None:
    bloom = bloom_of(tuple(log for receipt in receipts for log in receipt.logs))
    _expect(BlockRule.BLOOM, "bloom", header.bloom, bloom)
    root = ordered_root([receipt.encoded for receipt in receipts])
    _expect(BlockRule.RECEIPTS_ROOT, "receipt root hash", header.receipts_root, root)
    if outcome.requests_hash is not None and header.requests_hash is not None:
        _expect(BlockRule.REQUESTS, "requests hash", header.requests_hash, outcome.requests_hash)
    _expect(BlockRule.STATE_ROOT, "merkle root", header.state_root, outcome.update.root)


def _expect(rule: BlockRule, name: str, remote: bytes, local: bytes) -> None:
    if remote != local:
        raise InvalidBlock(
            rule, f"invalid {name} (remote: 0x{remote.hex()} local: 0x{local.hex()})"
        )
