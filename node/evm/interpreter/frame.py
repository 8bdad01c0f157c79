"""One message being executed, and what is the same for all messages of a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from node.evm.engine import BlockEnv
from node.evm.forks import Fork
from node.evm.interpreter.errors import ExecutionError
from node.evm.interpreter.program import Program
from node.evm.precompiles import Precompile
from node.evm.tracing.hooks import CallInfo, Tracer
from node.evm.world import World
from node.types import Address, Hash32

CallKind = Literal["CALL", "CALLCODE", "DELEGATECALL", "STATICCALL", "CREATE", "CREATE2"]

MAX_DEPTH: Final = 1024


@dataclass(slots=True)
class Context:
    """What every message of one transaction shares.

    base_fee, blob_base_fee: what BASEFEE and BLOBBASEFEE read.
    """

    world: World
    env: BlockEnv
    fork: Fork
    origin: Address
    gas_price: int
    base_fee: int
    blob_base_fee: int
    blob_hashes: tuple[Hash32, ...]
    precompiles: Mapping[Address, Precompile]
    tracer: Tracer | None


class Frame:
    """A message in execution: registers, stack, memory, and its result once it has ended.

    stack: ints below 2**256, top last. memory: its length is MSIZE. gas: what is left.
    code_address: as the message names it, before any delegation. value: what CALLVALUE reads.
    is_create: `address` is being created by `program`. output_at, output_size: where in the
    parent's memory the result goes. snapshot: of the world before the message.
    precompile: what runs instead of a program.
    """

    __slots__ = (
        "address",
        "caller",
        "code_address",
        "context",
        "data",
        "depth",
        "error",
        "gas",
        "is_create",
        "kind",
        "memory",
        "output",
        "output_at",
        "output_size",
        "pc",
        "precompile",
        "program",
        "return_data",
        "slots",
        "snapshot",
        "stack",
        "start_gas",
        "static",
        "value",
        "warm",
        "world",
    )

    def __init__(
        self,
        context: Context,
        kind: CallKind,
        caller: Address,
        address: Address,
        code_address: Address,
        value: int,
        data: bytes,
        gas: int,
        program: Program,
        depth: int,
        static: bool,
        snapshot: int,
        output_at: int = 0,
        output_size: int = 0,
        precompile: Precompile | None = None,
    ) -> None:
        world = context.world
        self.context = context
        self.world = world
        self.kind: CallKind = kind
        self.caller = caller
        self.address = address
        self.code_address = code_address
        self.value = value
        self.data = data
        self.gas = gas
        self.start_gas = gas
        self.program = program
        self.depth = depth
        self.static = static
        self.snapshot = snapshot
        self.output_at = output_at
        self.output_size = output_size
        self.precompile = precompile
        self.is_create = kind in ("CREATE", "CREATE2")
        self.pc = 0
        self.stack: list[int] = []
        self.memory = bytearray()
        self.return_data = b""
        self.output = b""
        self.error: ExecutionError | None = None
        self.slots = world.slots(address)
        self.warm = world.warm(address)

    @property
    def refund(self) -> int:
        """The transaction's refund counter."""
        return self.world.counters["refund"]

    def info(self) -> CallInfo:
        """The message as tracers see it."""
        program = self.program
        return CallInfo(
            kind=self.kind,
            sender=self.address if self.kind in ("CALLCODE", "DELEGATECALL") else self.caller,
            to=self.code_address,
            value=None if self.kind == "STATICCALL" else self.value,
            gas=self.start_gas,
            data=program.code[: program.size] if self.is_create else self.data,
            depth=self.depth,
        )
