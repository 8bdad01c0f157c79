"""Instructions that read or write the state: storage, accounts, codes, logs."""

from __future__ import annotations

from typing import Final

from node.crypto import EMPTY_CODE_HASH
from node.evm.block import Log
from node.evm.forks import Fork
from node.evm.interpreter.errors import OutOfGas, WriteProtection
from node.evm.interpreter.frame import Frame
from node.evm.interpreter.memory import charge, charge_copied, copy_padded, expand, read
from node.evm.world import MISSING
from node.types import Address

WARM_GAS: Final = 100
"""Reading something warm (EIP-2929)."""
COLD_ACCOUNT_GAS: Final = 2600
COLD_SLOT_GAS: Final = 2100
_SET_GAS: Final = 20_000
_RESET_GAS: Final = 5_000
_SENTRY_GAS: Final = 2_300
"""EIP-2200: SSTORE fails with this much gas or less."""
SENTRY_TEXT: Final = "out of gas: not enough gas for reentrancy sentry"
_LOG_DATA_GAS: Final = 8
_LOG_TOPIC_GAS: Final = 375
_ADDRESS_MASK: Final = 2**160 - 1


def address_of(word: int) -> Address:
    """The low 20 bytes of a word."""
    return (word & _ADDRESS_MASK).to_bytes(20)


def access(f: Frame, address: Address) -> None:
    """Charges for touching an account and warms it (EIP-2929); free before Berlin."""
    if f.context.fork < Fork.BERLIN:
        return
    world = f.world
    if address in world.warm_addresses:
        charge(f, WARM_GAS)
        return
    charge(f, COLD_ACCOUNT_GAS)
    world.journal.append((world.warm_addresses, address, MISSING))
    world.warm_addresses[address] = True


def sload(f: Frame, slot: int) -> int:
    """SLOAD; before Berlin its price is static."""
    if slot in f.warm:
        charge(f, WARM_GAS)
    elif f.context.fork >= Fork.BERLIN:
        charge(f, COLD_SLOT_GAS)
        f.world.put(f.warm, slot, True)
    value = f.slots.get(slot)
    return f.world.load(f.address, slot) if value is None else value


def sstore(f: Frame, slot: int, value: int) -> None:
    """SSTORE under the fork's metering."""
    fork = f.context.fork
    if f.static:
        raise WriteProtection
    if fork >= Fork.ISTANBUL and f.gas <= _SENTRY_GAS:
        raise OutOfGas(SENTRY_TEXT)
    read_gas = WARM_GAS
    if fork >= Fork.BERLIN and slot not in f.warm:
        charge(f, COLD_SLOT_GAS)
        f.world.put(f.warm, slot, True)
    current = f.slots.get(slot)
    if current is None:
        current = f.world.load(f.address, slot)
    if fork >= Fork.ISTANBUL or fork == Fork.CONSTANTINOPLE:
        read_gas = _READ_GAS[fork]
        _charge_net(f, slot, current, value, read_gas)
    else:
        charge(f, _SET_GAS if value and not current else _RESET_GAS)
        if current and not value:
            f.world.add_refund(15_000)
    if value != current:
        f.world.journal.append((f.slots, slot, current))
        f.slots[slot] = value


def _charge_net(f: Frame, slot: int, current: int, value: int, read_gas: int) -> None:
    """Net metering: EIP-1283, EIP-2200, EIP-2929 and EIP-3529 differ in their constants only."""
    if value == current:
        charge(f, read_gas)
        return
    world, fork = f.world, f.context.fork
    key = (f.address, slot)
    original = world.original.get(key)
    if original is None:
        original = world.original[key] = current
    reset_gas = _RESET_GAS - (COLD_SLOT_GAS if fork >= Fork.BERLIN else 0)
    clear_refund = 4_800 if fork >= Fork.LONDON else 15_000
    if original == current:
        charge(f, reset_gas if original else _SET_GAS)
        if original and not value:
            world.add_refund(clear_refund)
        return
    charge(f, read_gas)
    refund = 0
    if original:
        if not current:
            refund -= clear_refund
        elif not value:
            refund += clear_refund
    if value == original:
        refund += (reset_gas if original else _SET_GAS) - read_gas
    if refund:
        world.add_refund(refund)


_READ_GAS: Final = {
    fork: WARM_GAS if fork >= Fork.BERLIN else 800 if fork == Fork.ISTANBUL else 200
    for fork in Fork
}
"""What a no-op SSTORE costs."""


def tload(f: Frame, slot: int) -> int:
    """TLOAD (EIP-1153)."""
    return f.world.transient.get((f.address, slot), 0)


def tstore(f: Frame, slot: int, value: int) -> None:
    """TSTORE (EIP-1153)."""
    if f.static:
        raise WriteProtection
    f.world.put(f.world.transient, (f.address, slot), value)


def balance(f: Frame, word: int) -> int:
    """BALANCE."""
    address = address_of(word)
    access(f, address)
    return f.world.balance(address)


def selfbalance(f: Frame) -> int:
    """SELFBALANCE (EIP-1884)."""
    return f.world.balance(f.address)


def extcodesize(f: Frame, word: int) -> int:
    """EXTCODESIZE."""
    address = address_of(word)
    access(f, address)
    return len(f.world.code(address))


def extcodecopy(f: Frame, word: int, to: int, source: int, size: int) -> None:
    """EXTCODECOPY."""
    address = address_of(word)
    charge_copied(f, to, size)
    access(f, address)
    copy_padded(f, f.world.code(address), to, source, size)


def extcodehash(f: Frame, word: int) -> int:
    """EXTCODEHASH (EIP-1052): 0 for an account that does not exist or is empty."""
    address = address_of(word)
    access(f, address)
    account = f.world.account(address)
    if account is None:
        return 0
    if account.code_hash == EMPTY_CODE_HASH and f.world.is_dead(address):
        return 0
    return int.from_bytes(account.code_hash)


def blockhash(f: Frame, number: int) -> int:
    """BLOCKHASH: of the last 256 blocks, else 0."""
    world, env = f.world, f.context.env
    if not max(0, env.number - 256) <= number < env.number:
        return 0
    if world.oldest_block is None or number < world.oldest_block:
        world.oldest_block = number
    return int.from_bytes(env.block_hash(number))


def blobhash(f: Frame, index: int) -> int:
    """BLOBHASH (EIP-4844)."""
    hashes = f.context.blob_hashes
    return int.from_bytes(hashes[index]) if index < len(hashes) else 0


def log(f: Frame, offset: int, size: int, *topics: int) -> None:
    """LOG0 to LOG4."""
    if f.static:
        raise WriteProtection
    charge(f, _LOG_TOPIC_GAS * len(topics) + _LOG_DATA_GAS * size)
    expand(f, offset, size)
    entry = Log(f.address, tuple(topic.to_bytes(32) for topic in topics), read(f, offset, size))
    f.world.add_log(entry)
    if f.context.tracer is not None:
        f.context.tracer.on_log(entry)
