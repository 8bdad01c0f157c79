"""Renews the records from the npm packages of the contracts' authors.

`python -m genesis.preinstalls.collect` needs npm and, for CreateX, `npm ci` in `genesis/contracts`.
Packages are pinned by digest. Where a contract was deployed with CREATE2, the package's creation
code has to give its address, which proves the code. What is immutable in a code is filled in as the
constructor would have. README.md lists what is proved how.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from genesis.build import CONTRACTS
from genesis.preinstalls import Preinstall
from node.crypto import keccak256
from node.errors import InvalidInput
from node.types import Address

_OPTIMISM: Final = "@eth-optimism/contracts-bedrock@0.17.3"
_SAFE_130: Final = "@gnosis.pm/safe-contracts@1.3.0"
_SAFE_141: Final = "@safe-global/safe-contracts@1.4.1"
_ENTRY_POINT_06: Final = "@account-abstraction/contracts@0.6.0"
_ENTRY_POINT_07: Final = "@account-abstraction/contracts@0.7.0"
_CREATEX: Final = "xdeployer@3.1.23"
_SOLC_0823: Final = "solc@0.8.23"

_SHA512: Final = {
    _OPTIMISM: (
        "cHPO7ntWeOBDLO7ZFFSZGI1D7CDqf4loRbRVJrFIsqLEz+hysWIqA0e3dv2GnrjVeuYePBfI2NTBEG4uwz9bQQ=="
    ),
    _SAFE_130: (
        "1p+1HwGvxGUVzVkFjNzglwHrLNA67U/axP0Ct85FzzH8yhGJb4t9jDjPYocVMzLorDoWAfKicGy1akPY9jXRVw=="
    ),
    _SAFE_141: (
        "fP1jewywSwsIniM04NsqPyVRFKPMAuirC3ftA/TA4X3Zc5EnwQp/UCJUU2PL/37/z/jMo8UUaJ+pnFNWmMU7dQ=="
    ),
    _ENTRY_POINT_06: (
        "8ooRJuR7XzohMDM4MV34I12Ci2bmxfE9+cixakRL7lA4BAwJKQ3ahvd8FbJa9kiwkUPCUNtj+/zxDQWYYalLMQ=="
    ),
    _ENTRY_POINT_07: (
        "Bt/66ilu3u8I9+vFZ9fTd+cWs55fdb9J5YKfrhsrFafH1drkzwuCSL/xEot1GGyXXNJLQuXbMRztQPyelNbY1A=="
    ),
    _CREATEX: (
        "2cw6zJpG2IXu8n00q48j7uY3Gts2M7jOqqsoArz/R8XTs7rJC+cyj2yadFV7SccRnV1tYQi3lYjUNeKajliTQQ=="
    ),
    _SOLC_0823: (
        "uqe69kFWfJc3cKdxj+Eg9CdW1CP3PLZDPeyJStQVWL8Q9jjjKD0VuRAKBFR8mrWiq5A7gJqERxJFYJsklrVsfA=="
    ),
}

_ARACHNID: Final = bytes.fromhex("4e59b44847b379578588920ca78fbf26c0b4956c")
_SAFE_FACTORY: Final = bytes.fromhex("914d7fec6aac8cd542e72bca78b30650d45643d7")
_NO_SALT: Final = bytes(32)
_ENTRY_POINT_07_SALT: Final = bytes.fromhex(
    "90d8084deab30c2a37c45e8d47f49f2f7965183cb6990a98943ef94940681de3"
)
_CREATOR_PROLOGUE: Final = 28
"""Bytes of SenderCreator's constructor, before the code it returns."""
_CREATEX_ADDRESS: Final = bytes.fromhex("ba5ed099633d3b313e4d5f7bdc1305d3c28ba5ed")


@dataclass(frozen=True)
class Deployed:
    """A contract that a CREATE2 factory deployed, and the package file that has its code."""

    name: str
    package: str
    artifact: str
    address: str
    licence: str
    factory: Address = _SAFE_FACTORY
    salt: bytes = _NO_SALT


def _safe(version: str, package: str, files: dict[str, str]) -> Iterator[Deployed]:
    for path, address in files.items():
        name = f"{Path(path).name}_{version}"
        artifact = f"build/artifacts/contracts/{path}.json"
        yield Deployed(name, package, artifact, address, "LGPL-3.0")


_SAFES: Final = (
    *_safe(
        "v1.3.0",
        _SAFE_130,
        {
            "GnosisSafe.sol/GnosisSafe": "69f4D1788e39c87893C980c06EdF4b7f686e2938",
            "GnosisSafeL2.sol/GnosisSafeL2": "fb1bffC9d739B8D520DaF37dF666da4C687191EA",
            "proxies/GnosisSafeProxyFactory.sol/GnosisSafeProxyFactory": (
                "C22834581EbC8527d974F8a1c97E1bEA4EF910BC"
            ),
            "libraries/MultiSend.sol/MultiSend": "998739BFdAAdde7C933B942a68053933098f9EDa",
            "libraries/MultiSendCallOnly.sol/MultiSendCallOnly": (
                "A1dabEF33b3B82c7814B6D82A79e50F4AC44102B"
            ),
            "handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler": (
                "017062a1dE2FE6b99BE3d9d37841FeD19F573804"
            ),
        },
    ),
    *_safe(
        "v1.4.1",
        _SAFE_141,
        {
            "Safe.sol/Safe": "41675C099F32341bf84BFc5382aF534df5C7461a",
            "SafeL2.sol/SafeL2": "29fcB43b46531BcA003ddC8FCB67FFE91900C762",
            "proxies/SafeProxyFactory.sol/SafeProxyFactory": (
                "4e1DCf7AD4e460CfD30791CCC4F9c8a4f820ec67"
            ),
            "libraries/MultiSend.sol/MultiSend": "38869bf66a61cF6bDB996A6aE40D5853Fd43B526",
            "libraries/MultiSendCallOnly.sol/MultiSendCallOnly": (
                "9641d764fc13c8B624c04430C7356C1C7C8102e2"
            ),
            "libraries/SignMessageLib.sol/SignMessageLib": (
                "d53cd0aB83D845Ac265BE939c57F53AD838012c9"
            ),
            "libraries/CreateCall.sol/CreateCall": "9b35Af71d77eaf8d7e40252370304687390A1A52",
            "handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler": (
                "fd0732Dc9E303f09fCEf3a7388Ad10A83459Ec99"
            ),
            "accessors/SimulateTxAccessor.sol/SimulateTxAccessor": (
                "3d4BA2E0884aa488718476ca2FB8Efc291A46199"
            ),
        },
    ),
)

_OF_OPTIMISM: Final = {
    "MultiCall3": ("Multicall3", "MIT"),
    "Create2Deployer": ("Create2Deployer", "MIT"),
    "DeterministicDeploymentProxy": ("DeterministicDeploymentProxy", "MIT"),
    "SafeSingletonFactory": ("SafeSingletonFactory", "MIT"),
    "Permit2": ("Permit2", "MIT"),
}
"""Name in Preinstalls.sol to ours and licence."""


@dataclass(frozen=True)
class Packages:
    """Unpacked packages under one folder."""

    root: Path

    def path(self, package: str, file: str) -> Path:
        """A file of a package, which is downloaded and checked at its first use."""
        folder = self.root / hashlib.sha256(package.encode()).hexdigest()[:16]
        if not folder.exists():
            self._unpack(package, folder)
        return folder / "package" / file

    def json(self, package: str, file: str) -> dict[str, Any]:
        """A JSON file of a package."""
        parsed: dict[str, Any] = json.loads(self.path(package, file).read_text())
        return parsed

    def _unpack(self, package: str, folder: Path) -> None:
        command = ["npm", "pack", package, "--silent", "--pack-destination", str(self.root)]
        output = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
        archive = self.root / output.stdout.split()[-1]
        digest = hashlib.sha512(archive.read_bytes()).digest()
        if base64.b64encode(digest).decode() != _SHA512[package]:
            raise InvalidInput(f"{package} has SHA-512 {digest.hex()}, not the one pinned here")
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")


def _deployed(packages: Packages, contract: Deployed) -> tuple[Preinstall, bytes]:
    """The record of a CREATE2 deployment and its creation code."""
    artifact = packages.json(contract.package, contract.artifact)
    creation, code = _bytes(artifact["bytecode"]), _bytes(artifact["deployedBytecode"])
    made = keccak256(b"\xff" + contract.factory + contract.salt + keccak256(creation))[12:]
    address = bytes.fromhex(contract.address)
    if made != address:
        raise InvalidInput(f"{contract.name} deploys to 0x{made.hex()}, not 0x{address.hex()}")
    return _record(contract.name, address, code, contract.package, contract.licence), creation


def _safe_code(record: Preinstall) -> Preinstall:
    """A Safe library, which may hold its own address as its only immutable."""
    if not record.name.startswith(("MultiSend_", "SimulateTxAccessor_")):
        return record
    placeholder, own = b"\x7f" + bytes(32), b"\x7f" + record.address.rjust(32, b"\0")
    push20 = (b"\x73" + bytes(20) + b"\x30", b"\x73" + record.address + b"\x30")
    code = record.code.replace(placeholder, own).replace(*push20)
    return _record(record.name, record.address, code, record.package, record.licence)


def _entry_points(packages: Packages) -> Iterator[Preinstall]:
    versions = (
        ("v0.6.0", _ENTRY_POINT_06, "5FF137D4b0FDCD49DcA30c7CF57E578a026d2789", _NO_SALT),
        (
            "v0.7.0",
            _ENTRY_POINT_07,
            "0000000071727De22E5E9d8BAf0edAc6f37da032",
            _ENTRY_POINT_07_SALT,
        ),
    )
    for version, package, address, salt in versions:
        contract = Deployed(
            f"EntryPoint_{version}",
            package,
            "artifacts/EntryPoint.json",
            address,
            "GPL-3.0",
            _ARACHNID,
            salt,
        )
        record, creation = _deployed(packages, contract)
        # Its constructor creates the SenderCreator, with nonce 1, and keeps the address.
        creator = keccak256(b"\xd6\x94" + record.address + b"\x01")[12:]
        code = record.code.replace(bytes(32), creator.rjust(32, b"\0"))
        yield _record(record.name, record.address, code, package, "GPL-3.0")
        name = f"SenderCreator_{version}"
        yield _record(name, creator, _embedded(creation, record.code), package, "GPL-3.0")


def _embedded(creation: bytes, runtime: bytes) -> bytes:
    """Runtime code of the contract that a constructor creates.

    Its creation code is what follows the outer runtime code: a constructor without arguments, then
    the code it returns, which is all the rest.
    """
    inner = creation[creation.index(runtime[:64]) + len(runtime) :]
    if not inner[:_CREATOR_PROLOGUE].endswith(bytes.fromhex("8239f35b600080fdfe")):
        raise InvalidInput("no creation code follows the EntryPoint's own code")
    return inner[_CREATOR_PROLOGUE:]


def _createx(packages: Packages) -> Preinstall:
    """CreateX compiled from its source; its only immutable is its own address."""
    name = "src/CreateX.sol"
    source = packages.path(_CREATEX, "src/contracts/CreateX.sol").read_text()
    settings = {
        "optimizer": {"enabled": True, "runs": 10_000_000},
        "evmVersion": "paris",
        "metadata": {"bytecodeHash": "none"},
        "outputSelection": {"*": {"*": ["evm.deployedBytecode"]}},
    }
    sources = {name: {"content": source}}
    standard = {"language": "Solidity", "sources": sources, "settings": settings}
    script = (
        "const solc = require('solc/wrapper')(require(process.argv[1]));"
        "process.stdout.write(solc.compile(require('fs').readFileSync(0, 'utf8')))"
    )
    compiled = subprocess.run(  # noqa: S603
        ["node", "-e", script, str(packages.path(_SOLC_0823, "soljson.js"))],  # noqa: S607
        cwd=CONTRACTS,
        input=json.dumps(standard),
        capture_output=True,
        text=True,
        check=True,
    )
    bytecode = json.loads(compiled.stdout)["contracts"][name]["CreateX"]["evm"]["deployedBytecode"]
    code = bytearray.fromhex(bytecode["object"])
    for references in bytecode["immutableReferences"].values():
        for reference in references:
            start = reference["start"]
            code[start : start + 32] = _CREATEX_ADDRESS.rjust(32, b"\0")
    return _record("CreateX", _CREATEX_ADDRESS, bytes(code), _CREATEX, "AGPL-3.0-only")


def _of_optimism(packages: Packages) -> Iterator[Preinstall]:
    source = packages.path(_OPTIMISM, "src/libraries/Preinstalls.sol").read_text()
    for theirs, (name, licence) in _OF_OPTIMISM.items():
        address = re.search(rf"address internal constant {theirs} = 0x([0-9a-fA-F]{{40}});", source)
        code = re.search(rf"{theirs}(?:Template)?Code =\s+hex\"([0-9a-f]+)\"", source)
        if address is None or code is None:
            raise InvalidInput(f"Preinstalls.sol has no {theirs}")
        yield _record(name, bytes.fromhex(address[1]), bytes.fromhex(code[1]), _OPTIMISM, licence)


def _record(name: str, address: Address, code: bytes, package: str, licence: str) -> Preinstall:
    return Preinstall(name, address, code, keccak256(code), package, licence)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def collect(target: Path) -> None:
    """Writes a record a contract into `target`. Raises InvalidInput where a check fails."""
    with tempfile.TemporaryDirectory() as folder:
        packages = Packages(Path(folder))
        found = [_safe_code(_deployed(packages, contract)[0]) for contract in _SAFES]
        found += [*_entry_points(packages), *_of_optimism(packages), _createx(packages)]
    for record in found:
        fields = {
            "name": record.name,
            "address": "0x" + record.address.hex(),
            "codeHash": "0x" + record.code_hash.hex(),
            "package": record.package,
            "licence": record.licence,
            "code": "0x" + record.code.hex(),
        }
        (target / f"{record.name}.json").write_text(json.dumps(fields, indent=1) + "\n")


if __name__ == "__main__":
    try:
        collect(Path(__file__).parent)
    except InvalidInput as error:
        sys.exit(str(error))
