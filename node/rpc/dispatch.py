"""From the bytes of a request to the bytes of its answer, whatever the transport.

Source: JSON-RPC 2.0; texts, limits and the treatment of odd requests are geth's (`rpc/handler.go`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Mapping
from typing import Any, Final, Protocol

import orjson

from node.errors import StrikefoldError
from node.log import get_logger
from node.rpc.errors import (
    INVALID_REQUEST,
    PARSE_ERROR,
    RESPONSE_TOO_LARGE,
    RpcError,
    from_domain,
    internal_error,
    method_not_found,
    request_timed_out,
)
from node.rpc.registry import Method

_LOG = get_logger("rpc")
_REQUEST_TIME_S: Final = 30.0
"""geth's HTTP write timeout: calls of a batch that have not started by then are refused."""


class HeavyRunner(Protocol):
    """Runs heavy methods somewhere else than on the event loop."""

    async def run(self, name: str, params: object, deadline: float) -> bytes:
        """The JSON of the result. deadline: in time.monotonic(). Raises RpcError."""


class Dispatcher:
    """Answers requests with the methods of a table."""

    def __init__(
        self,
        methods: Mapping[str, Method],
        context: object,
        heavy: HeavyRunner,
        *,
        max_batch_items: int,
        max_response_bytes: int,
    ) -> None:
        self._methods = methods
        self._context = context
        self._heavy = heavy
        self._max_batch_items = max_batch_items
        self._max_response_bytes = max_response_bytes

    async def handle(self, body: bytes) -> bytes:
        """The response to a request body; empty to notifications. Never raises."""
        deadline = time.monotonic() + _REQUEST_TIME_S
        try:
            request = orjson.loads(body)
        except orjson.JSONDecodeError:
            return _failure(None, RpcError(PARSE_ERROR, "parse error"))
        if isinstance(request, list):
            return await self._batch(request, deadline)
        return await self._single(request, deadline) or b""

    async def _batch(self, calls: list[Any], deadline: float) -> bytes:
        if not calls:
            return _failure(None, RpcError(INVALID_REQUEST, "empty batch"))
        if len(calls) > self._max_batch_items:
            first = next((c for c in calls if isinstance(c, dict) and _is_id(c.get("id"))), {})
            error = RpcError(INVALID_REQUEST, "batch too large")
            return b"[" + _failure(first.get("id"), error) + b"]"
        answers: list[bytes] = []
        size = 0
        for call in calls:
            if size > self._max_response_bytes:
                answer = _refusal(call, _too_large())
            else:
                answer = await self._single(call, deadline)
            if answer is not None:
                size += len(answer)
                answers.append(answer)
        return b"[" + b",".join(answers) + b"]" if answers else b""

    async def _single(self, call: object, deadline: float) -> bytes | None:
        """One answer; None to a notification."""
        if not isinstance(call, dict) or not _is_request(call):
            given = call.get("id") if isinstance(call, dict) else None
            return _failure(given, RpcError(INVALID_REQUEST, "invalid request"))
        try:
            result = await self._invoke(call["method"], call.get("params"), deadline)
        except RpcError as error:
            return _refusal(call, error)
        return _success(call["id"], result) if "id" in call else None

    async def _invoke(self, name: str, params: object, deadline: float) -> bytes:
        """The JSON of a method's result. Raises RpcError, nothing else."""
        entry = self._methods.get(name)
        if entry is None:
            raise _unknown(name)
        if time.monotonic() > deadline:
            raise request_timed_out()
        try:
            if entry.heavy:
                encoded = await self._heavy.run(name, params, deadline)
            else:
                result = entry.function(self._context, *entry.bind(params))
                encoded = orjson.dumps(await result if isinstance(result, Awaitable) else result)
        except RpcError:
            raise
        except StrikefoldError as error:
            raise from_domain(error) from error
        except asyncio.CancelledError:
            raise
        except Exception as error:
            _LOG.exception("method failed", method=name)
            raise internal_error() from error
        if len(encoded) > self._max_response_bytes:
            raise _too_large()
        return encoded


def _unknown(name: str) -> RpcError:
    if name.endswith(("_subscribe", "_unsubscribe")):
        return RpcError(method_not_found(name).code, "notifications not supported")
    return method_not_found(name)


def _too_large() -> RpcError:
    return RpcError(RESPONSE_TOO_LARGE, "response too large")


def _is_id(value: object) -> bool:
    return not isinstance(value, (dict, list))


def _is_request(call: dict[str, Any]) -> bool:
    name = call.get("method")
    valid = call.get("jsonrpc") == "2.0" and isinstance(name, str) and name != ""
    return valid and _is_id(call.get("id"))


def _success(call_id: object, result: bytes) -> bytes:
    return b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (orjson.dumps(call_id), result)


def _failure(call_id: object, error: RpcError) -> bytes:
    """An error answer; an id of a wrong type is answered with null."""
    given = call_id if _is_id(call_id) else None
    return b'{"jsonrpc":"2.0","id":%b,"error":%b}' % (
        orjson.dumps(given),
        orjson.dumps(error.to_json()),
    )


def _refusal(call: object, error: RpcError) -> bytes | None:
    """An error answer to a call; None if it was a notification."""
    if isinstance(call, dict) and _is_request(call) and "id" not in call:
        return None
    return _failure(call.get("id") if isinstance(call, dict) else None, error)
