"""Gas per second of every precompile at its dearest and cheapest inputs, Python engine and core.

`pytest tests/benchmark/test_precompiles.py --benchmark-enable` prints tables. A price is the
precompile's own; beside it the price with the 100 gas of the call that reaches it, which is what a
block can hold of inputs whose own price is next to nothing. Time covers price and work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import ckzg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from py_arkworks_bls12381 import G1Point, G2Point, Scalar
from py_ecc import optimized_bn128 as bn

from node.crypto import keccak256, sign
from node.evm import _core
from node.evm.forks import Fork
from node.evm.precompiles import PRECOMPILES
from node.evm.precompiles.kzg import trusted_setup, versioned_hash

CALL_GAS = 100


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def noise(size: int) -> bytes:
    """Bytes without a pattern, the same in every run."""
    return b"".join(keccak256(word(i)) for i in range(size // 32 + 1))[:size]


def ecrecover() -> bytes:
    parity, r, s = sign(word(0xC0FFEE), noise(32))
    return noise(32) + word(parity + 27) + word(r) + word(s)


def modexp(base: int, exponent: bytes, modulus: int) -> bytes:
    """Random base; modulus of ones."""
    lengths = word(base) + word(len(exponent)) + word(modulus)
    return lengths + noise(base) + exponent + b"\xff" * modulus


def bn_g1(k: int) -> bytes:
    x, y = bn.normalize(bn.multiply(bn.G1, k))
    return word(x.n) + word(y.n)


def bn_g2(k: int) -> bytes:
    x, y = bn.normalize(bn.multiply(bn.G2, k))
    return b"".join(word(int(c)) for c in (x.coeffs[1], x.coeffs[0], y.coeffs[1], y.coeffs[0]))


def bn_pairs(count: int) -> bytes:
    return b"".join(bn_g1(3 + i) + bn_g2(5 + i) for i in range(count))


def blake2f(rounds: int) -> bytes:
    return rounds.to_bytes(4, "big") + noise(208) + b"\1"


def point_evaluation() -> bytes:
    blob = b"".join(word(7 * i + 1) for i in range(4096))
    commitment = ckzg.blob_to_kzg_commitment(blob, trusted_setup())
    proof, y = ckzg.compute_kzg_proof(blob, word(5), trusted_setup())
    return versioned_hash(commitment) + word(5) + y + commitment + proof


def padded(raw: bytes) -> bytes:
    return b"".join(bytes(16) + raw[at : at + 48] for at in range(0, len(raw), 48))


def bls_scalar(i: int) -> Scalar:
    return Scalar.from_be_bytes_mod_order(keccak256(word(i)))


def bls_g1(i: int) -> bytes:
    return padded((G1Point() * bls_scalar(i)).to_xy_bytes_be())


def bls_g2(i: int) -> bytes:
    return padded((G2Point() * bls_scalar(i)).to_xy_bytes_be())


def bls_msm(point: Callable[[int], bytes], count: int) -> bytes:
    return b"".join(point(i) + b"\xff" * 32 for i in range(1, count + 1))


def bls_pairs(count: int) -> bytes:
    return b"".join(bls_g1(i) + bls_g2(i) for i in range(1, count + 1))


def p256() -> bytes:
    key = ec.derive_private_key(0xBEEF, ec.SECP256R1())
    signature = key.sign(noise(32), ec.ECDSA(utils.Prehashed(SHA256())))
    point = key.public_key().public_numbers()
    r, s = utils.decode_dss_signature(signature)
    return noise(32) + word(r) + word(s) + word(point.x) + word(point.y)


CASES: dict[str, tuple[int, Callable[[], bytes]]] = {
    "ecrecover": (0x01, ecrecover),
    "sha256, empty": (0x02, bytes),
    "sha256, 100 kB": (0x02, lambda: noise(100_000)),
    "ripemd160, empty": (0x03, bytes),
    "ripemd160, 100 kB": (0x03, lambda: noise(100_000)),
    "identity, empty": (0x04, bytes),
    "identity, 100 kB": (0x04, lambda: noise(100_000)),
    "modexp, empty": (0x05, bytes),
    "modexp, 25-byte modulus, squared": (0x05, lambda: modexp(25, b"\2", 25)),
    "modexp, 16-byte modulus, cubed": (0x05, lambda: modexp(1, b"\3", 16)),
    "modexp, 32 bytes each": (0x05, lambda: modexp(32, b"\xff" * 32, 32)),
    "modexp, 256 bytes, 32-byte exponent": (0x05, lambda: modexp(256, b"\xff" * 32, 256)),
    "modexp, 1024 bytes, squared": (0x05, lambda: modexp(1024, b"\2", 1024)),
    "modexp, 1024-byte exponent": (0x05, lambda: modexp(32, b"\xff" * 1024, 32)),
    "bn254 add": (0x06, lambda: bn_g1(2**200) + bn_g1(3)),
    "bn254 add, doubling": (0x06, lambda: bn_g1(2**200) * 2),
    "bn254 mul": (0x07, lambda: bn_g1(2**200) + b"\xff" * 32),
    "bn254 mul by one": (0x07, lambda: bn_g1(2**200) + word(1)),
    "bn254 pairing, none": (0x08, bytes),
    "bn254 pairing, 1": (0x08, lambda: bn_pairs(1)),
    "bn254 pairing, 2": (0x08, lambda: bn_pairs(2)),
    "bn254 pairing, 12": (0x08, lambda: bn_pairs(12)),
    "blake2f, 1 round": (0x09, lambda: blake2f(1)),
    "blake2f, 12 rounds": (0x09, lambda: blake2f(12)),
    "blake2f, 100,000 rounds": (0x09, lambda: blake2f(100_000)),
    "kzg point evaluation": (0x0A, point_evaluation),
    "bls12 g1add": (0x0B, lambda: bls_g1(1) + bls_g1(2)),
    "bls12 g1msm, 1": (0x0C, lambda: bls_msm(bls_g1, 1)),
    "bls12 g1msm, 8": (0x0C, lambda: bls_msm(bls_g1, 8)),
    "bls12 g1msm, 128": (0x0C, lambda: bls_msm(bls_g1, 128)),
    "bls12 g2add": (0x0D, lambda: bls_g2(1) + bls_g2(2)),
    "bls12 g2msm, 1": (0x0E, lambda: bls_msm(bls_g2, 1)),
    "bls12 g2msm, 8": (0x0E, lambda: bls_msm(bls_g2, 8)),
    "bls12 g2msm, 128": (0x0E, lambda: bls_msm(bls_g2, 128)),
    "bls12 pairing, 1": (0x0F, lambda: bls_pairs(1)),
    "bls12 pairing, 8": (0x0F, lambda: bls_pairs(8)),
    "bls12 map fp to g1": (0x10, lambda: padded(b"\x05" * 48)),
    "bls12 map fp2 to g2": (0x11, lambda: padded(b"\x05" * 96)),
    "p256verify": (0x100, p256),
}


Table = list[tuple[str, int, float]]
"""Rows of (input, gas, seconds)."""


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    """Of the Python engine; printed at the end."""
    rows: Table = []
    yield rows
    show("Python engine", rows)


@pytest.fixture(scope="module")
def core_table() -> Iterator[Table]:
    """Of the C++ core; printed at the end."""
    rows: Table = []
    yield rows
    show("C++ core", rows)


def show(title: str, rows: Table) -> None:
    if not rows:
        return
    print(f"\n{title:38s} {'gas':>9s} {'us':>9s} {'Mgas/s':>7s} {'with call':>9s}")
    for name, gas, seconds in rows:
        own, called = (price / seconds / 1e6 for price in (gas, gas + CALL_GAS))
        print(f"{name:38s} {gas:9d} {seconds * 1e6:9.2f} {own:7.0f} {called:9.0f}")


def measure(
    benchmark: Any, table: Table, name: str, call: Callable[[], tuple[int, bytes | None]]
) -> None:
    """Times a call that gives its price and output."""
    gas, output = benchmark(call)
    assert output or CASES[name][0] in (0x04, 0x05), "the input is a valid one"
    if benchmark.enabled:
        seconds = benchmark.stats.stats.min
        benchmark.extra_info["mgas_per_s"] = round(gas / seconds / 1e6, 1)
        table.append((name, gas, seconds))


@pytest.mark.parametrize("name", CASES)
def test_throughput(benchmark: Any, table: Table, name: str) -> None:
    number, make = CASES[name]
    precompile, data = PRECOMPILES[Fork.OSAKA][number.to_bytes(20, "big")], make()
    measure(benchmark, table, name, lambda: (precompile.gas(data), precompile.run(data)))


@pytest.mark.parametrize("name", CASES)
def test_throughput_on_the_core(benchmark: Any, core_table: Table, name: str) -> None:
    number, make = CASES[name]
    measure(benchmark, core_table, name, partial(_core.run_precompile, number, make()))
