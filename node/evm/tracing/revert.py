"""What a contract says when it reverts: Error(string) and Panic(uint256) of the Solidity ABI."""

from __future__ import annotations

from typing import Final

_ERROR: Final = bytes.fromhex("08c379a0")
_PANIC: Final = bytes.fromhex("4e487b71")
_PANICS: Final = {
    0x00: "generic panic",
    0x01: "assert(false)",
    0x11: "arithmetic underflow or overflow",
    0x12: "division or modulo by zero",
    0x21: "enum overflow",
    0x22: "invalid encoded storage byte array accessed",
    0x31: "out-of-bounds array access; popping on an empty array",
    0x32: "out-of-bounds access of an array or bytesN",
    0x41: "out of memory",
    0x51: "uninitialized function",
}
"""geth's words for Solidity's panic codes."""


def revert_reason(output: bytes) -> str | None:
    """The reason in reverted data, or None if it holds none that decodes."""
    selector, body = output[:4], output[4:]
    if selector == _PANIC and len(body) >= 32:
        code = int.from_bytes(body[:32])
        return _PANICS.get(code, f"unknown panic code: {code:#x}")
    if selector == _ERROR:
        return _string(body)
    return None


def _string(body: bytes) -> str | None:
    offset = int.from_bytes(body[:32])
    start = offset + 32
    if len(body) < 64 or start > len(body):
        return None
    size = int.from_bytes(body[offset:start])
    if start + size > len(body):
        return None
    return body[start : start + size].decode("utf-8", errors="replace")
