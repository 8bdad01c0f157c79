"""What a chip's own range checks say of its cells, and that none of its sums can reach p.

Cells are integers in the ranges that lookups and equations give them. An expression is expanded
into a polynomial in them whose coefficients are small once it is multiplied by a power of 256 (the
chips divide by powers of 256 where they make carries). If that polynomial stays below p in absolute
value, what holds modulo p holds of integers.
"""

from dataclasses import dataclass, field

from node.recursion.air.bounds import Range
from node.recursion.air.expr import constant
from node.recursion.field import P

LIMB = Range(0, 2**16 - 1)
BYTE = Range(0, 2**8 - 1)
ZERO = Range(0, 0)
SCALES = [256**i for i in range(5)]


def factors(polynomial):
    """Of a product: a field has no zero divisors."""
    if polynomial.op == "mul" and constant(polynomial.args[1]) is None:
        return [f for x in polynomial.args for f in factors(x)]
    return [polynomial]


def roots(polynomial):
    """(x, values) where an equation is a product of x - value; None where it is not."""
    found = {}
    for factor in factors(polynomial):
        shift = constant(factor.args[1]) if factor.op == "sub" else None
        node = factor if shift is None else factor.args[0]
        found.setdefault(node, []).append(shift or 0)
    node, values = next(iter(found.items()))
    return (node, values) if len(found) == 1 and len(values) > 1 else None


@dataclass
class Intervals:
    """A circuit and the ranges of its expressions, as far as they are known.

    defined: lookups that say of cells that have no range what one expression is.
    """

    circuit: object
    known: dict = field(default_factory=dict)
    defined: list = field(default_factory=list)
    widest: int = 0
    expanded: dict = field(default_factory=dict)

    def learn(self, assumed):
        """Takes what is assumed (by column), what memory holds, and what is shown, in order."""
        cells = {c.name for c in self.circuit.columns}
        assert set(assumed) <= cells
        self.assumed = assumed
        for equation in self.circuit.equations:
            if found := roots(equation.polynomial):
                node, values = found
                self.note(node, Range(min(values), max(values)))
        for message in self.circuit.messages:
            if message.bus.name == "memory" and message.times.op == "sub":
                for limb in message.fields[1:3]:
                    self.note(limb, LIMB)
        lookups = list(self.lookups())
        for node, interval in lookups:
            if (node if shift_of(node) is None else node.args[0]).op == "column":
                self.note(node, interval)
        for node, interval in lookups:
            self.look_up(node, interval)

    def lookups(self):
        """What the chip looks up: (expression, interval)."""
        for message in self.circuit.messages:
            if message.bus.name == "range":
                value, bits = message.fields
                yield value, Range(0, 2 ** constant(bits) - 1)
            if message.bus.name in ("bytes", "xor"):
                yield from ((value, BYTE) for value in message.fields)

    def note(self, node, interval):
        """A range of an expression, and of what it is a constant away from."""
        self.known.setdefault(node, interval)
        if (shift := shift_of(node)) is not None:
            self.note(node.args[0], moved(interval, -shift))

    def look_up(self, node, interval):
        """A lookup says that node is congruent to something in the interval."""
        if node not in self.known:
            self.check(node, interval)
        self.note(node, interval)

    def check(self, node, interval):
        """If it is congruent it is equal, but for a power of 256 on both sides."""
        if (shift := shift_of(node)) is not None:
            # the constant is no residue: it may be p / 2 and more, when scaled
            self.check(node.args[0], moved(interval, -shift))
            return
        ends = self.bounds(node, interval)
        if ends is None:
            self.defined.append(node)
        else:
            self.require(*ends)

    def require(self, low, high):
        """An integer that is a multiple of p is 0."""
        assert max(-low, high) < P
        self.widest = max(self.widest, -low, high)

    def bounds(self, node, interval=ZERO):
        """The ends of scale * (node - something in the interval); None if a cell has no range."""
        polynomial = self.expand(node)
        if any(self.range_of(x) is None for monomial in polynomial for x in monomial):
            return None
        ends = []
        for scale in SCALES:
            low, high = -scale * interval.high, -scale * interval.low
            for monomial, coefficient in polynomial.items():
                least, most = self.of_monomial(monomial, coefficient * scale % P)
                low, high = low + least, high + most
            ends.append((low, high))
        return min(ends, key=lambda pair: max(-pair[0], pair[1]))

    def of_monomial(self, monomial, coefficient):
        low = high = coefficient - P if coefficient > P // 2 else coefficient
        for x in monomial:
            corners = [a * b for a in (low, high) for b in self.range_of(x)]
            low, high = min(corners), max(corners)
        return low, high

    def range_of(self, node):
        return self.known.get(node) or self.assumed.get(str(node.value))

    def expand(self, node):
        """{cells (sorted): coefficient}; what has a range of its own counts as a cell."""
        if node.op == "const":
            return {(): int(node.value)} if node.value else {}
        if node.op == "column" or node in self.known:
            return {(node,): 1}
        if node not in self.expanded:
            a, b = (self.expand(x) for x in node.args)
            self.expanded[node] = product(a, b) if node.op == "mul" else total(a, b, node.op)
        return self.expanded[node]


def shift_of(node):
    """The constant that is added to an expression; None where none is."""
    if node.op not in ("add", "sub") or (shift := constant(node.args[1])) is None:
        return None
    shift = shift - P if shift > P // 2 else shift
    return shift if node.op == "add" else -shift


def moved(interval, by):
    return Range(interval.low + by, interval.high + by)


def total(a, b, op):
    out = dict(a)
    for monomial, coefficient in b.items():
        sign = -1 if op == "sub" else 1
        out[monomial] = (out.get(monomial, 0) + sign * coefficient) % P
    return {m: c for m, c in out.items() if c}


def product(a, b):
    out = {}
    for m, c in a.items():
        for n, d in b.items():
            monomial = tuple(sorted((*m, *n), key=id))
            out[monomial] = (out.get(monomial, 0) + c * d) % P
    return {m: c for m, c in out.items() if c}
