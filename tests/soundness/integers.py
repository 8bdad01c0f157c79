"""Are a chip's outputs determined, range checks included? A question for a solver, in integers.

Finite fields know no order, so here a cell is an integer from 0 to p - 1, an equation a congruence
and a lookup a range. Where ranges leave a congruence few multiples of p, these are named: it is an
equation then. Products must have a factor that is constant or made of bits: flags are given, and
for chips that multiply also the operands.
Format: SMT-LIB 2.6, logic QF_LIA.
"""

from dataclasses import dataclass
from itertools import count

from node.recursion.air.bounds import bits_of
from node.recursion.air.check import evaluate
from node.recursion.field import P

FEW = 4
"""Multiples of p that are named one by one."""


class Unsupported(Exception):
    """A product of two unknown numbers, or a lookup that has no range."""


@dataclass(frozen=True)
class Linear:
    """A constant and variables with coefficients, modulo p."""

    writer: object
    constant: int
    terms: tuple = ()

    def __add__(self, other):
        other = self.writer.lift(other)
        total = dict(self.terms)
        for name, factor in other.terms:
            total[name] = (total.get(name, 0) + factor) % P
        terms = tuple(sorted((k, v) for k, v in total.items() if v))
        return Linear(self.writer, (self.constant + other.constant) % P, terms)

    def scaled(self, by):
        terms = tuple((k, v * by % P) for k, v in self.terms if v * by % P)
        return Linear(self.writer, self.constant * by % P, terms)

    def __sub__(self, other):
        return self + self.writer.lift(other).scaled(-1)

    def __mul__(self, other):
        a, b = self, self.writer.lift(other)
        if not a.terms or not b.terms:
            return b.scaled(a.constant) if not a.terms else a.scaled(b.constant)
        if not all(name in self.writer.bits for name, _ in a.terms):
            a, b = b, a
        total = b.scaled(a.constant)
        for name, factor in a.terms:
            total = total + self.writer.if_set(name, b).scaled(factor)
        return total

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other):
        return self.writer.lift(other) - self


class Writer:
    """One copy of the circuit's row."""

    def __init__(self, copy, lines, numbers):
        self.copy, self.lines, self.numbers = copy, lines, numbers
        self.bits, self.chosen, self.ranges = set(), {}, {}

    def lift(self, x):
        return x if isinstance(x, Linear) else Linear(self, int(x) % P)

    def variable(self, low=0, high=P - 1):
        """A new one between two ends."""
        name = f"|v{next(self.numbers)}{self.copy}|"
        self.lines.append(f"(declare-fun {name} () Int)")
        self.between(name, low, high)
        return name

    def between(self, name, low, high):
        """What a variable is known to be."""
        self.ranges[name] = low, high
        self.lines.append(f"(assert (<= {_number(low)} {name} {_number(high)}))")

    def if_set(self, bit, x):
        """bit * x."""
        if bit not in self.bits:
            raise Unsupported(f"{bit} is not known to be a bit")
        key = bit, x.constant, x.terms
        if key not in self.chosen:
            low, high = self.ends(x)
            name = self.chosen[key] = self.variable(min(low, 0), max(high, 0))
            self.lines.append(f"(assert (= {name} (ite (= {bit} 1) {_sum(x)} 0)))")
        return Linear(self, 0, ((self.chosen[key], 1),))

    def ends(self, x):
        """Between what integers a sum is, with coefficients of either sign."""
        low = high = _signed(x.constant)
        for name, factor in x.terms:
            corners = [_signed(factor) * end for end in self.ranges[name]]
            low, high = low + min(corners), high + max(corners)
        return low, high

    def zero(self, x):
        """That x = 0 modulo p: as an integer it is one of few multiples of p, or of many.

        Which they are depends on the power of two that makes its coefficients small.
        """
        scaled = [x.scaled(2**i) for i in (0, 8, 16, 24, 32)]
        best, ends = min(((y, self.ends(y)) for y in scaled), key=lambda z: z[1][1] - z[1][0])
        first, last = -(-ends[0] // P), ends[1] // P
        if last - first < FEW:
            multiples = (f"(= {_sum(best)} {_number(P * k)})" for k in range(first, last + 1))
            return f"(or {' '.join(multiples)} false)"
        return f"(= {_sum(best)} (* {P} {self.variable(first, last)}))"

    def below(self, x, size):
        """That x is congruent to a number below size."""
        name = self.variable(0, size - 1)
        self.lines.append(f"(assert {self.zero(x - Linear(self, 0, ((name, 1),)))})")


def _signed(x):
    return x - P if x > P // 2 else x


def _number(x):
    return str(x) if x >= 0 else f"(- {-x})"


def _sum(x):
    parts = [f"(* {_number(_signed(v))} {name})" for name, v in x.terms]
    return f"(+ {_number(_signed(x.constant))} {' '.join(parts)})" if parts else _number(x.constant)


def _factors(polynomial):
    """Of a product: a field has no zero divisors."""
    if polynomial.op == "mul":
        return [f for x in polynomial.args for f in _factors(x)]
    return [polynomial]


def question(circuit, inputs, outputs, fixed):
    """Two rows that agree on the inputs and differ in an output.

    inputs: {column: below what it is known to be}; fixed: columns known.
    """
    lines, numbers, shared = ["(set-logic QF_LIA)"], count(), {}
    copies = []
    limits = inputs | _limits(circuit)
    for copy in ("'", '"'):
        writer = Writer(copy, lines, numbers)
        cells = {}
        for info in circuit.columns:
            if info.name in fixed:
                cells[info.name] = writer.lift(fixed[info.name])
                continue
            limit = limits.get(info.name, P) - 1
            if info.name not in inputs or info.name not in shared:
                shared[info.name] = writer.variable(0, limit)
            writer.ranges[shared[info.name]] = 0, limit
            cells[info.name] = Linear(writer, 0, ((shared[info.name], 1),))
        _row(circuit, writer, cells)
        copies.append(cells)
    different = [f"(not (= {_sum(copies[0][o])} {_sum(copies[1][o])}))" for o in outputs]
    return "\n".join([*lines, f"(assert (or {' '.join(different)} false))", "(check-sat)"]) + "\n"


def _row(circuit, writer, cells):
    known = {str(x.value) for x in bits_of(circuit) if x.op == "column"}
    for name in known:
        writer.bits |= {variable for variable, _ in cells[name].terms}
    for equation in circuit.equations:
        factors = evaluate(_factors(equation.polynomial), cells)
        alternatives = " ".join(writer.zero(writer.lift(f)) for f in factors)
        writer.lines.append(f"(assert (or {alternatives} false))")
    for message in circuit.messages:
        if message.bus.name in ("range", "bytes", "xor"):
            times, *fields = (
                writer.lift(x) for x in evaluate((message.times, *message.fields), cells)
            )
            if times.terms or times.constant != 1:
                raise Unsupported("a lookup that happens or not")
            _lookup(message.bus.name, writer, fields)


def _limits(circuit):
    """Below what the chip looks up, or says to be a bit, its columns are."""
    found = {str(x.value): 2 for x in bits_of(circuit) if x.op == "column"}
    for message in circuit.messages:
        if message.bus.name == "range" and message.fields[0].op == "column":
            found[str(message.fields[0].value)] = 2 ** int(message.fields[1].value)
        if message.bus.name == "bytes":
            found |= {str(x.value): 256 for x in message.fields if x.op == "column"}
    return found


def _lookup(bus, writer, fields):
    if bus == "xor":
        raise Unsupported("exclusive or")
    if bus == "range":
        writer.below(fields[0], 2 ** fields[1].constant)
    else:
        for x in fields:
            writer.below(x, 256)
