"""The Python engine: sessions over `World` and the interpreter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.errors import InvalidBlock
from node.evm import validity
from node.evm.engine import Accessed, BlockEnv, CallRequest, TxOutcome
from node.evm.forks import Fork
from node.evm.interpreter.compiled import CompiledLoop
from node.evm.interpreter.frame import Context, Frame
from node.evm.interpreter.machine import Loop, execute
from node.evm.interpreter.messages import create_address, delegation_of, program_at
from node.evm.interpreter.program import DELEGATION_PREFIX, EMPTY_PROGRAM, Program
from node.evm.interpreter.stepwise import run_traced
from node.evm.precompiles import PRECOMPILES
from node.evm.tracing.hooks import Tracer, TxInfo
from node.evm.transactions import AccessList, Authorization, Transaction
from node.evm.validity import IntrinsicGas
from node.evm.world import World
from node.state.account import Account, StateChanges, StateReader
from node.types import UINT64_MAX, Address, Hash32

SYSTEM_ADDRESS: Final[Address] = bytes.fromhex("fffffffffffffffffffffffffffffffffffffffe")
DEFAULT_LOOP: Final = CompiledLoop()
_SYSTEM_GAS: Final = 30_000_000
_BLOB_GAS: Final = 2**17
_NEW_AUTHORITY_GAS: Final = 25_000
_AUTHORITY_GAS: Final = 12_500


@dataclass(frozen=True, slots=True)
class _Plan:
    """A transaction or call, checked, as execution needs it. blob_fee: wei, burned."""

    sender: Address
    to: Address | None
    value: int
    data: bytes
    gas: int
    gas_price: int
    blob_fee: int
    access_list: AccessList
    authorizations: Sequence[Authorization]
    blob_hashes: tuple[Hash32, ...]
    hash: Hash32 | None
    cost: IntrinsicGas
    base_fee: int
    blob_base_fee: int


class PythonSession:
    """See `engine.Session`."""

    def __init__(self, state: StateReader, env: BlockEnv, loop: Loop) -> None:
        self.env = env
        self._loop = loop
        self._world = World(state, env.fork)
        self._precompiles = PRECOMPILES[env.fork]

    # --- execution

    def transact(self, tx: Transaction, tracer: Tracer | None = None) -> TxOutcome:
        """See Session."""
        world, env = self._world, self.env
        sender = tx.sender
        validity.check_transaction(tx, sender, env, world)
        max_cost = tx.gas_limit * tx.max_fee_per_gas + tx.value
        max_cost += tx.blob_gas * tx.max_fee_per_blob_gas
        validity.check_funds(sender, world.balance(sender), max_cost)
        cost = validity.intrinsic_gas(
            env.fork,
            data=tx.data,
            creates=tx.to is None,
            access_list=tx.access_list,
            authorizations=len(tx.authorizations),
        )
        validity.check_intrinsic(cost, tx.gas_limit)
        return self._execute(
            _Plan(
                sender, tx.to, tx.value, tx.data, tx.gas_limit,
                tx.effective_gas_price(env.base_fee), tx.blob_gas * env.blob_base_fee,
                tx.access_list, tx.authorizations, tx.blob_hashes, tx.hash, cost,
                env.base_fee, env.blob_base_fee,
            ),
            tracer,
        )  # fmt: skip

    def call(self, request: CallRequest, tracer: Tracer | None = None) -> TxOutcome:
        """See Session."""
        world, env = self._world, self.env
        wanted = request.gas * request.gas_price + request.value
        validity.check_funds(request.sender, world.balance(request.sender), wanted)
        cost = validity.intrinsic_gas(
            env.fork,
            data=request.data,
            creates=request.to is None,
            access_list=request.access_list,
            authorizations=len(request.authorizations),
        )
        validity.check_intrinsic(cost, request.gas)
        if request.to is None:
            validity.check_initcode(request.data, env.fork)
        return self._execute(
            _Plan(
                request.sender, request.to, request.value, request.data, request.gas,
                request.gas_price, 0, request.access_list, request.authorizations,
                request.blob_hashes, None, cost,
                env.base_fee if request.gas_price else 0,
                env.blob_base_fee if request.gas_price else 0,
            ),
            tracer,
        )  # fmt: skip

    def system_call(self, address: Address, data: bytes) -> bytes:
        """See Session."""
        world = self._world
        world.begin_transaction()
        program = program_at(world, address)
        if not program.size:
            return b""
        env = self.env
        context = self._context(SYSTEM_ADDRESS, 0, env.base_fee, env.blob_base_fee, (), None)
        frame = Frame(
            context, "CALL", SYSTEM_ADDRESS, address, address, 0, data, _SYSTEM_GAS, program,
            0, False, world.snapshot(),
        )  # fmt: skip
        execute(frame, self._loop)
        if frame.error is not None:
            raise InvalidBlock(
                "SYSTEM_CONTRACT_CALL_FAILED",
                f"system call to 0x{address.hex()} failed: {frame.error}",
            )
        world.end_transaction()
        return frame.output

    def _context(
        self,
        origin: Address,
        gas_price: int,
        base_fee: int,
        blob_base_fee: int,
        blob_hashes: tuple[Hash32, ...],
        tracer: Tracer | None,
    ) -> Context:
        return Context(
            self._world, self.env, self.env.fork, origin, gas_price, base_fee, blob_base_fee,
            blob_hashes, self._precompiles, tracer,
        )  # fmt: skip

    def _execute(self, plan: _Plan, tracer: Tracer | None) -> TxOutcome:
        world = self._world
        world.begin_transaction()
        if tracer is not None:
            tracer.on_start(self._tx_info(plan), self)
        nonce = world.nonce(plan.sender)
        paid = plan.gas * plan.gas_price + plan.blob_fee
        if paid:
            world.set_balance(plan.sender, world.balance(plan.sender) - paid)
        world.set_nonce(plan.sender, nonce + 1)
        self._warm_up(plan)
        for authorization in plan.authorizations:
            self._authorize(authorization)
        frame = self._first_frame(plan, nonce, tracer)
        traced = tracer is not None and tracer.wants_steps
        execute(frame, run_traced if traced else self._loop)
        return self._settle(plan, frame, tracer)

    def _tx_info(self, plan: _Plan) -> TxInfo:
        return TxInfo(
            plan.sender, plan.to, self.env.coinbase, plan.value, plan.gas, plan.data, plan.hash,
            self.env.number, self.env.fork, self._precompiles,
            [a for a in (x.authority for x in plan.authorizations) if a is not None],
        )  # fmt: skip

    def _warm_up(self, plan: _Plan) -> None:
        """What is warm from the start (EIP-2929, EIP-2930, EIP-3651)."""
        world, fork = self._world, self.env.fork
        if fork < Fork.BERLIN:
            return
        warm = world.warm_addresses
        warm.update(dict.fromkeys(self._precompiles, True))
        warm[plan.sender] = True
        if plan.to is not None:
            warm[plan.to] = True
        if fork >= Fork.SHANGHAI:
            warm[self.env.coinbase] = True
        for address, slots in plan.access_list:
            warm[address] = True
            world.warm(address).update(dict.fromkeys(slots, True))

    def _authorize(self, authorization: Authorization) -> None:
        """Applies one authorization, or skips it if it is not valid (EIP-7702)."""
        world = self._world
        if authorization.chain_id not in (0, self.env.chain_id):
            return
        if authorization.nonce >= UINT64_MAX:
            return
        authority = authorization.authority
        if authority is None:
            return
        world.warm_addresses[authority] = True
        if world.code(authority) and delegation_of(world, authority) is None:
            return
        if world.nonce(authority) != authorization.nonce:
            return
        if world.exists(authority):
            world.add_refund(_NEW_AUTHORITY_GAS - _AUTHORITY_GAS)
        target = authorization.address
        world.set_code(authority, DELEGATION_PREFIX + target if any(target) else b"")
        world.set_nonce(authority, authorization.nonce + 1)

    def _first_frame(self, plan: _Plan, nonce: int, tracer: Tracer | None) -> Frame:
        world, fork = self._world, self.env.fork
        context = self._context(
            plan.sender, plan.gas_price, plan.base_fee, plan.blob_base_fee, plan.blob_hashes, tracer
        )
        gas, to = plan.gas - plan.cost.gas, plan.to
        if to is None:
            address = create_address(plan.sender, nonce)
            if fork >= Fork.BERLIN:
                world.warm_addresses[address] = True
            return Frame(
                context, "CREATE", plan.sender, address, address, plan.value, b"", gas,
                Program(plan.data), 0, False, world.snapshot(),
            )  # fmt: skip
        precompile = self._precompiles.get(to)
        program = EMPTY_PROGRAM
        if precompile is None:
            target = delegation_of(world, to) if fork >= Fork.PRAGUE else None
            if target is not None:
                world.warm_addresses[target] = True
            program = program_at(world, target or to)
        return Frame(
            context, "CALL", plan.sender, to, to, plan.value, plan.data, gas, program,
            0, False, world.snapshot(), precompile=precompile,
        )  # fmt: skip

    def _settle(self, plan: _Plan, frame: Frame, tracer: Tracer | None) -> TxOutcome:
        """Refunds, the calldata floor, fees, deletions."""
        world, env = self._world, self.env
        spent = plan.gas - frame.gas
        refund = min(world.counters["refund"], spent // (5 if env.fork >= Fork.LONDON else 2))
        used = max(spent - refund, plan.cost.floor)
        if plan.gas_price:
            world.add_balance(plan.sender, (plan.gas - used) * plan.gas_price)
        world.add_balance(env.coinbase, used * (plan.gas_price - plan.base_fee))
        world.end_transaction()
        if tracer is not None:
            tracer.on_end(used, self)
        error = frame.error
        return TxOutcome(
            success=error is None,
            gas_used=used,
            logs=tuple(world.logs.values()) if error is None else (),
            output=frame.output,
            error=None if error is None else str(error),
            contract_address=frame.address if frame.is_create and error is None else None,
            gas_refund=refund,
            max_gas_used=max(spent, plan.cost.floor),
        )

    # --- the overlay from outside

    def add_balance(self, address: Address, wei: int) -> None:
        """See Session."""
        world = self._world
        world.begin_transaction()
        world.add_balance(address, wei)
        world.end_transaction()

    def set_balance(self, address: Address, wei: int) -> None:
        """See Session."""
        self._world.set_balance(address, wei)

    def set_nonce(self, address: Address, nonce: int) -> None:
        """See Session."""
        self._world.set_nonce(address, nonce)

    def set_code(self, address: Address, code: bytes) -> None:
        """See Session."""
        self._world.set_code(address, code)

    def set_storage(self, address: Address, slot: int, value: int) -> None:
        """See Session."""
        self._world.set_storage(address, slot, value)

    def replace_storage(self, address: Address, slots: dict[int, int]) -> None:
        """See Session."""
        self._world.replace_storage(address, slots)

    def snapshot(self) -> int:
        """See Session."""
        return self._world.snapshot()

    def revert(self, snapshot: int) -> None:
        """See Session."""
        self._world.revert(snapshot)

    def account(self, address: Address) -> Account | None:
        """See Session."""
        return self._world.account(address)

    def storage(self, address: Address, slot: int) -> int:
        """See Session."""
        return self._world.storage(address, slot)

    def code(self, address: Address) -> bytes:
        """See Session."""
        return self._world.code(address)

    def changes(self) -> StateChanges:
        """See Session."""
        return self._world.changes()

    @property
    def accessed(self) -> Accessed:
        """See Session."""
        world = self._world
        return Accessed(
            frozenset(world.base_accounts),
            {address: frozenset(slots) for address, slots in world.base_storage.items()},
            frozenset(world.codes_read),
            world.oldest_block,
        )


class PythonEngine:
    """See `engine.Engine`. loop: how frames run; all loops compute the same."""

    name = "python"

    def __init__(self, loop: Loop = DEFAULT_LOOP) -> None:
        self._loop = loop

    def open(self, state: StateReader, env: BlockEnv) -> PythonSession:
        """See Engine."""
        return PythonSession(state, env, self._loop)


python_engine: Final = PythonEngine()
