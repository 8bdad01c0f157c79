"""The precompiled contracts of every fork: `PRECOMPILES[fork][address]`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from node.evm.forks import Fork
from node.evm.precompiles import bls12_381, hashes, kzg, modexp, native, p256
from node.evm.precompiles.base import Precompile, PrecompileFailure
from node.types import Address

__all__ = ["PRECOMPILES", "Precompile", "PrecompileFailure"]

# What each fork adds or reprices, by the number that is the address.
_INTRODUCED: Final[Mapping[Fork, Mapping[int, Precompile]]] = {
    Fork.FRONTIER: {
        0x01: hashes.ECRECOVER,
        0x02: hashes.SHA256,
        0x03: hashes.RIPEMD,
        0x04: hashes.IDENTITY,
    },
    Fork.BYZANTIUM: {
        0x05: modexp.MODEXP_BYZANTIUM,
        0x06: native.ADD_BYZANTIUM,
        0x07: native.MULTIPLY_BYZANTIUM,
        0x08: native.PAIRING_BYZANTIUM,
    },
    Fork.ISTANBUL: {
        0x06: native.ADD_ISTANBUL,
        0x07: native.MULTIPLY_ISTANBUL,
        0x08: native.PAIRING_ISTANBUL,
        0x09: native.BLAKE2F,
    },
    Fork.BERLIN: {0x05: modexp.MODEXP_BERLIN},
    Fork.CANCUN: {0x0A: kzg.POINT_EVALUATION},
    Fork.PRAGUE: {
        0x0B: bls12_381.G1ADD,
        0x0C: bls12_381.G1MSM,
        0x0D: bls12_381.G2ADD,
        0x0E: bls12_381.G2MSM,
        0x0F: bls12_381.PAIRING_CHECK,
        0x10: bls12_381.MAP_FP_TO_G1,
        0x11: bls12_381.MAP_FP2_TO_G2,
    },
    Fork.OSAKA: {0x05: modexp.MODEXP_OSAKA, 0x100: p256.P256VERIFY},
}


def _at(fork: Fork) -> Mapping[Address, Precompile]:
    active: dict[Address, Precompile] = {}
    for introduced_at in sorted(_INTRODUCED):
        if introduced_at <= fork:
            for number, precompile in _INTRODUCED[introduced_at].items():
                active[number.to_bytes(20, "big")] = precompile
    return MappingProxyType(active)


PRECOMPILES: Final[Mapping[Fork, Mapping[Address, Precompile]]] = MappingProxyType(
    {fork: _at(fork) for fork in Fork}
)
