"""A circuit as text: what a reviewer reads, and a golden file pins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from node.recursion.air.chip import Circuit, Message
from node.recursion.air.expr import Expr, walk
from node.recursion.air.machine import Machine
from node.recursion.field import P

_SIGN: Final = {"add": " + ", "sub": " - ", "mul": "·"}
_LEVEL: Final = {"add": 1, "sub": 1, "mul": 2}
_SUPERSCRIPT: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def show_machine(machine: Machine) -> str:
    """Every chip and the public boundary."""
    counts = {c: sum(s.circuit is c for s in machine.slots) for c in machine.circuits}
    lines = [f"machine {machine.name}: {machine.public_values} public values"]
    lines += [f"  bus {b.name}: id {machine.bus_ids[b]}, arity {b.arity}" for b in machine.buses]
    lines += [f"  public {_message(m, {})}" for m in machine.boundary]
    chips = [f"({counts[c]}x) {show(c)}" if counts[c] > 1 else show(c) for c in machine.circuits]
    return "\n".join(lines) + "\n\n" + "\n".join(chips)


def show(circuit: Circuit) -> str:
    """One line for each equation and each message, in order, with the author's names."""
    low, high = circuit.min_log_height, circuit.max_log_height
    height = f"2^{low}" if low == high else f"2^{low} to 2^{high}"
    lines = [
        f"chip {circuit.name}: {len(circuit.columns)} columns, {len(circuit.equations)} equations, "
        f"degree {circuit.degree}, {len(circuit.messages)} messages, {height} rows",
        f"  {circuit.doc}",
        *(f"  {kind}: {names}" for kind, names in _columns(circuit)),
    ]
    wanted = circuit.names | _shared(circuit)
    names: dict[Expr, str] = {}
    for equation in circuit.equations:
        lines += _definitions([equation.polynomial], wanted, names)
        lines.append(f"  {_text(equation.polynomial, names)} = 0")
    for message in circuit.messages:
        lines += _definitions([message.times, *message.fields], wanted, names)
        lines.append(f"  {_message(message, names)}")
    return "\n".join(lines) + "\n"


def _columns(circuit: Circuit) -> Iterator[tuple[str, str]]:
    for kind in ("committed", "preprocessed", "formula"):
        columns = [c.name for c in circuit.columns if c.kind == kind]
        if columns:
            yield kind, " ".join(columns)


def _shared(circuit: Circuit) -> dict[Expr, str]:
    """Names for sums and products that are used more than once and that the author did not name."""
    uses = Counter(a for x in circuit.nodes for a in x.args)
    shared = [x for x in circuit.nodes if x.args and uses[x] > 1 and x not in circuit.names]
    return {x: f"t{number}" for number, x in enumerate(shared)}


def _definitions(
    roots: Sequence[Expr], wanted: Mapping[Expr, str], names: dict[Expr, str]
) -> Iterator[str]:
    """Lines that define every wanted name below the roots for the first time."""
    for x in walk(roots):
        if x in wanted and x not in names and all(x is not root for root in roots):
            yield f"  let {wanted[x]} = {_text(x, names)}"
            names[x] = wanted[x]


def _message(message: Message, names: dict[Expr, str]) -> str:
    fields = ", ".join(_text(f, names) for f in message.fields)
    verb = "provide " if message.provided else ""
    return f"{verb}{message.bus.name}({fields}) x {_text(message.times, names)}"


def _text(x: Expr, names: dict[Expr, str], level: int = 0) -> str:
    if x in names:
        return names[x]
    if x.op == "const":
        return _constant(int(x.value))
    if x.op == "column":
        return str(x.value)
    own = _LEVEL[x.op]
    a, b = x.args
    text = _text(a, names, own) + _SIGN[x.op] + _text(b, names, own + (x.op == "sub"))
    return f"({text})" if own < level else text


def _constant(value: int) -> str:
    for k in range(4, 31):
        if value == 2**k:
            return "2" + str(k).translate(_SUPERSCRIPT)
        if value == pow(2**k, -1, P):
            return "2⁻" + str(k).translate(_SUPERSCRIPT)
    return str(value - P) if value > P - 2**16 else str(value)
