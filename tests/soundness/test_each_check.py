"""For each check of the verifier, a forgery of a false statement that this check alone refuses."""

import pytest

from node.errors import InvalidProof
from node.recursion.air.check import evaluate
from node.recursion.arithmetic import Native
from node.recursion.field import ONE, ZERO, Felt, P
from node.recursion.native import core
from node.recursion.verifier import verify
from tests.soundness.machines import fibonacci
from tests.soundness.reference_prover import Prover
from tests.soundness.test_forged_answers import KEY, LIE, PUBLIC, TABLE

FALSE = (*PUBLIC[:2], (PUBLIC[2] + 1) % P)


class Without(Native):
    """A verifier that leaves one check out."""

    def __init__(self, reason):
        super().__init__(core.permute)
        self._reason = reason

    def require_zero(self, value, reason):
        if reason != self._reason:
            super().require_zero(value, reason)


class Unbalanced(Prover):
    """Knows by how much the false public values leave the buses off balance."""

    def public_fraction(self):
        cells = {f"public[{i}]": Felt(v) for i, v in enumerate(self.public)}
        p, q = ZERO, ONE
        for message in self.key.machine.boundary:
            times, *fields = evaluate((message.times, *message.fields), cells)
            below = self.fingerprint(message.bus, fields)
            p, q = p * below + q * times, q * below
        return p * q.inverse()

    def imbalance(self, p, q):
        total = self.public_fraction()
        for above, below in zip(p, q, strict=True):
            total = total + above * below.inverse()
        return total


class ForgedTop(Unbalanced):
    """Says a top layer that balances; the layers below are the true ones."""

    def top(self, p0, p1, q0, q1):
        needed = q0 * q1 * self.public_fraction() + p1 * q0
        return -needed * q1.inverse(), p1, q0, q1


class ForgedNumerator(Unbalanced):
    """Sums other numerators than the tables'."""

    def leaves(self):
        p, q = super().leaves()
        p[0] = p[0] - self.imbalance(p, q) * q[0]
        return p, q


class ForgedDenominator(Unbalanced):
    """Sums other denominators than the tables'."""

    def leaves(self):
        p, q = super().leaves()
        q[0] = p[0] * (p[0] * q[0].inverse() - self.imbalance(p, q)).inverse()
        return p, q


class ForgedFinal(Prover):
    """Claims a false value of the stack, and sends a last polynomial that makes the sum right."""

    asked = 0

    def evaluate(self, values, x):
        self.asked += 1
        lie = LIE if self.asked == 1 else ZERO
        return Prover.evaluate(values, x) + lie

    def add_points(self, w, samples, gamma, power):
        if not hasattr(self, "error"):
            folds = sum(o.fold for o in self.key.whir.oracles)
            self.error = LIE * gamma * pow(2**folds, -1, P)
        return super().add_points(w, samples, gamma, power)

    def final(self, f, w):
        return [f[0] + self.error * w[0].inverse(), *f[1:]]


@pytest.mark.parametrize(
    ("forger", "public", "reason"),
    [
        (Prover, FALSE, "the buses do not balance"),
        (ForgedTop, FALSE, "a layer of the fractional sum is wrong"),
        (ForgedNumerator, FALSE, "the numerators do not add up"),
        (ForgedDenominator, FALSE, "the denominators do not add up"),
        (ForgedFinal, PUBLIC, "a query differs from the final polynomial"),
    ],
)
def test_one_check_refuses_what_no_other_does(forger, public, reason):
    proof = forger(KEY, [TABLE], public).prove()
    with pytest.raises(InvalidProof, match=reason):
        verify(KEY, proof, public, Native(core.permute))
    verify(KEY, proof, public, Without(reason))


def test_a_broken_equation_is_refused_by_the_zerocheck_alone():
    table = TABLE.copy()
    table[6], table[7] = (100, 1, 2, 2), (100, 1, 2, fibonacci.P - 2)
    proof = Prover(KEY, [table], PUBLIC).prove()
    with pytest.raises(InvalidProof, match="the zerocheck is wrong"):
        verify(KEY, proof, PUBLIC, Native(core.permute))
    verify(KEY, proof, PUBLIC, Without("the zerocheck is wrong"))
