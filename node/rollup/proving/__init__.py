"""Blocks and the proofs of them: where execution and the proof system meet."""
