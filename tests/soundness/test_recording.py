"""The verifier never branches on a witness: run on symbols, it is a circuit that decides the same.

Known so by doing it: `recorder.py` runs the whole verifier on symbols that have no truth value, no
number and no equality, without any proof, and replays the tape on proofs.
"""

import random
from collections import Counter

import pytest

from node.errors import InvalidProof
from node.recursion.arithmetic import Native
from node.recursion.channel import Channel
from node.recursion.field import P
from node.recursion.layout import ABSENT
from node.recursion.native import core
from node.recursion.openings import WIRE
from node.recursion.prover import ProvingKey
from node.recursion.security import FAST, TOY
from node.recursion.verifier import expand, verify, verify_elements
from tests.soundness.machines import fibonacci, sorting, squares
from tests.soundness.recorder import Symbol, Tape, record, replay

FIBONACCI = ProvingKey.create(fibonacci.machine(instances=2), TOY, 4, 3)


def fibonacci_case(steps=5):
    table, public = fibonacci.trace(steps, 3)
    return FIBONACCI, [table, None], public


def sorting_case():
    return ProvingKey.create(sorting.machine(), TOY, 6, 3), *sorting.trace([5, 3, 60, 3, 2], 3)


def squares_case():
    return ProvingKey.create(squares.machine(), TOY, 5, 3), *squares.trace([3, 15, 0, 3], 3)


class Case:
    """A proof, its elements with full paths, and the tape of its shape."""

    def __init__(self, proving_key, tables, public):
        self.key, self.public = proving_key.verifying_key, list(public)
        self.proof = proving_key.prove(tables, public)
        self.elements = expand(self.key, self.proof, public, Native(core.permute))
        self.tape = record(self.key, self.proof.heights)

    def tampered(self, generator):
        """Inputs of which one differs; every public value, and elements that fill the sample."""
        inputs = [*self.public, *map(int, self.elements)]
        places = range(len(self.public), len(inputs))
        for place in (*range(len(self.public)), *generator.sample(places, 40)):
            changed = [*inputs]
            changed[place] = (changed[place] + generator.randrange(1, P)) % P
            yield changed

    def run(self, inputs, native):
        """The verifier itself on a tape's inputs."""
        felts = [native.felt(x) for x in inputs]
        public, elements = felts[: len(self.public)], felts[len(self.public) :]
        verify_elements(self.key, self.proof.heights, public, Channel(native, elements))


@pytest.fixture(scope="module", params=[fibonacci_case, sorting_case, squares_case])
def case(request):
    return Case(*request.param())


class Listening(Native):
    """Notes every value that is checked, hashed or taken apart, and rejects nothing."""

    def __init__(self):
        super().__init__(core.permute)
        self.heard = []

    def permute(self, state):
        self.heard.append(("permute", [int(x) for x in state]))
        return super().permute(state)

    def low_bits(self, value, count):
        self.heard.append(("low_bits", value, count))
        return super().low_bits(value, count)

    def require_zero(self, value, reason):
        self.heard.append((reason, value))

    def inverse(self, value, reason):
        self.heard.append((reason, value))
        return super().inverse(value, reason)


def test_the_tape_accepts_what_the_verifier_accepts(case):
    replay(case.tape, [*case.public, *case.elements], Native(core.permute))


def test_the_tape_rejects_what_the_verifier_rejects_for_the_same_reason(case):
    reasons = Counter()
    for inputs in case.tampered(random.Random(7)):
        with pytest.raises(InvalidProof) as ours:
            replay(case.tape, inputs, Native(core.permute))
        with pytest.raises(InvalidProof) as theirs:
            case.run(inputs, Native(core.permute))
        assert str(ours.value) == str(theirs.value)
        reasons[str(ours.value)] += 1
    assert reasons["a Merkle opening does not match its root"] >= 10
    assert len(reasons) >= 3


@pytest.mark.slow
def test_the_tape_rejects_a_change_of_every_eighth_input(case):
    inputs = [*case.public, *map(int, case.elements)]
    for place in range(0, len(inputs), 8):
        changed = [*inputs]
        changed[place] = (changed[place] + 1) % P
        with pytest.raises(InvalidProof):
            replay(case.tape, changed, Native(core.permute))


def test_the_tape_computes_every_value_that_the_verifier_computes(case):
    generator = random.Random(11)
    inputs = [*case.public, *map(int, case.elements)]
    for candidate in (inputs, *list(case.tampered(generator))[::10]):
        ours, theirs = Listening(), Listening()
        replay(case.tape, candidate, ours)
        case.run(candidate, theirs)
        assert len(theirs.heard) > 500
        assert ours.heard == theirs.heard


def test_every_requirement_of_the_wire_verifier_is_on_the_tape(case):
    wire = Listening()
    verify(case.key, case.proof, case.public, wire)
    on_wire = {entry[0] for entry in wire.heard} - {"permute", "low_bits"}
    assert on_wire == {reason for _, _, reason in case.tape.steps if reason}


def test_one_tape_serves_every_proof_of_its_shape():
    """Wire proofs differ in length, with the sampled indices; expanded ones do not."""
    cases = [Case(*fibonacci_case(steps)) for steps in range(1, 8)]
    assert len({len(case.proof.elements) for case in cases}) > 1
    assert len({len(case.elements) for case in cases}) == 1
    for case in cases:
        assert case.tape.steps == cases[0].tape.steps
        replay(cases[0].tape, [*case.public, *case.elements], Native(core.permute))


def test_heights_enter_as_constants_only():
    """For the same chips present the operations and their wiring stay; numbers change."""

    def shape(heights):
        steps = record(FIBONACCI.verifying_key, heights).steps
        return [
            (op, None if op == "constant" else operands, reason) for op, operands, reason in steps
        ]

    assert shape((3, 0)) == shape((3, 2)) == shape((2, 1))
    assert shape((3, ABSENT)) != shape((3, 0))


def test_what_depends_on_a_witness_cannot_be_recorded():
    """The pruned form does: its reader must know the indices."""
    with pytest.raises(TypeError, match="a witness decides nothing"):
        record(FIBONACCI.verifying_key, (3, ABSENT), WIRE)


@pytest.mark.parametrize(
    "use",
    [
        bool, int, float, hash, len, iter, range,
        lambda x: x == 0, lambda x: x < 1, lambda x: 1 in x, lambda x: x in {1},
        lambda x: [1][x], lambda x: x[0], lambda x: 1 if x else 2,
    ],
)  # fmt: skip
def test_symbols_decide_nothing(use):
    with pytest.raises(TypeError, match="a witness decides nothing"):
        use(Symbol(Tape(), 0))


def test_a_proof_at_100_bits():
    """The shape of a real one: 2^16 cells at `fast`."""
    table, public = fibonacci.trace(16_000, 14)
    key = ProvingKey.generate(fibonacci.machine(), FAST, [14])
    case = Case(key, [table], public)
    replay(case.tape, [*case.public, *case.elements], Native(core.permute))


def test_what_an_absent_slot_opens_is_required_to_be_zero():
    """On the wire it is not even sent; a circuit reads it, and must refuse anything else."""
    case = Case(*fibonacci_case(3))
    assert "an absent slot has columns" in {reason for _, _, reason in case.tape.steps}
