"""Running a heavy method in this process: parse, execute, encode, and only RpcError comes out."""

from __future__ import annotations

import orjson

from node.errors import StrikefoldError
from node.log import get_logger
from node.rpc.backend import ReadContext
from node.rpc.errors import RpcError, from_domain, internal_error
from node.rpc.methods import ALL

_LOG = get_logger("rpc")


def run_heavy(context: ReadContext, name: str, params: object) -> bytes:
    """The JSON of a heavy method's result. Raises RpcError."""
    entry = ALL[name]
    try:
        return orjson.dumps(entry.function(context, *entry.bind(params)))
    except RpcError:
        raise
    except StrikefoldError as error:
        raise from_domain(error) from error
    except Exception as error:
        _LOG.exception("method failed", method=name)
        raise internal_error() from error
