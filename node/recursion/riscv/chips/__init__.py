"""The chips of the RISC-V machine, a family each."""
