"""What the guest has the machine compute of words, against Python's integers."""

from collections.abc import Iterator
from itertools import product

from node.crypto import keccak256
from node.evm import native
from node.evm.genesis import Genesis
from tests.conformance.guest_case import judge
from tests.unit.evm.chains import MemoryChain, genesis_json, transaction
from tests.unit.evm.programs import JUMPDEST, JUMPI, KECCAK256, MSTORE, SSTORE, asm, push

EDGES = [0, 1, 2**16 - 1, 2**32, 2**255 - 1, 2**255, 2**256 - 1]
PAIRS = list(product([0, 2**32 - 1, 2**255 - 1, 2**255, 2**256 - 1], repeat=2))
FLIP = 2**255
BINARY = {
    0x01: lambda a, b: (a + b) % 2**256,
    0x03: lambda a, b: (a - b) % 2**256,
    0x10: lambda a, b: a < b,
    0x11: lambda a, b: a > b,
    0x12: lambda a, b: a ^ FLIP < b ^ FLIP,
    0x13: lambda a, b: a ^ FLIP > b ^ FLIP,
    0x14: lambda a, b: a == b,
}
"""By opcode; a is on top."""
UNARY = {0x15: lambda a: a == 0, 0x19: lambda a: 2**256 - 1 - a}
DUP1, SWAP1 = 0x80, 0x90


def operations() -> Iterator[tuple[bytes, int]]:
    """(code that leaves one word more, that word)."""
    for (opcode, compute), (a, b) in product(BINARY.items(), PAIRS):
        yield asm(push(b), push(a), opcode), int(compute(a, b))
    for (opcode, compute), a in product(UNARY.items(), EDGES):
        yield asm(push(a), opcode), int(compute(a))
    stack = [2**200 * i + i for i in range(17)]
    yield b"".join(map(push, stack)), stack.pop()
    stack.append(7)
    yield asm(push(7), DUP1), 7
    for i in range(16):
        yield asm(DUP1 + i), stack[-1 - i]
    for i in range(16):
        stack[-1], stack[-2 - i] = stack[-2 - i], stack[-1]
        yield asm(SWAP1 + i, DUP1), stack[-1]
    for word in stack[::-1]:
        yield b"", word


def program() -> tuple[bytes, list[int]]:
    """Code that stores the hash of all these words, and the words; the last say who jumped."""
    code, words = b"", []
    for part, word in operations():
        code += asm(part, push(32 * len(words)), MSTORE)
        words.append(word)
    for condition in EDGES:
        store = asm(push(1), push(32 * len(words)), MSTORE)
        head = asm(push(condition), push(bytes(2)), JUMPI)
        target = len(code) + len(head) + len(store)
        code += asm(push(condition), push(target.to_bytes(2)), JUMPI, store, JUMPDEST)
        words.append(int(condition == 0))
    code += asm(push(32 * len(words)), push(0), KECCAK256, push(0), SSTORE)
    return code, words


def test_words_in_the_guest() -> None:
    code, words = program()
    given, place = genesis_json(), b"\xcd" * 20
    given["alloc"][place.hex()] = {"balance": "0x0", "code": f"0x{code.hex()}"}
    chain = MemoryChain(Genesis.from_json(given))
    executed = chain.grow(transaction(0, 0, place))
    expected = keccak256(b"".join(word.to_bytes(32) for word in words))
    assert chain.state.storage(place, 0) == int.from_bytes(expected)
    assert judge(chain.config, executed.block.encoded, executed.witness) == native.VALID
