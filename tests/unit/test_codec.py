"""RLP: round trips, strictness, and errors that name the field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rlp.codec import decode as decode_rlp
from rlp.codec import encode_raw
from rlp.exceptions import RLPException

from node.codec import as_bytes, as_int, as_list, decode, encode, int_to_bytes
from node.errors import InvalidEncoding

items = st.recursive(st.binary(max_size=80), lambda inner: st.lists(inner, max_size=5))

TAGS = [0, 1, 0x7F, 0x80, 0x81, 0xB7, 0xB8, 0xB9, 0xBF, 0xC0, 0xC1, 0xF7, 0xF8, 0xF9, 0xFF]


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


@given(items, st.data())
def test_the_rlp_package_agrees_on_any_bytes(item, draw):
    """Encoding is the same; after a few bytes changed, both accept the same or both refuse."""
    data = bytearray(encode(item))
    assert data == encode_raw(item)
    for _ in range(draw.draw(st.integers(0, 3))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.sampled_from(TAGS))
    try:
        expected = decode_rlp(bytes(data), strict=True)
    except RLPException:
        with pytest.raises(InvalidEncoding):
            decode(bytes(data))
    else:
        assert as_lists(decode(bytes(data))) == as_lists(expected)


@pytest.mark.parametrize("data", ["", "8100", "817f", "b800", "b90001ff", "c101ff", "f800", "bf"])
def test_non_canonical_is_refused(data):
    with pytest.raises(InvalidEncoding, match="invalid RLP"):
        decode(bytes.fromhex(data))


def test_deep_nesting_is_an_error_not_a_crash():
    data = b"\xc0"
    for _ in range(20_000):
        data = (bytes((0xC0 + len(data),)) if len(data) < 56 else header(len(data))) + data
    with pytest.raises(InvalidEncoding, match="nested too deep"):
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
