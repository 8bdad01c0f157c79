"""RLP: round trips, strictness, and errors that name the field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.codec import as_bytes, as_int, as_list, decode, encode, int_to_bytes
from node.errors import InvalidEncoding

items = st.recursive(st.binary(max_size=80), lambda inner: st.lists(inner, max_size=5))


def as_lists(item):
    return item if isinstance(item, bytes) else [as_lists(part) for part in item]


@given(items)
def test_round_trip(item):
    assert as_lists(decode(encode(item))) == item


@given(items, st.binary(min_size=1, max_size=4))
def test_nothing_may_follow(item, tail):
    with pytest.raises(InvalidEncoding):
        decode(encode(item) + tail)


@given(st.binary(max_size=60))
def test_any_bytes_decode_canonically_or_are_refused(data):
    try:
        item = decode(data)
    except InvalidEncoding:
        return
    assert encode(item) == data


@pytest.mark.parametrize("data", ["", "8100", "817f", "b800", "b90001ff", "c101ff", "f800", "bf"])
def test_non_canonical_is_refused(data):
    with pytest.raises(InvalidEncoding, match="invalid RLP"):
        decode(bytes.fromhex(data))


def test_deep_nesting_is_an_error_not_a_crash():
    data = b"\xc0"
    for _ in range(20_000):
        data = (bytes((0xC0 + len(data),)) if len(data) < 56 else header(len(data))) + data
    with pytest.raises(InvalidEncoding):
        decode(data)


def header(length):
    size = int_to_bytes(length)
    return bytes((0xF7 + len(size),)) + size


@given(st.integers(min_value=0, max_value=2**256 - 1))
def test_integers(value):
    assert as_int(int_to_bytes(value), "x") == value


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda: as_int(b"\x00\x01", "gas"), "gas: integer 0x0001 has leading zeros"),
        (lambda: as_int(bytes([1]) * 9, "gas", 8), "gas: integer of 9 bytes, at most 8"),
        (lambda: as_int([], "gas"), "gas: expected bytes, got a list"),
        (lambda: as_bytes(b"ab", "to", 20), "to: expected 20 bytes, got 2"),
        (lambda: as_list(b"ab", "logs"), "logs: expected a list, got 2 bytes"),
        (lambda: as_list([b""], "log", 3), "log: expected 3 items, got 1"),
    ],
)
def test_errors_name_the_field(check, message):
    with pytest.raises(InvalidEncoding, match=message):
        check()
