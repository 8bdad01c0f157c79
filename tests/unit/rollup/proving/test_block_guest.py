"""The committed block guest: built from its sources, and never wrongly successful."""

from __future__ import annotations

import struct
from dataclasses import replace
from random import Random

import pytest

from node.evm import native
from node.evm.proving import encode_config, encode_input, inputs_hash, statement_of
from node.evm.witness import Witness
from node.recursion.riscv.guest import build
from node.recursion.riscv.native import HALTED, Executor
from node.rollup.proving.program import DIRECTORY, NAME, block_guest, block_program
from tests.conformance.guest_case import judge
from tests.unit.evm.busy_block import BUSY, CHAIN, forge

BLOCK = BUSY.block.encoded
GIVEN = encode_input(CHAIN.config, BLOCK, BUSY.witness)
STATEMENT = statement_of(encode_config(CHAIN.config), BUSY.block.header)
EXECUTOR = Executor(block_program())
LIMIT = 50_000_000


def run(given):
    """Exit code and output; any end but `halt` fails."""
    ended = EXECUTOR.execute(given, cycle_limit=LIMIT)
    assert ended.status == HALTED
    return ended.exit_code, ended.output


def refused(given):
    """The core's reason, which the guest must share."""
    status, _ = native.prove_block(given)
    exit_code, _ = run(given)
    assert (exit_code == 0) == (status == native.VALID)
    return status


def test_the_committed_guest_is_built_bit_for_bit():
    built = build.build({NAME: block_guest()})
    assert built[NAME] == (DIRECTORY / f"{NAME}.elf").read_bytes()
    assert (DIRECTORY / "SHA256SUMS").read_text() == build.digests(built)


def test_a_valid_block():
    assert native.prove_block(GIVEN) == (native.VALID, STATEMENT.encode())
    assert run(GIVEN) == (0, STATEMENT.output)


@pytest.mark.parametrize(
    "field",
    [
        "timestamp", "gas_limit", "coinbase", "prev_randao", "parent_beacon_block_root",
        "extra_data", "transactions_root", "withdrawals_root",
    ],
)  # fmt: skip
def test_every_input_of_a_block_is_in_its_hash(field):
    header = BUSY.block.header
    value = getattr(header, field)
    other = value + 1 if isinstance(value, int) else bytes(len(value) or 1)[:-1] + b"\x77"
    assert inputs_hash(replace(header, **{field: other})) != inputs_hash(header)


def test_an_invalid_block_is_not_proved():
    header = replace(BUSY.block.header, state_root=bytes(32))
    block = replace(BUSY.block, header=header).encoded
    assert judge(CHAIN.config, block, BUSY.witness) == "INVALID_STATE_ROOT"


def test_rules_of_another_chain():
    config = replace(CHAIN.config, chain_id=CHAIN.config.chain_id + 1)
    assert judge(config, BLOCK, BUSY.witness) == "INVALID_CHAINID"


@pytest.mark.parametrize("part", ["state", "codes", "headers"])
def test_a_witness_that_lacks_something(part):
    items = getattr(BUSY.witness, part)
    for index in range(len(items)):
        rest = items[:index] + items[index + 1 :]
        status = judge(CHAIN.config, BLOCK, replace(BUSY.witness, **{part: rest}))
        assert status.startswith(("WITNESS_", "UNKNOWN_PARENT")) or part == "codes", status


def test_a_witness_with_more_than_it_takes():
    more = Witness(
        (b"", b"\xc0", *BUSY.witness.state, *BUSY.witness.state, bytes(1000)),
        (*BUSY.witness.codes, b"\x00", b""),
        (),
        BUSY.witness.headers,
    )
    assert judge(CHAIN.config, BLOCK, more) == native.VALID


def test_headers_that_are_no_chain():
    headers = BUSY.witness.headers
    for wrong in (headers[::-1], (*headers, headers[-1]), headers[:-1], (b"\xc0", *headers)):
        status = judge(CHAIN.config, BLOCK, replace(BUSY.witness, headers=wrong))
        assert status in ("WITNESS_HEADERS", "UNKNOWN_PARENT", "WITNESS_HEADER_MISSING")


def test_a_forged_node_changes_the_root():
    for index, node in enumerate(BUSY.witness.state):
        witness, root = forge(index, node[:-1] + bytes([node[-1] ^ 1]))
        assert root != CHAIN.headers[-2].state_root or witness == BUSY.witness
        assert judge(CHAIN.config, BLOCK, witness).startswith("WITNESS_")


def test_code_of_another_hash():
    codes = tuple(code + b"\x00" for code in BUSY.witness.codes)
    witness = replace(BUSY.witness, codes=codes)
    assert judge(CHAIN.config, BLOCK, witness) == "WITNESS_CODE_MISSING"


PADDED = next(node for node in BUSY.witness.state if len(node) % 4)
MALFORMED = {
    "empty": b"",
    "another version": struct.pack("<I", 2) + GIVEN[4:],
    "cut off": GIVEN[:-4],
    "more behind": GIVEN + bytes(4),
    "a length beyond the end": GIVEN[:4] + b"\xff" * 4 + GIVEN[8:],
    "a count beyond the end": GIVEN[:4] + struct.pack("<I", 0) * 2 + b"\xff" * 4,
    "padding that is not zero": GIVEN.replace(PADDED + b"\0", PADDED + b"\1", 1),
}


@pytest.mark.parametrize("given", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_input(given):
    assert given != GIVEN
    assert refused(given) == "INPUT_MALFORMED"


def test_random_damage():
    """Whatever happens to an input: a run that succeeds says what is true of the block in it."""
    random = Random(7)
    start = GIVEN.index(BLOCK) + len(BLOCK)
    for _ in range(150):
        damaged = bytearray(GIVEN)
        for _ in range(random.randint(1, 3)):
            damaged[random.randrange(start, len(GIVEN))] ^= 1 << random.randrange(8)
        status, statement = native.prove_block(bytes(damaged))
        exit_code, output = run(bytes(damaged))
        assert (exit_code == 0) == (status == native.VALID)
        if exit_code == 0:
            assert (statement, output) == (STATEMENT.encode(), STATEMENT.output)
