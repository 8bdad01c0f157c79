"""The verifier: plain Python over abstract field elements, no branch on any of them.

`docs/proof-system.md` describes the same steps with their reasons; the numbers V0 to V8 are its.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from node.errors import InvalidProof
from node.recursion.air.check import evaluate
from node.recursion.air.machine import Slot
from node.recursion.arithmetic import Arithmetic, Ext, Felt, Native
from node.recursion.channel import Channel
from node.recursion.field import DEGREE, P
from node.recursion.key import VerifyingKey
from node.recursion.layout import ABSENT, Layout, check_heights
from node.recursion.multilinear import horner, interpolate
from node.recursion.openings import WIRE
from node.recursion.poseidon2 import DIGEST
from node.recursion.proof import Proof, decode_proof
from node.recursion.whir import ColumnClaims, verify_opening


def verify(
    key: VerifyingKey,
    proof: bytes | Proof,
    public_values: Sequence[int],
    arithmetic: Arithmetic | None = None,
) -> None:
    """Checks that a proof holds for these public values. Raises InvalidProof, on any bytes."""
    expand(key, proof, public_values, arithmetic)


def expand(
    key: VerifyingKey,
    proof: bytes | Proof,
    public_values: Sequence[int],
    arithmetic: Arithmetic | None = None,
) -> list[Felt]:
    """Checks a proof, and returns its elements with a Merkle path for every query.

    They are what `verify_elements` reads on a channel that opens paths: a circuit's witness. How
    many they are follows from the key. Raises InvalidProof.
    """
    decoded = decode_proof(proof) if isinstance(proof, bytes) else proof
    _check_public(key, public_values)
    native = arithmetic or Native()
    channel = Channel(native, map(native.felt, decoded.elements), WIRE)
    verify_elements(key, decoded.heights, [native.felt(v) for v in public_values], channel)
    channel.finish()
    return channel.expanded


def verify_elements(
    key: VerifyingKey, heights: Sequence[int], public_values: Sequence[Felt], channel: Channel
) -> None:
    """The verifier on elements of any kind. Raises InvalidProof where they are numbers.

    What it does depends on the key and the heights, never on an element: run on symbols, it is a
    circuit.
    """
    check_heights(key.machine, heights, key.log_height)
    layout = key.layout(heights)
    if layout.area > key.width << key.log_rows:
        raise InvalidProof(f"{layout.area} cells do not fit the key's {key.width} columns")
    _Verification(key, layout, channel, public_values, heights).run()


def _check_public(key: VerifyingKey, public_values: Sequence[int]) -> None:
    if len(public_values) != key.machine.public_values:
        raise InvalidProof(
            f"{len(public_values)} public values, the machine has {key.machine.public_values}"
        )
    for value in public_values:
        if not 0 <= value < P:
            raise InvalidProof(f"public value {value} is not canonical")


@dataclass(frozen=True)
class _Challenges:
    """Of the buses: a tuple's fingerprint is c - (id + sum of alpha^(j+1) field_j)."""

    alpha: Ext
    c: Ext

    def fingerprint(self, bus_id: int, fields: Sequence[Ext]) -> Ext:
        """The denominator of a message."""
        return self.c - (horner([0, *fields], self.alpha) + bus_id)


class _Verification:
    """One run of the verifier."""

    def __init__(
        self,
        key: VerifyingKey,
        layout: Layout,
        channel: Channel,
        public_values: Sequence[Felt],
        heights: Sequence[int],
    ) -> None:
        self.key = key
        self.layout = layout
        self.channel = channel
        self.transcript = channel.transcript
        self.arithmetic = channel.arithmetic
        self.public = public_values
        self.heights = heights
        self.present = [int(h != ABSENT) for h in heights]

    def run(self) -> None:
        """V0 to V8."""
        felt = self.arithmetic.felt
        self.transcript.observe([felt(e) for e in self.key.digest_elements])  # V0
        self.transcript.observe([*self.public, *map(felt, self.heights)])  # V1, V2
        root = self.channel.read(DIGEST)  # V3
        samples = self.key.whir.oracles[0].ood_samples
        points = [self.transcript.sample_ext() for _ in range(samples)]
        answers = self.channel.read_ext(samples)
        self.channel.grind(self.key.bus_grinding)
        buses = _Challenges(self.transcript.sample_ext(), self.transcript.sample_ext())
        point, fraction = self._fractional_sum(buses)  # V4
        claims = self._zerocheck(buses, point, fraction)  # V5 to V7
        verify_opening(
            self.key, self.channel, root, list(zip(points, answers, strict=True)), claims
        )

    # ------------------------------------------------------------------------ V4: GKR

    def _fractional_sum(self, buses: _Challenges) -> tuple[list[Ext], tuple[Ext, Ext]]:
        """From "all fractions sum to 0" to (numerator, denominator) at a point of the leaves.

        A layer's sumcheck binds its last variable first: its padding is behind the fractions.
        """
        p0, p1, q0, q1 = self.channel.read_ext(4)
        public_p, public_q = self._public_fraction(buses)
        for denominator in (q0, q1, public_q):
            self.arithmetic.inverse(denominator, "a fractional sum has denominator zero")
        total = (p0 * q1 + p1 * q0) * public_q + q0 * q1 * public_p
        self.arithmetic.require_zero(total, "the buses do not balance")
        point = [self.transcript.sample_ext()]
        numerator, denominator = interpolate(p0, p1, point[0]), interpolate(q0, q1, point[0])
        for _ in range(1, self.key.log_messages):
            weight = self.transcript.sample_ext()
            claim, inner = self._sumcheck(point[::-1], numerator + weight * denominator, 2)
            p0, p1, q0, q1 = self.channel.read_ext(4)
            leaf = p0 * q1 + p1 * q0 + weight * (q0 * q1)
            self.arithmetic.require_zero(claim - leaf, "a layer of the fractional sum is wrong")
            last = self.transcript.sample_ext()
            numerator, denominator = interpolate(p0, p1, last), interpolate(q0, q1, last)
            point = [*inner[::-1], last]
        return point, (numerator, denominator)

    def _public_fraction(self, buses: _Challenges) -> tuple[Ext, Ext]:
        """The public values' messages as one fraction."""
        cells = {f"public[{i}]": value for i, value in enumerate(self.public)}
        zero = self.arithmetic.felt(0)
        p = self.arithmetic.ext([zero] * DEGREE)
        q = p + 1
        for message in self.key.machine.boundary:
            times, *fields = evaluate((message.times, *message.fields), cells)
            below = buses.fingerprint(self.key.machine.bus_ids[message.bus], fields)
            p, q = p * below + times * q, below * q
        return p, q

    def _sumcheck(self, point: Sequence[Ext], claim: Ext, degree: int) -> tuple[Ext, list[Ext]]:
        """Rounds in bare form: the factor eq(point, .) is left out of the round polynomials.

        The prover sends all coefficients but the constant one, which
        (1 - z) h(0) + z h(1) = claim determines.
        """
        challenges = []
        for coordinate in point:
            higher = self.channel.read_ext(degree)
            constant = claim - coordinate * sum(higher[1:], higher[0])
            challenges.append(self.transcript.sample_ext())
            claim = horner([constant, *higher], challenges[-1])
        return claim, challenges

    # ------------------------------------------------------------ V5 to V7: zerocheck

    def _zerocheck(
        self, buses: _Challenges, point: list[Ext], fraction: tuple[Ext, Ext]
    ) -> list[ColumnClaims]:
        """From the leaves' claim to claims on columns at one point."""
        places = [slot.messages if slot else () for slot in self.layout.slots]
        blocks = [block for slot in places for block in slot]
        found = iter(self.arithmetic.prefix_weights(blocks, point))
        weights = [list(islice(found, len(slot))) for slot in places]
        sums = self._leaf_sums(weights, fraction)
        alpha, eta = self.transcript.sample_ext(), self.transcript.sample_ext()
        parts = [p + alpha * q for p, q in sums]
        tail = point[len(point) - self.key.log_height :]
        claim, at = self._sumcheck(tail, horner(parts, eta), self.key.degree)
        expected = []
        claims: list[ColumnClaims] = []
        for number, slot in enumerate(self.key.machine.slots):
            cells, opened = self._openings(number, slot, at)
            claims.append(opened)
            present = self.layout.slots[number] is not None  # a row of zeros says nothing
            expected.append(self._row(slot, cells, weights[number], alpha, buses) if present else 0)
        self.arithmetic.require_zero(claim - horner(expected, eta), "the zerocheck is wrong")
        return claims

    def _leaf_sums(
        self, weights: Sequence[Sequence[Ext]], fraction: tuple[Ext, Ext]
    ) -> list[tuple[Ext, Ext]]:
        """V5: each slot's share of the leaves' numerator and denominator."""
        parts = self.channel.read_ext(2 * len(weights))
        sums = list(zip(parts[::2], parts[1::2], strict=True))
        for present, (p, q) in zip(self.present, sums, strict=True):
            for part in (p, q):
                self.arithmetic.require_zero(part * (1 - present), "an absent slot has messages")
        padding = 1 - sum(w for slot in weights for w in slot)
        total_p, total_q = sum(p for p, _ in sums), sum(q for _, q in sums)
        self.arithmetic.require_zero(fraction[0] - total_p, "the numerators do not add up")
        self.arithmetic.require_zero(
            fraction[1] - total_q - padding, "the denominators do not add up"
        )
        return sums

    def _openings(
        self, number: int, slot: Slot, at: Sequence[Ext]
    ) -> tuple[dict[str, Ext], ColumnClaims]:
        """V7: a slot's columns at the zerocheck's point, and what they claim of the stack."""
        circuit, layout = slot.circuit, self.layout.slots[number]
        committed, preprocessed = circuit.of_kind("committed"), circuit.of_kind("preprocessed")
        names = [c.name for c in (*committed, *preprocessed)]
        if layout is None:
            values = self.channel.read_zeros(len(names), "an absent slot has columns")
            return {}, ColumnClaims((), at, values)
        values = self.channel.read_ext(len(names))
        blocks = (*layout.columns, *layout.preprocessed)
        cells = dict(zip(names, values, strict=True))
        bits = at[len(at) - circuit.max_log_height :][::-1] if circuit.is_fixed else ()
        for info in circuit.of_kind("formula"):
            assert info.formula is not None
            cells[info.name] = info.formula(bits)
        return cells, ColumnClaims(blocks, at, values)

    def _row(
        self,
        slot: Slot,
        cells: dict[str, Ext],
        weights: Sequence[Ext],
        alpha: Ext,
        buses: _Challenges,
    ) -> Ext:
        """V6: messages and equations of one slot, batched, at the zerocheck's point."""
        circuit = slot.circuit
        values = evaluate(circuit.roots, cells, nodes=circuit.nodes)
        parts = iter(values[len(circuit.equations) :])
        total = horner([0, 0, *values[: len(circuit.equations)]], alpha)
        for message, weight in zip(circuit.messages, weights, strict=False):
            times, *fields = islice(parts, 1 + len(message.fields))
            below = buses.fingerprint(self.key.machine.bus_ids[message.bus], fields)
            total = total + weight * (times + alpha * below)
        return total
