"""A prover that follows the protocol's text with no thought of speed: the oracle for the real one.

It is as short as it can be, works on lists of extension elements, and finds the smallest grinding
nonces, so an honest prover with the same inputs produces the same bytes.
"""

import itertools

from node.recursion.air.check import cells_of, evaluate
from node.recursion.arithmetic import Native
from node.recursion.field import DEGREE, ONE, ZERO, Ext, Felt, P, root_of_unity
from node.recursion.layout import ABSENT
from node.recursion.multilinear import (
    eq,
    eq_table,
    evaluate_powers,
    horner,
    inner_product,
    interpolate,
    prefix_weight,
)
from node.recursion.native import core
from node.recursion.poseidon2 import DIGEST
from node.recursion.proof import Proof
from node.recursion.transcript import GRIND_TAG, Transcript, compress, hash_leaf

NATIVE = Native(core.permute)


def as_ext(x):
    return x if isinstance(x, Ext) else Ext((int(x) % P, 0, 0, 0, 0))


class Speaker:
    """The prover's end of the channel."""

    def __init__(self):
        self.transcript = Transcript(NATIVE)
        self.elements = []

    def say(self, felts):
        felts = [Felt(x) for x in felts]
        self.elements += felts
        self.transcript.observe(felts)

    def say_ext(self, values):
        self.say([c for value in values for c in as_ext(value).c])

    def observe_ext(self, values):
        self.transcript.observe([Felt(c) for value in values for c in as_ext(value).c])

    def grind(self, bits):
        if not bits:
            return
        for nonce in itertools.count():
            trial = Transcript(NATIVE)
            trial.__dict__.update(self.transcript.__dict__)
            trial._state = list(self.transcript._state)
            trial.observe([Felt(GRIND_TAG), Felt(nonce)])
            if not any(trial.sample_index(bits)):
                self.transcript = trial
                self.elements.append(nonce)
                return


def encode(values, log_length):
    """The codeword of a multilinear polynomial given by its evaluations."""
    if len(values) == 1:
        return values * 2**log_length
    even, odd = (encode(values[i::2], log_length - 1) for i in (0, 1))
    root, half = root_of_unity(log_length), 2 ** (log_length - 1)
    return [
        even[j % half] + (odd[j % half] - even[j % half]) * pow(root, j, P)
        for j in range(2**log_length)
    ]


class Tree:
    """A Merkle tree over leaves of base elements."""

    def __init__(self, leaves):
        self.leaves = leaves
        self.levels = [[hash_leaf(NATIVE, leaf) for leaf in leaves]]
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            self.levels.append(
                [compress(NATIVE, a, b) for a, b in zip(below[::2], below[1::2], strict=True)]
            )

    @property
    def root(self):
        return self.levels[-1][0]

    def open(self, indices):
        known = sorted(set(indices))
        elements = [x for i in known for x in self.leaves[i]]
        for level in self.levels[:-1]:
            elements += [x for i in sorted({i ^ 1 for i in known} - set(known)) for x in level[i]]
            known = sorted({i >> 1 for i in known})
        return elements


def matrix_tree(stack, log_rows, log_leaves):
    """The tree over the encoded columns of a matrix, column after column in `stack`."""
    columns = [stack[i : i + 2**log_rows] for i in range(0, len(stack), 2**log_rows)]
    words = [encode(column, log_leaves) for column in columns]
    leaves = []
    for row in zip(*words, strict=True):
        flat = [c for x in row for c in (x.c if isinstance(x, Ext) else (int(x),))]
        leaves.append([Felt(x) for x in flat])
    return Tree(leaves)


def preprocessed_stack(key):
    """The preprocessed cells as the key's last matrix columns hold them."""
    stack = [Felt(0)] * (key.preprocessed_width << key.log_rows)
    heights = [
        s.circuit.max_log_height if s.circuit.is_fixed else ABSENT for s in key.machine.slots
    ]
    layout = key.layout(heights)
    for slot, place in zip(key.machine.slots, layout.slots, strict=True):
        if place is None:
            continue
        fixed = slot.circuit.fixed_columns()
        for info, block in zip(
            slot.circuit.of_kind("preprocessed"), place.preprocessed, strict=True
        ):
            start = block.offset - key.preprocessed_offset
            stack[start : start + 2**block.log_size] = [Felt(x) for x in fixed[info.name]]
    return stack


def preprocessed_root(key):
    """What `VerifyingKey.preprocessed_root` must be."""
    if not key.preprocessed_width:
        return (0,) * DIGEST
    oracle = key.whir.oracles[0]
    return tuple(matrix_tree(preprocessed_stack(key), key.log_rows, oracle.log_leaves).root)


def to_coefficients(values):
    """The polynomial through (0, values[0]), (1, values[1]), ..."""
    size = len(values)
    total = [ZERO] * size
    for i, value in enumerate(values):
        basis, scale = [1], 1
        for j in range(size):
            if j != i:
                basis = [
                    ((basis[k - 1] if k else 0) - j * (basis[k] if k < len(basis) else 0)) % P
                    for k in range(len(basis) + 1)
                ]
                scale = scale * (i - j) % P
        inverse = pow(scale, -1, P)
        total = [t + value * (b * inverse) for t, b in zip(total, basis, strict=True)]
    return total


def bind_first(values, x):
    half = len(values) // 2
    return [interpolate(a, b, x) for a, b in zip(values[:half], values[half:], strict=True)]


def bind_last(values, x):
    return [interpolate(a, b, x) for a, b in zip(values[0::2], values[1::2], strict=True)]


class Prover:
    def __init__(self, key, tables, public):
        """tables: one a slot, None where absent."""
        self.key, self.tables, self.public = key, tables, public
        self.heights = [ABSENT if t is None else len(t).bit_length() - 1 for t in tables]
        self.layout = key.layout(self.heights)
        self.out = Speaker()
        self.slots = key.machine.slots
        self.cells = [
            None if t is None else {
                name: [Felt(x) for x in values]
                for name, values in cells_of(slot.circuit, t).items()
            }
            for slot, t in zip(key.machine.slots, tables, strict=True)
        ]  # fmt: skip

    def sample(self):
        return self.out.transcript.sample_ext()

    def prove(self):
        transcript = self.out.transcript
        transcript.observe([Felt(x) for x in self.key.digest_elements])
        transcript.observe([Felt(x) for x in (*self.public, *self.heights)])
        committed, preprocessed = self.commit()
        self.out.say(self.trees[0].root)
        self.stack = committed + [Felt(0)] * (
            2**self.key.variables - len(committed) - len(preprocessed)
        ) + preprocessed  # fmt: skip
        oracle = self.key.whir.oracles[0]
        xs = [self.sample() for _ in range(oracle.ood_samples)]
        answers = [self.evaluate(self.stack, x) for x in xs]
        self.out.say_ext(answers)
        self.out.grind(self.key.bus_grinding)
        self.alpha, self.c = self.sample(), self.sample()
        point = self.fractional_sum()
        at, opened = self.zerocheck(point)
        self.open(list(zip(xs, answers, strict=True)), at, opened)
        return Proof(tuple(self.heights), tuple(int(x) for x in self.out.elements))

    def top(self, p0, p1, q0, q1):
        """What is said of the top layer: forgers change it."""
        return p0, p1, q0, q1

    def final(self, f, w):
        """What is sent in clear: forgers change it."""
        return f

    def commit(self):
        key = self.key
        stack = [Felt(0)] * (key.width << key.log_rows)
        for slot, place, cells in zip(
            key.machine.slots, self.layout.slots, self.cells, strict=True
        ):
            if place:
                for info, block in zip(
                    slot.circuit.of_kind("committed"), place.columns, strict=True
                ):
                    stack[block.offset : block.offset + 2**block.log_size] = cells[info.name]
        oracle = key.whir.oracles[0]
        self.trees = [matrix_tree(stack, key.log_rows, oracle.log_leaves)]
        preprocessed = preprocessed_stack(key)
        if preprocessed:
            self.trees.append(matrix_tree(preprocessed, key.log_rows, oracle.log_leaves))
        return stack, preprocessed

    @staticmethod
    def evaluate(values, x):
        variables = len(values).bit_length() - 1
        return inner_product(eq_table(evaluate_powers(x, variables)), values)

    def fingerprint(self, bus, fields):
        return self.c - (horner([0, *fields], self.alpha) + self.key.machine.bus_ids[bus])

    def leaves(self):
        p = [ZERO] * 2**self.key.log_messages
        q = [ONE] * 2**self.key.log_messages
        for slot, place, cells in zip(self.slots, self.layout.slots, self.cells, strict=True):
            for message, block in zip(
                slot.circuit.messages if place else (), place.messages if place else (), strict=True
            ):
                for row in range(2**block.log_size):
                    here = {name: values[row] for name, values in cells.items()}
                    times, *fields = evaluate((message.times, *message.fields), here)
                    p[block.offset + row] = as_ext(times)
                    q[block.offset + row] = as_ext(self.fingerprint(message.bus, fields))
        return p, q

    def fractional_sum(self):
        layers = [self.leaves()]
        while len(layers[-1][0]) > 2:
            p, q = layers[-1]
            layers.append((
                [p[i] * q[i + 1] + p[i + 1] * q[i] for i in range(0, len(p), 2)],
                [q[i] * q[i + 1] for i in range(0, len(q), 2)],
            ))  # fmt: skip
        (p0, p1), (q0, q1) = layers.pop()
        p0, p1, q0, q1 = self.top(p0, p1, q0, q1)
        self.out.say_ext([p0, p1, q0, q1])
        point = [self.sample()]
        for p, q in reversed(layers):
            weight = self.sample()
            parts = [p[0::2], p[1::2], q[0::2], q[1::2]]
            inner = self.bare_sumcheck(
                point, parts, lambda v, w=weight: v[0] * v[3] + v[1] * v[2] + w * v[2] * v[3], 2
            )
            self.out.say_ext([values[0] for values in parts])
            point = [*inner, self.sample()]
        return point

    def bare_sumcheck(self, point, tables, combine, degree):
        """Binds `tables` in place, the last variable first; returns the variables' challenges."""
        challenges = []
        for left in reversed(range(len(point))):
            weights = eq_table(point[:left])
            values = []
            for x in range(degree + 1):
                bound = [bind_last(t, x) for t in tables]
                values.append(
                    inner_product(weights, [combine(v) for v in zip(*bound, strict=True)])
                )
            self.out.say_ext(to_coefficients(values)[1:])
            challenges.append(self.sample())
            tables[:] = [bind_last(t, challenges[-1]) for t in tables]
        return challenges[::-1]

    def zerocheck(self, point):
        key, slots = self.key, self.key.machine.slots
        weights = [
            [prefix_weight(b, point) for b in place.messages] if place else []
            for place in self.layout.slots
        ]
        sums = [self.leaf_sums(i, weights[i], point) for i in range(len(slots))]
        self.out.say_ext([x for pair in sums for x in pair])
        alpha, eta = self.sample(), self.sample()
        n = key.log_height
        tail = point[len(point) - n :]
        tables = [
            None if cells is None else {k: [as_ext(x) for x in v] for k, v in cells.items()}
            for cells in self.cells
        ]
        at = []
        for i in range(n):
            values = []
            for x in range(key.degree + 1):
                parts = []
                for s, slot in enumerate(slots):
                    if tables[s] is None or i < n - self.heights[s]:
                        parts.append(sums[s][0] + alpha * sums[s][1])
                        continue
                    bound = {k: bind_first(v, x) for k, v in tables[s].items()}
                    eqs = eq_table(tail[i + 1 :])
                    total = ZERO
                    for row, factor in enumerate(eqs):
                        here = {k: v[row] for k, v in bound.items()}
                        total = total + factor * self.row(slot, here, weights[s], alpha)
                    parts.append(total)
                values.append(horner(parts, eta))
            self.out.say_ext(to_coefficients(values)[1:])
            at.append(self.sample())
            for s, cells in enumerate(tables):
                if cells is not None and i >= n - self.heights[s]:
                    tables[s] = {k: bind_first(v, at[-1]) for k, v in cells.items()}
        opened = []
        for slot, cells in zip(slots, tables, strict=True):
            names = [c.name for c in slot.circuit.columns if c.kind != "formula"]
            opened.append([ZERO if cells is None else as_ext(cells[n][0]) for n in names])
            (self.out.say_ext if cells is not None else self.out.observe_ext)(opened[-1])
        return at, opened

    def row(self, slot, cells, weights, alpha):
        total = horner(
            [0, 0, *evaluate([e.polynomial for e in slot.circuit.equations], cells)], alpha
        )
        for message, weight in zip(slot.circuit.messages, weights, strict=False):
            times, *fields = evaluate((message.times, *message.fields), cells)
            total = total + weight * (times + alpha * self.fingerprint(message.bus, fields))
        return total

    def leaf_sums(self, s, weights, point):
        if self.cells[s] is None:
            return ZERO, ZERO
        slot, height = self.key.machine.slots[s], self.heights[s]
        p = q = ZERO
        for row, factor in enumerate(eq_table(point[len(point) - height :])):
            here = {name: values[row] for name, values in self.cells[s].items()}
            for message, weight in zip(slot.circuit.messages, weights, strict=False):
                times, *fields = evaluate((message.times, *message.fields), here)
                p = p + factor * weight * times
                q = q + factor * weight * self.fingerprint(message.bus, fields)
        return p, q

    def open(self, ood, at, opened):
        key = self.key
        f = [as_ext(x) for x in self.stack]
        w = [ZERO] * len(f)
        power = self.add_points(w, ood, self.sample(), ONE)
        for place, values in zip(self.layout.slots, opened, strict=True):
            for i, _ in enumerate(values):
                power = power * self.gamma
                if place:
                    block = (*place.columns, *place.preprocessed)[i]
                    row = eq_table(at[len(at) - block.log_size :])
                    for j, factor in enumerate(row):
                        w[block.offset + j] = w[block.offset + j] + power * factor
        trees, oracles = self.trees, key.whir.oracles
        for number, oracle in enumerate(oracles):
            f, w = self.fold(f, w, oracle.fold, oracle.fold_grinding)
            if number + 1 == len(oracles):
                f = self.final(f, w)
                self.out.say_ext(f)
                self.query(oracle, trees)
                self.fold(f, w, oracle.log_rows, 0)
                return
            following = oracles[number + 1]
            tree = matrix_tree(f, following.log_rows, following.log_leaves)
            self.out.say(tree.root)
            xs = [self.sample() for _ in range(following.ood_samples)]
            answers = [self.evaluate(f, x) for x in xs]
            self.out.say_ext(answers)
            indices = self.query(oracle, trees)
            domain = root_of_unity(oracle.log_leaves)
            points = [Felt(pow(domain, i, P)) for i in indices]
            samples = [*zip(xs, answers, strict=True), *((y, self.evaluate(f, y)) for y in points)]
            self.add_points(w, samples, self.sample(), ONE)
            trees = [tree]

    def add_points(self, w, samples, gamma, power):
        self.gamma = gamma
        variables = len(w).bit_length() - 1
        for x, _ in samples:
            power = power * gamma
            for j, factor in enumerate(eq_table(evaluate_powers(x, variables))):
                w[j] = w[j] + power * factor
        return power

    def fold(self, f, w, rounds, grinding):
        for _ in range(rounds):
            values = [inner_product(bind_first(f, x), bind_first(w, x)) for x in range(3)]
            self.out.say_ext(to_coefficients(values)[1:])
            self.out.grind(grinding)
            challenge = self.sample()
            f, w = bind_first(f, challenge), bind_first(w, challenge)
        return f, w

    def query(self, oracle, trees):
        self.out.grind(oracle.query_grinding)
        indices = []
        for _ in range(oracle.queries):
            bits = self.out.transcript.sample_index(oracle.log_leaves)
            indices.append(sum(int(b) << i for i, b in enumerate(bits)))
        for tree in trees:
            self.out.elements += tree.open(indices)
        return indices


def prove(key, tables, public):
    """tables: one a slot of the key's machine, None where absent."""
    return Prover(key, tables, public).prove()


__all__ = ["DEGREE", "eq", "preprocessed_root", "prove"]
