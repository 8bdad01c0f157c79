"""Real proofs of forged runs: made as the honest prover makes them, and refused."""

from functools import partial

import pytest

from node.errors import InvalidProof
from node.recursion.arithmetic import Native
from node.recursion.field import P
from node.recursion.native import core
from node.recursion.prover import prove
from node.recursion.riscv.isa import Op
from node.recursion.security import TOY
from node.recursion.verifier import verify
from tests.soundness.riscv.by_hand import (
    jump_with_another_high_limb,
    jumping,
    said_without_a_halt,
)
from tests.soundness.riscv.forging import OPERATION, limbs, operation

pytestmark = pytest.mark.soundness


def wrapped_product():
    """3 * 5 + p, in a limb and a carry of more than 14 bits."""
    carry, limb = divmod(3 * 5 + P, 2**16)
    run = operation(Op.MUL, 3, 5, lie=limb + (carry << 16))
    return run.put("Mul", OPERATION, limbs("c", limb + (carry << 16)) | {"carries[0]": carry})


def another_root():
    return jumping(Op.BEQ, 5, 5).claim(root_after=(1, 2, 3, 4, 5, 6, 7, 8))


BUSES, EQUATIONS = "the buses do not balance", "the zerocheck is wrong"


@pytest.mark.parametrize(
    ("witness", "match"),
    [
        (wrapped_product, BUSES),
        (jump_with_another_high_limb, EQUATIONS),
        pytest.param(another_root, BUSES, marks=pytest.mark.slow),
        pytest.param(partial(said_without_a_halt, 0), EQUATIONS, marks=pytest.mark.slow),
    ],
)
def test_a_proof_of_a_lie(witness, match):
    run = witness().settle()
    proof, key = prove(run.machine, TOY, run.tables, run.public)
    with pytest.raises(InvalidProof, match=match):
        verify(key, proof.encode(), run.public, Native(core.permute))


def test_the_same_without_the_lie():
    run = operation(Op.MUL, 3, 5).settle()
    proof, key = prove(run.machine, TOY, run.tables, run.public)
    verify(key, proof.encode(), run.public, Native(core.permute))
