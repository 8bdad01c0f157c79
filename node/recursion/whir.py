"""WHIR: the stacked polynomial evaluated where the zerocheck wants, from hashes alone.

Each oracle is a matrix of 2^fold columns by 2^log_rows rows over the polynomial's evaluations, each
column encoded to 2^log_leaves; a leaf is a row. Folding binds the most significant variables, the
column's number, so a folded leaf is a value of the next polynomial at a power point.

Batching powers of new claims start at the first power: the running claim alone has coefficient 1.
Otherwise a prover could answer an out-of-domain query after it knows the error of the running claim
(docs/proof-system.md, section "Batching").
Source: WHIR, eprint 2024/1586, constructions 5.1 and 6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final, TypeAlias

from node.recursion.arithmetic import Ext, Felt
from node.recursion.channel import Channel
from node.recursion.field import DEGREE, P, root_of_unity
from node.recursion.key import VerifyingKey
from node.recursion.layout import Block
from node.recursion.multilinear import (
    eq,
    eq_table,
    evaluate_powers,
    horner,
    inner_product,
    select,
)
from node.recursion.openings import Tree
from node.recursion.poseidon2 import DIGEST
from node.recursion.security import Oracle

_HALF: Final = (P + 1) // 2

Sample: TypeAlias = "tuple[Ext | Felt, Ext]"
"""(x, value at the power point of x)."""


@dataclass(frozen=True)
class ColumnClaims:
    """The columns of one chip, at the last coordinates of `point`, have these values."""

    blocks: Sequence[Block]
    point: Sequence[Ext]
    values: Sequence[Ext]


@dataclass(frozen=True)
class _Statement:
    """A weight that the polynomial's inner product is claimed with.

    made: challenges that were bound before it. powers: one for each value.
    """

    powers: Sequence[Ext]
    claims: ColumnClaims | Sequence[Ext]
    """Of columns, or the value at a whole point."""
    made: int


def verify_opening(
    key: VerifyingKey,
    channel: Channel,
    root: Sequence[Felt],
    ood: Sequence[Sample],
    claims: Sequence[ColumnClaims],
) -> None:
    """Checks all claims on the committed columns. Raises InvalidProof.

    ood: of the first oracle, sampled right after its root was read.
    """
    _Opening(key, channel).run(root, ood, claims)


class _Opening:
    """One opening: the running claim is that the inner product of weights and polynomial is sum."""

    def __init__(self, key: VerifyingKey, channel: Channel) -> None:
        self.key = key
        self.channel = channel
        self.transcript = channel.transcript
        self.arithmetic = channel.arithmetic
        self.sum: Ext = 0
        self.bound: list[Ext] = []
        """The folding challenges so far: the stack's most significant coordinates."""
        self.statements: list[_Statement] = []

    def run(
        self, root: Sequence[Felt], ood: Sequence[Sample], claims: Sequence[ColumnClaims]
    ) -> None:
        """The whole opening, oracle by oracle."""
        self._add(ood, self.key.variables, claims)
        roots = self._first_roots(root)
        oracles = self.key.whir.oracles
        for oracle, following in pairwise(oracles):
            folding = self._fold(oracle.fold, oracle.fold_grinding)
            root = self.channel.read(DIGEST)
            xs = [self.transcript.sample_ext() for _ in range(following.ood_samples)]
            answers = self.channel.read_ext(following.ood_samples)
            queried = self._queries(oracle, roots, folding)
            self._add([*zip(xs, answers, strict=True), *queried], oracle.log_rows)
            roots = [(root, DEGREE << following.fold)]
        self._last(oracles[-1], roots)

    def _first_roots(self, root: Sequence[Felt]) -> list[Tree]:
        roots: list[Tree] = [(root, self.key.width)]
        if self.key.preprocessed_width:
            fixed = [self.arithmetic.felt(x) for x in self.key.preprocessed_root]
            roots.append((fixed, self.key.preprocessed_width))
        return roots

    def _add(
        self, samples: Sequence[Sample], variables: int, claims: Sequence[ColumnClaims] = ()
    ) -> None:
        """Batches new claims onto the running one, with powers from the first on."""
        gamma = self.transcript.sample_ext()
        power: Ext = 1
        made = len(self.bound)
        for x, value in samples:
            power = power * gamma
            self.sum = self.sum + power * value
            self.statements.append(_Statement([power], evaluate_powers(x, variables), made))
        for claim in claims:
            powers = []
            for value in claim.values:
                power = power * gamma
                self.sum = self.sum + power * value
                powers.append(power)
            self.statements.append(_Statement(powers, claim, made))

    def _fold(self, rounds: int, grinding: int) -> list[Ext]:
        """Sumcheck rounds; each binds the most significant variable left."""
        challenges = []
        for _ in range(rounds):
            linear, square = self.channel.read_ext(2)
            constant = (self.sum - linear - square) * _HALF
            self.channel.grind(grinding)
            challenges.append(self.transcript.sample_ext())
            self.sum = horner([constant, linear, square], challenges[-1])
        self.bound += challenges
        return challenges

    def _queries(
        self, oracle: Oracle, roots: Sequence[Tree], folding: Sequence[Ext]
    ) -> list[Sample]:
        """Opens sampled leaves, folded: values of the next polynomial at points of the domain."""
        self.channel.grind(oracle.query_grinding)
        sampled = [self.transcript.sample_index(oracle.log_leaves) for _ in range(oracle.queries)]
        leaves = self.channel.open(roots, oracle.log_leaves, sampled)
        weights = eq_table(folding)
        return [
            (self._domain_point(bits), inner_product(self._columns(leaf, oracle), weights))
            for bits, leaf in zip(sampled, leaves, strict=True)
        ]

    def _columns(self, leaf: Sequence[Felt], oracle: Oracle) -> list[Ext | Felt]:
        """A leaf as one entry a matrix column; columns nobody committed are zero."""
        if oracle is not self.key.whir.oracles[0]:
            return [self.arithmetic.ext(leaf[i : i + DEGREE]) for i in range(0, len(leaf), DEGREE)]
        committed, preprocessed = leaf[: self.key.width], leaf[self.key.width :]
        return [*committed, *[0] * ((1 << oracle.fold) - len(leaf)), *preprocessed]

    def _domain_point(self, bits: Sequence[Felt]) -> Felt:
        """The generator of the domain to the index with these bits, least significant first."""
        point: Felt = 1
        for level, bit in enumerate(bits):
            point = point * select(bit, root_of_unity(len(bits) - level), 1)
        return point

    def _last(self, oracle: Oracle, roots: Sequence[Tree]) -> None:
        """The last fold is sent in clear: its values are compared, and its product summed."""
        folding = self._fold(oracle.fold, oracle.fold_grinding)
        final = self.channel.read_ext(1 << oracle.log_rows)
        for x, value in self._queries(oracle, roots, folding):
            found = inner_product(eq_table(evaluate_powers(x, oracle.log_rows)), final)
            self.arithmetic.require_zero(found - value, "a query differs from the final polynomial")
        tail = self._fold(oracle.log_rows, 0)
        columns = [s.claims for s in self.statements if isinstance(s.claims, ColumnClaims)]
        blocks = [block for claims in columns for block in claims.blocks]
        prefixes = iter(self.arithmetic.prefix_weights(blocks, self.bound))
        weight = sum(self._weight(statement, prefixes) for statement in self.statements)
        product = weight * inner_product(eq_table(tail), final)
        self.arithmetic.require_zero(self.sum - product, "the opened values are not the committed")

    def _weight(self, statement: _Statement, prefixes: Iterator[Ext]) -> Ext:
        """A statement's weight polynomial at the challenges. prefixes: of columns' blocks, in turn.

        Claims on columns were made before the first challenge.
        """
        claims, at = statement.claims, self.bound[statement.made :]
        if not isinstance(claims, ColumnClaims):
            weight = statement.powers[0]
            for coordinate, challenge in zip(claims, at, strict=True):
                weight = weight * eq(coordinate, challenge)
            return weight
        if not claims.blocks:
            return 0
        rows: Ext = 1
        inner = claims.blocks[0].inner(len(at))[-len(claims.point) :]
        for inside, coordinate, challenge in zip(
            inner, claims.point, at[-len(claims.point) :], strict=True
        ):
            rows = rows * select(inside, eq(coordinate, challenge), 1)
        return rows * inner_product(list(islice(prefixes, len(claims.blocks))), statement.powers)
