"""JSON-RPC over HTTP: what is checked before a body is looked at.

A request that reaches the methods is always answered with status 200; other statuses are for what
is wrong with the HTTP request itself. Source: go-ethereum `rpc/http.go`, `node/rpcstack.go`.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

_CONTENT_TYPES: Final = frozenset(
    {"application/json", "application/json-rpc", "application/jsonrequest"}
)
_READ_TIMEOUT_S: Final = 30.0
_JSON: Final = {"Content-Type": "application/json"}
Handler = Callable[[bytes], Awaitable[bytes]]


class HttpGate:
    """An aiohttp request handler in front of a JSON-RPC handler.

    vhosts: names accepted in Host ("*" for any; IP addresses always). cors: accepted origins.
    """

    def __init__(
        self,
        handle: Handler,
        *,
        vhosts: tuple[str, ...],
        cors: tuple[str, ...],
        max_body_bytes: int,
    ) -> None:
        self._handle = handle
        self._vhosts = frozenset(name.lower() for name in vhosts)
        self._cors = frozenset(cors)
        self._max_body_bytes = max_body_bytes

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        """Answers one HTTP request."""
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        body = await self._read(request)
        if isinstance(body, web.Response):
            return body
        return web.Response(
            body=await self._handle(body), headers=_JSON | self._cors_headers(request)
        )

    def _refusal(self, request: web.BaseRequest) -> web.Response | None:
        """The answer to a request that never reaches the methods, or None."""
        if not self._host_allowed(request.headers.get("Host", "")):
            return _text(403, "invalid host specified")
        if request.method == "OPTIONS":
            return web.Response(status=200, headers=self._cors_headers(request, preflight=True))
        if request.method in ("GET", "HEAD") and not request.body_exists:
            return web.Response(status=200, headers=self._cors_headers(request))
        return self._unacceptable(request)

    def _unacceptable(self, request: web.BaseRequest) -> web.Response | None:
        if request.method in ("PUT", "DELETE"):
            return _text(405, "method not allowed")
        if (request.content_length or 0) > self._max_body_bytes:
            return self._too_large(request.content_length or 0)
        given = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if given not in _CONTENT_TYPES:
            return _text(415, "invalid content type, only application/json is supported")
        return None

    async def _read(self, request: web.BaseRequest) -> bytes | web.Response:
        """The body, or the answer to one that is too long or too slow."""
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(_READ_TIMEOUT_S):
                async for chunk in request.content.iter_any():
                    size += len(chunk)
                    if size > self._max_body_bytes:
                        return self._too_large(size)
                    chunks.append(chunk)
        except TimeoutError:
            return _text(408, "request body not received in time")
        return b"".join(chunks)

    def _too_large(self, size: int) -> web.Response:
        message = f"content length too large ({size}>{self._max_body_bytes})"
        response = _text(413, message)
        response.force_close()
        return response

    def _host_allowed(self, host: str) -> bool:
        """Defence against DNS rebinding: a page of another name may not talk to us."""
        name = _host_name(host)
        return not name or "*" in self._vhosts or name in self._vhosts or _is_address(name)

    def _cors_headers(self, request: web.BaseRequest, *, preflight: bool = False) -> dict[str, str]:
        origin = request.headers.get("Origin")
        if origin is None or not ("*" in self._cors or origin in self._cors):
            return {}
        headers = {
            "Access-Control-Allow-Origin": "*" if "*" in self._cors else origin,
            "Vary": "Origin",
        }
        if preflight:
            headers["Access-Control-Allow-Methods"] = "POST, GET"
            headers["Access-Control-Max-Age"] = "600"
            wanted = request.headers.get("Access-Control-Request-Headers")
            if wanted:
                headers["Access-Control-Allow-Headers"] = wanted
        return headers


def _host_name(host: str) -> str:
    """A Host header without its port and brackets, in lower case."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0].lower() if ":" in host else host.lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _text(status: int, message: str) -> web.Response:
    return web.Response(status=status, text=message + "\n")
