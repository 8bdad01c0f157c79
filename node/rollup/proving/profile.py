"""What proving a block costs: by function, by chip, by call, and by transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from node.errors import CorruptData
from node.recursion.riscv.profile import Profile, Span, Spans
from node.recursion.riscv.program import Program
from node.rollup.proving.prover import BlockJob

TRANSACT: Final = "evm8transactERNS0_7MachineERKNS0_11TransactionERNS0_17TransactionResultE"
AFTER: Final = "evm16collect_requestsE"
"""Functions of the core, as symbols name them: one a transaction, and what comes after the last."""


@dataclass(frozen=True)
class BlockProfile:
    """whole: the run's. transactions: one a transaction, in order; rest: all else.

    The cells of the parts are without padding.
    """

    whole: Profile
    transactions: tuple[Span, ...]
    rest: Span

    @property
    def cycles(self) -> int:
        """Of the whole run."""
        return self.rest.cycles + sum(span.cycles for span in self.transactions)

    @property
    def cells(self) -> int:
        """Of the whole run."""
        return self.rest.cells + sum(span.cells for span in self.transactions)


def profile_block(job: BlockJob) -> BlockProfile:
    """Replays a block's run and counts."""
    program, machine = job.keys.program, job.keys.machine
    transact, after = (entry_of(program, symbol) for symbol in (TRANSACT, AFTER))
    whole, spans = Profile(), Spans(machine, (transact, after))
    for index in range(len(job.run.checkpoints)):
        recorded = job.run.record(index)
        whole.add(program, machine, recorded)
        spans.add(recorded)
    others = [span for span in spans.spans if span.mark != transact]
    rest = Span(None, sum(s.cycles for s in others), sum(s.cells for s in others))
    return BlockProfile(whole, tuple(s for s in spans.spans if s.mark == transact), rest)


def entry_of(program: Program, symbol: str) -> int:
    """The address of the one function whose name has this in it."""
    found = [it.address for it in program.functions if symbol in it.name]
    if len(found) != 1:
        raise CorruptData(f"the block guest has {len(found)} functions {symbol}, expected one")
    return found[0]
