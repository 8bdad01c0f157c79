"""A circuit as bytes: what the interpreters in C++ and CUDA read, and what digests are taken of.

Format, all integers little-endian u32 (docs/proof-system.md, section "Constraint graphs"):

    magic "AIR1", columns, nodes, equations, messages
    columns by kind: committed, preprocessed, formula
    per node:     op (0 constant, 1 column, 2 add, 3 sub, 4 mul), a, b
                  constant: a = value; column: a = index; else a, b = earlier nodes
    per equation: node
    per message:  bus id, times node, number of fields, field nodes
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

from node.recursion.air.chip import KINDS, Bus, Circuit, ColumnInfo, Message, TracedEquation
from node.recursion.air.expr import Expr, column, walk

MAGIC: Final = int.from_bytes(b"AIR1", "little")
_OPCODES: Final = {"const": 0, "column": 1, "add": 2, "sub": 3, "mul": 4}


def serialise(
    columns: Sequence[ColumnInfo],
    equations: Sequence[TracedEquation],
    messages: Sequence[Message],
    bus_ids: Mapping[Bus, int],
) -> bytes:
    """The bytes of a graph in a machine with these bus ids."""
    index = {column(c.name): i for i, c in enumerate(columns)}
    roots = [e.polynomial for e in equations]
    roots += [x for m in messages for x in (m.times, *m.fields)]
    nodes = {x: i for i, x in enumerate(walk(roots))}
    kinds = [sum(c.kind == kind for c in columns) for kind in KINDS]
    words = [MAGIC, len(index), len(nodes), len(equations), len(messages), *kinds]
    for x in nodes:
        words += [_OPCODES[x.op], *_operands(x, index, nodes)]
    words += [nodes[e.polynomial] for e in equations]
    for m in messages:
        words += [bus_ids[m.bus], nodes[m.times], len(m.fields), *(nodes[f] for f in m.fields)]
    return struct.pack(f"<{len(words)}I", *words)


def serialise_circuit(circuit: Circuit, bus_ids: Mapping[Bus, int]) -> bytes:
    """The bytes of a chip's graph."""
    return serialise(circuit.columns, circuit.equations, circuit.messages, bus_ids)


def _operands(x: Expr, index: Mapping[Expr, int], nodes: Mapping[Expr, int]) -> tuple[int, int]:
    if x.op == "const":
        return int(x.value), 0
    if x.op == "column":
        return index[x], 0
    return nodes[x.args[0]], nodes[x.args[1]]


def digest(circuit: Circuit, graph: bytes) -> str:
    """What circuits.lock pins: the circuit's meaning, its names and limits; no docs, no sources.

    graph: the circuit's, serialised.
    """
    formulas = [_formula_bytes(circuit, c.name) for c in circuit.of_kind("formula")]
    parts = [
        circuit.name.encode(),
        ",".join(c.name for c in circuit.columns).encode(),
        f"{circuit.min_log_height},{circuit.max_log_height}".encode(),
        bytes(m.provided for m in circuit.messages),
        graph,
        *formulas,
    ]
    framed = b"".join(struct.pack("<I", len(part)) + part for part in parts)
    return sha256(framed).hexdigest()


def _formula_bytes(circuit: Circuit, name: str) -> bytes:
    """A formula column, traced on symbols for the bits of the row index."""
    info = next(c for c in circuit.columns if c.name == name)
    assert info.formula is not None
    bits = [column(f"bit[{i}]") for i in range(circuit.max_log_height)]
    index = {bit: i for i, bit in enumerate(bits)}
    nodes = {x: i for i, x in enumerate(walk([info.formula(bits)]))}
    words = [w for x in nodes for w in (_OPCODES[x.op], *_operands(x, index, nodes))]
    return struct.pack(f"<{len(words)}I", *words)
