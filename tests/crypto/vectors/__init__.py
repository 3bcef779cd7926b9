"""Frozen ciphertexts: what format version 1 wrote once must open for ever.

``format_1.json`` is never regenerated. A new format version gets a file of its own beside it.
"""
