"""Methods declared once: a typed function becomes a JSON-RPC method, its checks and its document.

    @method("eth_getBalance")
    def get_balance(context: Context, address: AddressArg, block: BlockRefArg = LATEST) -> ...:

The annotation of each parameter carries a `Kind` (how to parse, how to describe); a default makes
it optional, and an explicit null means the default, as in geth. Texts: geth's `rpc/json.go`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, get_args, get_type_hints

from node.rpc.codec import BadValue, Kind, PlainBadValue
from node.rpc.errors import invalid_params

_ANY: Final = Kind("Any", lambda value: value, {})
_REQUIRED: Final = inspect.Parameter.empty


@dataclass(frozen=True)
class Parameter:
    """One positional parameter of a method."""

    name: str
    kind: Kind
    default: Any = _REQUIRED

    @property
    def required(self) -> bool:
        """Whether a request must give it."""
        return self.default is _REQUIRED


@dataclass(frozen=True)
class Method:
    """A method as it is served. heavy: runs on a worker process, against a read-only context."""

    name: str
    function: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    result: Kind
    heavy: bool

    @property
    def namespace(self) -> str:
        """What stands before the first underscore."""
        return self.name.partition("_")[0]

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    def bind(self, params: object) -> list[Any]:
        """The arguments that a request's `params` stand for. Raises RpcError -32602."""
        if params is None:
            params = []
        if not isinstance(params, list):
            raise invalid_params("non-array args")
        if len(params) > len(self.parameters):
            raise invalid_params(f"too many arguments, want at most {len(self.parameters)}")
        return [
            _argument(index, parameter, params) for index, parameter in enumerate(self.parameters)
        ]


def _argument(index: int, parameter: Parameter, params: Sequence[object]) -> object:
    given = index < len(params)
    if not parameter.required and (not given or params[index] is None):
        return parameter.default
    if not given:
        raise invalid_params(f"missing value for required argument {index}")
    try:
        return parameter.kind.parse(params[index])
    except PlainBadValue as error:
        raise invalid_params(str(error)) from error
    except BadValue as error:
        raise invalid_params(f"invalid argument {index}: {error}") from error


METHODS: Final[dict[str, Method]] = {}
"""Every method of the modules imported so far, by name."""

F = TypeVar("F", bound=Callable[..., Any])


def method(name: str, *, heavy: bool = False) -> Callable[[F], F]:
    """Declares a function, whose first parameter is the context, as the method `name`."""

    def declare(function: F) -> F:
        hints = get_type_hints(function, include_extras=True)
        signature = list(inspect.signature(function).parameters.values())[1:]
        parameters = tuple(
            Parameter(_camel(p.name), _kind(hints[p.name]), p.default) for p in signature
        )
        METHODS[name] = Method(name, function, parameters, _kind(hints.get("return")), heavy)
        return function

    return declare


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _kind(hint: object) -> Kind:
    """The Kind in an annotation, looking through `| None`."""
    for extra in getattr(hint, "__metadata__", ()):
        if isinstance(extra, Kind):
            return extra
    for part in get_args(hint):
        kind = _kind(part)
        if kind is not _ANY:
            return kind
    return _ANY


def openrpc(methods: Mapping[str, Method], title: str, version: str) -> dict[str, Any]:
    """The OpenRPC 1.3 document of these methods."""
    return {
        "openrpc": "1.3.2",
        "info": {"title": title, "version": version},
        "methods": [_describe(entry) for _, entry in sorted(methods.items())],
    }


def _describe(entry: Method) -> dict[str, Any]:
    return {
        "name": entry.name,
        "summary": entry.summary,
        "paramStructure": "by-position",
        "params": [
            {"name": p.name, "required": p.required, "schema": p.kind.schema}
            for p in entry.parameters
        ],
        "result": {"name": entry.result.title, "schema": entry.result.schema},
    }
