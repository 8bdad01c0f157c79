"""Circuits told what is known of them: some of their expressions replaced by others."""

from dataclasses import replace
from operator import add, mul, sub

from node.recursion.air.chip import ColumnInfo
from node.recursion.air.expr import lift

_BUILD = {"add": add, "sub": sub, "mul": mul}


def rewritten(circuit, known):
    """The circuit with expressions replaced and constants folded. known: {expression: other}.

    Columns that are replaced are gone; those that they are replaced by are new.
    """
    new = {x: lift(other) for x, other in known.items()}
    for node in circuit.nodes:
        if node not in new:
            parts = [new[x] for x in node.args]
            new[node] = _BUILD[node.op](*parts) if parts else node
    gone = {x.value for x in known if x.op == "column"}
    added = {x.value for x in new.values() if x.op == "column"} - {c.name for c in circuit.columns}
    return replace(
        circuit,
        columns=tuple(c for c in circuit.columns if c.name not in gone)
        + tuple(ColumnInfo(name, "committed") for name in sorted(added)),
        equations=tuple(replace(e, polynomial=new[e.polynomial]) for e in circuit.equations),
        messages=tuple(
            replace(m, fields=tuple(new[x] for x in m.fields), times=new[m.times])
            for m in circuit.messages
        ),
    )
