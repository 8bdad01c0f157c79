"""Genesis: contracts, compiled artifacts and the state they start from."""
