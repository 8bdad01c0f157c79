"""The zkVM: RV32IM programs, run and proved. docs/zkvm.md says what is proved."""
