"""Instruction tables by fork: py-evm's (Frontier to Prague), and Osaka on top of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from eth.vm.forks.berlin.computation import BerlinComputation
from eth.vm.forks.byzantium.computation import ByzantiumComputation
from eth.vm.forks.cancun.computation import CancunComputation
from eth.vm.forks.constantinople.computation import ConstantinopleComputation
from eth.vm.forks.frontier.computation import FrontierComputation
from eth.vm.forks.homestead.computation import HomesteadComputation
from eth.vm.forks.istanbul.computation import IstanbulComputation
from eth.vm.forks.london.computation import LondonComputation
from eth.vm.forks.paris.computation import ParisComputation
from eth.vm.forks.petersburg.computation import PetersburgComputation
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.forks.shanghai.computation import ShanghaiComputation
from eth.vm.forks.spurious_dragon.computation import SpuriousDragonComputation
from eth.vm.forks.tangerine_whistle.computation import TangerineWhistleComputation

from node.evm.forks import Fork
from node.evm.interpreter.ops import MESSAGES, OPS

_COMPUTATIONS: Final[Mapping[Fork, Any]] = {
    Fork.FRONTIER: FrontierComputation,
    Fork.HOMESTEAD: HomesteadComputation,
    Fork.TANGERINE_WHISTLE: TangerineWhistleComputation,
    Fork.SPURIOUS_DRAGON: SpuriousDragonComputation,
    Fork.BYZANTIUM: ByzantiumComputation,
    Fork.CONSTANTINOPLE: ConstantinopleComputation,
    Fork.PETERSBURG: PetersburgComputation,
    Fork.ISTANBUL: IstanbulComputation,
    Fork.BERLIN: BerlinComputation,
    Fork.LONDON: LondonComputation,
    Fork.PARIS: ParisComputation,
    Fork.SHANGHAI: ShanghaiComputation,
    Fork.CANCUN: CancunComputation,
    Fork.PRAGUE: PragueComputation,
    Fork.OSAKA: PragueComputation,
}
CLZ: Final = 0x1E
_CLZ_GAS: Final = 5
_GETH_NAMES: Final = {"SHA3": "KECCAK256", "PREVRANDAO": "DIFFICULTY"}

_CONTROL: Final = {
    0x00: (0, 0), 0x50: (1, 0), 0x56: (1, 0), 0x57: (2, 0), 0x58: (0, 1), 0x5B: (0, 0),
    0xF3: (2, 0), 0xFD: (2, 0), 0xFF: (1, 0),
}  # fmt: skip
"""Operands and results of instructions that `ops` does not have."""


@dataclass(frozen=True)
class Instruction:
    """An instruction as one fork has it. gas: the part of the price known from the opcode alone."""

    name: str
    gas: int
    pops: int
    pushes: int


def _arity(opcode: int) -> tuple[int, int]:
    if opcode in OPS:
        return OPS[opcode].pops, OPS[opcode].pushes
    if opcode in MESSAGES:
        return MESSAGES[opcode][0], 1
    if 0x5F <= opcode <= 0x7F:
        return 0, 1
    if 0x80 <= opcode <= 0x8F:
        return opcode - 0x7F, opcode - 0x7E
    if 0x90 <= opcode <= 0x9F:
        return opcode - 0x8E, opcode - 0x8E
    return _CONTROL[opcode]


def _table(fork: Fork) -> Mapping[int, Instruction]:
    table = {}
    for opcode, logic in _COMPUTATIONS[fork].opcodes.items():
        py_evm = getattr(logic, "__wrapped__", logic)
        name = _GETH_NAMES.get(py_evm.mnemonic, py_evm.mnemonic)
        table[opcode] = Instruction(name, py_evm.gas_cost, *_arity(opcode))
    if fork >= Fork.OSAKA:
        table[CLZ] = Instruction("CLZ", _CLZ_GAS, *_arity(CLZ))
    return table


INSTRUCTIONS: Final[Mapping[Fork, Mapping[int, Instruction]]] = {
    fork: _table(fork) for fork in Fork
}
"""By fork and opcode; an opcode that is absent is invalid."""
