"""The compiled prover core: the best of its builds that this processor can run.

The one place that imports it. There is a build for AVX-512, one for AVX2 and a portable one; all
three make the same proofs, bit for bit.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Final

from node.errors import Unavailable

_NEEDS: Final = (
    ("avx512", {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx2"}),
    ("avx2", {"avx2"}),
    ("portable", set[str]()),
)


def processor_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> set[str]:
    """What Linux says the processor can; nothing where it says nothing."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return set()
    return next((set(x.split(":", 1)[1].split()) for x in lines if x.startswith("flags")), set())


def available_builds() -> list[str]:
    """The builds that are installed and that this processor can run, the best first."""
    flags = processor_flags()
    return [name for name, needs in _NEEDS if needs <= flags and _find(name)]


def load_build(name: str) -> Any:  # noqa: ANN401  # three modules of one shape
    """The module of one build. Raises Unavailable where it is not installed."""
    try:
        return importlib.import_module(f"node.recursion._prover_{name}")
    except ImportError as error:
        raise Unavailable(
            f"the prover core ({name}) is not compiled: run `make build` ({error})"
        ) from error


def _find(name: str) -> bool:
    return importlib.util.find_spec(f"node.recursion._prover_{name}") is not None


core: Final[Any] = load_build((available_builds() or ["portable"])[0])
"""The build in use."""
