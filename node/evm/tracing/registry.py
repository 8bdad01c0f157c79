"""Tracers by the names and options geth gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from node.errors import InvalidInput
from node.evm.tracing.base import ResultTracer, SilentTracer
from node.evm.tracing.call import CallTracer
from node.evm.tracing.flat_call import NOWHERE, FlatCallTracer, TxPlace
from node.evm.tracing.four_byte import FourByteTracer
from node.evm.tracing.mux import MuxTracer
from node.evm.tracing.prestate import PrestateConfig, PrestateTracer
from node.evm.tracing.struct_log import StructLogConfig, StructLogTracer

Options = Mapping[str, Any]


def _flag(options: Options, name: str) -> bool:
    value = options.get(name, False)
    if not isinstance(value, bool):
        raise InvalidInput(f"tracer option {name}: expected true or false, got {value!r}")
    return value


def struct_log_tracer(options: Options) -> ResultTracer:
    """The default tracer. Raises InvalidInput on an option of wrong type."""
    limit = options.get("limit", 0)
    if not isinstance(limit, int) or limit < 0:
        raise InvalidInput(f"tracer option limit: expected a number of entries, got {limit!r}")
    return StructLogTracer(
        StructLogConfig(
            enable_memory=_flag(options, "enableMemory"),
            disable_stack=_flag(options, "disableStack"),
            disable_storage=_flag(options, "disableStorage"),
            enable_return_data=_flag(options, "enableReturnData"),
            limit=limit,
        )
    )


def _call_tracer(options: Options, place: TxPlace) -> ResultTracer:
    return CallTracer(
        only_top_call=_flag(options, "onlyTopCall"),
        with_log=_flag(options, "withLog"),
        first_log=place.first_log,
    )


def _prestate_tracer(options: Options, _place: TxPlace) -> ResultTracer:
    return PrestateTracer(
        PrestateConfig(
            diff_mode=_flag(options, "diffMode"),
            disable_code=_flag(options, "disableCode"),
            disable_storage=_flag(options, "disableStorage"),
            include_empty=_flag(options, "includeEmpty"),
        )
    )


def _flat_call_tracer(options: Options, place: TxPlace) -> ResultTracer:
    return FlatCallTracer(
        place,
        convert_errors=_flag(options, "convertParityErrors"),
        include_precompiles=_flag(options, "includePrecompiles"),
    )


def _mux_tracer(options: Options, place: TxPlace) -> ResultTracer:
    for name, inner in options.items():
        if name == "muxTracer" or not isinstance(inner, Mapping):
            raise InvalidInput(
                f"muxTracer: expected options of a tracer at {name!r}, got {inner!r}"
            )
    return MuxTracer({name: named_tracer(name, inner, place) for name, inner in options.items()})


_TRACERS: Final[Mapping[str, Callable[[Options, TxPlace], ResultTracer]]] = {
    "callTracer": _call_tracer,
    "flatCallTracer": _flat_call_tracer,
    "prestateTracer": _prestate_tracer,
    "muxTracer": _mux_tracer,
    "4byteTracer": lambda _options, _place: FourByteTracer(),
    "noopTracer": lambda _options, _place: SilentTracer(),
}


def named_tracer(name: str, options: Options, place: TxPlace = NOWHERE) -> ResultTracer:
    """A tracer by the name geth gives it; options: geth's `tracerConfig`.

    Raises InvalidInput for a name this node does not have or an option of wrong type.
    """
    make = _TRACERS.get(name)
    if make is None:
        raise InvalidInput(f"tracer {name!r} not found: expected one of {', '.join(_TRACERS)}")
    return make(options, place)
