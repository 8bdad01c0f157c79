"""Logs reach standard error, and nobody depends on somebody reading them."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import pytest
import structlog

from node.errors import ConfigError
from node.log import configure, get_logger


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_events_are_lines_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", json=True)
    get_logger("here").info("happened", number=5)
    get_logger("here").debug("unimportant")

    assert capsys.readouterr().err.startswith('{"part": "here", "number": 5, "event": "happened"')


@pytest.mark.parametrize("close", ["reader", "file"])
def test_a_reader_that_has_gone_away(monkeypatch: pytest.MonkeyPatch, close: str) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    stream = Gone() if close == "reader" else io.StringIO()
    if close == "file":
        stream.close()
    configure("info", json=True)
    monkeypatch.setattr(sys, "stderr", stream)

    get_logger("here").info("happened")


def test_unknown_level() -> None:
    with pytest.raises(ConfigError, match="log_level = 'loud': expected one of debug, info"):
        configure("loud")
