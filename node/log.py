"""Structured logs: one line an event, text for people or JSON for machines, on standard error."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog
from structlog.typing import FilteringBoundLogger

from node.errors import ConfigError


class _StandardError:
    """Standard error as it is when written to; a reader that has gone away stops nobody."""

    def write(self, text: str) -> int:
        """Writes what can be written."""
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Flushes what can be flushed."""
        with suppress(OSError, ValueError):
            sys.stderr.flush()


_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(level: str = "info", *, json: bool = False) -> None:
    """Sets up logging for the process. Raises ConfigError on an unknown level."""
    if level not in _LEVELS:
        raise ConfigError(f"log_level = {level!r}: expected one of {', '.join(_LEVELS)}")
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks if json else structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _StandardError())),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger whose events carry the part of the node they come from."""
    logger: FilteringBoundLogger = structlog.get_logger(part=name)
    return logger
