"""Records the verifier as a straight-line tape, and replays the tape on numbers.

A symbol has + - * and nothing else: whatever would let control flow or an address depend on it
raises. Recording sees a key and heights, no proof, so a tape is the same for every proof of its
shape.
"""

from dataclasses import dataclass, field
from itertools import count

from node.recursion.channel import Channel
from node.recursion.multilinear import prefix_weight
from node.recursion.openings import EXPANDED
from node.recursion.verifier import verify_elements


class Symbol:
    """The result of a step of a tape."""

    __slots__ = ("place", "tape")

    def __init__(self, tape, place):
        self.tape, self.place = tape, place

    def __add__(self, other):
        return self.tape.step("add", self, other)

    def __radd__(self, other):
        return self.tape.step("add", other, self)

    def __sub__(self, other):
        return self.tape.step("sub", self, other)

    def __rsub__(self, other):
        return self.tape.step("sub", other, self)

    def __mul__(self, other):
        return self.tape.step("mul", self, other)

    def __rmul__(self, other):
        return self.tape.step("mul", other, self)

    def _refuse(self, *_):
        raise TypeError("a witness decides nothing")

    __bool__ = __int__ = __index__ = __float__ = __len__ = __iter__ = __hash__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __getitem__ = __contains__ = _refuse


@dataclass
class Tape:
    """An arithmetic over symbols. steps: (operation, operands' places or a constant, reason)."""

    steps: list = field(default_factory=list)
    results: int = 0
    """Values that the steps yield, numbered in order."""
    inputs: int = 0

    def _results(self, operation, operands, how_many, reason=None):
        self.steps.append((operation, operands, reason))
        places = range(self.results, self.results + how_many)
        self.results += how_many
        return [Symbol(self, place) for place in places]

    def _place(self, value):
        return value.place if type(value) is Symbol else self.felt(value).place

    def step(self, operation, *operands, results=1, reason=None):
        places = tuple(self._place(x) for x in operands)
        made = self._results(operation, places, results, reason)
        return made[0] if results == 1 else made

    def input(self):
        (symbol,) = self._results("input", self.inputs, 1)
        self.inputs += 1
        return symbol

    def felt(self, value):
        assert type(value) is int
        return self._results("constant", value, 1)[0]

    def ext(self, coefficients):
        return self.step("ext", *coefficients)

    def permute(self, state):
        return self.step("permute", *state, results=16)

    def require_zero(self, value, reason):
        self.step("require_zero", value, results=0, reason=reason)

    def inverse(self, value, reason):
        return self.step("inverse", value, reason=reason)

    def prefix_weights(self, blocks, point):
        return [prefix_weight(block, point) for block in blocks]

    def low_bits(self, value, how_many):
        place = self._place(value)
        return self._results("low_bits", (place, how_many), how_many)


def record(key, heights, form=EXPANDED):
    """The tape of a key's verifier at these heights. Inputs: public values, then elements."""
    tape = Tape()
    public = [tape.input() for _ in range(key.machine.public_values)]
    channel = Channel(tape, (tape.input() for _ in count()), form)
    verify_elements(key, heights, public, channel)
    assert tape.inputs == len(public) + len(channel.expanded)
    return tape


def replay(tape, inputs, native):
    """Runs a tape. Raises InvalidProof where a requirement fails."""
    assert len(inputs) == tape.inputs
    values = []
    for operation, operands, reason in tape.steps:
        match operation:
            case "input":
                values.append(native.felt(inputs[operands]))
            case "constant":
                values.append(native.felt(operands))
            case "add":
                values.append(values[operands[0]] + values[operands[1]])
            case "sub":
                values.append(values[operands[0]] - values[operands[1]])
            case "mul":
                values.append(values[operands[0]] * values[operands[1]])
            case "ext":
                values.append(native.ext([values[i] for i in operands]))
            case "permute":
                values += native.permute([values[i] for i in operands])
            case "low_bits":
                values += native.low_bits(values[operands[0]], operands[1])
            case "inverse":
                values.append(native.inverse(values[operands[0]], reason))
            case "require_zero":
                native.require_zero(values[operands[0]], reason)
