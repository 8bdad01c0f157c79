"""BLAKE2b's F: EIP-152's vectors, and hashes made of it against hashlib's."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.evm.precompiles.calls import fails, gas, run

# EIP-152's test vectors all use this state, the message "abc" and offset 3.
STATE = (
    "48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5"
    "d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b"
)
MESSAGE = "616263" + "00" * 125
OFFSET = "03" + "00" * 15
VECTORS = [  # rounds, final, output
    (
        0,
        1,
        "08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5"
        "d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b",
    ),
    (
        12,
        1,
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
        "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
    ),
    (
        12,
        0,
        "75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d28752"
        "98743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735",
    ),
    (
        1,
        1,
        "b63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fb"
        "a551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421",
    ),
]


def call(rounds: int, final: int) -> bytes:
    return rounds.to_bytes(4, "big") + bytes.fromhex(STATE + MESSAGE + OFFSET) + bytes([final])


@pytest.mark.parametrize(("rounds", "final", "output"), VECTORS)
def test_eip_152(rounds, final, output):
    assert run(9, call(rounds, final)).hex() == output
    assert gas(9, call(rounds, final)) == rounds


@pytest.mark.parametrize(
    "data", [b"", call(12, 1)[:-1], call(12, 1) + b"\0", call(12, 2), call(12, 255)]
)
def test_malformed_input_fails(data):
    fails(9, data, "blake2f takes 213 bytes")


def test_a_wrong_length_costs_nothing_before_it_fails():
    assert gas(9, b"\xff" * 212) == 0


def test_most_rounds_are_priced_not_run():
    assert gas(9, call(2**32 - 1, 1)) == 2**32 - 1


def blake2b(data: bytes) -> bytes:
    """RFC 7693's hash of 64 bytes, one F a block."""
    state = bytearray.fromhex(STATE)
    blocks = [data[at : at + 128] for at in range(0, len(data), 128)] or [b""]
    done = 0
    for index, block in enumerate(blocks):
        done += len(block)
        final = index == len(blocks) - 1
        rest = block.ljust(128, b"\0") + done.to_bytes(16, "little") + bytes([final])
        state = run(9, (12).to_bytes(4, "big") + bytes(state) + rest)
    return bytes(state)


@given(st.binary(max_size=400))
def test_hashes_like_hashlib(data):
    assert blake2b(data) == hashlib.blake2b(data).digest()
