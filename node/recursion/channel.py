"""What the verifier reads a proof's elements through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice

from node.errors import InvalidProof
from node.recursion.arithmetic import Arithmetic, Ext, Felt
from node.recursion.field import DEGREE
from node.recursion.openings import EXPANDED, Form, Tree
from node.recursion.transcript import Transcript


class Channel:
    """Reads a proof's elements into the transcript, in the order the protocol fixes.

    elements: in the form given.
    """

    def __init__(
        self, arithmetic: Arithmetic, elements: Iterable[Felt], form: Form = EXPANDED
    ) -> None:
        self.arithmetic = arithmetic
        self.transcript = Transcript(arithmetic)
        self.expanded: list[Felt] = []
        """What was read, in the expanded form."""
        self._elements = iter(elements)
        self._form = form

    def _take(self, count: int) -> list[Felt]:
        taken = list(islice(self._elements, count))
        if len(taken) != count:
            raise InvalidProof(f"proof ends {count - len(taken)} elements too early")
        return taken

    def _next(self, count: int) -> list[Felt]:
        taken = self._take(count)
        self.expanded += taken
        return taken

    def read(self, count: int) -> list[Felt]:
        """Base elements, observed."""
        elements = self._next(count)
        self.transcript.observe(elements)
        return elements

    def read_ext(self, count: int) -> list[Ext]:
        """Extension elements, observed."""
        parts = self.read(DEGREE * count)
        return [self.arithmetic.ext(parts[i : i + DEGREE]) for i in range(0, len(parts), DEGREE)]

    def read_zeros(self, count: int, reason: str) -> list[Ext]:
        """Extension elements that must be zero, observed like others."""
        values = self.read_ext(count) if self._form.zeros else self._imply_zeros(count)
        for value in values:
            self.arithmetic.require_zero(value, reason)
        return values

    def _imply_zeros(self, count: int) -> list[Ext]:
        zeros = [self.arithmetic.felt(0)] * (DEGREE * count)
        self.expanded += zeros
        self.transcript.observe(zeros)
        return [self.arithmetic.ext(zeros[:DEGREE])] * count

    def grind(self, bits: int) -> None:
        """A nonce that proves work, where any is asked for."""
        if bits:
            (nonce,) = self._next(1)
            self.transcript.check_grinding(nonce, bits)

    def open(
        self, trees: Sequence[Tree], log_leaves: int, indices: Sequence[Sequence[Felt]]
    ) -> list[list[Felt]]:
        """Leaves of trees over one domain, side by side, checked against the roots.

        indices: bits, least significant first; they may repeat. The trees' openings follow each
        other. None is observed: the roots bind them.
        """
        rows: list[list[Felt]] = [[] for _ in indices]
        for tree in trees:
            openings = self._form.open_tree(self.arithmetic, self._take, tree, log_leaves, indices)
            for i, (leaf, siblings) in enumerate(openings):
                rows[i] += leaf
                self.expanded += [*leaf, *chain.from_iterable(siblings)]
        return rows

    def finish(self) -> None:
        """Requires that everything was read. Raises InvalidProof."""
        left = sum(1 for _ in self._elements)
        if left:
            raise InvalidProof(f"{left} elements follow the proof")
