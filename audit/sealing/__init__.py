"""The tree over all events: what an outsider can check without trusting us (docs/ledger.md)."""
