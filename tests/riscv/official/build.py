"""Builds the official RISC-V tests as programs of this machine, from checkouts that lie elsewhere.

    python -m tests.riscv.official.build riscv-tests CHECKOUT TARGET
    python -m tests.riscv.official.build riscv-arch-test CHECKOUT TARGET

Checkouts are of github.com/riscv-software-src/riscv-tests (folders isa/rv32ui and isa/rv32um; the
environment is ours) and github.com/riscv-non-isa/riscv-arch-test, 3.x (folders
riscv-test-suite/rv32i_m/I and M). Each ELF halts with exit code 0 if the machine is right. What is
right an arch-test says by a signature; qemu-riscv32 makes the one that is compared with.
"""

import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
FLAGS = ["-target", "riscv32-linux-musl", "-mcpu=generic_rv32+m", "-g0", "-fno-pic", "-w"]
EXCLUDED = {
    "fence_i": "Zifencei: it writes code",
    "ma_data": "misaligned accesses end a run here",
    "misalign1-jalr-01": "a trap handler looks at the misaligned jump, which ends a run here",
}


def zig(cache: Path, *arguments: str | Path) -> None:
    environment = {"ZIG_LOCAL_CACHE_DIR": str(cache), "ZIG_GLOBAL_CACHE_DIR": str(cache)}
    command = [sys.executable, "-m", "ziglang", *map(str, arguments)]
    subprocess.run(command, check=True, env=environment)


def build(source: Path, target: Path, folder: Path, entry: str, *flags: str | Path) -> None:
    """One ELF of one source, by way of an own folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = folder / "part.o"
    cache = folder.parent / "cache"
    zig(cache, "cc", *FLAGS, f"-I{HERE}", *flags, "-c", source, "-o", part)
    zig(cache, "ld.lld", "-T", HERE / "link.ld", "-e", entry, "-static", "-o", target, part)
    target.chmod(0o755)


def build_riscv_test(source: Path, checkout: Path, target: Path, folder: Path) -> None:
    include = checkout / "isa" / "macros" / "scalar"
    build(source, target, folder, "_start", f"-I{include}")


def build_arch_test(source: Path, checkout: Path, target: Path, folder: Path) -> None:
    """First as a Linux program that writes its signature, then with that to compare with."""
    flags = [f"-I{checkout / 'riscv-test-suite' / 'env'}", "-DXLEN=32", "-DTEST_CASE_1=True"]
    flags += ["-DRVTEST_E=False", f"-I{folder}"]
    writer, entry = folder / "writer", "rvtest_entry_point"
    build(source, writer, folder, entry, *flags, "-DWRITE_SIGNATURE")
    done = subprocess.run(["qemu-riscv32", writer], check=True, capture_output=True, timeout=60)
    (folder / "signature.bin").write_bytes(done.stdout)
    build(source, target, folder, entry, *flags)


SUITES = {
    "riscv-tests": (build_riscv_test, "isa", ("rv32ui", "rv32um")),
    "riscv-arch-test": (build_arch_test, "riscv-test-suite/rv32i_m", ("I/src", "M/src")),
}


def main(suite: str, checkout: Path, target: Path) -> None:
    one, root, parts = SUITES[suite]
    sources = [x for part in parts for x in sorted((checkout / root / part).glob("*.S"))]
    wanted = [x for x in sources if x.stem not in EXCLUDED]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:

        def make(source: Path) -> None:
            own = Path(folder) / source.stem
            own.mkdir()
            name = source.relative_to(checkout / root).parts[0]
            one(source, checkout, target / f"{name}-{source.stem}.elf", own)
            shutil.rmtree(own)

        list(pool.map(make, wanted))
    print(f"{len(wanted)} tests of {suite} in {target}")
    for source in sources:
        if source.stem in EXCLUDED:
            print(f"left out: {source.stem} ({EXCLUDED[source.stem]})")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve())
