"""The option demo: a month of real option chains, replayed as signed transactions.

A client of the public JSON-RPC only. `dataset` holds the market, `plan` turns it into actions,
`model` computes what must come out, `replay` sends the actions and compares.
"""
