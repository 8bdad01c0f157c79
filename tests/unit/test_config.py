"""Configuration: precedence of sources, and every way to get it wrong."""

from pathlib import Path

import pytest

from node.cli.config import to_toml
from node.config import NodeConfig, load
from node.errors import ConfigError


def test_later_sources_win(tmp_path):
    file = tmp_path / "node.toml"
    file.write_text('log_level = "debug"\n[rpc]\nport = 1\nhost = "::1"\nworkers = 3\n')
    environment = {"STRIKEFOLD_RPC_PORT": "2", "STRIKEFOLD_RPC_HOST": "127.0.0.2"}
    config = load(file, {"rpc.port": 3, "rpc.workers": None}, environment)
    assert (config.rpc.port, config.rpc.host, config.rpc.workers) == (3, "127.0.0.2", 3)
    assert config.log_level == "debug"
    assert config.pool.global_slots == 5_120


def test_text_becomes_the_type_the_key_wants():
    environment = {
        "STRIKEFOLD_STATE_ARCHIVE": "yes",
        "STRIKEFOLD_SEQUENCER_BLOCK_TIME_S": "0.5",
        "STRIKEFOLD_RPC_NAMESPACES": "eth, debug",
    }
    config = load(environment=environment)
    assert config.state.archive is True
    assert config.sequencer.block_time_s == 0.5
    assert config.rpc.namespaces == ("eth", "debug")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rpc = 3", "unknown key 'rpc'"),
        ("[rpc]\nprot = 1", "unknown key 'rpc.prot'"),
        ('[rpc]\nport = "eight"', "rpc.port = 'eight': expected int"),
        ("[rpc]\nport = true", "rpc.port = True: expected int"),
        ("[state]\narchive = 1", "state.archive = 1: expected bool"),
        ("[rpc]\nnamespaces = [1]", r"rpc.namespaces = \[1\]"),
        ("[rpc", "cannot read configuration file"),
    ],
)
def test_wrong_file_is_named(tmp_path, text, message):
    file = tmp_path / "node.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load(file, environment={})


def test_missing_file_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot read configuration file"):
        load(tmp_path / "none.toml", environment={})


def test_printed_configuration_reads_back(tmp_path):
    config = load(flags={"rpc.port": 1, "state.archive": True}, environment={})
    file = tmp_path / "node.toml"
    file.write_text("\n".join(to_toml(config)))
    assert load(file, environment={}) == config


def test_every_key_is_documented_with_its_default():
    documented = Path(__file__).parents[2].joinpath("docs/configuration.md").read_text()
    group = ""
    for line in to_toml(NodeConfig()):
        if line.startswith("\n["):
            group = line.strip("\n[]") + "."
            continue
        key, _, default = line.partition(" = ")
        assert f"| `{group}{key}` | `{default}` |" in documented
