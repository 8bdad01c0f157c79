"""Input of the precompiles: valid, at the edges, and spoiled in one place."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from random import Random

import ckzg
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from py_arkworks_bls12381 import G1Point, G2Point, Scalar
from py_ecc import optimized_bls12_381 as bls
from py_ecc import optimized_bn128 as bn
from py_ecc.bls.point_compression import modular_squareroot_in_FQ2
from py_ecc.optimized_bls12_381 import FQ2

from node.crypto import SECP256K1_N, sign
from node.evm.precompiles.kzg import trusted_setup, versioned_hash

BN_P, BN_N = bn.field_modulus, bn.curve_order
BLS_P, BLS_R = bls.field_modulus, bls.curve_order
P256_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_EACH = 16
"""Inputs made of each precompile."""


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def ecrecover(random: Random) -> bytes:
    """Also the second signature of the message, with s above half of the order."""
    message = random.randbytes(32)
    parity, r, s = sign(random.randbytes(32), message)
    if random.randrange(4) == 0:
        parity, s = 1 - parity, SECP256K1_N - s
    return message + word(parity + 27) + word(r) + word(s)


def plain(random: Random) -> bytes:
    return random.randbytes(random.choice((0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 300)))


def modexp(random: Random) -> bytes:
    """Up to 64 bytes each, some longer than what follows; moduli even and odd."""
    base, exponent, modulus = (random.choice((0, 1, 8, 31, 32, 33, 64)) for _ in range(3))
    lengths = word(base) + word(exponent) + word(modulus)
    rest = random.randbytes(base) + random.randbytes(exponent)
    rest += random.choice((random.randbytes(modulus), b"\xff" * modulus, bytes(modulus)))
    return lengths + rest[: len(rest) - random.choice((0, 0, 0, 1, 16))]


def scalar(random: Random, order: int) -> int:
    edges = (0, 1, 2, order - 1, order, order + 1, 2**255, 2**256 - 1)
    return random.choice((random.choice(edges), random.getrandbits(128), random.getrandbits(256)))


# --- BN254


def bn_g1(k: int) -> bytes:
    if k % BN_N == 0:
        return bytes(64)
    x, y = bn.normalize(bn.multiply(bn.G1, k % BN_N))
    return word(x.n) + word(y.n)


def bn_g2(k: int) -> bytes:
    if k % BN_N == 0:
        return bytes(128)
    x, y = bn.normalize(bn.multiply(bn.G2, k % BN_N))
    return b"".join(word(int(c)) for c in (x.coeffs[1], x.coeffs[0], y.coeffs[1], y.coeffs[0]))


def bn_add(random: Random) -> bytes:
    """Sums, doublings, a point and its negative, the point at infinity."""
    a = random.randrange(BN_N)
    return bn_g1(a) + bn_g1(random.choice((a, -a, 0, random.randrange(BN_N))))


def bn_multiply(random: Random) -> bytes:
    return bn_g1(random.choice((0, 1, random.randrange(BN_N)))) + word(scalar(random, BN_N))


def bn_pairing(random: Random) -> bytes:
    """Pairs whose product is one, and pairs whose product is not."""
    a, b = (random.choice((0, 1, random.randrange(BN_N))) for _ in range(2))
    pairs = [bn_g1(a) + bn_g2(b), bn_g1(-a * b) + bn_g2(1)]
    if random.randrange(3) == 0:
        pairs.append(bn_g1(random.randrange(3)) + bn_g2(random.randrange(3)))
    return b"".join(pairs)


def blake2f(random: Random) -> bytes:
    rounds = random.choice((0, 1, 10, 12, 13, 100))
    return rounds.to_bytes(4, "big") + random.randbytes(208) + bytes([random.randrange(2)])


def point_evaluation(random: Random) -> bytes:
    """A proof of a polynomial's value; that of a constant is the point at infinity."""
    if random.randrange(4):
        y = random.choice((0, 1, random.getrandbits(250)))
        z, proof = random.choice((0, BLS_R - 1, random.getrandbits(250))), bytes([0xC0]) + bytes(47)
        commitment = (G1Point() * bls_scalar(y)).to_compressed_bytes() if y else proof
        return versioned_hash(commitment) + word(z) + word(y) + commitment + proof
    values = [random.getrandbits(250) for _ in range(8)]
    blob = b"".join(map(word, values)).ljust(4096 * 32, b"\0")
    commitment = ckzg.blob_to_kzg_commitment(blob, trusted_setup())
    at = word(random.choice((1, random.getrandbits(250))))  # one is a root of unity
    proof, value = ckzg.compute_kzg_proof(blob, at, trusted_setup())
    return versioned_hash(commitment) + at + value + commitment + proof


# --- BLS12-381


def padded(raw: bytes) -> bytes:
    return b"".join(bytes(16) + raw[at : at + 48] for at in range(0, len(raw), 48))


def bls_scalar(k: int) -> Scalar:
    return Scalar.from_be_bytes_mod_order(word(k % BLS_R))


def bls_g1(k: int) -> bytes:
    return bytes(128) if k % BLS_R == 0 else padded((G1Point() * bls_scalar(k)).to_xy_bytes_be())


def bls_g2(k: int) -> bytes:
    return bytes(256) if k % BLS_R == 0 else padded((G2Point() * bls_scalar(k)).to_xy_bytes_be())


def field_element(value: int) -> bytes:
    return value.to_bytes(64, "big")


def bls_g1_outside(random: Random) -> bytes:
    """A point of y^2 = x^3 + 4, which is hardly ever in the subgroup."""
    while True:
        x = random.randrange(BLS_P)
        square = (x**3 + 4) % BLS_P
        y = pow(square, (BLS_P + 1) // 4, BLS_P)
        if y * y % BLS_P == square:
            return field_element(x) + field_element(y)


def bls_g2_outside(random: Random) -> bytes:
    """A point of y^2 = x^3 + 4 (1 + u), which is hardly ever in the subgroup."""
    while True:
        x = FQ2([random.randrange(BLS_P), random.randrange(BLS_P)])
        y = modular_squareroot_in_FQ2(x**3 + FQ2([4, 4]))
        if y is not None:
            return b"".join(field_element(int(c)) for c in (*x.coeffs, *y.coeffs))


Point = Callable[[int], bytes]
Outside = Callable[[Random], bytes]


def bls_add(point: Point, outside: Outside, random: Random) -> bytes:
    """As for BN254, and points outside the subgroup, which additions take."""
    if random.randrange(4) == 0:
        p = outside(random)
        return p + random.choice((p, outside(random), point(random.randrange(BLS_R))))
    a = random.randrange(BLS_R)
    return point(a) + point(random.choice((a, -a, 0, random.randrange(BLS_R))))


def bls_msm(point: Point, outside: Outside, random: Random) -> bytes:
    pairs = [
        point(random.choice((0, 1, random.randrange(BLS_R)))) + word(scalar(random, BLS_R))
        for _ in range(random.choice((1, 1, 2, 3, 5)))
    ]
    if random.randrange(8) == 0:
        pairs.append(outside(random) + word(scalar(random, BLS_R)))
    return b"".join(pairs)


def bls_pairing(random: Random) -> bytes:
    a, b = (random.choice((0, 1, random.randrange(BLS_R))) for _ in range(2))
    pairs = [bls_g1(a) + bls_g2(b), bls_g1(-a * b) + bls_g2(1)]
    if random.randrange(3) == 0:
        pairs.append(bls_g1(random.randrange(3)) + bls_g2(random.randrange(3)))
    if random.randrange(8) == 0:
        pairs.append(bls_g1_outside(random) + bls_g2_outside(random))
    return b"".join(pairs)


def bls_field_elements(count: int, random: Random) -> bytes:
    edges = (0, 1, BLS_P - 1, BLS_P, random.randrange(BLS_P))
    return b"".join(
        field_element(random.choice((*edges, *[random.randrange(BLS_P)] * 5))) for _ in range(count)
    )


def p256(random: Random) -> bytes:
    """Also the second signature: P256VERIFY takes every s below the order."""
    key = ec.derive_private_key(random.randrange(1, P256_N), ec.SECP256R1())
    message = random.randbytes(32)
    signature = key.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
    point = key.public_key().public_numbers()
    r, s = utils.decode_dss_signature(signature)
    return (
        sha256(message).digest()
        + word(r)
        + word(random.choice((s, P256_N - s)))
        + word(point.x)
        + word(point.y)
    )


MAKERS: dict[int, Callable[[Random], bytes]] = {
    0x01: ecrecover,
    0x02: plain,
    0x03: plain,
    0x04: plain,
    0x05: modexp,
    0x06: bn_add,
    0x07: bn_multiply,
    0x08: bn_pairing,
    0x09: blake2f,
    0x0A: point_evaluation,
    0x0B: lambda random: bls_add(bls_g1, bls_g1_outside, random),
    0x0C: lambda random: bls_msm(bls_g1, bls_g1_outside, random),
    0x0D: lambda random: bls_add(bls_g2, bls_g2_outside, random),
    0x0E: lambda random: bls_msm(bls_g2, bls_g2_outside, random),
    0x0F: bls_pairing,
    0x10: lambda random: bls_field_elements(1, random),
    0x11: lambda random: bls_field_elements(2, random),
    0x100: p256,
}


@cache
def inputs(number: int) -> tuple[bytes, ...]:
    """Some of a precompile, the same in every run."""
    random = Random(number)
    return tuple(MAKERS[number](random) for _ in range(_EACH))


def some_input(random: Random, number: int) -> bytes:
    """An input of a precompile; one in four is spoiled."""
    data = random.choice(inputs(number))
    return data if random.randrange(4) else spoiled(random, data)


def spoiled(random: Random, data: bytes) -> bytes:
    """A bit or a word changed, or another length."""
    kind = random.randrange(4)
    if kind == 0 or not data:
        return data + random.randbytes(random.choice((1, 31, 32, 64)))
    if kind == 1:
        return data[: random.randrange(len(data))]
    out = bytearray(data)
    if kind == 2:
        out[random.randrange(len(out))] ^= 1 << random.randrange(8)
    else:
        at = random.randrange(len(data)) // 32 * 32
        edges = (bytes(32), b"\xff" * 32, word(BN_P), word(BN_N), word(BLS_R), word(SECP256K1_N))
        out[at : at + 32] = random.choice(edges)
    return bytes(out)
