"""Heads of the ledger that somebody else holds: the one thing that convicts whoever holds all keys (docs/ledger.md)."""
