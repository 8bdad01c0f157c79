"""Genesis: contracts, compiled artifacts and the state they start from."""

from genesis.artifacts import Artifact, artifact
from genesis.devnet import DEVNET_CHAIN_ID, chain_config, devnet_genesis

__all__ = ["DEVNET_CHAIN_ID", "Artifact", "artifact", "chain_config", "devnet_genesis"]
