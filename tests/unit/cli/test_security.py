"""`strikefold security` prints every step and the least of them."""

from typer.testing import CliRunner

from node.cli import app
from node.errors import ConfigError
from node.recursion.security import FAST, Shape, steps


def test_every_step_is_printed():
    given = ["--preset", "fast", "--log-cells", "22", "--messages", "24"]
    result = CliRunner().invoke(app, ["security", *given])
    assert result.exit_code == 0
    shape = Shape(22, 24, 18, 24, 500, 40, 1_000, 3)
    for step in steps(FAST, shape):
        assert step.name in result.output
        assert f"{step.bits:.1f}" in result.output
    assert "bits proven (target 100)" in result.output


def test_unknown_preset():
    result = CliRunner().invoke(app, ["security", "--preset", "strong"])
    assert isinstance(result.exception, ConfigError)
    assert "expected one of standard, fast, toy" in str(result.exception)
