"""The proof system: circuits, prover, verifier, security. It knows nothing of Ethereum."""
