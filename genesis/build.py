"""Compiles the contracts: `python -m genesis.build` renews `genesis/artifacts`.

Needs Node.js and, once, `npm ci` in `genesis/contracts`. Users need neither: artifacts are
committed, and a test rebuilds them and compares.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from genesis.artifacts import DIRECTORY
from node.errors import Unavailable

CONTRACTS: Final = Path(__file__).parent / "contracts"


def build(target: Path = DIRECTORY) -> None:
    """Writes one artifact a contract into `target`.

    Raises:
        Unavailable: Node.js or the compiler's package is missing, or compilation fails; says which.
    """
    node = shutil.which("node")
    if node is None:
        raise Unavailable("the contracts' compiler needs Node.js: install it, or use the artifacts")
    if not (CONTRACTS / "node_modules" / "solc").is_dir():
        raise Unavailable(f"the compiler is not installed: run npm ci in {CONTRACTS}")
    command = [node, str(CONTRACTS / "build.js"), str(target)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if result.returncode:
        raise Unavailable(f"the contracts don't compile:\n{result.stderr}")


if __name__ == "__main__":
    try:
        build()
    except Unavailable as error:
        sys.exit(str(error))
