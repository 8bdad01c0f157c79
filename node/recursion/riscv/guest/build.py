"""Builds guests: C++20 for RV32IM and no operating system, by the pinned `ziglang` wheel.

The same sources make the same bytes everywhere. ELF files are committed, beside their digests:
`sha256sum -c SHA256SUMS` checks them. `python -m node.recursion.riscv.guest.build` writes those of
the examples again. Needs the `dev` extra.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from node.errors import InvalidInput, Unavailable

KIT: Final = Path(__file__).parent / "kit"
EXAMPLES: Final = Path(__file__).parent / "examples"

_TARGET: Final = (
    *("-target", "riscv32-linux-musl", "-mcpu=generic_rv32+m+relax"),
    *("-g0", "-fno-pic", "-ffunction-sections", "-fdata-sections"),
    *("-fno-unwind-tables", "-fno-asynchronous-unwind-tables"),
)
"""The target has an operating system for the sake of its headers; nothing of it is linked."""
_CXX: Final = (
    *("-std=c++20", "-O2", "-fomit-frame-pointer", "-fno-exceptions", "-fno-rtti"),
    *("-fno-stack-protector", "-fno-sanitize=all", "-fno-threadsafe-statics"),
    *("-fno-c++-static-destructors", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wshadow"),
)
_NO_BUILTINS: Final = frozenset({KIT / "src" / "memory.cpp"})
"""Sources that define what the compiler would call in place of their loops."""
_LINK: Final = ("--gc-sections", "--discard-locals", "--no-eh-frame-hdr", "-static")


@dataclass(frozen=True)
class Guest:
    """What a guest is made of, besides the kit."""

    sources: tuple[Path, ...]
    includes: tuple[Path, ...] = ()
    flags: tuple[str, ...] = ()


def example_guests() -> dict[str, Guest]:
    """The guests of this folder, by name."""
    return {path.stem: Guest((path,)) for path in sorted(EXAMPLES.glob("*.cpp"))}


def build(guests: Mapping[str, Guest]) -> dict[str, bytes]:
    """The ELF file of each. Raises InvalidInput for a wrong source, Unavailable without zig."""
    if find_spec("ziglang") is None:
        raise Unavailable("guests are built by the ziglang wheel: pip install 'strikefold[dev]'")
    kit = Guest(tuple(sorted(KIT.glob("src/*.cpp"))) + tuple(sorted(KIT.glob("src/*.S"))))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        compiler = _Compiler(Path(folder), pool)
        started = {name: compiler.compile(guest) for name, guest in guests.items()}
        parts = {name: list(objects) for name, objects in started.items()}
        common = list(compiler.compile(kit))
        return {name: compiler.link(own + common) for name, own in parts.items()}


def write(guests: Mapping[str, Guest], folder: Path) -> None:
    """Builds guests, and writes them and their digests into a folder."""
    built = build(guests)
    for name, elf in built.items():
        (folder / f"{name}.elf").write_bytes(elf)
    (folder / "SHA256SUMS").write_text(digests(built))


def digests(built: Mapping[str, bytes]) -> str:
    """The digests of ELF files by name, as `sha256sum` writes them."""
    lines = (f"{hashlib.sha256(elf).hexdigest()}  {name}.elf\n" for name, elf in built.items())
    return "".join(lines)


class _Compiler:
    """zig, with its caches in a folder that is thrown away."""

    def __init__(self, folder: Path, pool: Executor) -> None:
        self.folder = folder
        self.pool = pool

    def compile(self, guest: Guest) -> Iterator[Path]:
        """Starts with all sources of a guest; yields their object files."""
        return self.pool.map(lambda source: self._compile(source, guest), guest.sources)

    def _compile(self, source: Path, guest: Guest) -> Path:
        """The object file of a source."""
        name = hashlib.sha256(f"{source}{guest}".encode()).hexdigest()[:16]
        target = self.folder / f"{source.stem}-{name}.o"
        flags = [*_TARGET, *guest.flags]
        flags += [f"-I{folder}" for folder in (KIT / "include", *guest.includes)]
        if source.suffix == ".cpp":
            flags += [*_CXX, *["-fno-builtin"] * (source in _NO_BUILTINS)]
        self._run("c++", [*flags, "-c", str(source), "-o", str(target)])
        return target

    def link(self, objects: Sequence[Path]) -> bytes:
        """The ELF file of object files."""
        with tempfile.NamedTemporaryFile(dir=self.folder) as elf:
            script = ["-T", str(KIT / "link.ld")]
            self._run("ld.lld", [*_LINK, *script, "-o", elf.name, *map(str, objects)])
            return Path(elf.name).read_bytes()

    def _run(self, tool: str, arguments: Sequence[str]) -> None:
        cache = str(self.folder / "cache")
        done = subprocess.run(  # noqa: S603  # our own command, no shell
            [sys.executable, "-m", "ziglang", tool, *arguments],
            env={"ZIG_LOCAL_CACHE_DIR": cache, "ZIG_GLOBAL_CACHE_DIR": cache, "HOME": cache},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise InvalidInput(f"a guest does not build; correct its source: {done.stderr.strip()}")


if __name__ == "__main__":
    write(example_guests(), EXAMPLES)
