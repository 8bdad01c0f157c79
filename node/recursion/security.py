"""The security calculator: parameters from a target, and the error of every step.

Round-by-round soundness from proven results only. Each step's security is -log2(error) plus the
bits of grinding at that step, and the proof's is the least of them. Queries, grinding and
out-of-domain samples are generated here; nothing else in the package states one.

Sources: Johnson-bound proximity gaps, eprint 2025/2055 (BCHKS25), theorems 1.5 and 4.2, and for
m < 3 its general form with D_Z = max(D_Y, M^2 / 3 rho); WHIR, eprint 2024/1586; LogUp with GKR,
eprint 2023/1284. See docs/proof-system.md, section "Security".
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2, sqrt
from typing import Final

from node.errors import ConfigError
from node.recursion.field import DEGREE, TWO_ADICITY, P

LOG_FIELD: Final = DEGREE * log2(P)
"""log2 of the size of the challenge field."""
DIGEST_BITS: Final = 124
"""Collision resistance of a digest of eight elements."""
MAX_PROXIMITY: Final = 60
"""Largest Johnson parameter m that is tried."""
MAX_OOD: Final = 8
WEIGHT_DEGREE: Final = 3
"""Charged for a WHIR sumcheck round; its true degree is 2."""


@dataclass(frozen=True)
class Preset:
    """What an operator chooses; everything else follows.

    bits: target of every step. log_blowup: of the first codeword. folds: variables folded by the
    first oracle and by each later one. reduction: log2 by which the first domain shrinks, later
    ones shrink by 2. query_grinding: bits before every set of queries. max_fold_grinding: most bits
    before a folding challenge. max_final: most variables of the polynomial sent in clear.
    """

    name: str
    bits: int
    log_blowup: int
    folds: tuple[int, int]
    reduction: int
    query_grinding: int
    max_fold_grinding: int
    max_final: int


STANDARD: Final = Preset("standard", 124, 1, (7, 5), 5, 16, 14, 8)
FAST: Final = Preset("fast", 100, 1, (7, 5), 5, 16, 0, 8)
TOY: Final = Preset("toy", 24, 1, (2, 2), 1, 8, 0, 2)
PRESETS: Final = {p.name: p for p in (STANDARD, FAST, TOY)}


@dataclass(frozen=True)
class Oracle:
    """One committed codeword of WHIR and how it is used.

    variables: of the polynomial before folding. log_inv_rate: of its codeword. fold: variables
    folded. proximity: the Johnson parameter m. Grinding in bits; fold_grinding before each of the
    `fold` challenges.
    """

    variables: int
    log_inv_rate: int
    fold: int
    proximity: int
    ood_samples: int
    fold_grinding: int
    queries: int
    query_grinding: int

    @property
    def log_rows(self) -> int:
        """Variables left after folding: log2 of the rows of the committed matrix."""
        return self.variables - self.fold

    @property
    def log_leaves(self) -> int:
        """The log2 of the number of leaves: of the length each column is encoded to."""
        return self.log_rows + self.log_inv_rate


@dataclass(frozen=True)
class WhirParameters:
    """The opening's oracles, and the variables of the polynomial sent in clear."""

    oracles: tuple[Oracle, ...]
    final_variables: int


@dataclass(frozen=True)
class Shape:
    """What of a machine enters the error: see `node.recursion.key`.

    log_messages: log2 of the GKR's leaves. arity: most fields of a message. equations: most of a
    chip. slots: chip instances. openings: claims on committed columns. degree: of the zerocheck.
    """

    variables: int
    log_messages: int
    log_height: int
    arity: int
    equations: int
    slots: int
    openings: int
    degree: int


@dataclass(frozen=True)
class Step:
    """The security of one step of the protocol, in bits; grinding is included."""

    name: str
    bits: float
    grinding: int = 0


def distance(log_inv_rate: int, m: int) -> float:
    """The decoding radius 1 - sqrt(rho) (1 + 1/2m)."""
    return 1 - sqrt(2.0**-log_inv_rate) * (1 + 1 / (2 * m))


def list_size(log_inv_rate: int, m: int) -> float:
    """The list size (m + 1/2) / sqrt(rho)."""
    return (m + 0.5) / sqrt(2.0**-log_inv_rate)


def proximity_error(log_degree: int, log_inv_rate: int, m: int) -> float:
    """The numerator, over the field's size, of the error of folding two words of a code.

    log_degree: log2 of the code's dimension.
    """
    rho = 2.0**-log_inv_rate
    length = 2.0 ** (log_degree + log_inv_rate)
    root, big_m, delta = sqrt(rho), m + 0.5, distance(log_inv_rate, m)
    if m >= 3:
        near = (2 * big_m**5 + 3 * big_m * delta * rho) * length / (3 * rho * root)
        return near + big_m / root
    d_x, d_y = big_m * length * root, big_m / root
    d_z = max(d_y, big_m**2 / (3 * rho))
    return 2 * d_x * d_y**2 * d_z + (delta * length + 1) * d_y


def _fold_deficit(preset: Preset, variables: int, log_inv_rate: int, fold: int, m: int) -> float:
    """Bits the worst of an oracle's folding rounds lacks."""
    worst = max(
        proximity_error(variables - j - 1, log_inv_rate, m)
        + WEIGHT_DEGREE * list_size(log_inv_rate, m)
        for j in range(fold)
    )
    return preset.bits - (LOG_FIELD - log2(worst))


def _queries(preset: Preset, log_inv_rate: int, m: int) -> int:
    return ceil((preset.bits - preset.query_grinding) / -log2(1 - distance(log_inv_rate, m)))


def _oracle(preset: Preset, variables: int, log_inv_rate: int, fold: int) -> Oracle:
    """The oracle with the fewest queries within the preset's grinding. Raises ConfigError."""
    feasible = [
        m
        for m in range(1, MAX_PROXIMITY)
        if distance(log_inv_rate, m) > 0
        and _fold_deficit(preset, variables, log_inv_rate, fold, m) <= preset.max_fold_grinding
    ]
    if not feasible:
        raise ConfigError(
            f"preset {preset.name}: nothing reaches {preset.bits} bits for 2^{variables} cells; "
            "allow more grinding or prove smaller segments"
        )
    m = min(feasible, key=lambda m: _queries(preset, log_inv_rate, m))
    queries = _queries(preset, log_inv_rate, m)
    deficit = _fold_deficit(preset, variables, log_inv_rate, fold, m)
    per_query = -log2(1 - distance(log_inv_rate, m))
    return Oracle(
        variables=variables,
        log_inv_rate=log_inv_rate,
        fold=fold,
        proximity=m,
        ood_samples=_ood_samples(preset.bits, variables, list_size(log_inv_rate, m)),
        fold_grinding=max(0, ceil(deficit)),
        queries=queries,
        query_grinding=max(0, ceil(preset.bits - queries * per_query)),
    )


def _ood_samples(bits: int, variables: int, size: float) -> int:
    for samples in range(1, MAX_OOD + 1):
        if ood_bits(samples, variables, size) >= bits:
            return samples
    raise ConfigError(f"{MAX_OOD} out-of-domain samples do not reach {bits} bits")


def ood_bits(samples: int, variables: int, size: float) -> float:
    """Security of out-of-domain sampling: L^2/2 (2^variables / |F|)^samples."""
    return samples * (LOG_FIELD - variables) + 1 - 2 * log2(size)


def whir_parameters(preset: Preset, variables: int) -> WhirParameters:
    """The oracles that open a polynomial in this many variables at the preset's target."""
    oracles: list[Oracle] = []
    log_inv_rate, fold, reduction = preset.log_blowup, preset.folds[0], preset.reduction
    while not oracles or variables > preset.max_final:
        fold = min(fold, variables)
        oracles.append(_oracle(preset, variables, log_inv_rate, fold))
        variables -= fold
        log_inv_rate += fold - reduction
        fold, reduction = preset.folds[1], 1
    if oracles[0].log_leaves > TWO_ADICITY:
        raise ConfigError(
            f"2^{oracles[0].log_leaves} leaves exceed the field's largest domain 2^{TWO_ADICITY}"
        )
    return WhirParameters(tuple(oracles), variables)


def bus_grinding(preset: Preset, shape: Shape) -> int:
    """Bits of grinding before the bus challenges."""
    return max(0, ceil(preset.bits - _bus_bits(shape)))


def _bus_bits(shape: Shape) -> float:
    return LOG_FIELD - shape.log_messages - log2(shape.arity + 1)


def steps(preset: Preset, shape: Shape) -> list[Step]:
    """Every step of the protocol and its security."""
    grinding = bus_grinding(preset, shape)
    layers = range(1, shape.log_messages)
    gkr = sum(3 * k + 2 for k in layers) + 2
    zerocheck = shape.equations + 2 + shape.slots + shape.log_height * (shape.degree + 2)
    parameters = whir_parameters(preset, shape.variables)
    claims = shape.openings + parameters.oracles[0].ood_samples
    found = [
        Step("digest collisions", DIGEST_BITS),
        Step("bus fingerprints (LogUp)", _bus_bits(shape) + grinding, grinding),
        Step("fractional sums (GKR)", LOG_FIELD - log2(gkr)),
        Step("zerocheck", LOG_FIELD - log2(zerocheck)),
        Step("batching of openings", LOG_FIELD - log2(claims)),
    ]
    for number, oracle in enumerate(parameters.oracles):
        found += _oracle_steps(number, oracle)
    return found


def _oracle_steps(number: int, oracle: Oracle) -> list[Step]:
    size = list_size(oracle.log_inv_rate, oracle.proximity)
    fold = max(
        proximity_error(oracle.variables - j - 1, oracle.log_inv_rate, oracle.proximity)
        + WEIGHT_DEGREE * size
        for j in range(oracle.fold)
    )
    miss = 1 - distance(oracle.log_inv_rate, oracle.proximity)
    # an index is the low bits of a field element, so one leaf in 2^log_leaves is 1/p likelier
    bias = oracle.queries * log2(
        1 + 1 / (P * (1 - distance(oracle.log_inv_rate, oracle.proximity)))
    )
    queries = oracle.queries * -log2(miss) - bias + oracle.query_grinding
    combination = LOG_FIELD - log2(size * (oracle.queries + oracle.ood_samples))
    return [
        Step(
            f"oracle {number}: out-of-domain", ood_bits(oracle.ood_samples, oracle.variables, size)
        ),
        Step(
            f"oracle {number}: folding",
            LOG_FIELD - log2(fold) + oracle.fold_grinding,
            oracle.fold_grinding,
        ),
        Step(f"oracle {number}: queries", queries, oracle.query_grinding),
        Step(f"oracle {number}: combination", combination),
    ]


def security_bits(preset: Preset, shape: Shape) -> float:
    """The proof's security: the least of its steps'."""
    return min(step.bits for step in steps(preset, shape))
