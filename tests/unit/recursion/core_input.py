"""What the core's own test program reads: the format is told in cuda/test/main.cpp."""

import shutil
import subprocess
from itertools import chain

import numpy as np
import pytest

from node.recursion.layout import ABSENT
from node.recursion.prover import _oracle_numbers, _preprocessed_stack
from tests.suites import ROOT


def sanitized_program(tmp_path_factory, target):
    """A test program (a target of cuda/CMakeLists.txt), compiled with sanitizers."""
    cmake = shutil.which("cmake")
    if cmake is None:
        pytest.skip("cmake is absent: install it to build the core with sanitizers")
    folder = tmp_path_factory.getbasetemp() / "sanitized-prover"
    options = ["-DSTRIKEFOLD_SANITIZE=ON", "-DCMAKE_BUILD_TYPE=Release"]
    subprocess.run([cmake, "-S", ROOT, "-B", folder, *options], check=True, capture_output=True)
    subprocess.run([cmake, "--build", folder, "--target", target], check=True, capture_output=True)
    return folder / "cuda" / target


def run(program, words):
    """The lines the program answers with. Fails on any report."""
    done = subprocess.run(
        [program], input=np.array(words, "<u4").tobytes(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


def _list(values):
    values = [int(v) for v in values]
    return [len(values), *values]


def _slot(circuit, graph):
    graph = np.frombuffer(graph, np.uint32)
    fixed = list(circuit.fixed_columns().values())
    return [*_list(graph), len(fixed), *_list(chain.from_iterable(fixed))]


def _parameters(key):
    oracles = [_oracle_numbers(oracle) for oracle in key.whir.oracles]
    return [
        key.log_rows, key.width, key.preprocessed_width, key.log_messages, key.log_height,
        key.degree, key.bus_grinding, len(oracles), *chain.from_iterable(oracles),
        len(key.machine.slots),
    ]  # fmt: skip


def graph_range(proving):
    """Where the first slot's graph lies among the words."""
    key = proving.verifying_key
    start = len(_parameters(key)) + 1
    return start, start + len(key.machine.graphs[key.machine.slots[0].circuit]) // 4


def words(proving, tables, public):
    """A key and a segment."""
    key = proving.verifying_key
    heights = [ABSENT if t is None else len(t).bit_length() - 1 for t in tables]
    layout = key.layout(heights)
    out = _parameters(key)
    for slot in key.machine.slots:
        out += _slot(slot.circuit, key.machine.graphs[slot.circuit])
    out += [*_list(_preprocessed_stack(key)), *key.digest_elements, *_list(public), *_list(heights)]
    for table, place, height in zip(tables, layout.slots, heights, strict=True):
        if table is None:
            out += [0]
            continue
        columns = [b.offset for b in (*place.columns, *place.preprocessed)]
        out += [1, height, *_list(table.T.ravel()), *_list(columns)]
        out += _list(b.offset for b in place.messages)
    return [*out, layout.messages]
