"""Translates stretches of EVM code into Python functions.

A trace starts where a jump lands and follows the code past conditional jumps not taken and through
jumps whose target is known. Its stack lives in Python locals; constants are folded; static gas is
charged once a segment. A trace checks the stack heights and the gas it needs up front and, where
they do not suffice, hands over to the stepwise loop, which then fails or goes on at the right
place. So a trace computes exactly what stepping does, up to which of several failures is named.

A segment ends with an instruction that must see the gas spent so far (`Op.ends_segment`) and at a
conditional jump: what a segment charges is then always due.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from typing import Any, Final

from node.evm.forks import Fork
from node.evm.interpreter.errors import InvalidJump, InvalidOpcode, Reverted
from node.evm.interpreter.handlers import ENDED
from node.evm.interpreter.memory import expand, read
from node.evm.interpreter.ops import MESSAGES, NAMESPACE, OPERANDS, OPS
from node.evm.interpreter.program import Program
from node.evm.interpreter.stepwise import STACK_LIMIT
from node.evm.interpreter.tables import INSTRUCTIONS

BAIL: Final = -1
"""Returned by a trace that hands over to the stepwise loop at the frame's `pc`."""
MAX_INSTRUCTIONS: Final = 128
"""In one trace: bounds what compiling may cost."""
_MAX_STORED: Final = 256
"""Stack items written back at all exits of a trace together, for the same reason."""

_STOP, _POP, _MLOAD, _MSTORE, _JUMP, _JUMPI = 0x00, 0x50, 0x51, 0x52, 0x56, 0x57
_PC, _JUMPDEST, _PUSH0, _DUP1, _SWAP1 = 0x58, 0x5B, 0x5F, 0x80, 0x90
_RETURN, _REVERT, _SELFDESTRUCT = 0xF3, 0xFD, 0xFF
_BLOCK_ENDS: Final = frozenset({_STOP, _JUMP, _JUMPI, _RETURN, _REVERT, _SELFDESTRUCT, *MESSAGES})
_OPERAND: Final = re.compile(rf"\b[{OPERANDS}]\b")
_SCOPE: Final = {
    **NAMESPACE,
    "BAIL": BAIL,
    "ENDED": ENDED,
    "InvalidJump": InvalidJump,
    "InvalidOpcode": InvalidOpcode,
    "Reverted": Reverted,
    "expand": expand,
    "read": read,
}

Term = int | str
"""A stack item while compiling: a known number, or the Python local that holds it."""
Trace = Callable[[Any], object]
"""Runs a frame; returns where to go on, `BAIL`, `ENDED` or a child frame."""


def compile_trace(program: Program, fork: Fork, start: int, heads: Container[int] = ()) -> Trace:
    """The trace that begins at `start`.

    heads: where traces already begin; a jump back to one ends the trace, so that the traces of a
    long loop do not begin at another place each time round.
    """
    source = _Compiler(program, fork, start, heads).source()
    scope = {**_SCOPE, "destinations": program.jump_destinations}
    exec(source, scope)  # noqa: S102  # generated from the instruction table alone
    trace: Trace = scope["trace"]
    return trace


def block_length(program: Program, start: int) -> int:
    """Instructions from `start` to the first that ends a message or may jump."""
    code, pc, length = program.code, start, 1
    while code[pc] not in _BLOCK_ENDS and pc < program.size and length < MAX_INSTRUCTIONS:
        pc += 1 + max(0, code[pc] - _PUSH0 if code[pc] < _DUP1 else 0)
        length += 1
    return length


class _Compiler:
    """The state of one translation: lines so far, the virtual stack, the open segment."""

    def __init__(self, program: Program, fork: Fork, start: int, heads: Container[int]) -> None:
        self._program = program
        self._instructions = INSTRUCTIONS[fork]
        self._pc = start
        self._start = start
        self._heads = heads
        self._lines: list[str] = []
        self._stack: list[Term] = []
        self._taken = 0
        """Items of the frame's own stack that are in locals, or gone."""
        self._peak = 0
        self._names = 0
        self._stored = 0
        self._entered: set[int] = set()
        self._segment_at = 0
        self._segment_gas = 0
        self._segment_bail: list[str] = []

    def source(self) -> str:
        """Python source of the function `trace`."""
        self._open_segment()
        left = MAX_INSTRUCTIONS
        while self._instruction():
            left -= 1
            if not left or self._stored > _MAX_STORED:
                self._leave(self._pc)
                break
        self._close_segment()
        head = [
            "def trace(f):",
            "    s = f.stack",
            "    m = f.memory",
            f"    if not {self._taken} <= len(s) <= {STACK_LIMIT - max(self._peak, 0)}:",
            f"        f.pc = {self._start}",
            "        return BAIL",
        ]
        return "\n".join(head + ["    " + line for line in self._lines])

    # --- segments

    def _open_segment(self) -> None:
        self._segment_at = len(self._lines)
        self._segment_gas = 0
        self._segment_bail = [*self._store_stack(), f"f.pc = {self._pc}", "return BAIL"]

    def _close_segment(self) -> None:
        if not self._segment_gas:
            return
        lines = [f"g = f.gas - {self._segment_gas}", "if g < 0:"]
        lines += ["    " + line for line in self._segment_bail]
        self._lines[self._segment_at : self._segment_at] = [*lines, "f.gas = g"]

    def _next_segment(self) -> None:
        self._close_segment()
        self._open_segment()

    # --- the virtual stack

    def _pull(self) -> str:
        self._taken += 1
        name = f"s{self._taken}"
        self._lines.append(f"{name} = s[-{self._taken}]")
        return name

    def _pop(self) -> Term:
        return self._stack.pop() if self._stack else self._pull()

    def _push(self, term: Term) -> None:
        self._stack.append(term)
        self._peak = max(self._peak, len(self._stack) - self._taken)

    def _reach(self, height: int) -> None:
        while len(self._stack) < height:
            self._stack.insert(0, self._pull())

    def _store_stack(self) -> list[str]:
        """Lines that bring the frame's stack up to date."""
        taken, items = self._taken, list(self._stack)
        while taken and items and items[0] == f"s{taken}":
            del items[0]
            taken -= 1
        self._stored += len(items)
        values = "".join(f"{item}, " for item in items)
        if not taken:
            return [f"s += ({values})"] if items else []
        return [f"s[-{taken}:] = ({values})"] if items else [f"del s[-{taken}:]"]

    def _leave(self, target: Term) -> None:
        self._lines += [*self._store_stack(), f"return {target}"]

    # --- instructions

    def _instruction(self) -> bool:
        """Translates one instruction; returns whether the trace goes on behind it."""
        pc, opcode = self._pc, self._program.code[self._pc]
        instruction = self._instructions.get(opcode)
        if instruction is None:
            self._lines.append(f"raise InvalidOpcode({opcode})")
            return False
        if opcode == _JUMPDEST:
            if pc in self._entered:
                self._leave(pc)
                return False
            self._entered.add(pc)
        self._segment_gas += instruction.gas
        self._pc = pc + 1
        if opcode in OPS:
            self._plain(opcode)
            return True
        if _PUSH0 <= opcode < _SWAP1 + 16:
            self._shuffle(opcode)
            return True
        if opcode in MESSAGES:
            return self._message(opcode)
        return self._control(opcode)

    def _plain(self, opcode: int) -> None:
        op = OPS[opcode]
        operands = [self._pop() for _ in range(op.pops)]
        names = dict(zip(OPERANDS, operands, strict=False))
        if op.pure and all(isinstance(operand, int) for operand in operands):
            self._push(eval(op.expression, dict(_SCOPE), names))  # noqa: S307  # as in exec above
            return
        if opcode == _MSTORE:
            self._mstore(*operands)
            return
        text = _OPERAND.sub(lambda match: str(names[match[0]]), op.expression)
        if opcode == _MLOAD:
            at = operands[0]
            text = f"word(m[{at}:{_plus(at, 32)}]) if {_plus(at, 32)} <= len(m) else {text}"
        if op.pushes:
            self._names += 1
            name = f"t{self._names}"
            self._lines.append(f"{name} = {text}")
            self._push(name)
        else:
            self._lines.append(text)
        if op.ends_segment:
            self._next_segment()

    def _mstore(self, at: Term, value: Term) -> None:
        data = repr(value.to_bytes(32)) if isinstance(value, int) else f"{value}.to_bytes(32)"
        end = _plus(at, 32)
        self._lines += [
            f"if {end} <= len(m): m[{at}:{end}] = {data}",
            f"else: mstore(f, {at}, {value})",
        ]

    def _shuffle(self, opcode: int) -> None:
        """PUSH, DUP and SWAP cost no Python at all."""
        stack = self._stack
        if opcode < _DUP1:
            size = opcode - _PUSH0
            self._push(int.from_bytes(self._program.code[self._pc : self._pc + size]))
            self._pc += size
        elif opcode < _SWAP1:
            depth = opcode - _DUP1 + 1
            self._reach(depth)
            self._push(stack[-depth])
        else:
            depth = opcode - _SWAP1 + 2
            self._reach(depth)
            stack[-1], stack[-depth] = stack[-depth], stack[-1]

    def _message(self, opcode: int) -> bool:
        pops, expression = MESSAGES[opcode]
        names = dict(zip(OPERANDS, (self._pop() for _ in range(pops)), strict=False))
        text = _OPERAND.sub(lambda match: str(names[match[0]]), expression)
        self._lines += [*self._store_stack(), f"f.pc = {self._pc}", f"return {text}"]
        return False

    def _control(self, opcode: int) -> bool:
        if opcode == _POP:
            self._pop()
        elif opcode == _PC:
            self._push(self._pc - 1)
        elif opcode == _JUMP:
            return self._jump(self._pop())
        elif opcode == _JUMPI:
            return self._jump_if(self._pop(), self._pop())
        elif opcode != _JUMPDEST:
            self._end(opcode)
            return False
        return True

    def _end(self, opcode: int) -> None:
        if opcode in (_RETURN, _REVERT):
            at, size = self._pop(), self._pop()
            self._lines += [f"expand(f, {at}, {size})", f"f.output = read(f, {at}, {size})"]
        elif opcode == _SELFDESTRUCT:
            self._lines.append(f"selfdestruct(f, {self._pop()})")
        self._lines.append("raise Reverted" if opcode == _REVERT else "return ENDED")

    def _jump(self, target: Term) -> bool:
        if isinstance(target, int):
            if target not in self._program.jump_destinations:
                self._lines.append("raise InvalidJump")
                return False
            if target < self._pc and target in self._heads:
                self._leave(target)
                return False
            self._pc = target
            return True
        self._lines.append(f"if {target} not in destinations: raise InvalidJump")
        self._leave(target)
        return False

    def _jump_if(self, target: Term, condition: Term) -> bool:
        if isinstance(condition, int):
            return self._jump(target) if condition else True
        lines = self._lines
        self._lines = []
        if isinstance(target, str) or target not in self._program.jump_destinations:
            self._lines.append(f"if {target} not in destinations: raise InvalidJump")
        self._leave(target)
        self._lines = [*lines, f"if {condition}:", *("    " + line for line in self._lines)]
        self._next_segment()
        return True


def _plus(term: Term, addend: int) -> Term:
    return term + addend if isinstance(term, int) else f"{term} + {addend}"
