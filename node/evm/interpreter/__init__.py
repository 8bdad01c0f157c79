"""The interpreter: one message at a time, by instruction tables taken from py-evm's forks."""
