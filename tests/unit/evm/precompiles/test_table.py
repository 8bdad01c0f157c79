"""Which precompiles each fork has, under which names."""

from __future__ import annotations

import pytest

from node.evm.forks import Fork
from node.evm.precompiles import PRECOMPILES

LAST = {
    Fork.FRONTIER: 0x04,
    Fork.SPURIOUS_DRAGON: 0x04,
    Fork.BYZANTIUM: 0x08,
    Fork.PETERSBURG: 0x08,
    Fork.ISTANBUL: 0x09,
    Fork.SHANGHAI: 0x09,
    Fork.CANCUN: 0x0A,
    Fork.PRAGUE: 0x11,
}


def numbers(fork: Fork) -> list[int]:
    return sorted(int.from_bytes(address, "big") for address in PRECOMPILES[fork])


@pytest.mark.parametrize(("fork", "last"), LAST.items())
def test_a_fork_has_every_precompile_up_to_its_last(fork, last):
    assert numbers(fork) == list(range(1, last + 1))


def test_osaka_adds_p256verify_at_0x100():
    assert numbers(Fork.OSAKA) == [*range(1, 0x12), 0x100]


def test_addresses_are_twenty_bytes():
    assert {len(address) for table in PRECOMPILES.values() for address in table} == {20}


def test_names_are_eip_7910s():
    table = PRECOMPILES[Fork.OSAKA]
    assert [table[address].name for address in sorted(table)] == [
        "ECREC",
        "SHA256",
        "RIPEMD160",
        "ID",
        "MODEXP",
        "BN254_ADD",
        "BN254_MUL",
        "BN254_PAIRING",
        "BLAKE2F",
        "KZG_POINT_EVALUATION",
        "BLS12_G1ADD",
        "BLS12_G1MSM",
        "BLS12_G2ADD",
        "BLS12_G2MSM",
        "BLS12_PAIRING_CHECK",
        "BLS12_MAP_FP_TO_G1",
        "BLS12_MAP_FP2_TO_G2",
        "P256VERIFY",
    ]


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        PRECOMPILES[Fork.OSAKA][bytes(20)] = PRECOMPILES[Fork.OSAKA][bytes(19) + b"\1"]
