"""Instructions that start messages (CALL and CREATE families) and SELFDESTRUCT.

Each checks, charges, and returns the child frame for the machine to run; with an error where the
message cannot start at all.
"""

from __future__ import annotations

from typing import Final

from node.codec import encode, int_to_bytes
from node.crypto import EMPTY_CODE_HASH, keccak256
from node.evm.forks import Fork
from node.evm.interpreter.errors import (
    CallDepthExceeded,
    ExecutionError,
    InitCodeTooLarge,
    InsufficientBalance,
    NonceOverflow,
    WriteProtection,
)
from node.evm.interpreter.frame import MAX_DEPTH, CallKind, Frame
from node.evm.interpreter.memory import charge, expand, read
from node.evm.interpreter.program import EMPTY_PROGRAM, Program, programs
from node.evm.interpreter.storage import COLD_ACCOUNT_GAS, access, address_of
from node.evm.precompiles import Precompile
from node.evm.tracing.hooks import CallInfo
from node.evm.world import MISSING, World
from node.types import UINT64_MAX, Address

MAX_INITCODE_SIZE: Final = 49_152
_CALL_VALUE_GAS: Final = 9_000
_NEW_ACCOUNT_GAS: Final = 25_000
_STIPEND: Final = 2_300
_WORD_GAS: Final = 2
"""EIP-3860, a word of initcode."""
_HASH_WORD_GAS: Final = 6
_SELFDESTRUCT_REFUND: Final = 24_000


def call(
    f: Frame, gas: int, to: int, value: int, at: int, size: int, out: int, length: int
) -> Frame:
    """CALL."""
    if value and f.static:
        raise WriteProtection
    address = address_of(to)
    expand(f, at, size)
    expand(f, out, length)
    access(f, address)
    if value:
        charge(f, _CALL_VALUE_GAS)
    if _creates_account(f, address, value):
        charge(f, _NEW_ACCOUNT_GAS)
    return _start(
        f, "CALL", gas, f.address, address, address, value, value, f.static, at, size, out, length
    )


def callcode(
    f: Frame, gas: int, to: int, value: int, at: int, size: int, out: int, length: int
) -> Frame:
    """CALLCODE."""
    address = address_of(to)
    expand(f, at, size)
    expand(f, out, length)
    access(f, address)
    if value:
        charge(f, _CALL_VALUE_GAS)
    return _start(
        f,
        "CALLCODE",
        gas,
        f.address,
        f.address,
        address,
        value,
        value,
        f.static,
        at,
        size,
        out,
        length,
    )


def delegatecall(f: Frame, gas: int, to: int, at: int, size: int, out: int, length: int) -> Frame:
    """DELEGATECALL (EIP-7)."""
    address = address_of(to)
    expand(f, at, size)
    expand(f, out, length)
    access(f, address)
    return _start(
        f,
        "DELEGATECALL",
        gas,
        f.caller,
        f.address,
        address,
        f.value,
        0,
        f.static,
        at,
        size,
        out,
        length,
    )


def staticcall(f: Frame, gas: int, to: int, at: int, size: int, out: int, length: int) -> Frame:
    """STATICCALL (EIP-214)."""
    address = address_of(to)
    expand(f, at, size)
    expand(f, out, length)
    access(f, address)
    return _start(
        f, "STATICCALL", gas, f.address, address, address, 0, 0, True, at, size, out, length
    )


def _creates_account(f: Frame, address: Address, value: int) -> bool:
    if f.context.fork >= Fork.SPURIOUS_DRAGON:
        return bool(value) and f.world.is_dead(address)
    return not f.world.exists(address)


def _start(
    f: Frame,
    kind: CallKind,
    requested: int,
    caller: Address,
    address: Address,
    code_address: Address,
    value: int,
    moved: int,
    static: bool,
    at: int,
    size: int,
    out: int,
    length: int,
) -> Frame:
    program, precompile = _code_to_run(f, code_address)
    gas = requested
    if f.context.fork >= Fork.TANGERINE_WHISTLE:
        gas = min(requested, f.gas - (f.gas >> 6))
    charge(f, gas)
    if moved:
        gas += _STIPEND
    f.return_data = b""
    child = Frame(
        f.context, kind, caller, address, code_address, value, read(f, at, size), gas, program,
        f.depth + 1, static, f.world.snapshot(), out, length, precompile,
    )  # fmt: skip
    child.error = _obstacle(f, moved)
    return child


def _obstacle(f: Frame, moved: int) -> ExecutionError | None:
    """Why a message that moves so much wei cannot start, if it cannot."""
    if f.depth >= MAX_DEPTH:
        return CallDepthExceeded()
    if moved and f.world.balance(f.address) < moved:
        return InsufficientBalance()
    return None


def _code_to_run(f: Frame, address: Address) -> tuple[Program, Precompile | None]:
    """The program and the precompile at an address; charges for following a delegation."""
    precompile = f.context.precompiles.get(address)
    if precompile is not None:
        return EMPTY_PROGRAM, precompile
    program = program_at(f.world, address)
    if program.delegate is not None and f.context.fork >= Fork.PRAGUE:
        access(f, program.delegate)
        return program_at(f.world, program.delegate), None
    return program, None


def delegation_of(world: World, address: Address) -> Address | None:
    """Where the account's code points (EIP-7702), or None if it is ordinary code."""
    return program_at(world, address).delegate


def program_at(world: World, address: Address) -> Program:
    """The account's code, ready to run."""
    code_hash = world.code_hash(address)
    if code_hash == EMPTY_CODE_HASH:
        return EMPTY_PROGRAM
    return programs.get(code_hash, world.code_by_hash(code_hash))


def create(f: Frame, value: int, at: int, size: int) -> Frame:
    """CREATE."""
    _charge_create(f, at, size, 0)
    address = create_address(f.address, f.world.nonce(f.address))
    return _start_create(f, "CREATE", address, value, read(f, at, size))


def create2(f: Frame, value: int, at: int, size: int, salt: int) -> Frame:
    """CREATE2 (EIP-1014)."""
    _charge_create(f, at, size, _HASH_WORD_GAS)
    initcode = read(f, at, size)
    return _start_create(f, "CREATE2", create2_address(f.address, salt, initcode), value, initcode)


def create_address(creator: Address, nonce: int) -> Address:
    """Where CREATE, or a transaction without `to`, puts its contract."""
    return keccak256(encode([creator, int_to_bytes(nonce)]))[12:]


def create2_address(creator: Address, salt: int, initcode: bytes) -> Address:
    """Where CREATE2 puts its contract (EIP-1014)."""
    seed = b"\xff" + creator + salt.to_bytes(32) + keccak256(initcode)
    return keccak256(seed)[12:]


def _charge_create(f: Frame, at: int, size: int, word_gas: int) -> None:
    if f.static:
        raise WriteProtection
    if f.context.fork >= Fork.SHANGHAI:
        if size > MAX_INITCODE_SIZE:
            raise InitCodeTooLarge(size, MAX_INITCODE_SIZE)
        word_gas += _WORD_GAS
    expand(f, at, size)
    charge(f, word_gas * ((size + 31) >> 5))


def _start_create(f: Frame, kind: CallKind, address: Address, value: int, initcode: bytes) -> Frame:
    world, fork = f.world, f.context.fork
    gas = f.gas - (f.gas >> 6) if fork >= Fork.TANGERINE_WHISTLE else f.gas
    f.gas -= gas
    f.return_data = b""
    nonce = world.nonce(f.address)
    obstacle = _obstacle(f, value) or (NonceOverflow() if nonce >= UINT64_MAX else None)
    if obstacle is None:
        world.set_nonce(f.address, nonce + 1)
        if fork >= Fork.BERLIN and address not in world.warm_addresses:
            world.put(world.warm_addresses, address, True)
    child = Frame(
        f.context, kind, f.address, address, address, value, b"", gas, Program(initcode),
        f.depth + 1, False, world.snapshot(),
    )  # fmt: skip
    child.error = obstacle
    return child


def selfdestruct(f: Frame, word: int) -> None:
    """SELFDESTRUCT: EIP-150, EIP-161, EIP-2929, EIP-3529, EIP-6780."""
    if f.static:
        raise WriteProtection
    world, fork = f.world, f.context.fork
    heir = address_of(word)
    if fork >= Fork.BERLIN and heir not in world.warm_addresses:
        charge(f, COLD_ACCOUNT_GAS)
        world.journal.append((world.warm_addresses, heir, MISSING))
        world.warm_addresses[heir] = True
    wei = world.balance(f.address)
    if fork >= Fork.SPURIOUS_DRAGON:
        charge(f, _NEW_ACCOUNT_GAS if wei and world.is_dead(heir) else 0)
    elif fork >= Fork.TANGERINE_WHISTLE and not world.exists(heir):
        charge(f, _NEW_ACCOUNT_GAS)
    if fork < Fork.LONDON and f.address not in world.destroyed:
        world.add_refund(_SELFDESTRUCT_REFUND)
    _bequeath(f, heir, wei)
    tracer = f.context.tracer
    if tracer is not None:
        tracer.on_enter(CallInfo("SELFDESTRUCT", f.address, heir, wei, 0, b"", f.depth + 1))
        tracer.on_exit(b"", 0, None)


def _bequeath(f: Frame, heir: Address, wei: int) -> None:
    world = f.world
    dies = f.context.fork < Fork.CANCUN or f.address in world.created
    if heir != f.address:
        world.transfer(f.address, heir, wei)
    elif dies:
        world.set_balance(f.address, 0)
    if dies and f.address not in world.destroyed:
        world.put(world.destroyed, f.address, True)
