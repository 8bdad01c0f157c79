"""Provers that follow the protocol but lie where a flawed verifier would not notice."""

from dataclasses import replace

import pytest

from node.errors import InvalidProof
from node.recursion import whir
from node.recursion.arithmetic import Native
from node.recursion.field import ONE, Ext
from node.recursion.key import VerifyingKey
from node.recursion.native import core
from node.recursion.security import TOY
from node.recursion.verifier import verify
from tests.soundness.machines import fibonacci
from tests.soundness.reference_prover import Prover

KEY = VerifyingKey(fibonacci.machine(), TOY, log_rows=3, width=4)
TABLE, PUBLIC = fibonacci.trace(5, 3)
LIE = Ext((3, 1, 4, 1, 5))


class Forger(Prover):
    """Lies about the stack's out-of-domain value; mends the next answer by the error it learns.

    The folding rounds halve the running claim's error each time, so after the first oracle the
    prover knows it: LIE * gamma / 2^fold. If the first new claim shared the running claim's
    coefficient, subtracting the error from its answer would make the sum right again.
    """

    asked = 0

    def evaluate(self, values, x):
        true = Prover.evaluate(values, x)
        self.asked += 1
        if self.asked == 1:
            return true + LIE
        if self.asked == 2:
            fold = self.key.whir.oracles[0].fold
            return true - LIE * self.gamma * pow(2**fold, -1, fibonacci.P)
        return true


class ForgerAgainstFlawed(Forger):
    """The same, with the weights of a verifier whose powers restart at the zeroth."""

    def add_points(self, w, samples, gamma, power):
        late = self.asked > 1
        return super().add_points(w, samples, gamma, gamma.inverse() if late else power)


class FlawedOpening(whir._Opening):
    """Powers of new claims start at the zeroth: they share the running claim's coefficient."""

    def _add(self, samples, variables, claims=()):
        if not self.bound:
            super()._add(samples, variables, claims)
            return
        gamma = self.transcript.sample_ext()
        power, made = ONE, len(self.bound)
        for x, value in samples:
            self.sum = self.sum + power * value
            point = whir.evaluate_powers(x, variables)
            self.statements.append(whir._Statement([power], point, made))
            power = power * gamma


def check(proof):
    verify(KEY, proof, PUBLIC, Native(core.permute))


def test_the_key_has_a_second_oracle():
    assert len(KEY.whir.oracles) > 1
    assert [o.ood_samples for o in KEY.whir.oracles[:2]] == [1, 1]


def test_an_out_of_domain_answer_cannot_mend_a_false_claim():
    proof = Forger(KEY, [TABLE], PUBLIC).prove()
    with pytest.raises(InvalidProof, match="the opened values are not the committed"):
        check(proof)


def test_the_forgery_works_on_a_verifier_whose_powers_restart(monkeypatch):
    """The test above can fail: this is the flaw it guards against."""
    monkeypatch.setattr(whir, "_Opening", FlawedOpening)
    check(ForgerAgainstFlawed(KEY, [TABLE], PUBLIC).prove())


def test_a_proof_for_other_public_values_does_not_carry_over():
    proof = Prover(KEY, [TABLE], PUBLIC).prove()
    check(proof)
    shorter, public = fibonacci.trace(4, 3)
    other = Prover(KEY, [shorter], public).prove()
    mixed = replace(proof, elements=other.elements)
    with pytest.raises(InvalidProof):
        check(mixed)
