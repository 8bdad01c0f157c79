"""The Foundry tests of the contracts, and that the artifacts are what the sources compile to."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest

from genesis import addresses
from genesis.artifacts import DIRECTORY, artifact, names
from genesis.build import CONTRACTS, build
from tests.unit.genesis.toolchain import forge, require_compiler


def run_forge(*arguments: str, invariant_runs: int) -> str:
    environment = {**os.environ, "FOUNDRY_INVARIANT_RUNS": str(invariant_runs), "NO_COLOR": "1"}
    command = [str(forge()), "test", *arguments]
    result = subprocess.run(
        command, cwd=CONTRACTS, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_artifacts_are_what_the_sources_compile_to(tmp_path):
    require_compiler()
    build(tmp_path)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_bytes() for path in DIRECTORY.glob("*.json")}
    assert built.keys() == committed.keys()
    assert [name for name in built if built[name] != committed[name]] == []


def test_contracts_hold_under_foundry():
    output = run_forge("--no-match-contract", "GasTest", invariant_runs=6)
    assert re.search(r"[1-9]\d* tests passed, 0 failed, 0 skipped", output)


def test_gas_is_as_recorded():
    output = run_forge("--isolate", "--match-contract", "GasTest", invariant_runs=0)
    assert re.search(r"[1-9]\d* tests passed, 0 failed, 0 skipped", output)


@pytest.mark.slow
def test_invariants_hold_for_long():
    run_forge("--match-contract", "InvariantsTest", invariant_runs=64)


def test_foundry_tests_what_genesis_carries():
    """The two compilations, forge's and ours, have the same settings."""
    output = json.loads(
        subprocess.run(
            [str(forge()), "config", "--json"],
            cwd=CONTRACTS,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    settings = artifact("Pool").compiler["settings"]
    assert output["evm_version"] == settings["evmVersion"]
    assert output["optimizer_runs"] == settings["optimizer"]["runs"]
    assert output["optimizer"] is settings["optimizer"]["enabled"] is True
    assert output["via_ir"] is False
    assert output["bytecode_hash"] == settings["metadata"]["bytecodeHash"]
    assert output["cbor_metadata"] is settings["metadata"]["appendCBOR"]


def test_solidity_is_formatted():
    subprocess.run([str(forge()), "fmt", "--check"], cwd=CONTRACTS, check=True)


def test_solidity_and_python_agree_on_addresses():
    source = (CONTRACTS / "libraries" / "Predeploys.sol").read_text()
    stated = dict(re.findall(r"(\w+) = I\w+\((0x[0-9a-fA-F]{40})\)", source))
    ours = {name.upper(): "0x" + address.hex() for name, address in addresses.PREDEPLOYS.items()}
    assert {name: value for name, value in stated.items() if name != "LONGS"} == ours
    assert stated["LONGS"] == ours["SERIES"]


def test_code_fits_the_limit_of_eip_170():
    for name in names():
        assert 0 < len(artifact(name).deployed_bytecode) <= 24_576


def test_the_lock_names_no_host_but_the_public_registry():
    lock = json.loads((CONTRACTS / "package-lock.json").read_text())
    for name, package in lock["packages"].items():
        resolved = package.get("resolved", "https://registry.npmjs.org/")
        assert resolved.startswith("https://registry.npmjs.org/"), name
        assert not name or package["integrity"].startswith("sha512-"), name
