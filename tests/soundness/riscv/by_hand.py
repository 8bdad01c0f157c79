"""Runs written by hand that break one equation alone: what no change of one honest row shows.

WITNESSES: (chip, the equation's text, run).
"""

from functools import partial

from node.recursion.field import P
from node.recursion.riscv.chips.ecall import HINT
from node.recursion.riscv.isa import DATA_START, SINK, Op
from tests.riscv.random_program import Writer
from tests.soundness.riscv.forging import IMAGE, OPERATION, attempt, limbs, operation

READ, WRITTEN = OPERATION + 1, OPERATION + 2
ELSEWHERE = 64
"""From DATA_START: a place with other words."""


def is_load(op):
    return Op.LW <= op <= Op.LHU


def access(op, base, offset=0, value=0x5AA5C33C, image=IMAGE, **lies):
    """One load or store, at time OPERATION."""
    writer = Writer()
    writer.set(1, base)
    writer.set(2, value)
    writer.put(op, 3 if is_load(op) else 0, 1, 0 if is_load(op) else 2, offset)
    writer.set(3, 0)
    writer.halt()
    return attempt(writer.instructions(), image=image, **lies)


def jumping(op, a, b=0, imm=0, target=8, **lies):
    """A branch or jump at OPERATION, two places to go on from after it, equally long."""
    writer = Writer()
    writer.set(1, a)
    writer.set(2, b)
    if op == Op.JALR:
        writer.put(op, 3, 1, imm=imm)
    else:
        writer.put(op, 0, 1, 2, target=writer.pc + target)
    writer.put(Op.SET, SINK, target=writer.pc + 8)
    writer.set(SINK, 0)
    writer.halt()
    return attempt(writer.instructions(), **lies)


NEXT, TARGET = 0x1000C, 0x10010
"""After the instruction of `jumping`, and where it jumps to."""


def calling(number, *arguments, **lies):
    """A call, before the program halts."""
    writer = Writer()
    writer.call(number, *arguments)
    writer.set(SINK, 0)
    writer.halt()
    return attempt(writer.instructions(), **lies)


def pointer(name, address):
    return {f"{name}.quarter": (address & 0xFFFF) // 4, f"{name}.high": address >> 16}


def wrapped_address(op, chip, below=1):
    """-1 / 2^16 is 32512 modulo p: a carry that moves an address outside the map into it.

    The address claimed is `below` more in its low limb, and 32512 * below more in the high one.
    """
    inside = DATA_START + 0x8004
    outside = 0x8004 - below + ((0x100 - 32512 * below) % 2**16 << 16)
    tick = READ if is_load(op) else WRITTEN
    run = access(op, outside, addresses={tick: inside}, value=0)
    cells = pointer("step.address.word", inside) | {"odd": 0, "upper": 0, "low": 0, "high": 0}
    cells |= {"old_low": 0, "old_high": 0}
    names = run.names(chip)
    return run.put(chip, OPERATION, {n: x for n, x in cells.items() if n in names})


def fractional_sign():
    """What is written are no limbs; SET overwrites them, and its range check never sees them."""
    sign = pow(256, -1, P)
    byte = 5
    run = access(Op.LBU, DATA_START, byte)
    run.put("LoadPart", OPERATION, {"sign": sign})
    cells = {"before[0]": byte + 0xFF00 * sign, "before[1]": 0xFFFF * sign}
    return run.put("Set", OPERATION + 4, cells)


def half_of_both_halves():
    """A byte stored at offset 1 = odd + 2 upper, as 0 + 2 / 2: into the mean of both half-words."""
    image = ((DATA_START, bytes.fromhex("8192a592")),)
    low, high, half = 0x9281, 0x92A5, 0x923D
    written = (half + low) // 2 + ((half + high) // 2 << 16)
    run = access(Op.SB, DATA_START, 1, 0x3D, image, values={WRITTEN: written})
    cells = {"odd": 0, "upper": pow(2, -1, P), "half": half}
    cells |= {"old_low": 0x93, "old_high": 0x92}
    return run.put("StorePart", OPERATION, cells)


def three_shifts_at_once():
    """By 24 bits as by 8 and by 16 less by none."""
    run = operation(Op.SLL, 5, 24, lie=5 * 2**8 + 5 * 2**16 - 5)
    cells = {"whole[0]": -1, "whole[1]": 1, "whole[2]": 1, "whole[3]": 0}
    return run.put("Shift", OPERATION, cells)


def part_of_a_branch():
    """less = 2^-16: so much of the way to a target 2^18 away is 4."""
    run = jumping(Op.BLTU, 5 << 16, target=4 + 2**18, following={OPERATION: NEXT + 4})
    return run.put("BranchLess", OPERATION, {"compared.less": pow(2**16, -1, P)})


def wrapped_jump():
    """A carry of -1 / 2^16 = 32512 takes an address outside the code into it."""
    outside = (TARGET - 1) % 2**16 + (1 - 32512) % 2**16 * 2**16
    run = jumping(Op.JALR, outside, following={OPERATION: TARGET})
    return run.put("JumpRegister", OPERATION, pointer("target", TARGET) | {"odd": 0})


def jump_with_another_high_limb():
    run = jumping(Op.JALR, TARGET + (5 << 16), following={OPERATION: TARGET})
    return run.put("JumpRegister", OPERATION, pointer("target", TARGET))


def output_from(distance):
    """The output is read that far from where a1 points."""
    honest = jumping(Op.BEQ, 5, 5).get("Halt", is_real=1)
    time = honest["call.time"]
    run = jumping(Op.BEQ, 5, 5, moved={time + 1: distance})
    where = 4 * honest["pointer.quarter"] + 2**16 * honest["pointer.high"] + distance
    return run.put("Halt", time, pointer("pointer", where))


def hint_to(distance):
    """A hint goes that far from where a0 points."""
    time = 12
    run = calling(HINT, DATA_START, moved={time + 2: distance})
    return run.put("Hint", time, pointer("pointer", DATA_START + distance))


def denied_halt():
    """A second row of End takes what the halt said; the real one says that there was none."""
    run = jumping(Op.BEQ, 5, 5)
    end = run.get("End", is_real=1)
    said = [name for name in end if name.startswith(("output", "exit_code"))]
    run.put("End", None, dict.fromkeys(said, 0) | {"halted": 0}, is_real=1)
    run.append("End", {name: end[name] for name in said} | {"halted": 1})
    return run.claim(halted=0, exit_code=0, output=(0,) * 8)


def said_without_a_halt(place):
    """A limb of the exit code or output, where the segment goes on."""
    run = attempt(jumping(Op.BEQ, 5, 5).instructions, limit=3)
    words = [0] * 9
    words[place // 2] = 1 << 16 * (place % 2)
    run.claim(exit_code=words[0], output=tuple(words[1:]))
    name = f"exit_code[{place}]" if place < 2 else f"output[{place - 2}]"
    return run.put("End", None, {name: 1}, is_real=1)


def hidden_leaf():
    """A leaf of a second memory, taken by a node that is not there: a load reads what it likes."""
    run = access(Op.LW, DATA_START, values={WRITTEN: 5})
    run.put("Load", OPERATION, limbs("value", 5))
    index, words = DATA_START // 32, [5, *[0] * 15]
    run.put("Leaf", None, {"times[0]": 0}, index=index)
    run.compress(words[:8], words[8:])
    digest = run.compress(words[:8], words[8:])
    leaf, node = {"index": index, "is_real": 1, "times[0]": READ, "before[0]": 5, "after[0]": 5}, {}
    for i, x in enumerate(digest):
        leaf |= {f"digest_before[{i}]": x, f"digest_after[{i}]": x}
        node |= {f"left_before[{i}]": x, f"left_after[{i}]": x}
    run.append("Leaf", leaf)
    return run.append("Node", node | {"level": 1, "index": index // 2, "left_touched": 1})


def changed_sibling(side, place):
    """An untouched node's digest after the segment is another one: what is below it changes."""
    leaf = DATA_START // 32 + (side == "left")
    run = access(Op.SW, 32 * leaf)
    node = {"level": 1, "index": leaf // 2}
    old = run.get("Node", **node)[f"{side}_after[{place}]"]
    run.put("Node", None, {f"{side}_after[{place}]": old + 1}, **node)
    cells = run.get("Node", **node)
    children = [cells[f"{name}_after[{i}]"] for name in ("left", "right") for i in range(8)]
    digest = run.compress(children[:8], children[8:])
    run.put("Node", None, {f"after[{i}]": x for i, x in enumerate(digest)}, **node)
    return run.propagate(1, leaf // 2, digest)


WITNESSES = [
    ("Load", "carry·(carry - 1)", partial(wrapped_address, Op.LW, "Load")),
    ("LoadPart", "carry·(carry - 1)", partial(wrapped_address, Op.LBU, "LoadPart")),
    ("Store", "carry·(carry - 1)", partial(wrapped_address, Op.SW, "Store")),
    ("StorePart", "carry·(carry - 1)", partial(wrapped_address, Op.SB, "StorePart")),
    ("LoadPart", "sign·(sign - 1)", fractional_sign),
    ("StorePart", "upper·(upper - 1)", half_of_both_halves),
    ("Shift", "whole[0]·(whole[0] - 1)", three_shifts_at_once),
    ("BranchLess", "compared.less·(compared.less - 1)", part_of_a_branch),
    ("JumpRegister", "carry·(carry - 1)", wrapped_jump),
    ("JumpRegister", "carry_1·(carry_1 - 1)", jump_with_another_high_limb),
    ("Halt", "limb - call.a1[0]", partial(output_from, ELSEWHERE)),
    ("Halt", "pointer.high - call.a1[1]", partial(output_from, 2**16)),
    ("Hint", "limb - call.a0[0]", partial(hint_to, ELSEWHERE)),
    ("Hint", "pointer.high - call.a0[1]", partial(hint_to, 2**16)),
    ("End", "halted·(1 - is_real)", denied_halt),
    *(
        ("End", f"t0·exit_code[{place}]" if place < 2 else f"t0·output[{place - 2}]",
         partial(said_without_a_halt, place))
        for place in range(18)
    ),
    ("Node", "(1 - is_real)·(left_touched + right_touched)", hidden_leaf),
    *(
        ("Node", f"{t}·({side}_after[{i}] - {side}_before[{i}])", partial(changed_sibling, side, i))
        for t, side in (("t0", "left"), ("t1", "right"))
        for i in range(8)
    ),
]  # fmt: skip
