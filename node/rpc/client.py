"""A JSON-RPC client over plain HTTP, with batches."""

from __future__ import annotations

from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from node.errors import ConfigError, Unavailable

MAX_BATCH: Final = 500
"""Half of what servers take as geth does."""
_TIMEOUT_S: Final = 120.0


class Rpc:
    """One connection, kept alive. Not for use by several threads at once."""

    def __init__(self, url: str) -> None:
        """url: http://host:port or https://host/path. Raises ConfigError on another kind."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"--rpc {url!r}: expected http://host:port")
        kind = HTTPConnection if parts.scheme == "http" else HTTPSConnection
        self.url = url
        self._path = parts.path or "/"
        self._connection = kind(parts.hostname, parts.port, timeout=_TIMEOUT_S)

    def __enter__(self) -> Rpc:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def call(self, method: str, *params: object) -> Any:  # noqa: ANN401 - what the method returns
        """The result of one call. Raises Unavailable if there is none."""
        return self.batch([(method, params)])[0]

    def batch(self, calls: Sequence[tuple[str, Sequence[object]]]) -> list[Any]:
        """Results of several calls, in their order; raises Unavailable at the first error."""
        results: list[Any] = []
        for start in range(0, len(calls), MAX_BATCH):
            results += self._batch(calls[start : start + MAX_BATCH])
        return results

    def _batch(self, calls: Sequence[tuple[str, Sequence[object]]]) -> list[Any]:
        requests = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            for number, (method, params) in enumerate(calls)
        ]
        answers = self._post(orjson.dumps(requests))
        if not isinstance(answers, list):
            raise Unavailable(f"{self.url}: a batch was answered with {answers!r}")
        by_id = {answer.get("id"): answer for answer in answers}
        return [self._result(method, by_id.get(n)) for n, (method, _) in enumerate(calls)]

    def _result(self, method: str, answer: dict[str, Any] | None) -> object:
        if answer is None:
            raise Unavailable(f"{self.url}: {method} was not answered")
        if "error" in answer:
            error = answer["error"]
            raise Unavailable(
                f"{self.url}: {method} failed: {error.get('message')} (code {error.get('code')})"
            )
        return answer["result"]

    def _post(self, body: bytes) -> object:
        try:
            self._connection.request("POST", self._path, body, {"Content-Type": "application/json"})
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, HTTPException) as error:
            self._connection.close()
            raise Unavailable(
                f"{self.url} does not answer ({error!r}): is the node running?"
            ) from error
        if response.status != 200:
            raise Unavailable(f"{self.url}: HTTP {response.status}: {content[:200]!r}")
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise Unavailable(f"{self.url} answered no JSON: {content[:200]!r}") from error
