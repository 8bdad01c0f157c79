"""The committed block guest: built from its sources, and never wrongly successful."""

from __future__ import annotations

import struct
from dataclasses import replace
from random import Random

import pytest

from node.codec import decode, encode
from node.crypto import SECP256K1_N, address_of
from node.errors import InvalidEncoding
from node.evm import native
from node.evm.forks import Fork
from node.evm.genesis import Genesis
from node.evm.proving import (
    decode_config,
    decode_input,
    encode_config,
    encode_input,
    inputs_hash,
    statement_of,
)
from node.evm.witness import Witness
from node.recursion.riscv.guest import build
from node.recursion.riscv.native import HALTED, Executor
from node.rollup.proving.program import DIRECTORY, NAME, block_guest, block_program
from tests.conformance.guest_case import judge
from tests.unit.evm.busy_block import BUSY, CHAIN, forge
from tests.unit.evm.chains import MemoryChain, genesis_json, transaction

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
    assert native.STATUSES[exit_code] == status
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


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("state_root", bytes(32), "INVALID_STATE_ROOT"),
        ("receipts_root", bytes(32), "INVALID_RECEIPTS_ROOT"),
        ("transactions_root", bytes(32), "INVALID_TRANSACTIONS_ROOT"),
        ("withdrawals_root", bytes(32), "INVALID_WITHDRAWALS_ROOT"),
        ("requests_hash", bytes(32), "INVALID_REQUESTS"),
        ("bloom", b"\1" * 256, "INVALID_LOG_BLOOM"),
        ("gas_used", 1, "INVALID_GAS_USED"),
    ],
)
def test_an_invalid_block_is_not_proved(field, value, rule):
    block = replace(BUSY.block, header=replace(BUSY.block.header, **{field: value})).encoded
    assert judge(CHAIN.config, block, BUSY.witness) == rule


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


def test_inputs_and_configurations_decode():
    config, block, witness = decode_input(GIVEN)
    assert (config, block) == (encode_config(CHAIN.config), BLOCK)
    assert witness == replace(BUSY.witness, keys=())
    assert encode_config(decode_config(config)) == config
    assert decode_config(config).fork_at(0, 0) == Fork.OSAKA


@pytest.mark.parametrize("given", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_input(given):
    assert given != GIVEN
    assert refused(given) == "INPUT_MALFORMED"
    with pytest.raises(InvalidEncoding):
        decode_input(given)


CONFIG = encode_config(CHAIN.config)
ID, CONTRACT, FORKS, SCHEDULES = decode(CONFIG)


@pytest.mark.parametrize(
    "config",
    [
        [ID, CONTRACT, FORKS], [ID, CONTRACT, FORKS, SCHEDULES, b""],
        [b"\0" + ID, CONTRACT, FORKS, SCHEDULES], [ID, CONTRACT[1:], FORKS, SCHEDULES],
        [ID, CONTRACT, [], SCHEDULES], [ID, CONTRACT, [*FORKS, b""], SCHEDULES],
        [ID, CONTRACT, [b"\0", *FORKS[1:]], SCHEDULES], [ID, CONTRACT, [FORKS], SCHEDULES],
        [ID, CONTRACT, FORKS, [[b"", b"\3", b"\6"]]],
        [ID, CONTRACT, FORKS, [[b"", b"\3", b"\6", b"\1", b"\1"]]],
        [ID, CONTRACT, FORKS, [[b"", b"\3", b"\6", b""]]],
        [ID, CONTRACT, FORKS, [[b"", b"", b"", b"\1"]]],
        [ID, CONTRACT, FORKS, [[b"", b"\7", b"\6", b"\1"]]],
        [ID, CONTRACT, FORKS, b"\1"], b"no list",
    ],
)  # fmt: skip
def test_a_malformed_configuration(config):
    """Each would otherwise be a second encoding of rules, or rules that divide by zero."""
    encoded = encode(config)
    pad = -len(CONFIG) % 4
    assert GIVEN[4:8] == struct.pack("<I", len(CONFIG))
    item = struct.pack("<I", len(encoded)) + encoded + bytes(-len(encoded) % 4)
    assert refused(GIVEN[:4] + item + GIVEN[8 + len(CONFIG) + pad :]) == "INPUT_MALFORMED"


G = int("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", 16)
"""x of the generator, whose y is even."""


def signature(k: int, multiple: int) -> bytes:
    """What recovers k G + l P, P being the generator or minus it by the sign of l."""
    z, s = -k * G % SECP256K1_N, abs(multiple) * G % SECP256K1_N
    return b"".join(x.to_bytes(32) for x in (z, 27 + (multiple < 0), G, s))


@pytest.mark.parametrize(
    ("k", "multiple"),
    [
        (1, 1),
        (1, -1),
        (2, 2),
        (3, -3),
        (5, 1),
        (1, 5),
        (7, -1),
        (16, 16),
        (1 << 64, 1 << 64),
        (0, 1),
    ],
)
def test_sums_of_points_of_one_x(k, multiple):
    """A signature made so that what is added up meets the table's own points, or their negatives:
    the machine's call takes neither, and without the guest's care the run would end there."""
    asker = b"\xcd" * 20
    # calls ecrecover with the call data, stores the address or zero, and one
    code = bytes.fromhex("60805f5f376020608060805f60015afa506080515f55600160015500")
    given = genesis_json()
    given["alloc"][asker.hex()] = {"balance": "0x0", "code": f"0x{code.hex()}"}
    chain = MemoryChain(Genesis.from_json(given))
    executed = chain.grow(transaction(0, 0, asker, signature(k, multiple)))
    recovered = chain.state.storage(asker, 0)
    total = (k + multiple) % SECP256K1_N
    expected = int.from_bytes(address_of(total.to_bytes(32))) if total else 0
    assert (recovered, chain.state.storage(asker, 1)) == (expected, 1)
    assert judge(chain.config, executed.block.encoded, executed.witness) == native.VALID


@pytest.mark.parametrize("modulus_size", [1, 4, 31, 32, 33])
@pytest.mark.parametrize("sizes", [(0, 0), (1, 1), (32, 5), (33, 2), (100, 1), (64, 33)])
def test_modular_powers(modulus_size, sizes):
    """Below a word the guest multiplies by the machine's call, which the core here has not."""
    asker = b"\xcd" * 20
    # calls MODEXP with the call data, stores the first word of what it gives
    code = bytes.fromhex("365f5f376020611000365f60055afa50611000515f5500")
    given = genesis_json()
    given["alloc"][asker.hex()] = {"balance": "0x0", "code": f"0x{code.hex()}"}
    chain = MemoryChain(Genesis.from_json(given))
    numbers = [Random(sum(sizes)).randbytes(size) for size in (*sizes, modulus_size)]
    data = b"".join(len(number).to_bytes(32) for number in numbers) + b"".join(numbers)
    executed = chain.grow(transaction(0, 0, asker, data, gas_limit=500_000))
    base, exponent, modulus = map(int.from_bytes, numbers)
    power = pow(base, exponent, modulus) if modulus else 0
    expected = int.from_bytes(power.to_bytes(modulus_size).ljust(32, b"\0")[:32])
    assert chain.state.storage(asker, 0) == expected
    assert judge(chain.config, executed.block.encoded, executed.witness) == native.VALID


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
        assert native.STATUSES[exit_code] == status
        if status == native.VALID:
            assert (statement, output) == (STATEMENT.encode(), STATEMENT.output)
