"""Every sealed block, executed a second time: by the C++ core, from its witness alone.

That is what a proof will do. Where the core does not find what the block says, the chain goes on,
but nothing more may be proved or posted: `Recheck.disagreement`, which whoever does that has to
look at, says at which block and why. All that is needed to look into it is in a file of the data
directory; while that is there, a restarted node stays stopped. `strikefold recheck FILE` executes
it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from node.errors import InvalidInput, StorageError, Unavailable
from node.evm import native
from node.evm.block import Block, Header
from node.evm.chain_config import ChainConfig
from node.evm.forks import Fork
from node.evm.json_fields import read_bytes, read_object, read_quantity
from node.evm.witness import Witness, witness_from_json
from node.log import get_logger
from node.rollup.files import write_whole
from node.types import ZERO_HASH, Hash32

_log = get_logger("recheck")
_UNREADABLE: Final = "an earlier disagreement, whose file cannot be read"


@dataclass(frozen=True)
class DisputedBlock:
    """A block of ours that the core does not agree with. file: where the reproduction is."""

    number: int
    block_hash: Hash32
    reason: str
    file: Path


@dataclass(frozen=True)
class Reproduction:
    """A block as it was rechecked. block: RLP."""

    config: ChainConfig
    block: bytes
    witness: Witness

    def verdict(self) -> native.BlockVerdict:
        """What the core says of it."""
        return native.validate_block(self.config, self.block, self.witness)


class Recheck:
    """The second execution of a chain's blocks. The first disagreement is kept, and is the last."""

    def __init__(self, config: ChainConfig, file: Path) -> None:
        """file: where a disagreement is kept; if it is there, checking has stopped already."""
        self._config = config
        self._file = file
        self.disagreement: DisputedBlock | None = None
        if file.exists():
            self.disagreement = found = _read_disagreement(file)
            _log.error("nothing may be proved or posted", reason=found.reason, file=str(file))

    def check(self, block: Block, witness: Witness) -> None:
        """Executes a sealed block again. Raises nothing: whatever goes wrong is a disagreement."""
        header = block.header
        fork = self._config.fork_at(header.number, header.timestamp)
        if self.disagreement or fork < Fork.SHANGHAI:
            return
        reproduction = Reproduction(self._config, block.encoded, witness)
        verdict = None
        try:
            verdict = reproduction.verdict()
            reason = difference(header, verdict)
        except Exception as error:
            _log.exception("defect while rechecking", number=header.number)
            reason = f"executing it again failed: {error!r}"
        if reason:
            self._stop(DisputedBlock(header.number, header.hash, reason, self._file))
            self._save(reproduction, verdict)

    def require_provable(self, number: int) -> None:
        """Raises Unavailable for a block that may not be proved: the disagreement's, or a later."""
        found = self.disagreement
        if found is not None and number >= found.number:
            raise Unavailable(
                f"block {number} may not be proved: two executions of block {found.number} disagree"
                f" ({found.reason}); see `strikefold recheck {found.file}`"
            )

    def _stop(self, found: DisputedBlock) -> None:
        self.disagreement = found
        _log.error(
            "EXECUTIONS DISAGREE: nothing may be proved or posted from this block on",
            number=found.number,
            hash=f"0x{found.block_hash.hex()}",
            reason=found.reason,
            file=str(found.file),
        )

    def _save(self, reproduction: Reproduction, verdict: native.BlockVerdict | None) -> None:
        found = self.disagreement
        assert found is not None
        try:
            reproduced = orjson.dumps({
                "number": found.number,
                "hash": _hex(found.block_hash),
                "reason": found.reason,
                "verdict": verdict and {k: _plain(v) for k, v in asdict(verdict).items()},
                "config": reproduction.config.to_json(),
                "block": _hex(reproduction.block),
                "witness": reproduction.witness.to_json(),
            }, option=orjson.OPT_INDENT_2)  # fmt: skip
            write_whole(self._file, reproduced)
        except Exception:
            _log.exception("cannot save the disagreement", file=str(self._file))


def difference(header: Header, verdict: native.BlockVerdict) -> str:
    """What the core finds wrong with a block that has this header; empty if nothing."""
    if verdict.status != native.VALID:
        return f"the core says {verdict.status}"
    found = (verdict.block_hash, verdict.state_root, verdict.gas_used)
    if found != (header.hash, header.state_root, header.gas_used):
        return "the core finds another hash, state root or gas"
    return ""


def read_reproduction(file: Path) -> Reproduction:
    """The block of a saved disagreement. Raises StorageError, InvalidInput."""
    values = _read(file)
    return Reproduction(
        ChainConfig.from_json(read_object(values.get("config"), "config")),
        read_bytes(values.get("block"), "block"),
        witness_from_json(read_object(values.get("witness"), "witness")),
    )


def _read(file: Path) -> Mapping[str, Any]:
    try:
        values = orjson.loads(file.read_bytes())
    except OSError as error:
        raise StorageError(f"cannot read {file}: {error}") from error
    except ValueError as error:
        raise InvalidInput(f"{file} is not JSON: {error}") from error
    return read_object(values, str(file))


def _read_disagreement(file: Path) -> DisputedBlock:
    try:
        values = _read(file)
        return DisputedBlock(
            read_quantity(values.get("number"), "number", 8),
            read_bytes(values.get("hash"), "hash"),
            str(values.get("reason")),
            file,
        )
    except (StorageError, InvalidInput) as error:
        return DisputedBlock(0, ZERO_HASH, f"{_UNREADABLE}: {error}", file)


def _plain(value: object) -> object:
    return _hex(value) if isinstance(value, bytes) else value


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"
