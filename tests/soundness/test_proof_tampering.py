"""Whatever is changed in a valid proof, its public values or its key: it is rejected."""

from dataclasses import replace

import pytest

from node.errors import InvalidProof
from node.recursion.air.machine import Machine
from node.recursion.arithmetic import Native
from node.recursion.field import P
from node.recursion.key import VerifyingKey
from node.recursion.layout import ABSENT
from node.recursion.native import core
from node.recursion.proof import Proof, decode_proof
from node.recursion.security import TOY
from node.recursion.verifier import verify as verify_with
from tests.soundness.machines import fibonacci, sorting
from tests.soundness.reference_prover import prove

KEY = VerifyingKey(fibonacci.machine(instances=2), TOY, log_rows=3, width=4)
TABLE, PUBLIC = fibonacci.trace(5, 3)
PROOF = prove(KEY, [TABLE, None], PUBLIC)

SORT_KEY = VerifyingKey(sorting.machine(), TOY, log_rows=6, width=3)
SORT_TABLES, SORT_PUBLIC = sorting.trace([5, 3, 60, 3, 2], 3)
SORT_PROOF = prove(SORT_KEY, SORT_TABLES, SORT_PUBLIC)


def verify(key, proof, public):
    """With the compiled permutation: the same verifier, ten times as fast."""
    verify_with(key, proof, public, Native(core.permute))


def rejected(proof, key=KEY, public=PUBLIC):
    with pytest.raises(InvalidProof) as caught:
        verify(key, proof, public)
    return str(caught.value)


def test_the_valid_proofs_are_accepted():
    verify_with(KEY, PROOF, PUBLIC)
    verify(KEY, PROOF, PUBLIC)
    verify(KEY, PROOF.encode(), PUBLIC)
    verify(SORT_KEY, SORT_PROOF.encode(), SORT_PUBLIC)
    assert decode_proof(PROOF.encode()) == PROOF


@pytest.mark.parametrize("delta", [1, P - 1])
def test_every_element(delta):
    for i, element in enumerate(PROOF.elements):
        changed = (*PROOF.elements[:i], (element + delta) % P, *PROOF.elements[i + 1 :])
        rejected(replace(PROOF, elements=changed))


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_every_element_of_a_machine_with_lookups(step):
    for i in range(0, len(SORT_PROOF.elements), step):
        element = SORT_PROOF.elements[i]
        changed = (*SORT_PROOF.elements[:i], (element + 1) % P, *SORT_PROOF.elements[i + 1 :])
        rejected(replace(SORT_PROOF, elements=changed), SORT_KEY, SORT_PUBLIC)


def test_every_byte():
    data = PROOF.encode()
    for i in range(len(data)):
        rejected(data[:i] + bytes((data[i] ^ 1,)) + data[i + 1 :])


def test_every_public_value():
    for i, value in enumerate(PUBLIC):
        changed = [*PUBLIC]
        changed[i] = (value + 1) % P
        rejected(PROOF, public=changed)


@pytest.mark.parametrize("public", [PUBLIC[:2], (*PUBLIC, 0), (*PUBLIC[:2], PUBLIC[2] + P)])
def test_public_values_of_the_wrong_shape(public):
    rejected(PROOF, public=public)


@pytest.mark.parametrize("height", [0, 1, 2, 4, 8, 22, 23, 31, 32, 64, 254, ABSENT])
@pytest.mark.parametrize("slot", [0, 1])
def test_every_height(slot, height):
    heights = [*PROOF.heights]
    if heights[slot] == height:
        return
    heights[slot] = height
    rejected(replace(PROOF, heights=tuple(heights)))


def test_instances_may_not_be_swapped_or_equal():
    message = rejected(replace(PROOF, heights=(ABSENT, 3)))
    assert "not smaller than the instance before it" in message
    assert "not smaller" in rejected(replace(PROOF, heights=(3, 3)))


def test_wrong_number_of_slots():
    assert "1 heights for 2 slots" in rejected(replace(PROOF, heights=(3,)))
    rejected(replace(PROOF, heights=(3, ABSENT, ABSENT)))


def test_a_required_chip_may_not_be_absent():
    message = rejected(replace(SORT_PROOF, heights=(3, 3, ABSENT)), SORT_KEY, SORT_PUBLIC)
    assert "the machine requires it" in message


def test_too_tall_for_the_columns():
    key = VerifyingKey(fibonacci.machine(), TOY, log_rows=3, width=3)
    message = rejected(Proof((4,), PROOF.elements), key)
    assert "outside its limits" in message or "do not fit" in message


@pytest.mark.parametrize("cut", [1, 4, 5, 400])
def test_truncated(cut):
    rejected(PROOF.encode()[:-cut])


@pytest.mark.parametrize("tail", [b"\0", bytes(4), bytes(40)])
def test_trailing(tail):
    rejected(PROOF.encode() + tail)


def test_no_bytes_and_garbage():
    for data in (b"", b"SFPF", bytes(100), b"\xff" * 100):
        rejected(data)


def test_non_canonical_elements():
    for i, element in enumerate(PROOF.elements):
        if element + P < 2**32:
            changed = (*PROOF.elements[:i], element + P, *PROOF.elements[i + 1 :])
            message = rejected(replace(PROOF, elements=changed).encode())
            assert "not below p" in message


def other_keys():
    yield replace(KEY, log_rows=4)
    yield replace(KEY, width=3)
    yield replace(KEY, preprocessed_root=(1, *KEY.preprocessed_root[1:]))
    for change in (
        {"bits": 25}, {"log_blowup": 2}, {"folds": (2, 1)}, {"reduction": 2},
        {"query_grinding": 7}, {"max_fold_grinding": 1}, {"max_final": 3}, {"name": "other"},
    ):  # fmt: skip
        yield replace(KEY, preset=replace(TOY, **change))
    yield replace(KEY, machine=fibonacci.machine(instances=1))
    yield replace(
        KEY,
        machine=Machine(
            "fibonacci", [(fibonacci.Step, 2)], public_values=3, boundary=lambda public: ()
        ),
    )


@pytest.mark.parametrize("key", list(other_keys()))
def test_another_key(key):
    rejected(PROOF, key)


def test_a_forged_result_has_no_proof():
    """The honest prover's steps on a false statement: the buses do not balance."""
    steps, a, b = PUBLIC
    forged = (steps, a, (b + 1) % P)
    assert rejected(prove(KEY, [TABLE, None], forged), public=forged) == "the buses do not balance"


def test_a_violated_constraint_has_no_proof():
    table = TABLE.copy()
    table[7, 3] = 2  # is_real is not a bit; and it sends what the next row receives
    proof = prove(KEY, [table, None], PUBLIC)
    rejected(proof)
