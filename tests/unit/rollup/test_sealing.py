"""Sealed heads: another EIP-712 implementation agrees, and nothing else passes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from node.config import SequencerConfig
from node.crypto import SECP256K1_N, address_of, keccak256
from node.errors import ConfigError
from node.evm.block import Header
from node.rollup.sealing import DEVELOPMENT_KEY, head_signer, load_key, sign_head, verify_head

KEY = keccak256(b"key")
HEADER = Header(parent_hash=bytes(32), number=7, timestamp=5)


def test_wallet_library_recovers_the_sequencer() -> None:
    fields = [{"name": "number", "type": "uint64"}, {"name": "blockHash", "type": "bytes32"}]
    message = encode_typed_data(
        {"name": "Strikefold", "version": "1", "chainId": 42},
        {"SealedHead": fields},
        {"number": HEADER.number, "blockHash": HEADER.hash},
    )
    signature = sign_head(KEY, 42, HEADER)

    assert Account.recover_message(message, signature=signature) == Account.from_key(KEY).address
    assert Account.sign_message(message, KEY).signature == signature


def test_verification() -> None:
    signature = sign_head(KEY, 42, HEADER)

    assert verify_head(42, HEADER, signature, address_of(KEY))
    assert not verify_head(43, HEADER, signature, address_of(KEY))
    assert not verify_head(42, replace(HEADER, number=8), signature, address_of(KEY))
    assert not verify_head(42, HEADER, signature, address_of(DEVELOPMENT_KEY))


def test_malformed_signatures_have_no_signer() -> None:
    signature = sign_head(KEY, 42, HEADER)
    s = int.from_bytes(signature[32:64], "big")
    high_s = signature[:32] + (SECP256K1_N - s).to_bytes(32, "big") + bytes((55 - signature[64],))

    for bad in (
        b"",
        signature[:-1],
        signature + b"\x00",
        signature[:-1] + b"\x00",
        high_s,
        bytes(65),
    ):
        assert head_signer(42, HEADER, bad) is None


def test_key_files(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"0x{KEY.hex()}\n")

    assert load_key(SequencerConfig(key_file=str(file))) == KEY
    assert load_key(SequencerConfig()) == DEVELOPMENT_KEY


@pytest.mark.parametrize("content", ["", "zz", "00" * 32, "11" * 31, "ff" * 32])
def test_bad_key_files_are_named_and_not_shown(tmp_path: Path, content: str) -> None:
    file = tmp_path / "key"
    file.write_text(content)

    with pytest.raises(ConfigError, match=r"does not hold a secp256k1 key") as caught:
        load_key(SequencerConfig(key_file=str(file)))
    assert not content or content not in str(caught.value)


def test_absent_key_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        load_key(SequencerConfig(key_file=str(tmp_path / "absent")))
