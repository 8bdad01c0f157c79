"""Loads, stores, the order of accesses, the memory tree: what a dishonest prover could claim."""

from functools import partial

import numpy as np
import pytest

from node.recursion.field import P
from node.recursion.riscv.isa import CODE_START, DATA_START, MEMORY_END, Op
from tests.riscv.random_program import Writer
from tests.soundness.riscv.by_hand import READ, WRITTEN, wrapped_address
from tests.soundness.riscv.by_hand import access as access_of
from tests.soundness.riscv.forging import OPERATION, attempt, limbs

pytestmark = pytest.mark.soundness

BASE = DATA_START
IMAGE = ((BASE, bytes.fromhex("81929394 a1a2a3a4 b1b2b3b4 c1c2c3c4") * 2),)
access = partial(access_of, image=IMAGE)


@pytest.mark.parametrize(
    ("op", "offset", "lie", "cells", "refused"),
    [
        # a sign denied, invented, or neither 0 nor 1
        (Op.LB, 0, 0x81, {"sign": 0}, {"range"}),
        (Op.LH, 0, 0x9281, {"sign": 0}, {"range"}),
        (Op.LBU, 0, 0xFFFFFF81, {"sign": 1}, {"range"}),
        (Op.LHU, 0, 0xFFFF9281, {"sign": 1}, {"range"}),
        # another byte, or the other half of the word
        (Op.LBU, 0, 0x92, {"odd": 1}, {"LoadPart"}),
        (Op.LBU, 1, 0x81, {"odd": 0}, {"LoadPart"}),
        (Op.LHU, 0, 0x9493, {"upper": 1, "low": 0x93, "high": 0x94}, {"LoadPart"}),
        (Op.LHU, 0, 0x9493, {"low": 0x93, "high": 0x94}, {"LoadPart"}),
        (Op.LBU, 0, 0x81 + 2 * 0x11, {"odd": 2, "upper": -1}, {"LoadPart"}),
        # halves that are no bytes
        (Op.LBU, 1, 0x91, {"low": 0x181, "high": 0x91}, {"bytes"}),
        # another operation of the program's
        (Op.LB, 0, 0x81, {"byte": 0, "byte_unsigned": 1, "sign": 0}, {"program"}),
    ],
)
def test_loads_of_parts(op, offset, lie, cells, refused):
    forged = access(op, BASE, offset, values={WRITTEN: lie})
    assert forged.put("LoadPart", OPERATION, cells).refused_by() == refused


def test_a_sign_between_0_and_1():
    """A fraction of 2^-8 keeps the range check; what is written are no limbs."""
    forged = access(Op.LBU, BASE)
    cells = {"sign": pow(256, -1, P)}
    assert forged.put("LoadPart", OPERATION, cells).refused_by() == {"LoadPart", "memory"}


@pytest.mark.parametrize(
    ("op", "offset", "lie", "cells", "refused"),
    [
        # the neighbours of what is stored
        (Op.SB, 0, 0x9493933C, {"half": 0x933C}, {"StorePart"}),
        (Op.SB, 0, 0x9593923C, {}, {"memory"}),
        (Op.SH, 2, 0xC33C9281 + 1, {}, {"memory"}),
        (Op.SB, 1, 0x94933D81 - 1, {"old_low": 0x80}, {"StorePart", "memory"}),
        (Op.SB, 1, 0x94933C81 + 0x100, {"old_low": 0x181, "old_high": 0x91, "half": 0x3D81},
         {"bytes"}),
        (Op.SB, 0, 0x9493933C, {"new_low": 0x13C, "new_high": 0xC2, "half": 0x933C},
         {"bytes"}),
        # another byte, the other half
        (Op.SB, 0, 0x94933C81, {"odd": 1, "half": 0x3C81}, {"StorePart"}),
        (Op.SH, 0, 0xC33C9281, {"upper": 1, "old_low": 0x93, "old_high": 0x94}, {"StorePart"}),
        # a half-word for a byte
        (Op.SB, 0, 0x9493C33C, {"byte_stored": 0, "half_stored": 1, "half": 0xC33C}, {"program"}),
        # what rs2 does not hold
        (Op.SB, 0, 0x9493923D, {"new_low": 0x3D, "half": 0x923D}, {"memory"}),
    ],
)  # fmt: skip
def test_stores_of_parts(op, offset, lie, cells, refused):
    forged = access(op, BASE, offset, values={WRITTEN: lie})
    assert forged.put("StorePart", OPERATION, cells).refused_by() == refused


@pytest.mark.parametrize(
    ("op", "offset", "chip", "lie"),
    [
        (Op.LH, 1, "LoadPart", 0xFFFF9281),
        (Op.LHU, 3, "LoadPart", 0x9493),
        (Op.SH, 1, "StorePart", 0x9493C33C),
        (Op.LW, 1, "Load", 0x94939281),
        (Op.LW, 2, "Load", 0x94939281),
        (Op.SW, 2, "Store", 0x5AA5C33C),
        (Op.SW, 3, "Store", 0x5AA5C33C),
    ],
)
def test_misaligned(op, offset, chip, lie):
    """The word the address lies in, whole or in halves: as if the low bits were not there."""
    assert access(op, BASE, offset, values={WRITTEN: lie}).refused_by() == {chip}


@pytest.mark.parametrize(
    ("op", "base"),
    [
        # a register through memory, the null page's end
        *((op, base) for op in (Op.LW, Op.LBU, Op.LH) for base in (8, CODE_START - 4)),
        # registers and code written
        *((op, base) for op in (Op.SW, Op.SB, Op.SH) for base in (8, CODE_START, BASE - 4)),
    ],
)
def test_outside_the_map(op, base):
    assert access(op, base).refused_by() == {"range"}


@pytest.mark.parametrize("op", [Op.LW, Op.LBU, Op.SW, Op.SB])
def test_above_memory_nothing_answers(op):
    """In range, but no leaf of the tree is there."""
    tick = READ if Op.LW <= op <= Op.LHU else WRITTEN
    lies = {"values": {WRITTEN: 0}} if op in (Op.LW, Op.LBU) else {}
    forged = access(op, MEMORY_END, addresses={tick: BASE + 64}, **lies)
    assert forged.refused_by() == {"memory"}
    assert access(op, 2**31, addresses={tick: BASE + 64}).refused_by() >= {"memory", "range"}


@pytest.mark.parametrize(
    ("op", "chip"), [(Op.LW, "Load"), (Op.SW, "Store"), (Op.LBU, "LoadPart"), (Op.SB, "StorePart")]
)
@pytest.mark.parametrize("below", [1, 2])
def test_an_address_that_wraps_at_p(op, chip, below):
    assert wrapped_address(op, chip, below).refused_by() == {chip}


def in_turn(*steps):
    """SW, LW and so on of x2's values at BASE; step i runs at time 4 (2 i + 3)."""
    writer = Writer()
    writer.set(1, BASE)
    for number, op in enumerate(steps):
        writer.set(2, 1000 + number)
        writer.put(op, 3 if op == Op.LW else 0, 1, 0 if op == Op.LW else 2)
    writer.halt()
    return writer.instructions()


def taken(name, time, last):
    """Cells of an access: its predecessor, and the best a prover can do about the difference."""
    return {f"{name}.last": last, f"{name}.gap": (time - last - 1) & 0xFFFF}


FIRST, SECOND, THIRD = 12, 20, 28
LEAF = {"index": BASE // 32}


def test_a_load_of_what_was_overwritten():
    """From before the latest store: the tuple was taken already."""
    program = in_turn(Op.SW, Op.SW, Op.LW)
    forged = attempt(program, image=IMAGE, values={THIRD + 2: 1000})
    cells = taken("step.two", THIRD + 1, FIRST + 2) | limbs("value", 1000)
    assert forged.put("Load", THIRD, cells).refused_by() == {"memory"}


def test_a_load_from_the_future():
    """The later store answers, and everything on the memory bus is taken once."""
    program = in_turn(Op.SW, Op.LW, Op.SW)
    forged = attempt(program, image=IMAGE, values={SECOND + 2: 1002})
    cells = taken("step.two", SECOND + 1, THIRD + 2) | limbs("value", 1002)
    forged.put("Load", SECOND, cells)
    forged.put("Store", THIRD, taken("step.three", THIRD + 2, FIRST + 2))
    forged.put("Leaf", None, {"times[0]": SECOND + 1}, **LEAF)
    assert forged.refused_by() == {"bytes"}


def test_a_load_that_answers_itself():
    """Time difference 0: a loop of one access, which may hold anything."""
    program = in_turn(Op.SW, Op.LW, Op.SW)
    forged = attempt(program, image=IMAGE, values={SECOND + 2: 77})
    forged.put("Load", SECOND, taken("step.two", SECOND + 1, SECOND + 1) | limbs("value", 77))
    forged.put("Store", THIRD, taken("step.three", THIRD + 2, FIRST + 2))
    assert forged.refused_by() == {"bytes"}


def test_a_register_read_from_the_future():
    program = in_turn(Op.SW, Op.SW)
    forged = attempt(program, image=IMAGE, values={FIRST + 2: 1001})
    later = SECOND - 4 + 2  # SET x2, 1001
    forged.put("Store", FIRST, taken("step.two", FIRST + 1, later) | limbs("value", 1001))
    forged.put("Set", SECOND - 4, taken("access", later, FIRST - 4 + 2))
    forged.put("Store", SECOND, taken("step.two", SECOND + 1, FIRST + 1))
    assert forged.refused_by() >= {"bytes"}
    assert forged.refused_by() <= {"bytes", "memory"}


@pytest.mark.parametrize("difference", [0, P - 1, P - 4, 2**24 + 1, 2**30, P // 2])
def test_no_parts_of_a_difference_out_of_range(difference):
    """Whatever gap is claimed, the other part of the difference is no byte."""
    gap = np.arange(2**16, dtype=np.int64)
    late = (difference - 1 - gap) % P * pow(2**16, -1, P) % P
    assert late.min() >= 256
    late = (2**24 - 1 - gap) % P * pow(2**16, -1, P) % P
    assert (late < 256).sum() == 1


@pytest.mark.parametrize("difference", [2**24 + 1, P - 1])
def test_a_difference_out_of_range(difference):
    forged = access(Op.LW, BASE)
    forged.put("Load", OPERATION, taken("step.two", READ, READ - difference))
    assert forged.refused_by() == {"memory", "bytes"}


def test_a_place_of_the_memory_that_was_not_touched_changes():
    forged = access(Op.LW, BASE)
    forged.put("Leaf", None, {"after[4]": 1}, **LEAF)
    assert forged.refused_by() == {"memory", "hash"}


def second_leaf(forged, words, index=BASE // 32, time=0):
    """A leaf that gives these limbs and takes them again at another time."""
    forged.compress(words[:8], words[8:])
    digest = forged.compress(words[:8], words[8:])
    cells = {"index": index, "is_real": 1, "times[0]": time}
    for name, values in (("before", words), ("after", words)):
        cells |= {f"{name}[{i}]": value for i, value in enumerate(values)}
    for name in ("digest_before", "digest_after"):
        cells |= {f"{name}[{i}]": value for i, value in enumerate(digest)}
    return forged.append("Leaf", cells)


def test_a_leaf_twice():
    """A second first value for an address: only its missing parent objects."""
    forged = access(Op.LW, BASE, values={WRITTEN: 5})
    leaf = forged.get("Leaf", None, **LEAF)
    forged.put("Load", OPERATION, limbs("value", 5))
    second_leaf(forged, [5, *[0] * 15], time=READ)
    forged.put(
        "Leaf", None, {"times[0]": 0}, **{"index": BASE // 32, "before[0]": leaf["before[0]"]}
    )
    assert forged.refused_by() == {"node"}


def test_a_leaf_elsewhere_than_in_the_tree():
    forged = access(Op.LW, BASE)
    second_leaf(forged, list(range(16)), index=2**24)
    assert forged.refused_by() == {"node"}


def test_a_node_posing_as_a_leaf_and_a_leaf_as_a_node():
    """Both hash sixteen elements; the level tells them apart."""
    forged = access(Op.LW, BASE)
    node = forged.get("Node", None, level=1, index=BASE // 64)
    words = [node[f"{side}_before[{i}]"] for side in ("left", "right") for i in range(8)]
    second_leaf(forged, words, index=BASE // 64)
    assert forged.refused_by() == {"node"}
    forged = access(Op.LW, BASE)
    forged.put("Node", None, {"level": 0, "left_touched": 0}, level=1, index=BASE // 64)
    assert forged.refused_by() == {"node"}


@pytest.mark.parametrize(
    ("cells", "refused"),
    [
        ({"level": 3}, {"node"}),
        ({"index": 5}, {"node"}),
        ({"right_touched": 1}, {"node"}),
        ({"left_touched": 0}, {"node"}),
        ({"right_after[3]": 5}, {"Node", "hash"}),
        ({"after[0]": 5}, {"node", "hash"}),
        ({"is_real": 0}, {"Node", "node"}),
    ],
)
def test_nodes(cells, refused):
    forged = access(Op.LW, BASE)
    where = {"level": 1, "index": BASE // 64}
    assert forged.put("Node", None, cells, **where).refused_by() == refused


def test_an_untouched_sibling_changes():
    """With the hash of the new sibling: the equation alone, below a forged root, objects."""
    forged = access(Op.SW, BASE)
    node = forged.get("Node", None, level=24, index=0)
    left = [node[f"left_after[{i}]"] for i in range(8)]
    digest = forged.compress(left, [1, 2, 3, 4, 5, 6, 7, 8])
    cells = {f"right_after[{i}]": i + 1 for i in range(8)}
    cells |= {f"after[{i}]": x for i, x in enumerate(digest)}
    forged.put("Node", None, cells, level=24, index=0)
    forged.claim(root_after=tuple(digest))
    assert forged.refused_by() == {"Node"}


@pytest.mark.parametrize("root", ["root_before", "root_after"])
def test_a_forged_root(root):
    forged = access(Op.SW, BASE)
    assert forged.claim(**{root: (1, 2, 3, 4, 5, 6, 7, 8)}).refused_by() == {"node"}
