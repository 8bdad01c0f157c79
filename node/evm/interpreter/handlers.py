"""One Python function an opcode, for the stepwise loop: most are generated from `ops`.

A handler works on the frame's own stack, whose height was checked, with the static gas charged and
`pc` already behind the opcode. It returns None to go on, the new `pc` where it jumped, `ENDED`, or
a child frame to run first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from node.evm.interpreter.errors import InvalidJump, Reverted
from node.evm.interpreter.frame import Frame
from node.evm.interpreter.memory import expand, read
from node.evm.interpreter.messages import selfdestruct
from node.evm.interpreter.ops import MESSAGES, NAMESPACE, OPERANDS, OPS

ENDED: Final = object()
"""Returned by the instruction that ends a message."""

Handler = Callable[[Frame], object]


def _define(name: str, lines: list[str]) -> Handler:
    """Compiles a handler from its lines."""
    source = f"def {name}(f):\n" + "".join(f"    {line}\n" for line in lines)
    scope = dict(NAMESPACE)
    exec(source, scope)  # noqa: S102  # from the constant tables in `ops`, no outside input
    handler: Handler = scope[name]
    return handler


def _generate(code: int, pops: int, pushes: int, expression: str) -> Handler:
    lines = ["s = f.stack"]
    lines += [f"{name} = s.pop()" for name in OPERANDS[:pops]]
    lines.append(f"s.append({expression})" if pushes else expression)
    return _define(f"op_{code:02x}", lines)


def _message(code: int, pops: int, expression: str) -> Handler:
    pop = [f"{name} = s.pop()" for name in OPERANDS[:pops]]
    return _define(f"op_{code:02x}", ["s = f.stack", *pop, f"return {expression}"])


def _push(size: int) -> Handler:
    return _define(
        f"push{size}",
        [
            "pc = f.pc",
            f"f.pc = end = pc + {size}",
            "f.stack.append(word(f.program.code[pc:end]))",
        ],
    )


def _dup(n: int) -> Handler:
    return _define(f"dup{n}", ["s = f.stack", f"s.append(s[-{n}])"])


def _swap(n: int) -> Handler:
    return _define(f"swap{n}", ["s = f.stack", f"s[-1], s[-{n + 1}] = s[-{n + 1}], s[-1]"])


def _stop(_f: Frame) -> object:
    return ENDED


def _pop(f: Frame) -> None:
    del f.stack[-1]


def _jump(f: Frame) -> int:
    target = f.stack.pop()
    if target not in f.program.jump_destinations:
        raise InvalidJump
    f.pc = target
    return target


def _jumpi(f: Frame) -> int | None:
    target, condition = f.stack.pop(), f.stack.pop()
    if not condition:
        return None
    if target not in f.program.jump_destinations:
        raise InvalidJump
    f.pc = target
    return target


def _pc(f: Frame) -> None:
    f.stack.append(f.pc - 1)


def _jumpdest(_f: Frame) -> None:
    """Only marks a place."""


def take_output(f: Frame) -> None:
    """Pops a range of memory and makes it the output."""
    offset, size = f.stack.pop(), f.stack.pop()
    expand(f, offset, size)
    f.output = read(f, offset, size)


def _return(f: Frame) -> object:
    take_output(f)
    return ENDED


def _revert(f: Frame) -> object:
    take_output(f)
    raise Reverted


def _selfdestruct(f: Frame) -> object:
    selfdestruct(f, f.stack.pop())
    return ENDED


HANDLERS: Final[Mapping[int, Handler]] = {
    **{op.code: _generate(op.code, op.pops, op.pushes, op.expression) for op in OPS.values()},
    **{code: _message(code, pops, text) for code, (pops, text) in MESSAGES.items()},
    **{0x5F + n: _push(n) for n in range(33)},
    **{0x7F + n: _dup(n) for n in range(1, 17)},
    **{0x8F + n: _swap(n) for n in range(1, 17)},
    0x00: _stop,
    0x50: _pop,
    0x56: _jump,
    0x57: _jumpi,
    0x58: _pc,
    0x5B: _jumpdest,
    0xF3: _return,
    0xFD: _revert,
    0xFF: _selfdestruct,
}
"""By opcode, of all forks."""
