"""Frozen ciphertexts: what was written once must open for ever.

``format_1.json`` holds values of the first day, ``formats.json`` one of each other form that is kept: kinds of values,
row marks, tokens, wrapped keys, key files, paper sheets, certificates, backup manifests. Neither is ever regenerated. A
new version of a format gets a file of its own beside them.
"""
