"""The EVM: Ethereum's rules from Frontier to Osaka, as a fork of py-evm."""
