"""The compiled prover core: each of its builds against Python, the oracle, and bad input."""

import json
import os
import random
import re
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from node.errors import InvalidProof
from node.recursion import native
from node.recursion.field import Felt, P
from node.recursion.key import VerifyingKey
from node.recursion.poseidon2 import (
    DIAGONAL,
    DIGEST,
    FULL_CONSTANTS,
    PARTIAL_CONSTANTS,
    permute,
)
from node.recursion.prover import ProvingKey, size_class
from node.recursion.security import FAST, TOY
from node.recursion.verifier import verify
from tests.soundness import reference_prover
from tests.soundness.machines import fibonacci, merkle, sorting, squares
from tests.suites import ROOT, suite_path
from tests.unit.recursion import core_input

BUILDS = native.available_builds()
HEADER = ROOT / "cuda" / "include" / "prover" / "poseidon2_constants.hpp"


@pytest.fixture(params=BUILDS)
def core(request, monkeypatch):
    """A build of the core, which proving keys made in the test use."""
    module = native.load_build(request.param)
    monkeypatch.setattr("node.recursion.prover.core", module)
    return module


def known_answers():
    return json.loads(suite_path("crypto/poseidon2/koalabear_poseidon2_plonky3.json").read_text())


class TestPermutation:
    def test_plonky3_known_answers(self, core):
        answers = [a for a in known_answers()["kat"] if a["width"] == 16]
        assert answers
        for answer in answers:
            assert core.permute(answer["input"]) == answer["output"]
            assert permute(answer["input"]) == answer["output"]

    def test_constants_are_plonky3s(self):
        published = known_answers()["params"]["16"]
        full = [*published["external_initial"], *published["external_final"]]
        assert [list(row) for row in FULL_CONSTANTS] == full
        assert list(PARTIAL_CONSTANTS) == published["internal"]
        assert list(DIAGONAL) == published["internal_diag"]

    def test_same_as_python(self, core):
        rng = random.Random(0)
        for _ in range(50):
            state = [rng.randrange(P) for _ in range(16)]
            assert core.permute(state) == permute(state)

    def test_header_holds_the_drawn_constants(self):
        text = HEADER.read_text().split("namespace", 1)[1]
        words = [int(x) for x in re.findall(r"(?<![\w\[])\d+\b", text)]
        drawn = [*(x for row in FULL_CONSTANTS for x in row), *PARTIAL_CONSTANTS, *DIAGONAL]
        assert [w for w in words if w in set(drawn)] == drawn

    def test_wrong_width(self, core):
        with pytest.raises(ValueError, match="sixteen elements"):
            core.permute([0] * 15)


def test_commitment_is_the_oracles(core):
    columns = np.random.default_rng(0).integers(0, P, (11, 8), np.uint32)
    root, *seconds = core.commit(columns, 5)
    stack = [Felt(int(x)) for x in columns.ravel()]
    assert root == list(reference_prover.matrix_tree(stack, 3, 5).root)
    assert all(s > 0 for s in seconds)


@pytest.mark.parametrize(
    ("shape", "log_leaves"), [((1, 6), 4), ((0, 8), 4), ((1, 8), 2), ((1, 8), 25)]
)
def test_commitments_of_the_wrong_shape(core, shape, log_leaves):
    with pytest.raises(ValueError, match=r"power of two rows|too few or too many"):
        core.commit(np.zeros(shape, np.uint32), log_leaves)


def fibonacci_case(instances, heights, steps):
    """Instances of falling height, absent where the height is None; the first does all steps."""
    tables = [None if h is None else np.zeros((2**h, 4), np.uint32) for h in heights]
    tables[0], public = fibonacci.trace(steps, heights[0])
    key = VerifyingKey(fibonacci.machine(instances), TOY, log_rows=3, width=4)
    return key, tables, public


def split_fibonacci():
    """One sequence over two instances."""
    whole, public = fibonacci.trace(7, 3)
    short = np.zeros((4, 4), np.uint32)
    short[:3] = whole[4:7]
    key = VerifyingKey(fibonacci.machine(2), TOY, log_rows=4, width=3)
    whole[4:7] = 0
    return key, [whole, short], public


def merkle_case(depth, log_height):
    """Fields of messages that are products, in two chips of one height."""
    machine = merkle.machine()
    words = np.random.default_rng(depth).integers(0, P, (depth + 1, DIGEST)).tolist()
    tables, public = merkle.trace(2, words[0], words[1:], log_height)
    key = VerifyingKey(machine, TOY, *size_class(machine, TOY, [log_height, log_height]))
    return key, tables, public


CASES = {
    "absent slot": lambda: fibonacci_case(2, [3, None], 5),
    "two absent slots": lambda: fibonacci_case(3, [3, None, None], 8),
    "three instances": lambda: fibonacci_case(3, [2, 1, 0], 3),
    "one sequence in two instances": split_fibonacci,
    "a single row": lambda: fibonacci_case(1, [0], 1),
    "no message": lambda: fibonacci_case(2, [0, None], 0),
    "formula column": lambda: (
        VerifyingKey(sorting.machine(), TOY, log_rows=6, width=3),
        *sorting.trace([5, 3, 60, 3, 2], 3),
    ),
    "one row beside a table": lambda: (
        VerifyingKey(sorting.machine(), TOY, log_rows=6, width=3),
        *sorting.trace([9], 0),
    ),
    "preprocessed columns": lambda: (
        VerifyingKey(squares.machine(), TOY, log_rows=5, width=3),
        *squares.trace([3, 15, 0, 3], 3),
    ),
    "messages of degree two": lambda: merkle_case(7, 3),
    "the same in two rows": lambda: merkle_case(2, 1),
}
"""By name: (key without preprocessed root, tables, public values)."""


@pytest.fixture(scope="module", params=CASES)
def case(request):
    """(key, tables, public values, the oracle's proof)."""
    blank, tables, public = CASES[request.param]()
    key = ProvingKey.create(blank.machine, TOY, blank.log_rows, blank.width).verifying_key
    assert key.preprocessed_root == reference_prover.preprocessed_root(blank)
    return key, tables, public, reference_prover.prove(key, tables, public)


def test_every_build_makes_the_oracles_proof(core, case):
    key, tables, public, expected = case
    mine = ProvingKey.create(key.machine, TOY, key.log_rows, key.width)
    assert mine.verifying_key == key
    assert mine.prove(tables, public) == expected


def test_the_oracles_proofs_verify(case):
    key, tables, public, proof = case
    if tables[0].any():  # without a step, the two ends of the sequence are no state
        verify(key, proof, public)


def test_a_table_that_breaks_an_equation_has_no_proof(core):
    """The prover takes equations to be zero on rows; where one is not, nothing verifies."""
    table, public = fibonacci.trace(5, 3)
    table[6], table[7] = (100, 1, 2, 2), (100, 1, 2, P - 2)  # sent and taken 2 and -2 times
    key = ProvingKey.generate(fibonacci.machine(), TOY, [3])
    proof = key.prove([table], public)
    with pytest.raises(InvalidProof, match="the zerocheck is wrong"):
        verify(key.verifying_key, proof, public)


def test_builds_and_threads_agree_where_all_loops_are_long():
    """2^13 rows: enough for threads, whole vectors and every level of the transforms."""
    machine, log_height = fibonacci.machine(2), 13
    table, public = fibonacci.trace(5000, log_height)
    tables = [table, np.zeros((2**5, 4), np.uint32)]
    proofs = []
    for build in BUILDS:
        module = native.load_build(build)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("node.recursion.prover.core", module)
            key = ProvingKey.generate(machine, FAST, [log_height, 5])
        for threads in (1, 2, 3):
            module.set_threads(threads)
            proofs.append(key.prove(tables, public))
        module.set_threads(2)
    assert proofs == [proofs[0]] * len(proofs)
    verify(key.verifying_key, proofs[0], public)


@pytest.fixture
def long_loops(core):
    """A key, a segment whose loops are shared out to threads, and its proof."""
    core.set_threads(3)
    table, public = fibonacci.trace(5000, 13)
    key = ProvingKey.generate(fibonacci.machine(), FAST, [13])
    yield key, [table], public, key.prove([table], public)
    core.set_threads(2)


def test_proofs_at_once(long_loops):
    """The threads of the core serve one loop at a time; the other prover goes on alone."""
    key, tables, public, proof = long_loops
    with ThreadPoolExecutor(3) as pool:
        proofs = list(pool.map(lambda _: key.prove(tables, public), range(6)))
    assert proofs == [proof] * 6


def test_a_forked_process_has_threads_of_its_own(long_loops):
    key, tables, public, proof = long_loops

    def prove_again():
        os._exit(0 if key.prove(tables, public) == proof else 1)

    child = get_context("fork").Process(target=prove_again)
    child.start()
    child.join(timeout=120)
    ended = child.exitcode
    child.kill()
    assert ended == 0


class TestBadInput:
    """Whatever Python hands over, the core answers with an error."""

    ORACLES = ([5, 1, 2, 1, 0, 2, 0], [3, 1, 2, 1, 0, 2, 0])

    @pytest.fixture
    def graph(self):
        machine = fibonacci.machine()
        return np.frombuffer(machine.graphs[machine.circuits[0]], np.uint32).copy()

    @pytest.fixture
    def key(self, core, graph):
        return self.make(core, graph)

    def make(self, core, graph, numbers=(3, 4, 0, 4, 3, 3, 0), oracles=ORACLES, **other):
        fixed = other.get("fixed", [np.zeros((0, 0), np.uint32)])
        stack = other.get("preprocessed", np.zeros(0, np.uint32))
        return core.ProvingKey(list(numbers), list(map(list, oracles)), [graph], fixed, stack)

    def prove(self, key, digest=(0,) * 16, slot=None, **other):
        slots = [slot or (3, np.zeros((4, 8), np.uint32), [0, 8, 16, 24], [0, 8])]
        return key.prove(
            list(digest),
            other.get("public", [1, 2, 3]),
            other.get("heights", [3]),
            other.get("slots", slots),
            other.get("messages", 16),
        )

    def test_the_good_one(self, key):
        elements, timings = self.prove(key)
        assert elements
        assert dict(timings).keys() >= {"commit", "fractional sum", "zerocheck", "opening"}

    @pytest.mark.parametrize(
        ("numbers", "reason"),
        [
            ((3, 4, 0, 4, 3, 3), "seven parameters"),
            ((3, 0, 0, 4, 3, 3, 0), "matrix"),
            ((3, 5, 0, 4, 3, 3, 0), "matrix"),
            ((4, 4, 0, 4, 3, 3, 0), "matrix"),
            ((3, 2**32 - 1, 0, 4, 3, 3, 0), "matrix"),
            ((3, 4, 0, 0, 0, 3, 0), "heights and messages"),
            ((3, 4, 0, 41, 3, 3, 0), "heights and messages"),
            ((3, 4, 0, 4, 5, 3, 0), "heights and messages"),
            ((3, 4, 0, 4, 3, 0, 0), "degree or work"),
            ((3, 4, 0, 4, 3, 3, 25), "degree or work"),
            ((3, 3, 1, 4, 3, 3, 0), "preprocessed stack"),
        ],
    )
    def test_key_numbers(self, core, graph, numbers, reason):
        with pytest.raises(ValueError, match=reason):
            self.make(core, graph, numbers)

    @pytest.mark.parametrize(
        ("oracles", "reason"),
        [
            ([], "has an oracle"),
            ([[5, 1, 2, 1, 0, 2]], "seven parameters"),
            ([[5, 1, 6, 1, 0, 2, 0]], "folds more variables"),
            ([[41, 1, 2, 1, 0, 2, 0]], "folds more variables"),
            ([[5, 25, 2, 1, 0, 2, 0]], "two-adic"),
            ([[5, 1, 2, 1, 25, 2, 0]], "24 bits"),
            ([[5, 1, 2, 1, 0, 2, 0], [4, 1, 2, 1, 0, 2, 0]], "does not start"),
        ],
    )
    def test_oracles(self, core, graph, oracles, reason):
        with pytest.raises(ValueError, match=reason):
            self.make(core, graph, oracles=oracles)

    def test_every_changed_word_of_a_graph(self, core, graph):
        """Refused, or a graph that can be evaluated."""
        refused = 0
        for i in range(len(graph)):
            for word in (0, 1, int(graph[i]) + 1, 2**31, 2**32 - 1):
                changed = graph.copy()
                changed[i] = word
                try:
                    self.prove(self.make(core, changed))
                except ValueError:
                    refused += 1
        assert refused > len(graph)

    def test_every_cut_of_a_graph(self, core, graph):
        for size in range(len(graph)):
            with pytest.raises(ValueError, match="no constraint graph"):
                self.make(core, graph[:size].copy())
        with pytest.raises(ValueError, match="no constraint graph"):
            self.make(core, np.append(graph, graph[-1:]))

    def test_fixed_columns_of_the_wrong_number(self, core, graph):
        with pytest.raises(ValueError, match="fixed columns"):
            self.make(core, graph, fixed=[np.zeros((1, 8), np.uint32)])
        with pytest.raises(ValueError, match="graph and fixed"):
            self.make(core, graph, fixed=[])

    TABLE = np.zeros((4, 8), np.uint32)

    @pytest.mark.parametrize(
        ("slot", "reason"),
        [
            ((2, TABLE, [0, 8, 16, 24], [0, 8]), "wrong shape"),
            ((3, TABLE[:3].copy(), [0, 8, 16, 24], [0, 8]), "wrong shape"),
            ((35, TABLE, [0, 8, 16, 24], [0, 8]), "wrong shape"),
            ((4, np.zeros((4, 16), np.uint32), [0, 0, 0, 0], [0, 0]), "taller"),
            ((3, TABLE, [0, 8, 16], [0, 8]), "number of offsets"),
            ((3, TABLE, [0, 8, 16, 24], [0]), "number of offsets"),
            ((3, TABLE, [0, 8, 16, 25], [0, 8]), "outside the stack"),
            ((3, TABLE, [0, 8, 16, 2**64 - 8], [0, 8]), "outside the stack"),
            ((3, TABLE, [0, 8, 16, 24], [0, 9]), "outside the leaves"),
            ((3, TABLE, [0, 8, 16, 24], [2**64 - 1, 8]), "outside the leaves"),
        ],
    )
    def test_slots(self, key, slot, reason):
        with pytest.raises(ValueError, match=reason):
            self.prove(key, slot=slot)

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"digest": (0,) * 15}, "sixteen"),
            ({"digest": (2**31,) * 16}, "not below p"),
            ({"public": [2**32 - 1]}, "not below p"),
            ({"heights": [2**31]}, "not below p"),
            ({"slots": []}, "number of slots"),
            ({"messages": 17}, "more messages"),
        ],
    )
    def test_segments(self, key, change, reason):
        with pytest.raises(ValueError, match=reason):
            self.prove(key, **change)

    def test_types(self, key):
        with pytest.raises(TypeError):
            self.prove(key, public=[-1])

    def test_fixed_columns_of_the_wrong_height(self, core):
        machine = sorting.machine()
        circuit = next(c for c in machine.circuits if c.name == "Range")
        graph = np.frombuffer(machine.graphs[circuit], np.uint32)
        key = self.make(core, graph, fixed=[np.zeros((1, 4), np.uint32)])
        with pytest.raises(ValueError, match="not as tall as its fixed columns"):
            self.prove(key, slot=(3, np.zeros((1, 8), np.uint32), [0], [0]))


@pytest.mark.slow
@pytest.mark.parametrize("build", BUILDS)
def test_sanitized_core_makes_the_same_proofs(build, tmp_path_factory):
    """Address and undefined-behaviour sanitizers, no report, and the oracle's elements."""
    program = core_input.sanitized_program(tmp_path_factory, f"prover_test_{build}")
    for make in CASES.values():
        blank, tables, public = make()
        proving = ProvingKey.create(blank.machine, TOY, blank.log_rows, blank.width)
        lines = core_input.run(program, core_input.words(proving, tables, public))
        assert tuple(map(int, lines)) == proving.prove(tables, public).elements


@pytest.mark.slow
def test_sanitized_core_survives_any_graph(tmp_path_factory):
    program = core_input.sanitized_program(tmp_path_factory, f"prover_test_{BUILDS[0]}")
    blank, tables, public = CASES["formula column"]()
    proving = ProvingKey.create(blank.machine, TOY, blank.log_rows, blank.width)
    words = core_input.words(proving, tables, public)
    start, end = core_input.graph_range(proving)
    rng = random.Random(1)
    for _ in range(150):
        changed = list(words)
        changed[rng.randrange(start, end)] = rng.choice([0, 1, 2, 3, 7, 2**31, 2**32 - 1])
        lines = core_input.run(program, changed)
        assert lines[0].startswith("invalid: ") or len(lines) > 100
