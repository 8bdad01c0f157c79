"""A devnet of the demo's own: `strikefold devnet` as a child process, gone when the demo ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from types import FrameType
from typing import IO, Final

from node.errors import Unavailable

_LISTENING: Final = "Listening on "
_READY_TIMEOUT_S: Final = 60.0
_STOP_TIMEOUT_S: Final = 10.0


@contextmanager
def devnet(timestamp: int) -> Iterator[str]:
    """Starts a devnet on any free port, in a temporary directory; yields its URL.

    timestamp: Unix time of its genesis. Blocks are made on demand. Raises Unavailable if it does
    not come up, with its own last words. While it runs, SIGTERM ends this process in order
    (SystemExit), so that the devnet never outlives it.
    """
    command = [sys.executable, "-m", "node", "devnet", "--port", "0", "--on-demand"]
    command += ["--timestamp", str(timestamp)]
    before = signal.signal(signal.SIGTERM, _exit)
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(  # noqa: S603 - our own command, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,  # Ctrl-C reaches the demo alone, which then stops its node
        )
        try:
            yield f"http://{_address(child, log)}"
        finally:
            _stop(child)
            signal.signal(signal.SIGTERM, before)


def _exit(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _address(child: subprocess.Popen[str], log: IO[bytes]) -> str:
    """Where the devnet listens, once it says so."""
    assert child.stdout is not None
    watchdog = Timer(_READY_TIMEOUT_S, child.kill)
    watchdog.start()
    try:
        for line in child.stdout:
            if line.startswith(_LISTENING):
                return line.removeprefix(_LISTENING).strip()
    finally:
        watchdog.cancel()
    code = child.wait()
    log.seek(0)
    lines = log.read().decode(errors="replace").strip().splitlines()
    reason = lines[-1].removeprefix("strikefold: ") if lines else "it said nothing"
    raise Unavailable(f"the devnet did not start (exit code {code}): {reason}")


def _stop(child: subprocess.Popen[str]) -> None:
    child.terminate()
    try:
        child.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdout is not None:
        child.stdout.close()
