"""What all chips behind calls have in common."""

from dataclasses import replace

import pytest

from node.recursion.air.bounds import multiplicity_bounds
from node.recursion.air.chip import trace_chip
from node.recursion.riscv.machine import CALLS

REAL = {"word_alu": 9}
"""How many equations, the first, say that a row is a call or none: of each operation, of all."""


@pytest.mark.parametrize("name", CALLS)
def test_no_machine_takes_a_chip_that_is_not_real_or_unreal(name):
    """Times of 2, or of 1/2, could cancel on a bus what nobody sent: such a chip has no bound."""
    circuit = trace_chip(CALLS[name])
    assert max(multiplicity_bounds(circuit).values()) < 2**10
    with pytest.raises(TypeError, match="has no bounded multiplicity"):
        multiplicity_bounds(replace(circuit, equations=circuit.equations[REAL.get(name, 1) :]))
