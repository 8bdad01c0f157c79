"""What every instruction does, written once: a table of Python expressions.

The stepwise interpreter (`handlers`) and the compiler (`compiler`) both generate code from it. In
an expression, `f` is the frame and `a, b, c, ...` are the operands, top of the stack first; an
instruction without result is a statement. Which fork has which instruction, and its static price,
come from py-evm's opcode tables (`tables`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from node.evm.interpreter import arithmetic, memory, messages, storage
from node.evm.interpreter.arithmetic import SIGN_BIT, WORD_MASK


@dataclass(frozen=True, slots=True)
class Op:
    """One instruction. pops: operands; pushes: results (0 or 1). expression: see the module.

    pure: depends on its operands only, so it may be evaluated ahead. ends_segment: reads or changes
    something that must see exactly the gas charged so far (the state, GAS, calls).
    """

    code: int
    pops: int
    pushes: int
    expression: str
    pure: bool = False
    ends_segment: bool = False


OPERANDS: Final = "abcdghi"
"""Names of operands in expressions (`f` is the frame, and e would read as a float)."""

_PURE: Final = (
    (0x01, 2, f"(a + b) & {WORD_MASK}"),
    (0x02, 2, f"(a * b) & {WORD_MASK}"),
    (0x03, 2, f"(a - b) & {WORD_MASK}"),
    (0x04, 2, "a // b if b else 0"),
    (0x05, 2, "sdiv(a, b)"),
    (0x06, 2, "a % b if b else 0"),
    (0x07, 2, "smod(a, b)"),
    (0x08, 3, "(a + b) % c if c else 0"),
    (0x09, 3, "(a * b) % c if c else 0"),
    (0x0B, 2, "signextend(a, b)"),
    (0x10, 2, "1 if a < b else 0"),
    (0x11, 2, "1 if a > b else 0"),
    (0x12, 2, f"1 if (a ^ {SIGN_BIT}) < (b ^ {SIGN_BIT}) else 0"),
    (0x13, 2, f"1 if (a ^ {SIGN_BIT}) > (b ^ {SIGN_BIT}) else 0"),
    (0x14, 2, "1 if a == b else 0"),
    (0x15, 1, "0 if a else 1"),
    (0x16, 2, "a & b"),
    (0x17, 2, "a | b"),
    (0x18, 2, "a ^ b"),
    (0x19, 1, f"a ^ {WORD_MASK}"),
    (0x1A, 2, "(b >> (248 - 8 * a)) & 255 if a < 32 else 0"),
    (0x1B, 2, f"(b << a) & {WORD_MASK} if a < 256 else 0"),
    (0x1C, 2, "b >> a if a < 256 else 0"),
    (0x1D, 2, "sar(a, b)"),
    (0x1E, 1, "256 - a.bit_length()"),
)

_READS: Final = (
    (0x0A, 2, "exp(f, a, b)"),
    (0x20, 2, "keccak(f, a, b)"),
    (0x30, 0, "word(f.address)"),
    (0x32, 0, "word(f.context.origin)"),
    (0x33, 0, "word(f.caller)"),
    (0x34, 0, "f.value"),
    (0x35, 1, "calldataload(f, a)"),
    (0x36, 0, "len(f.data)"),
    (0x38, 0, "f.program.size"),
    (0x3A, 0, "f.context.gas_price"),
    (0x3D, 0, "len(f.return_data)"),
    (0x41, 0, "word(f.context.env.coinbase)"),
    (0x42, 0, "f.context.env.timestamp"),
    (0x43, 0, "f.context.env.number"),
    (0x44, 0, "word(f.context.env.prev_randao)"),
    (0x45, 0, "f.context.env.gas_limit"),
    (0x46, 0, "f.context.env.chain_id"),
    (0x48, 0, "f.context.base_fee"),
    (0x49, 1, "blobhash(f, a)"),
    (0x4A, 0, "f.context.blob_base_fee"),
    (0x51, 1, "mload(f, a)"),
    (0x59, 0, "len(f.memory)"),
    (0x5C, 1, "tload(f, a)"),
)

_EFFECTS: Final = (
    (0x37, 3, "calldatacopy(f, a, b, c)"),
    (0x39, 3, "codecopy(f, a, b, c)"),
    (0x3E, 3, "returndatacopy(f, a, b, c)"),
    (0x52, 2, "mstore(f, a, b)"),
    (0x53, 2, "mstore8(f, a, b)"),
    (0x5D, 2, "tstore(f, a, b)"),
    (0x5E, 3, "mcopy(f, a, b, c)"),
    (0xA0, 2, "log(f, a, b)"),
    (0xA1, 3, "log(f, a, b, c)"),
    (0xA2, 4, "log(f, a, b, c, d)"),
    (0xA3, 5, "log(f, a, b, c, d, g)"),
    (0xA4, 6, "log(f, a, b, c, d, g, h)"),
)

_STATE: Final = (
    (0x31, 1, 1, "balance(f, a)"),
    (0x3B, 1, 1, "extcodesize(f, a)"),
    (0x3C, 4, 0, "extcodecopy(f, a, b, c, d)"),
    (0x3F, 1, 1, "extcodehash(f, a)"),
    (0x40, 1, 1, "blockhash(f, a)"),
    (0x47, 0, 1, "selfbalance(f)"),
    (0x54, 1, 1, "sload(f, a)"),
    (0x55, 2, 0, "sstore(f, a, b)"),
    (0x5A, 0, 1, "f.gas"),
)

MESSAGES: Final = {
    0xF0: (3, "create(f, a, b, c)"),
    0xF1: (7, "call(f, a, b, c, d, g, h, i)"),
    0xF2: (7, "callcode(f, a, b, c, d, g, h, i)"),
    0xF4: (6, "delegatecall(f, a, b, c, d, g, h)"),
    0xF5: (4, "create2(f, a, b, c, d)"),
    0xFA: (6, "staticcall(f, a, b, c, d, g, h)"),
}
"""Instructions that may return a child frame: operands and expression."""

OPS: Final[dict[int, Op]] = {
    **{code: Op(code, pops, 1, text, pure=True) for code, pops, text in _PURE},
    **{code: Op(code, pops, 1, text) for code, pops, text in _READS},
    **{code: Op(code, pops, 0, text) for code, pops, text in _EFFECTS},
    **{code: Op(code, pops, out, text, ends_segment=True) for code, pops, out, text in _STATE},
}
"""Instructions that neither touch the program counter nor start messages."""

NAMESPACE: Final[dict[str, Any]] = {
    "word": int.from_bytes,
    **{
        name: function
        for module in (arithmetic, memory, messages, storage)
        for name, function in vars(module).items()
        if isinstance(function, Callable) and not name.startswith("_")  # type: ignore[arg-type]
    },
}
"""The functions that expressions name."""
