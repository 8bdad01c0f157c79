"""Small chips' outputs are functions of their inputs: a solver (cvc5 with CoCoA) says so."""

import cvc5
import pytest

from node.recursion.air.chip import Bit, Chip, Constraints, Felt, is_bit, trace_chip
from node.recursion.air.smt import determinism
from tests.soundness.machines import merkle


def answer(question):
    solver = cvc5.Solver()
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, question, "question")
    answers = []
    while not (command := parser.nextCommand()).isNull():
        answers.append(command.invoke(solver, parser.getSymbolManager()).strip())
    return "".join(answers)


class Select(Chip):
    """chosen = yes if flag, else no; inverse shows that divisor is not zero."""

    yes, no, chosen = Felt(), Felt(), Felt()
    divisor, inverse = Felt(), Felt()
    flag, is_real = Bit(), Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.flag)
        yield self.chosen == self.flag * (self.yes - self.no) + self.no
        yield self.divisor * self.inverse == self.is_real


class Loose(Select):
    """The same, but nothing says that flag is a bit, and inverse may be anything where 0 = 0."""

    yes, no, chosen = Felt(), Felt(), Felt()
    divisor, inverse = Felt(), Felt()
    flag, is_real = Bit(), Bit()

    def constrain(self) -> Constraints:
        yield (self.chosen - self.yes) * (self.chosen - self.no) == 0
        yield self.divisor * self.inverse == self.is_real


@pytest.mark.parametrize(
    ("chip", "inputs", "outputs", "fixed", "expected"),
    [
        (merkle.Path, ["index", "bit"], ["parent_index"], {}, "unsat"),
        (merkle.Path, ["index"], ["parent_index"], {}, "sat"),
        (merkle.Path, ["index", "parent_index"], ["bit"], {}, "unsat"),
        (Select, ["yes", "no", "flag"], ["chosen"], {}, "unsat"),
        (Select, ["divisor"], ["inverse"], {"is_real": 1}, "unsat"),
        (Select, ["divisor"], ["inverse"], {"is_real": 0}, "sat"),
        (Loose, ["yes", "no", "flag"], ["chosen"], {}, "sat"),
    ],
)
def test_determined(chip, inputs, outputs, fixed, expected):
    assert answer(determinism(trace_chip(chip), inputs, outputs, fixed)) == expected
