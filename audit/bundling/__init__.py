"""Bundles: the ledger, or a part of it, in a zip that an outsider verifies with nothing of ours but what is in it."""
