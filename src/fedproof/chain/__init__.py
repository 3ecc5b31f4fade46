"""The chain: an embedded node, JSON-RPC in bounds, transactions that are sent once, the contracts and what they cost.

Nothing is imported here, so that commands that need no chain do not load web3.
"""
