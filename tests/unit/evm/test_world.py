from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from node.crypto import keccak256
from node.evm.block import Log
from node.evm.forks import Fork
from node.evm.world import World
from node.state.account import Account
from tests.unit.evm.programs import CONTRACT, OTHER, SENDER, state_of

ADDRESSES = (SENDER, CONTRACT, OTHER)
CODE = b"\x60\x00"


@dataclass
class Model:
    """The same state, copied whole at every snapshot."""

    balances: dict[bytes, int] = field(default_factory=dict)
    nonces: dict[bytes, int] = field(default_factory=dict)
    codes: dict[bytes, bytes] = field(default_factory=dict)
    storage: dict[tuple[bytes, int], int] = field(default_factory=dict)
    transient: dict[tuple[bytes, int], int] = field(default_factory=dict)
    logs: list[bytes] = field(default_factory=list)
    refund: int = 0


address = st.sampled_from(ADDRESSES)
small = st.integers(0, 3)
step = st.one_of(
    st.tuples(st.just("balance"), address, small),
    st.tuples(st.just("nonce"), address, small),
    st.tuples(st.just("code"), address, st.sampled_from([b"", CODE, b"\xfe"])),
    st.tuples(st.just("storage"), address, small, small),
    st.tuples(st.just("wipe"), address, small),
    st.tuples(st.just("transient"), address, small, small),
    st.tuples(st.just("log"), address),
    st.tuples(st.just("refund"), small),
    st.tuples(st.just("snapshot")),
    st.tuples(st.just("revert"), st.integers(0, 5)),
)


def apply(world: World, model: Model, item: tuple) -> None:
    match item:
        case ("balance", who, wei):
            world.set_balance(who, wei)
            model.balances[who] = wei
        case ("nonce", who, nonce):
            world.set_nonce(who, nonce)
            model.nonces[who] = nonce
        case ("code", who, code):
            world.set_code(who, code)
            model.codes[who] = code
        case ("storage", who, slot, value):
            world.set_storage(who, slot, value)
            model.storage[who, slot] = value
        case ("wipe", who, value):
            world.replace_storage(who, {1: value})
            for slot in range(4):
                model.storage[who, slot] = value if slot == 1 else 0
        case ("transient", who, slot, value):
            world.put(world.transient, (who, slot), value)
            model.transient[who, slot] = value
        case ("log", who):
            world.add_log(Log(who, (), b""))
            model.logs.append(who)
        case ("refund", gas):
            world.add_refund(gas)
            model.refund += gas


def check(world: World, model: Model) -> None:
    for who in ADDRESSES:
        assert world.balance(who) == model.balances.get(who, 10**24 if who == SENDER else 0)
        assert world.nonce(who) == model.nonces.get(who, 1 if who == CONTRACT else 0)
        assert world.code(who) == model.codes.get(who, CODE if who == CONTRACT else b"")
        for slot in range(4):
            assert world.storage(who, slot) == model.storage.get((who, slot), 0)
            assert world.transient.get((who, slot), 0) == model.transient.get((who, slot), 0)
    assert [log.address for log in world.logs.values()] == model.logs
    assert world.counters["refund"] == model.refund


@given(st.lists(step, max_size=40))
def test_the_undo_log_agrees_with_copies(steps: list[tuple]) -> None:
    world, model = World(state_of({CONTRACT: CODE}), Fork.OSAKA), Model()
    saved: list[tuple[int, Model]] = []
    for item in steps:
        if item[0] == "snapshot":
            saved.append((world.snapshot(), deepcopy(model)))
        elif item[0] == "revert":
            if len(saved) > item[1]:
                snapshot, model = saved[item[1]]
                world.revert(snapshot)
                del saved[item[1] :]
        else:
            apply(world, model, item)
    check(world, model)


def test_changes_are_net() -> None:
    world = World(state_of({CONTRACT: CODE}), Fork.OSAKA)
    world.set_balance(OTHER, 5)
    world.set_account(OTHER, None)
    world.set_storage(CONTRACT, 1, 7)
    world.set_storage(CONTRACT, 1, 0)
    changes = world.changes()
    assert not changes.accounts
    assert not changes.storage
    assert not changes.codes


def test_changed_storage_names_its_account() -> None:
    world = World(state_of({CONTRACT: CODE}), Fork.OSAKA)
    world.set_storage(CONTRACT, 1, 7)
    changes = world.changes()
    assert changes.storage == {CONTRACT: {1: 7}}
    assert changes.accounts.keys() == {CONTRACT}


def test_new_code_is_kept_by_its_hash() -> None:
    world = World(state_of(), Fork.OSAKA)
    world.set_code(OTHER, b"\x01\x02")
    assert world.changes().codes == {keccak256(b"\x01\x02"): b"\x01\x02"}


def test_deleting_wipes_storage() -> None:
    world = World(state_of({CONTRACT: CODE}), Fork.SHANGHAI)
    world.set_storage(CONTRACT, 1, 7)
    world.destroyed[CONTRACT] = True
    world.end_transaction()
    assert world.storage(CONTRACT, 1) == 0
    changes = world.changes()
    assert changes.accounts == {CONTRACT: None}
    assert changes.wiped == {CONTRACT}
    assert not changes.storage


def test_touched_empty_accounts_go_since_spurious_dragon() -> None:
    for fork, left in ((Fork.TANGERINE_WHISTLE, Account()), (Fork.SPURIOUS_DRAGON, None)):
        world = World(state_of(), fork)
        world.add_balance(OTHER, 0)
        world.end_transaction()
        assert world.account(OTHER) == left


def test_the_touch_of_ripemd_survives_a_revert() -> None:
    ripemd = (3).to_bytes(20)
    world = World(state_of(balances={ripemd: 0, OTHER: 0}), Fork.SPURIOUS_DRAGON)
    snapshot = world.snapshot()
    world.touch(ripemd)
    world.touch(OTHER)
    world.revert(snapshot)
    world.end_transaction()
    assert world.account(ripemd) is None
    assert world.account(OTHER) == Account()
