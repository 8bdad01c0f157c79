"""Zk gas of instructions: each is repeated in a contract, and compared with a call that skips it.

An operation is a body that leaves the stack as it was. Of several bodies of one instruction, with
operands that take different ways through its code, the dearest counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from node.crypto import keccak256
from node.types import Address
from tests.benchmark.zk_gas.guest import Call, chain_of, measure
from tests.unit.evm.programs import STOP, asm, op, push

REPEAT: Final = 64
TOP: Final = 2**256 - 1
WARM_UP: Final = (b"", b"", b"")
"""Calls before the one that counts. It is in no place of a power of two then, where lists grow."""
STOPPER: Final[Address] = b"\x51" * 20
RETURNER: Final[Address] = b"\x52" * 20
REVERTER: Final[Address] = b"\x53" * 20
HEIR: Final[Address] = b"\x54" * 20
WORDS_RETURNER: Final[Address] = b"\x55" * 20
HELPERS: Final = {
    STOPPER: asm(STOP),
    RETURNER: op(0xF3, 0, 0),
    REVERTER: op(0xFD, 0, 0),
    HEIR: asm(0x33, 0xFF),
    WORDS_RETURNER: op(0xF3, 33, 960),
}
_WORDS: Final = (0, 1, TOP, 2**255, 2**128 - 1, 0xFEDCBA9876543210 << 61, 31, 255)
_POP, _DUP1, _JUMPDEST = 0x50, 0x80, 0x5B


@dataclass(frozen=True)
class Operation:
    """What is repeated for `name`. known: other instructions in the body, by count.

    units: of what is named, a body has.

    body: bytes, or what makes them of the place they start at and their index. prefix: before all.
    """

    name: str
    body: bytes | Callable[[int, int], bytes]
    known: Mapping[str, int]
    prefix: bytes = b""
    times: int = REPEAT
    reverts: bool = False
    units: int = 1

    def code(self) -> bytes:
        """Runs the prefix, and the bodies only where there is call data."""
        start = len(self.prefix) + 9
        bodies = bytearray([_JUMPDEST])
        for index in range(self.times):
            made = self.body
            bodies += made if isinstance(made, bytes) else made(start + len(bodies), index)
        end = start + len(bodies)
        jumps = asm(0x36, push(start.to_bytes(2)), 0x57, push(end.to_bytes(2)), 0x56)
        tail = op(0xFD, 0, 0) if self.reverts else asm(STOP)
        return self.prefix + jumps + bytes(bodies) + asm(_JUMPDEST) + tail


def measure_operations(operations: list[Operation]) -> dict[str, int]:
    """Cells of each instruction, at its dearest. Known ones come before those that use them."""
    addresses = [keccak256(index.to_bytes(4))[:20] for index in range(len(operations))]
    codes = {a: operation.code() for a, operation in zip(addresses, operations, strict=True)}
    calls = [Call(address, data) for address in addresses for data in (*WARM_UP, b"\x01")]
    cells = measure(chain_of(HELPERS | codes), calls).transactions
    found: dict[str, int] = {}
    for index, operation in enumerate(operations):
        without, with_bodies = cells[4 * index + 2 : 4 * index + 4]
        others = sum(found[name] * times for name, times in operation.known.items() if times)
        own = ((with_bodies - without) / operation.times - others) / operation.units
        found[operation.name] = max(found.get(operation.name, 0), round(own), 1)
    return found


def all_operations() -> list[Operation]:
    """Every instruction; the simplest first."""
    return [*_stack(), *_arithmetic(), *_environment(), *_jumps(), *_memory(), *_state(), *_calls()]


def _stack() -> Iterator[Operation]:
    many = push(0) * REPEAT
    yield Operation("JUMPDEST", asm(_JUMPDEST), {})
    yield Operation("POP", asm(_POP), {}, prefix=many)
    for size in range(33):
        data = bytes([0xA5]) * size
        yield Operation(f"PUSH{size}", asm(0x5F + size, data, _POP), {"POP": 1})
    for depth in range(1, 17):
        prefix = push(TOP) * depth
        yield Operation(f"DUP{depth}", asm(0x7F + depth, _POP), {"POP": 1}, prefix)
        yield Operation(f"SWAP{depth}", asm(0x8F + depth), {}, push(TOP) * (depth + 1))


_UNARY: Final = {"ISZERO": 0x15, "NOT": 0x19, "CLZ": 0x1E}
_BINARY: Final = {
    "ADD": 0x01, "MUL": 0x02, "SUB": 0x03, "DIV": 0x04, "SDIV": 0x05, "MOD": 0x06, "SMOD": 0x07,
    "SIGNEXTEND": 0x0B, "LT": 0x10, "GT": 0x11, "SLT": 0x12, "SGT": 0x13, "EQ": 0x14, "AND": 0x16,
    "OR": 0x17, "XOR": 0x18, "BYTE": 0x1A, "SHL": 0x1B, "SHR": 0x1C, "SAR": 0x1D,
}  # fmt: skip
_TERNARY: Final = {"ADDMOD": 0x08, "MULMOD": 0x09}
_PAIRS: Final = (
    (0, 0), (TOP, TOP), (TOP, 1), (1, TOP), (TOP, 2**128 - 1), (TOP - 1, TOP), (2**255, 3),
    (31, TOP), (30, 2**255), (15, 2**127), (255, TOP), (129, TOP), (37, TOP), (256, 2**255),
    (TOP // 3, TOP // 7), (2**255, TOP), (TOP - 2**64, 2**64 + 1),
)  # fmt: skip
_TRIPLES: Final = (
    (TOP, TOP, TOP), (TOP, TOP - 1, TOP - 2), (TOP, TOP, 3), (1, 2, 0),
    (2**255, 2**255, 2**128 + 1), (TOP, 1, 2**192),
)  # fmt: skip


def _arithmetic() -> Iterator[Operation]:
    for name, opcode in _UNARY.items():
        for word in _WORDS:
            yield _on_operands(name, opcode, (word,))
    for name, opcode in _BINARY.items():
        for pair in _PAIRS:
            yield _on_operands(name, opcode, pair)
    for name, opcode in _TERNARY.items():
        for triple in _TRIPLES:
            yield _on_operands(name, opcode, triple)
    # The exponent zero: bytes of an exponent are metered by themselves.
    yield Operation("EXP", asm(push(0), push(TOP), 0x0A, _POP), {"PUSH0": 1, "PUSH32": 1, "POP": 1})
    exponent = asm(push(TOP), push(TOP), 0x0A, _POP)
    yield Operation("exp_byte", exponent, {"PUSH32": 2, "POP": 1, "EXP": 1}, times=16, units=32)


def _on_operands(name: str, opcode: int, operands: tuple[int, ...]) -> Operation:
    count = len(operands)
    prefix = asm(*(push(operand) for operand in reversed(operands)))
    body = asm(bytes([_DUP1 + count - 1]) * count, opcode, _POP)
    return Operation(name, body, {f"DUP{count}": count, "POP": 1}, prefix)


_PUSHED: Final = {
    "ADDRESS": 0x30, "ORIGIN": 0x32, "CALLER": 0x33, "CALLVALUE": 0x34, "CALLDATASIZE": 0x36,
    "CODESIZE": 0x38, "GASPRICE": 0x3A, "RETURNDATASIZE": 0x3D, "COINBASE": 0x41, "TIMESTAMP": 0x42,
    "NUMBER": 0x43, "PREVRANDAO": 0x44, "GASLIMIT": 0x45, "CHAINID": 0x46, "SELFBALANCE": 0x47,
    "BASEFEE": 0x48, "BLOBBASEFEE": 0x4A, "PC": 0x58, "MSIZE": 0x59, "GAS": 0x5A,
}  # fmt: skip


def _environment() -> Iterator[Operation]:
    for name, opcode in _PUSHED.items():
        yield Operation(name, asm(opcode, _POP), {"POP": 1})
    yield _on_operands("BLOBHASH", 0x49, (0,))
    yield _on_operands("BLOCKHASH", 0x40, (0,))
    yield _on_operands("CALLDATALOAD", 0x35, (0,))
    yield _on_operands("CALLDATALOAD", 0x35, (1000,))


def _jumps() -> Iterator[Operation]:
    def jump(at: int, _: int) -> bytes:
        return asm(push((at + 4).to_bytes(2)), 0x56, _JUMPDEST)

    def jump_if(at: int, _: int) -> bytes:
        return asm(push(b"\x01"), push((at + 6).to_bytes(2)), 0x57, _JUMPDEST)

    yield Operation("JUMP", jump, {"PUSH2": 1, "JUMPDEST": 1})
    yield Operation("JUMPI", jump_if, {"PUSH1": 1, "PUSH2": 1, "JUMPDEST": 1})


_KB: Final = op(0x52, 4064, 1)
"""Grows memory to 4 KiB."""


def _memory() -> Iterator[Operation]:
    for at in (32, 33):
        yield Operation("MLOAD", asm(push(at), 0x51, _POP), {"PUSH1": 1, "POP": 1}, _KB)
        yield Operation("MSTORE", op(0x52, at, TOP), {"PUSH1": 1, "PUSH32": 1}, _KB)
        yield Operation("MSTORE8", op(0x53, at, TOP), {"PUSH1": 1, "PUSH32": 1}, _KB)

    def grow(_: int, index: int) -> bytes:
        return asm(push(0), push((64 * index).to_bytes(2)), 0x52)

    def grow_more(_: int, index: int) -> bytes:
        return asm(push(0), push((1024 * index).to_bytes(2)), 0x52)

    pushed = {"PUSH0": 1, "PUSH2": 1, "MSTORE": 1}
    yield Operation("memory_growth", grow, pushed)
    more = pushed | {"memory_growth": 1}
    yield Operation("memory_word", grow_more, more, times=32, units=31)
    yield from _copies()


def _copies() -> Iterator[Operation]:
    pushes = {"PUSH2": 3}
    for name, opcode in {"CALLDATACOPY": 0x37, "CODECOPY": 0x39, "MCOPY": 0x5E}.items():
        for to in (32, 33):
            yield Operation(name, _sized(opcode, to, 0, 0), pushes, _KB)
    yield Operation("EXTCODECOPY", asm(_sized(0x39, 32, 0, 0)[:-1], 0x30, 0x3C), {
        "PUSH2": 3, "ADDRESS": 1}, _KB)  # fmt: skip
    yield Operation("RETURNDATACOPY", _sized(0x3E, 32, 0, 0), pushes, _KB)
    for name, opcode in {"CODECOPY": 0x39, "MCOPY": 0x5E, "CALLDATACOPY": 0x37}.items():
        for to, at in ((64, 64), (64, 65), (65, 64), (33, 67), (1090, 1021)):
            body = _sized(opcode, to, at, 1024)
            yield Operation("copy_word", body, pushes | {name: 1}, _KB, times=32, units=32)
    for name, size, more in (("KECCAK256", 135, 0), ("keccak_block", 1495, 1)):
        for at in (0, 1, 3):
            hashed = asm(push(size.to_bytes(2)), push(at.to_bytes(2)), 0x20, _POP)
            known = {"PUSH2": 2, "POP": 1, "KECCAK256": more}
            yield Operation(name, hashed, known, _KB, times=32, units=max(10 * more, 1))


def _sized(opcode: int, to: int, at: int, size: int) -> bytes:
    return asm(*(push(number.to_bytes(2)) for number in (size, at, to)), opcode)


def _state() -> Iterator[Operation]:
    for name, opcode in {"BALANCE": 0x31, "EXTCODESIZE": 0x3B, "EXTCODEHASH": 0x3F}.items():
        yield Operation(name, asm(0x30, opcode, _POP), {"ADDRESS": 1, "POP": 1})

    def load_new(_: int, index: int) -> bytes:
        return asm(push((index + 1).to_bytes(2)), 0x54, _POP)

    def store(_: int, index: int) -> bytes:
        return asm(push((index + 7).to_bytes(2)), push(0), 0x55)

    def store_transient(_: int, index: int) -> bytes:
        return asm(push((index + 7).to_bytes(2)), push((index + 7).to_bytes(2)), 0x5D)

    yield Operation("SLOAD", asm(push(0), 0x54, _POP), {"PUSH0": 1, "POP": 1})
    yield Operation("slot_new", load_new, {"PUSH2": 1, "POP": 1, "SLOAD": 1})
    yield Operation("SSTORE", store, {"PUSH2": 1, "PUSH0": 1}, reverts=True)
    yield Operation("TSTORE", store_transient, {"PUSH2": 2}, reverts=True)
    yield Operation("TLOAD", asm(push(0), 0x5C, _POP), {"PUSH0": 1, "POP": 1})


def _calls() -> Iterator[Operation]:
    four = {"PUSH0": 4, "PUSH20": 1, "PUSH2": 1, "POP": 1}
    for value in (0, 1):
        valued = {"PUSH0": 5 - value, "PUSH1": value, "PUSH20": 1, "PUSH2": 1, "POP": 1}
        for name, opcode in {"CALL": 0xF1, "CALLCODE": 0xF2}.items():
            yield Operation(name, _call(opcode, STOPPER, value), valued, times=32, reverts=True)
    for name, opcode in {"DELEGATECALL": 0xF4, "STATICCALL": 0xFA}.items():
        yield Operation(name, _call(opcode, STOPPER), four, times=32, reverts=True)
    called = {"DELEGATECALL": 1}
    for name, target in {"RETURN": RETURNER, "REVERT": REVERTER}.items():
        yield Operation(name, _call(0xF4, target), four | called | {"PUSH0": 6}, times=32)
    words = op(
        0xF4, (5000).to_bytes(2), WORDS_RETURNER, b"\0", b"\0", (35).to_bytes(2), (960).to_bytes(2)
    )
    returned = {"PUSH2": 4, "PUSH1": 3, "PUSH20": 1, "POP": 1, "DELEGATECALL": 1, "RETURN": 1}
    memory = {"memory_growth": 1, "memory_word": 32}
    yield Operation("return_word", asm(words, _POP), returned | memory, _KB, times=32, units=30)
    heir = four | called | {"CALLER": 1}
    yield Operation("SELFDESTRUCT", _call(0xF4, HEIR), heir, times=32, reverts=True)
    creation = asm(push(0), push(0), push(0), 0xF0, _POP)
    yield Operation("CREATE", creation, {"PUSH0": 3, "POP": 1}, times=32, reverts=True)

    def create2(_: int, index: int) -> bytes:
        return asm(push((index + 7).to_bytes(2)), push(0), push(0), push(0), 0xF5, _POP)

    yield Operation("CREATE2", create2, {"PUSH2": 1, "PUSH0": 3, "POP": 1}, times=32, reverts=True)


def _call(opcode: int, target: Address, value: int | None = None) -> bytes:
    values = () if value is None else (value,)
    return asm(op(opcode, (5000).to_bytes(2), target, *values, 0, 0, 0, 0), _POP)
