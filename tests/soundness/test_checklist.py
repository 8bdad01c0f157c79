"""What broke real systems, line by line: each test names the failure it would have caught.

The letters are those of the checklist in docs/proof-system.md, section "Failures of others".
"""

import random
from dataclasses import replace

import numpy as np
import pytest

from node.errors import InvalidProof
from node.recursion.air.chip import Bit, Bus, Chip, Constraints, Felt, Messages, is_bit
from node.recursion.air.machine import Machine
from node.recursion.arithmetic import Native
from node.recursion.field import Felt as Element
from node.recursion.field import P
from node.recursion.key import VerifyingKey
from node.recursion.layout import ABSENT, check_heights
from node.recursion.native import core
from node.recursion.prover import ProvingKey
from node.recursion.security import FAST, TOY
from node.recursion.transcript import Transcript, compress, hash_leaf
from node.recursion.verifier import verify
from tests.soundness.machines import fibonacci, merkle, sorting

MACHINE = fibonacci.machine(instances=2)
KEY = ProvingKey.create(MACHINE, TOY, 3, 4)
TABLE, PUBLIC = fibonacci.trace(5, 3)
PROOF = KEY.prove([TABLE, None], PUBLIC)


def rejected(key, proof, public):
    with pytest.raises(InvalidProof) as caught:
        verify(key, proof, public, Native(core.permute))
    return str(caught.value)


def samples(key=KEY.verifying_key, public=PUBLIC, heights=PROOF.heights):
    """The first challenge after what a verifier absorbs before any message."""
    transcript = Transcript(Native())
    transcript.observe([Element(e) for e in key.digest_elements])
    transcript.observe([Element(x) for x in (*public, *heights)])
    return transcript.sample()


def test_t1_key_public_values_and_heights_are_absorbed_before_any_challenge():
    other = ProvingKey.create(fibonacci.machine(instances=1), TOY, 3, 4).verifying_key
    challenges = {
        samples(),
        samples(key=other),
        samples(public=(*PUBLIC[:2], 9)),
        samples(heights=(2, ABSENT)),
        samples(heights=(3, 2)),
    }
    assert len(challenges) == 5


def test_t2_every_prover_message_changes_the_next_challenge():
    seen = set()
    for element in range(16):
        transcript = Transcript(Native())
        transcript.observe([Element(int(i == element)) for i in range(16)])
        seen.add(transcript.sample())
    assert len(seen) == 16


def test_t3_an_observation_of_nothing_is_no_collision_with_zeros():
    empty, zeros = Transcript(Native()), Transcript(Native())
    zeros.observe([Element(0)] * 8)
    assert empty.sample() != zeros.sample()


def test_t5_samples_never_show_the_capacity():
    transcript = Transcript(Native(core.permute))
    transcript.observe([Element(1)])
    state = core.permute([1, *[0] * 15])
    assert [transcript.sample() for _ in range(8)] == state[:8]
    assert transcript.sample() == core.permute(state)[0]


def test_t6_grinding_is_separated_and_checked():
    nonces = [i for i in range(4_096) if _grinds(i, 8)]
    assert 4 <= len(nonces) <= 40
    assert not _grinds(nonces[0] + 1, 8) or not _grinds(nonces[0] + 2, 8)


def _grinds(nonce, bits):
    transcript = Transcript(Native(core.permute))
    transcript.observe([Element(5)])
    try:
        transcript.check_grinding(Element(nonce), bits)
    except InvalidProof:
        return False
    return True


@pytest.mark.parametrize("height", [-1, 5, 6, 22, 23, 30, 31, 32, 63, 64, 200, 254])
def test_s1_heights_are_integers_within_their_limits(height):
    assert KEY.verifying_key.log_height == 5
    if height == 5:  # the largest of the class: allowed, and then the cells must fit
        check_heights(MACHINE, (5, ABSENT), 5)
        proof = replace(PROOF, heights=(5, 4))
        assert "do not fit" in rejected(KEY.verifying_key, proof, PUBLIC)
        return
    with pytest.raises(InvalidProof, match="outside its limits"):
        check_heights(MACHINE, (height, ABSENT), 5)


def test_s2_an_instance_may_not_stand_twice_or_out_of_order():
    for heights in ((2, 3), (3, 3), (ABSENT, 1)):
        with pytest.raises(InvalidProof, match="not smaller than the instance before it"):
            check_heights(MACHINE, heights, 5)


def test_s3_the_committed_heights_are_those_of_the_argument():
    """One source of heights: a proof's heights changed anywhere change every later challenge."""
    rejected(KEY.verifying_key, replace(PROOF, heights=(2, ABSENT)), PUBLIC)
    rejected(KEY.verifying_key, replace(PROOF, heights=(3, 0)), PUBLIC)


def test_s4_a_leaf_is_not_a_node_and_its_width_is_bound():
    native = Native(core.permute)
    words = [Element(i) for i in range(16)]
    digests = {
        tuple(hash_leaf(native, words)),
        tuple(compress(native, words[:8], words[8:])),
        tuple(hash_leaf(native, words[:15])),
        tuple(hash_leaf(native, [*words[:15], Element(0)])),
    }
    assert len(digests) == 4


def test_s5_a_table_of_one_row():
    """Height 2^0, a real row and a padding row."""
    key = ProvingKey.create(fibonacci.machine(), TOY, 3, 4)
    table, public = fibonacci.trace(1, 0)
    verify(key.verifying_key, key.prove([table], public), public, Native(core.permute))
    with pytest.raises(InvalidProof):
        verify(key.verifying_key, key.prove([table * 0], public), public, Native(core.permute))


def test_s5_no_instance_at_all():
    """Nothing ran: the public values alone must balance."""
    key = KEY.verifying_key
    still = (0, 0, 1)
    verify(key, KEY.prove([None, None], still), still, Native(core.permute))
    assert rejected(key, KEY.prove([None, None], PUBLIC), PUBLIC) == "the buses do not balance"


def test_s6_padding_rows_cannot_hide_messages():
    """A real row where padding was: the buses notice."""
    table = TABLE.copy()
    table[6] = (100, 1, 2, 1)
    assert rejected(KEY.verifying_key, KEY.prove([table, None], PUBLIC), PUBLIC) == (
        "the buses do not balance"
    )


WRAP = Bus("wrap", arity=1)


class Heavy(Chip):
    """Sends 2^24 copies a row: 127 rows of them and one more copy of 2^24 are p - 1 copies."""

    is_real, value = Bit(), Felt()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        yield WRAP.send(self.value, times=self.is_real * 2**24)


class Unit(Chip):
    """Sends one copy a row."""

    is_real, value = Bit(), Felt()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        yield WRAP.send(self.value, times=self.is_real)


def test_b1_multiplicities_that_sum_to_p():
    """127 * 2^24 + 1 = p copies out of nothing balance modulo p: the bound refuses the heights."""
    machine = Machine("wrap", [Heavy, Unit])
    heavy = np.array([[1, 7]] * 127 + [[0, 0]], np.uint32)
    unit = np.array([[1, 7]], np.uint32)
    with pytest.raises(InvalidProof, match="could carry"):
        check_heights(machine, (7, 0), 9)
    check_heights(machine, (6, 0), 9)
    key = ProvingKey.create(machine, TOY, 7, 3)
    with pytest.raises(InvalidProof, match="at most p - 1 allowed"):
        key.prove([heavy, unit], ())


def test_b2_tuples_on_different_buses_are_different():
    """A send on one bus is not taken from another of the same arity."""
    other = Bus("other", arity=1)

    class Sender(Unit):
        is_real, value = Bit(), Felt()

    class Taker(Unit):
        is_real, value = Bit(), Felt()

        def interact(self) -> Messages:
            yield other.receive(self.value, times=self.is_real)

    key = ProvingKey.create(Machine("buses", [Sender, Taker]), TOY, 2, 4)
    row = np.array([[1, 7]], np.uint32)
    assert rejected(key.verifying_key, key.prove([row, row], ()), ()) == "the buses do not balance"


def test_b3_a_selector_that_is_no_bit():
    table = TABLE.copy()
    table[6] = (100, 1, 2, 2)
    table[7] = (100, 1, 2, P - 2)
    message = rejected(KEY.verifying_key, KEY.prove([table, None], PUBLIC), PUBLIC)
    assert message == "the zerocheck is wrong"


def test_b4_a_lookup_outside_the_table():
    machine = sorting.machine()
    key = ProvingKey.create(machine, TOY, 6, 3)
    tables, public = sorting.trace([5, 3], 1)
    tables[0][0, 0] = tables[1][1, 2] = 64
    public = (2, 64)
    assert rejected(key.verifying_key, key.prove(tables, public), public) == (
        "the buses do not balance"
    )


def test_r1_a_node_is_not_taken_for_a_leaf():
    """An index longer than the path, or a node as a leaf with one level less: refused."""
    generator = random.Random(3)
    word = lambda: [generator.randrange(P) for _ in range(8)]  # noqa: E731
    tables, public = merkle.trace(1, word(), [word(), word()], 1)
    key = ProvingKey.generate(merkle.machine(), TOY, [1, 1])
    proof = key.prove(tables, public)
    verify(key.verifying_key, proof, public, Native(core.permute))
    for changed in ((1, *public[1:]), (3, *public[1:]), (2, 5, *public[2:])):
        rejected(key.verifying_key, proof, changed)


@pytest.fixture(scope="module")
def large():
    """A proof of 2^16 cells at 100 bits."""
    machine = fibonacci.machine()
    key = ProvingKey.generate(machine, FAST, [14])
    table, public = fibonacci.trace(16_000, 14)
    return key.verifying_key, key.prove([table], public), public


def test_a_large_proof_sampled(large):
    key, proof, public = large
    verify(key, proof, public, Native(core.permute))
    generator = random.Random(2026)
    for place in generator.sample(range(len(proof.elements)), 12):
        changed = list(proof.elements)
        changed[place] = (changed[place] + 1) % P
        rejected(key, replace(proof, elements=tuple(changed)), public)


def test_a_large_proof_is_no_proof_under_another_preset(large):
    key, proof, public = large
    weak = VerifyingKey(key.machine, TOY, 14, 4)
    rejected(weak, proof, public)
