"""What the client encodes is what the compiled contracts read."""

from __future__ import annotations

import pytest
from eth_abi.abi import decode
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from genesis import addresses
from genesis.artifacts import artifact
from node.crypto import keccak256, recover_address
from node.demo import contracts
from node.demo.actions import address, secret_of
from node.demo.contracts import Kind, Leg, OptionType, Order, Terms

CHAIN_ID = 53460

FUNCTIONS = [
    ("Oracle", contracts.CREATE_FEED),
    ("Oracle", contracts.POST),
    ("Series", contracts.CREATE_SERIES),
    ("Series", contracts.SET_OPERATOR),
    ("Series", contracts.POSITION_OF),
    ("Series", contracts.TOTAL_SUPPLY),
    ("Pool", contracts.WRITE),
    ("Pool", contracts.SET_OPERATOR),
    ("Pool", contracts.SHORT_OF),
    ("Pool", contracts.CLOSE),
    ("Pool", contracts.LOCKED),
    ("Exchange", contracts.FILL),
    ("Settlement", contracts.SETTLE_POSITIONS),
    ("Settlement", contracts.PRICE_OF),
    ("DevnetBTC", contracts.MINT),
    ("DevnetBTC", contracts.APPROVE),
    ("DevnetBTC", contracts.BALANCE_OF),
]


def canonical(parameter: dict[str, object]) -> str:
    """The canonical ABI type of a parameter, tuples spelled out."""
    kind = str(parameter["type"])
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(canonical(part) for part in parameter["components"])
    return f"({inner}){kind.removeprefix('tuple')}"


@pytest.mark.parametrize(("contract", "signature"), FUNCTIONS)
def test_functions_exist_in_the_compiled_contract(contract, signature):
    compiled = {
        f"{entry['name']}({','.join(canonical(p) for p in entry['inputs'])})"
        for entry in artifact(contract).abi
        if entry["type"] == "function"
    }
    assert signature in compiled


@pytest.mark.parametrize(
    ("contract", "type_string"),
    [
        ("Exchange", contracts._ORDER_TYPE),
        ("Exchange", contracts._LEG_TYPE),
        ("Oracle", contracts._PRICE_TYPE),
    ],
)
def test_type_hashes_are_in_the_bytecode(contract, type_string):
    assert keccak256(type_string) in artifact(contract).deployed_bytecode


def test_call_data_decodes_to_its_arguments():
    data = contracts.call(contracts.WRITE, 7, 8, addresses.POOL, addresses.SERIES)
    assert data[:4] == keccak256(b"write(uint256,uint256,address,address)")[:4]
    pool, series = (f"0x{a.hex()}" for a in (addresses.POOL, addresses.SERIES))
    assert decode(["uint256", "uint256", "address", "address"], data[4:]) == (7, 8, pool, series)


def test_series_id_is_the_hash_of_its_terms():
    terms = Terms(
        addresses.DEVNET_BTC, addresses.DEVNET_USD, addresses.DEVNET_BTC, b"\x01" * 32,
        60_000 * contracts.ONE, 0, 1_782_460_800, OptionType.CALL, Kind.INVERSE,
    )  # fmt: skip
    words = b"".join(
        value.rjust(32, b"\0") if isinstance(value, bytes) else int(value).to_bytes(32, "big")
        for value in terms.values
    )
    assert terms.id == int.from_bytes(keccak256(words), "big")


uint = st.integers(0, 2**128 - 1)
addresses_ = st.binary(min_size=20, max_size=20)
orders = st.builds(
    Order,
    maker=addresses_,
    asset=addresses_,
    vault=addresses_,
    fee_bps=st.integers(0, 1000),
    pays=st.booleans(),
    price=uint,
    quantity=uint,
    nonce=st.integers(0, 2**256 - 1),
    deadline=st.integers(0, 2**64 - 1),
    legs=st.lists(
        st.builds(
            Leg,
            series=st.integers(0, 2**256 - 1),
            buy=st.booleans(),
            ratio=st.integers(1, 2**64 - 1),
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
    write=st.booleans(),
    taker=addresses_,
    min_fill=uint,
    epoch=st.integers(0, 2**64 - 1),
)


def members(type_string: bytes) -> list[dict[str, str]]:
    """Members of an EIP-712 type, from its text."""
    inner = type_string.decode().partition("(")[2].partition(")")[0]
    return [dict(zip(("type", "name"), part.split(), strict=True)) for part in inner.split(",")]


@settings(deadline=None)
@given(orders)
def test_order_digest_is_that_of_eth_account(order):
    names = [member["name"] for member in members(contracts._ORDER_TYPE)]
    legs = [{"series": g.series, "buy": g.buy, "ratio": g.ratio} for g in order.legs]
    typed = {
        "types": {
            "EIP712Domain": members(contracts._DOMAIN_TYPE),
            "Order": members(contracts._ORDER_TYPE),
            "Leg": members(contracts._LEG_TYPE),
        },
        "primaryType": "Order",
        "domain": {
            "name": "Strikefold Exchange",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": f"0x{addresses.EXCHANGE.hex()}",
        },
        "message": dict(zip(names, [*order.head, legs], strict=True)),
    }
    signable = encode_typed_data(full_message=typed)
    domain = contracts.domain_separator("Strikefold Exchange", CHAIN_ID, addresses.EXCHANGE)
    assert signable.header == domain
    assert order.digest(domain) == keccak256(b"\x19\x01" + signable.header + signable.body)


def test_signatures_recover_to_the_signer():
    digest = contracts.price_digest(b"\x02" * 32, b"\x03" * 32, 10**22, 1_780_000_000)
    signature = contracts.sign_digest(secret_of("source 0.0"), digest)
    assert len(signature) == 65
    r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:64]))
    assert recover_address(digest, signature[64] - 27, r, s) == address("source 0.0")
