"""A block proof is accepted for what it proves and for nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from node.errors import Disagreement, InvalidProof, ProgramFailed, StorageError
from node.evm.genesis import Genesis
from node.evm.proving import encode_config
from node.recursion.riscv.elf import parse_elf
from node.recursion.riscv.guest.build import EXAMPLES
from node.recursion.riscv.proof import decode_run
from node.recursion.security import FAST, STANDARD
from node.rollup.proving import prover
from node.rollup.proving.block_proof import BlockInput, decode_block_proof
from node.rollup.proving.prover import BlockJob, verify_block_proof
from node.rollup.proving.store import ProofStore
from tests.golden.blocks import COSTS, costs_text
from tests.unit.evm.busy_block import BUSY, CHAIN
from tests.unit.evm.chains import MemoryChain, genesis_json

pytestmark = pytest.mark.soundness


@pytest.fixture(scope="module")
def block():
    """An empty block, and what it takes to prove it."""
    chain = MemoryChain(Genesis.from_json(genesis_json()))
    executed = chain.grow()
    return BlockInput.of(chain.config, executed.block, executed.witness)


@pytest.fixture(scope="module")
def proof(block):
    segments = []
    proof = BlockJob.start(block, FAST, log_cells=23).prove(segments.append)
    assert [s.public.index for s in segments] == list(range(len(segments)))
    return proof


def rejected(proof):
    with pytest.raises(InvalidProof) as error:
        verify_block_proof(proof)
    return str(error.value)


def test_it_verifies_as_bytes_and_says_what_it_is_about(block, proof):
    assert decode_block_proof(proof.encode()) == proof
    found = verify_block_proof(proof.encode())
    assert found.header == block.parts[1].header
    assert found.statement.parent == found.header.parent_hash
    assert found.statement.burned == 0


def test_a_preset_that_is_not_accepted(proof):
    with pytest.raises(InvalidProof, match="preset fast is not accepted"):
        verify_block_proof(proof, (STANDARD,))


@pytest.mark.parametrize("fields", [{"state_root": bytes(32)}, {"gas_used": 1}])
def test_another_block(proof, fields):
    other = replace(proof, header=replace(proof.header, **fields))
    assert "of another statement" in rejected(other)


def test_other_rules(proof):
    config = encode_config(replace(CHAIN.config, chain_id=5))
    assert "of another statement" in rejected(replace(proof, config=config))


def test_another_program(proof):
    run = decode_run(proof.run)
    other = replace(run, program=bytes(32)).encode()
    assert "of program 0x00" in rejected(replace(proof, run=other))


def test_a_run_cut_short(proof):
    run = decode_run(proof.run)
    assert rejected(replace(proof, run=replace(run, segments=run.segments[:-1]).encode()))


@pytest.mark.parametrize("change", [
    lambda data: data[:8],
    lambda data: b"XXXX" + data[4:],
    lambda data: data[:4] + b"\x63\x00" + data[6:],
    lambda data: data[:6] + b"\xff" * 8 + data[14:],
    lambda data: data[:-1],
    lambda data: data + b"\0",
    lambda data: data[:90_000] + bytes([data[90_000] ^ 1]) + data[90_001:],
])  # fmt: skip
def test_damaged_files(proof, change):
    rejected(change(proof.encode()))


def test_what_is_not_valid_is_not_started():
    header = replace(BUSY.block.header, state_root=bytes(32))
    wrong = BlockInput.of(CHAIN.config, replace(BUSY.block, header=header), BUSY.witness)
    with pytest.raises(ProgramFailed, match="ends with INVALID_STATE_ROOT"):
        BlockJob.start(wrong)


def test_a_guest_that_says_another_thing(monkeypatch, block):
    """Any program that takes the input and outputs something else stands for such a guest."""
    keccak = parse_elf((EXAMPLES / "keccak.elf").read_bytes())
    monkeypatch.setattr(prover, "block_program", lambda: keccak)
    with pytest.raises(Disagreement, match="the guest's statement has digest"):
        BlockJob.start(block)


def test_golden_costs():
    assert costs_text() == COSTS.read_text(), "run python -m tests.golden.blocks and look at it"


def test_proofs_are_stored_whole(proof, tmp_path):
    store = ProofStore(tmp_path / "proofs")
    assert store.get(proof.header.hash) is None
    path = store.put(proof)
    store.put(proof)
    assert store.get(proof.header.hash) == proof.encode()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_store_that_cannot_be_written(proof, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot write"):
        ProofStore(tmp_path / "file").put(proof)
    with pytest.raises(StorageError, match="cannot read"):
        ProofStore(tmp_path / "file").get(proof.header.hash)
