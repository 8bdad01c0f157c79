"""A circuit as a question for a solver: are its outputs determined by its inputs?

The question holds two rows that satisfy every equation, agree on the inputs and differ in some
output. If it has no answer (`unsat`), the outputs are functions of the inputs: nothing is left to
the prover.
Format: SMT-LIB 2.6, logic QF_FF (finite fields), as cvc5 with CoCoA reads it.
Source: Picus (Pailoor et al., eprint 2023/512), section 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from node.recursion.air.chip import Circuit
from node.recursion.air.expr import Expr, walk
from node.recursion.field import P

_OPERATORS: Final = {"add": "ff.add", "sub": "ff.add", "mul": "ff.mul"}


def determinism(
    circuit: Circuit,
    inputs: Iterable[str],
    outputs: Iterable[str],
    fixed: Mapping[str, int] | None = None,
) -> str:
    """The question for one chip. inputs, outputs: columns; fixed: columns known (is_real = 1)."""
    names = [c.name for c in circuit.columns]
    shared = set(inputs)
    lines = ["(set-logic QF_FF)", f"(define-sort F () (_ FiniteField {P}))"]
    for name in names:
        copies = [_cell(name, "")] if name in shared else [_cell(name, "'"), _cell(name, '"')]
        lines += [f"(declare-fun {cell} () F)" for cell in copies]
    for copy in ("'", '"'):
        cells = {name: _cell(name, "" if name in shared else copy) for name in names}
        lines += [f"(assert (= {cells[name]} {_number(v)}))" for name, v in (fixed or {}).items()]
        lines += _equations(circuit, cells, copy)
    different = (f"(not (= {_cell(o, chr(39))} {_cell(o, chr(34))}))" for o in outputs)
    lines += [f"(assert (or {' '.join(different)} false))", "(check-sat)"]
    return "\n".join(lines) + "\n"


def _equations(circuit: Circuit, cells: Mapping[str, str], copy: str) -> Iterator[str]:
    """Every shared node gets a name, so that the text stays as small as the graph."""
    terms: dict[Expr, str] = {}
    for number, x in enumerate(walk(e.polynomial for e in circuit.equations)):
        if x.op == "const":
            terms[x] = _number(int(x.value))
        elif x.op == "column":
            terms[x] = cells[str(x.value)]
        else:
            a, b = (terms[y] for y in x.args)
            terms[x] = f"|t{number}{copy}|"
            value = (
                f"(ff.add {a} (ff.neg {b}))" if x.op == "sub" else f"({_OPERATORS[x.op]} {a} {b})"
            )
            yield f"(define-fun {terms[x]} () F {value})"
    for equation in circuit.equations:
        yield f"(assert (= {terms[equation.polynomial]} {_number(0)}))"


def _cell(name: str, copy: str) -> str:
    return f"|{name}{copy}|"


def _number(value: int) -> str:
    return f"(as ff{value % P} F)"
