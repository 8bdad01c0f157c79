"""The rollup: mempool, sequencer, and the chain they extend."""
