"""JSON-RPC errors: codes and texts that clients match; geth's where it has them.

Sources: JSON-RPC 2.0 section 5.1, EIP-1474, EIP-7966, go-ethereum `rpc`, `internal/ethapi`.
"""

from __future__ import annotations

from typing import Final

from node.errors import HistoryPruned, StrikefoldError
from node.evm.tracing.revert import revert_reason
from node.evm.zk_gas import ZkGasExceeded

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
SERVER_ERROR: Final = -32000
TIMED_OUT: Final = -32002
RESPONSE_TOO_LARGE: Final = -32003
LIMIT_EXCEEDED: Final = -32005
CLIENT_LIMIT: Final = -38026
REVERTED: Final = 3
SYNC_TIMEOUT: Final = 4
SYNC_NOT_QUEUED: Final = 5
SYNC_NONCE_GAP: Final = 6
PRUNED_HISTORY: Final = 4444


class RpcError(Exception):
    """An answer of kind `error`. data: anything JSON, None to leave the key out."""

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    def to_json(self) -> dict[str, object]:
        """The `error` member of a response."""
        body: dict[str, object] = {"code": self.code, "message": self.message}
        if self.data is not None:
            body["data"] = self.data
        return body


def invalid_params(message: str) -> RpcError:
    """A parameter that does not decode or breaks a limit."""
    return RpcError(INVALID_PARAMS, message)


def server_error(message: str, data: object = None) -> RpcError:
    """The general failure of a call."""
    return RpcError(SERVER_ERROR, message, data)


def method_not_found(name: str) -> RpcError:
    """Geth's words; tools recognise a missing method by them."""
    return RpcError(METHOD_NOT_FOUND, f"the method {name} does not exist/is not available")


def header_not_found() -> RpcError:
    """A block named in a call does not exist."""
    return server_error("header not found")


def request_timed_out() -> RpcError:
    """The HTTP request's time is over."""
    return RpcError(TIMED_OUT, "request timed out")


def timed_out(name: str) -> RpcError:
    """A call of this method exceeded its own time."""
    return server_error("execution timeout") if name.startswith("debug_") else request_timed_out()


def internal_error() -> RpcError:
    """A defect of ours or a lost worker. Never carries a traceback: that goes to the log."""
    return RpcError(INTERNAL_ERROR, "internal error")


def reverted(output: bytes) -> RpcError:
    """A call that ended in REVERT: code 3, the reason decoded, the bytes in `data`."""
    reason = revert_reason(output)
    message = "execution reverted" + (f": {reason}" if reason is not None else "")
    return RpcError(REVERTED, message, "0x" + output.hex())


def from_domain(error: StrikefoldError) -> RpcError:
    """What a client sees of an error that a lower layer raised."""
    if isinstance(error, HistoryPruned):
        return server_error(f"historical state is not available (missing trie node): {error}")
    if isinstance(error, ZkGasExceeded):
        numbers = {"zkGas": hex(error.zk_gas), "limit": hex(error.limit)}
        return server_error(str(error), numbers)
    return server_error(str(error))
