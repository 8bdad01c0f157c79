"""The security calculator: targets reached, published formulas, an independent calculator."""

import importlib.util

import pytest

from node.errors import ConfigError
from node.recursion.security import (
    FAST,
    STANDARD,
    TOY,
    Shape,
    distance,
    list_size,
    proximity_error,
    security_bits,
    steps,
    whir_parameters,
)
from tests.suites import suites_root


def shape(variables):
    return Shape(
        variables, log_messages=variables, log_height=variables - 4, arity=20,
        equations=500, slots=40, openings=1500, degree=3,
    )  # fmt: skip


@pytest.mark.parametrize("preset", [STANDARD, FAST])
@pytest.mark.parametrize("variables", range(16, 28))
def test_every_step_reaches_the_target(preset, variables):
    for step in steps(preset, shape(variables)):
        assert step.bits >= preset.bits - 0.01, step
    assert security_bits(preset, shape(variables)) >= preset.bits - 0.01


def test_standard_means_124_bits_and_fast_needs_no_folding_grind():
    assert STANDARD.bits == 124
    assert all(o.fold_grinding <= 14 for o in whir_parameters(STANDARD, 26).oracles)
    assert all(o.fold_grinding == 0 for o in whir_parameters(FAST, 26).oracles)


def test_published_johnson_bound():
    # rho = 1/2, m = 3: delta = 1 - 0.7071 * 7/6, L = 3.5 * 1.4142
    assert distance(1, 3) == pytest.approx(0.175, abs=1e-3)
    assert list_size(1, 3) == pytest.approx(4.95, abs=1e-2)
    # theorem 1.5: linear in the length, so one more variable doubles the leading term
    ratio = proximity_error(20, 1, 10) / proximity_error(19, 1, 10)
    assert ratio == pytest.approx(2, rel=1e-4)


def test_grinding_pays_for_what_the_field_lacks():
    found = {step.name: step for step in steps(STANDARD, shape(27))}
    bus = found["bus fingerprints (LogUp)"]
    assert bus.grinding > 0
    assert bus.bits - bus.grinding < 124 <= bus.bits


def test_what_cannot_be_reached_is_refused():
    with pytest.raises(ConfigError, match="largest domain"):
        whir_parameters(TOY, 26)
    strict = STANDARD.__class__("strict", 150, 1, (7, 5), 5, 16, 0, 8)
    with pytest.raises(ConfigError, match="nothing reaches 150 bits"):
        whir_parameters(strict, 24)


def independent_calculator():
    file = suites_root().parent / "reference" / "whir_calc.py"
    if not file.exists():
        pytest.skip(f"the independent calculator {file} is not on this machine")
    spec = importlib.util.spec_from_file_location("whir_calc", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("preset", [STANDARD, FAST])
@pytest.mark.parametrize("variables", range(16, 29))
@pytest.mark.parametrize("log_blowup", [1, 2, 3])
def test_agrees_with_an_independent_calculator(preset, variables, log_blowup):
    theirs = independent_calculator().whir(
        variables, log_blowup, "J", 5, preset.bits, 16, preset.max_fold_grinding, (7, 5), red0=5
    )
    preset = preset.__class__(preset.name, preset.bits, log_blowup, (7, 5), 5, 16,
                              preset.max_fold_grinding, 8)  # fmt: skip
    if theirs is None or theirs["twoadic"] > 24:
        with pytest.raises(ConfigError):
            whir_parameters(preset, variables)
        return
    ours = whir_parameters(preset, variables)
    assert ours.final_variables == theirs["final_v"]
    assert [
        (o.variables, o.log_inv_rate, o.fold, o.proximity, o.ood_samples, o.fold_grinding,
         o.queries, o.query_grinding, o.log_leaves)
        for o in ours.oracles
    ] == [
        tuple(r[key] for key in ("v", "mu", "k", "m", "ood", "fpow", "t", "qpow", "leaves"))
        for r in theirs["rounds"]
    ]  # fmt: skip
