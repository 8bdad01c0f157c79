"""The fast loop: compiled traces where code is hot, the stepwise loop everywhere else."""

from __future__ import annotations

from typing import Final

from node.evm.forks import Fork
from node.evm.interpreter.compiler import (
    BAIL,
    MAX_INSTRUCTIONS,
    Trace,
    block_length,
    compile_trace,
)
from node.evm.interpreter.frame import Frame
from node.evm.interpreter.handlers import ENDED
from node.evm.interpreter.program import Program
from node.evm.interpreter.stepwise import run_block

_COMPILE_COST: Final = 64
"""Stepped instructions that take as long as compiling one."""


class Traces:
    """The traces of one program under one fork, by where they start.

    A trace is compiled once stepping through its first block has cost as much as compiling a whole
    trace can, so code that avoids being worth it slows execution by a factor of two at most.
    """

    __slots__ = ("_budget", "_fork", "_left", "_program", "compiled")

    def __init__(self, program: Program, fork: Fork, budget: int) -> None:
        self._program = program
        self._fork = fork
        self._budget = budget
        self._left: dict[int, int] = {}
        self.compiled: dict[int, Trace] = {}

    def warm_up(self, start: int) -> Trace | None:
        """The trace at `start` if it is due, else None after counting one more step through it."""
        left = self._left.get(start)
        if left is None:
            left = self._budget // block_length(self._program, start)
        if left > 0:
            self._left[start] = left - 1
            return None
        trace = self.compiled[start] = compile_trace(
            self._program, self._fork, start, self.compiled
        )
        return trace


class CompiledLoop:
    """A `Loop`. budget: instructions stepped from one place before its trace is compiled."""

    def __init__(self, budget: int = MAX_INSTRUCTIONS * _COMPILE_COST) -> None:
        self._budget = budget

    def __call__(self, f: Frame) -> Frame | None:
        """Runs a frame until it ends (None) or a child has to run first."""
        traces = self._traces(f)
        compiled = traces.compiled
        pc = f.pc
        while True:
            trace = compiled.get(pc) or traces.warm_up(pc)
            if trace is None:
                f.pc = pc
                result = run_block(f)
            else:
                result = trace(f)
                if result == BAIL:
                    result = run_block(f)
            if result.__class__ is not int:
                return None if result is ENDED else result  # type: ignore[return-value]
            pc = result

    def _traces(self, f: Frame) -> Traces:
        program, fork = f.program, f.context.fork
        traces: Traces | None = program.compiled.get(fork)
        if traces is None:
            traces = program.compiled[fork] = Traces(program, fork, self._budget)
        return traces
