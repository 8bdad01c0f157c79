"""Measures zk gas anew and writes the table: `python -m tests.benchmark.zk_gas`, some minutes.

To be run where the guest or the machine's circuits have changed; then `make build`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import node.evm
from node.evm import _core
from node.rollup.proving.program import DIRECTORY
from tests.benchmark.zk_gas.operations import all_operations, measure_operations
from tests.benchmark.zk_gas.precompile_costs import Point, inputs, lines, measure_calls
from tests.benchmark.zk_gas.state_costs import (
    accounts,
    ancestors,
    codes,
    logs,
    slots,
    transactions,
)

TABLE: Final = Path(node.evm.__file__).parent / "core/include/evm/zk_gas_table.hpp"


def measure_all() -> tuple[dict[str, int], dict[int, Point]]:
    """(entry -> cells, number of a precompile -> line)."""
    entries = measure_operations(all_operations())
    entries |= transactions()
    for part in (codes, ancestors, logs, slots, accounts):
        entries |= part(entries)
    cases = inputs()
    entries["STOP"] = 0  # measured with the calls that it ends
    entries["modexp_square"], precompiles = lines(cases, measure_calls(cases, entries))
    return entries, precompiles


def rendered(entries: Mapping[str, int], precompiles: Mapping[int, Point]) -> str:
    """The table as C++ has it."""
    names, _ = _core.zk_gas_tables()
    digest = (DIRECTORY / "SHA256SUMS").read_text().split()[0]
    lines_of = [
        [f"X({name}, {entries[name]})" for name in names],
        [f"X({number:#04x}, {base}, {rate})" for number, (base, rate) in precompiles.items()],
    ]
    heads = ["STRIKEFOLD_ZK_GAS(X)", "STRIKEFOLD_PRECOMPILE_ZK_GAS(X)"]
    macros = [_macro(head, lines) for head, lines in zip(heads, lines_of, strict=True)]
    return (
        "// Made by `python -m tests.benchmark.zk_gas` from the guest with this digest:\n"
        f"// {digest}\n#pragma once\n\n// X(entry, cells)\n{macros[0]}\n"
        f"// X(number, cells, cells per gas)\n{macros[1]}"
    )


def _macro(head: str, lines: list[str]) -> str:
    rows = [f"#define {head}", *(f"    {line}" for line in lines)]
    width = max(map(len, rows)) + 1
    return "".join(f"{row:{width}}\\\n" for row in rows[:-1]) + rows[-1] + "\n"


if __name__ == "__main__":
    TABLE.write_text(rendered(*measure_all()))
