"""Zk gas of what shows in whole blocks: transactions, the witness, the tries, codes and logs.

Each is the difference of two blocks. A trie's path is metered as if it had four full branch nodes
that no other path of the block shares: what paths have in the middle of 16 million accounts, or of
as many slots, where the top two levels are shared.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from node.codec import encode
from node.crypto import keccak256, sign
from node.evm.transactions import SET_CODE, Authorization
from node.types import Address
from tests.benchmark.zk_gas.guest import Call, Measured, chain_of, measure
from tests.benchmark.zk_gas.operations import STOPPER, TOP, Operation
from tests.unit.evm.chains import MemoryChain
from tests.unit.evm.programs import STOP, asm, op, push

Costs = dict[str, int]

LEVELS: Final = 4
BRANCH_BYTES: Final = 532
"""Of a branch node with sixteen children."""
ACCOUNT_LEAF_BYTES: Final = 112
SLOT_LEAF_BYTES: Final = 70
_COUNT: Final = 16
_ENTRIES: Final = 2_000
_CODE_BYTES: Final = 24_576
_ANCESTORS: Final = 64
_POP: Final = 0x50


@cache
def _plain() -> MemoryChain:
    return chain_of({STOPPER: asm(STOP)})


def _total(*calls: Call) -> int:
    return measure(_plain(), calls).total


def transactions() -> Costs:
    """A transaction to a contract that stops, and what it may hold."""
    one, call = _total(Call(STOPPER)), Call(STOPPER)
    size, listed = 20_000, 64
    accounts = tuple((_address(index), ()) for index in range(listed))
    slots = ((STOPPER, tuple(range(2**200, 2**200 + listed))),)
    found = {
        "transaction": (_total(*[call] * 33) - one) / 32,
        "transaction_byte": (_total(Call(STOPPER, b"\xa5" * size)) - one) / size,
        "listed_account": (
            _total(Call(STOPPER, fields=(*_ACCESS, ("access_list", accounts)))) - one
        )
        / listed,
        "listed_slot": (_total(Call(STOPPER, fields=(*_ACCESS, ("access_list", slots)))) - one)
        / listed,
        "authorization": (_total(_authorizing(16)) - _total(_authorizing(1))) / 15,
    }
    return {name: round(cells) for name, cells in found.items()}


_ACCESS: Final = (("type", 1),)


def _authorizing(count: int) -> Call:
    made = []
    for index in range(count):
        message = keccak256(b"\x05" + encode([b"", STOPPER, b""]))
        made.append(Authorization(0, STOPPER, 0, *sign((1000 + index).to_bytes(32), message)))
    return Call(STOPPER, fields=(("type", SET_CODE), ("authorizations", tuple(made))))


def _address(index: int) -> Address:
    return keccak256(index.to_bytes(4))[:20]


def codes(known: Costs) -> Costs:
    """Bytes of code that is called, of initcode that runs; headers of blocks before the parent."""
    chain = chain_of({STOPPER: asm(STOP), _address(0): _jumper(_CODE_BYTES)})
    called = measure(chain, [Call(_address(0))]).total - _total(Call(STOPPER))
    initcode = _jumper(2 * _CODE_BYTES)
    created = _total(Call(None, initcode)) - _total(Call(None, _jumper(100)))
    data = known["transaction_byte"]
    return {
        "code_byte": round(called / _CODE_BYTES),
        "initcode_byte": max(round(created / len(initcode) - data), 1),
    }


def ancestors(_: Costs) -> Costs:
    """Headers before the parent, for BLOCKHASH."""
    chain = chain_of({STOPPER: asm(push(0), 0x35, 0x43, 0x03, 0x40, STOP)})
    for _ in range(_ANCESTORS):
        chain.grow()
    near, far = (
        measure(chain, [Call(STOPPER, distance.to_bytes(32))]).total for distance in (1, _ANCESTORS)
    )
    return {"ancestor": round((far - near) / (_ANCESTORS - 1))}


def _jumper(size: int) -> bytes:
    """Code that jumps over places to jump to, and behind pushes, so that all is gone through."""
    start = asm(push((size - 2).to_bytes(2)), 0x56)
    places = size - 2 - len(start)
    pushes = min(places // 2, 150)
    return start + b"\x5b" * (places - 2 * pushes) + b"\x60\x60" * pushes + asm(0x5B, STOP)


def logs(known: Costs) -> Costs:
    """Instructions that log, with distinct topics; words of what is logged."""
    found: Costs = {}
    pushed = known["PUSH2"] * 2
    for topics in range(5):
        words = known["PUSH32"] * topics
        cells = _repeated(lambda index, n=topics: _log(index, n, 0))
        found[f"LOG{topics}"] = round(cells - pushed - words)
    found["log_word"] = round((_repeated(lambda i: _log(i, 0, 1024)) - pushed - found["LOG0"]) / 32)
    return found


def _log(index: int, topics: int, size: int) -> bytes:
    numbers = [keccak256(bytes([index, topic])) for topic in range(topics)]
    return op(0xA0 + topics, (33).to_bytes(2), size.to_bytes(2), *numbers)


def _repeated(body: Callable[[int], bytes], times: int = 32) -> float:
    """Cells of a whole block, by body."""
    operation = Operation("", lambda _, index: body(index), {}, op(0x52, 4064, 1), times)
    chain = chain_of({STOPPER: operation.code()})
    without, with_bodies = (measure(chain, [Call(STOPPER, data)]).total for data in (b"", b"\1"))
    return (with_bodies - without) / times


# --- tries


def _spread(keys: list[int]) -> list[int]:
    """One of each first nibble of the path."""
    by_nibble = {_path(key)[0]: key for key in keys}
    return [by_nibble[nibble] for nibble in sorted(by_nibble)][:_COUNT]


def _path(key: int) -> str:
    return keccak256(key.to_bytes(32)).hex()


def _close(keys: list[int]) -> list[int]:
    """Whose paths share the most."""
    return sorted(keys, key=_path)[:_COUNT]


def slots(known: Costs) -> Costs:
    """Reading slots of a full trie; setting, clearing and adding some."""
    contract = _address(1)
    stored = {slot: slot + 1 for slot in range(_ENTRIES)}
    absent = list(range(10 * _ENTRIES, 11 * _ENTRIES))

    def run(body: Callable[[int], bytes], keys: list[int]) -> Measured:
        code = b"".join(map(body, keys)) + asm(STOP)
        return measure(
            chain_of({contract: code.ljust(2000, b"\0")}, {contract: stored}), [Call(contract)]
        )

    def load(key: int) -> bytes:
        return asm(push(key.to_bytes(32)), 0x54, _POP)

    def store(value: int) -> Callable[[int], bytes]:
        return lambda key: op(0x55, key.to_bytes(32), value.to_bytes(32))

    sets = {"close": _close, "spread": _spread}
    none = run(load, [])
    reads = {name: run(load, choose(list(stored))) for name, choose in sets.items()}
    per_byte = _slope(reads["close"], reads["spread"])
    instruction = known["PUSH32"] + known["SLOAD"] + known["POP"] + known["slot_new"]
    fixed = _fixed(reads["close"], none, per_byte) - instruction
    writes = []
    for value, keys in ((TOP, list(stored)), (0, list(stored)), (TOP, absent)):
        read = {name: run(load, choose(keys)) for name, choose in sets.items()}
        written = {name: run(store(value), choose(keys)) for name, choose in sets.items()}
        grown = {name: written[name].total - read[name].total for name in sets}
        bytes_apart = read["spread"].witness_bytes - read["close"].witness_bytes
        slope = (grown["spread"] - grown["close"]) / bytes_apart
        shared = read["close"].witness_bytes - none.witness_bytes
        rest = (grown["close"] - slope * shared) / _COUNT
        writes.append(rest - known["PUSH32"] - known["SSTORE"] + known["SLOAD"] + known["POP"]
                      + slope * (LEVELS * BRANCH_BYTES + SLOT_LEAF_BYTES))  # fmt: skip
    return {
        "slot_read": round(fixed + per_byte * (LEVELS * BRANCH_BYTES + SLOT_LEAF_BYTES)),
        "slot_write": round(max(writes)),
    }


def _slope(close: Measured, spread: Measured) -> float:
    """Cells of a byte of trie nodes."""
    return (spread.total - close.total) / (spread.witness_bytes - close.witness_bytes)


def _fixed(some: Measured, none: Measured, per_byte: float) -> float:
    """Cells of an entry, besides its nodes."""
    nodes = some.witness_bytes - none.witness_bytes
    return (some.total - none.total - per_byte * nodes) / _COUNT


def accounts(known: Costs) -> Costs:
    """Reading accounts, and sending them wei, which adds those that are not there."""
    codes = {_address(index): asm(STOP) for index in range(_ENTRIES)}
    contract = b"\x77" * 20
    present = sorted(codes, key=keccak256)
    absent = sorted((_address(5 * _ENTRIES + i) for i in range(_ENTRIES)), key=keccak256)

    def run(body: Callable[[Address], bytes], chosen: list[Address]) -> Measured:
        code = b"".join(map(body, chosen)) + asm(STOP)
        return measure(chain_of(codes | {contract: code.ljust(2000, b"\0")}), [Call(contract)])

    def look(address: Address) -> bytes:
        return asm(push(address), 0x31, _POP)

    def pay(address: Address) -> bytes:
        return asm(op(0xF1, 0, address, 1, 0, 0, 0, 0), _POP)

    step = _ENTRIES // _COUNT
    sets = {"close": lambda a: a[:_COUNT], "spread": lambda a: a[::step][:_COUNT]}
    none = run(look, [])
    reads = {name: run(look, choose(present)) for name, choose in sets.items()}
    per_byte = _slope(reads["close"], reads["spread"])
    fixed = (
        _fixed(reads["close"], none, per_byte) - known["PUSH20"] - known["BALANCE"] - known["POP"]
    )
    writes = []
    for addresses in (present, absent):
        read = {name: run(look, choose(addresses)) for name, choose in sets.items()}
        written = {name: run(pay, choose(addresses)) for name, choose in sets.items()}
        grown = {name: written[name].total - read[name].total for name in sets}
        slope = (grown["spread"] - grown["close"]) / (
            read["spread"].witness_bytes - read["close"].witness_bytes
        )
        shared = read["close"].witness_bytes - none.witness_bytes
        rest = (grown["close"] - slope * shared) / _COUNT
        pushes = 5 * known["PUSH0"] + known["PUSH1"]
        writes.append(rest - pushes - known["CALL"] + known["BALANCE"]
                      + slope * (LEVELS * BRANCH_BYTES + ACCOUNT_LEAF_BYTES))  # fmt: skip
    return {
        "account_read": round(fixed + per_byte * (LEVELS * BRANCH_BYTES + ACCOUNT_LEAF_BYTES)),
        "account_write": round(max(writes)),
    }
