"""The GPU kernels compile where nvcc is, and equal the CPU's bodies where a device is."""

import shutil
import subprocess

import pytest

from tests.suites import ROOT

NO_DEVICE = 77


@pytest.fixture(scope="module")
def self_test(tmp_path_factory):
    """The kernels' self-test program."""
    missing = [tool for tool in ("cmake", "nvcc") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} absent: install them to compile the GPU kernels")
    folder = tmp_path_factory.mktemp("gpu")
    subprocess.run(["cmake", "-S", ROOT, "-B", folder], check=True, capture_output=True)
    subprocess.run(
        ["cmake", "--build", folder, "--target", "prover_gpu_test"], check=True, capture_output=True
    )
    return folder / "cuda" / "prover_gpu_test"


def test_kernels_compile(self_test):
    done = subprocess.run([self_test], capture_output=True, text=True, check=False)
    assert done.returncode in (0, NO_DEVICE), done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.gpu
def test_kernels_equal_the_cpus(self_test):
    done = subprocess.run([self_test], capture_output=True, text=True, check=False)
    if done.returncode == NO_DEVICE:
        pytest.skip("no CUDA device")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("same") == 5
