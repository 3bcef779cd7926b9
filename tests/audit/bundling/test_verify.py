"""``verify.py`` by itself: short, on the standard library alone, its cryptography the same as everybody's."""

import ast
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.sealing import tree

pytestmark = pytest.mark.once
SOURCE = Path("audit/bundling/verify.py")


def test_verify_needs_the_standard_library_alone_and_is_short() -> None:
    source = SOURCE.read_text()
    assert len(source.splitlines()) < 300
    tree_ = ast.parse(source, feature_version=(3, 9))
    modules = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name)
        for node in ast.walk(tree_)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert modules <= set(sys.stdlib_module_names) and "audit" not in modules


def outside() -> dict:
    """The functions of verify.py, as if it were ours."""
    found: dict = {"__name__": "outside", "__file__": str(SOURCE)}
    exec(compile(SOURCE.read_text(), str(SOURCE), "exec"), found)
    return found


def test_its_signatures_are_those_of_the_library() -> None:
    """Right ones, and every kind of wrong one: text, key, either half, a second form of s, no point."""
    ours = outside()
    signed_by, order = ours["signed_by"], ours["ORDER"]
    for number in range(1, 6):
        key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        public, text = key.public_key().public_bytes_raw(), b"x" * number
        good = key.sign(text)
        assert signed_by(public, good, text)
        assert not signed_by(public, good, text + b".")
        assert not signed_by(key.sign(b"")[:32], good, text)
        for place in (0, 31, 32, 63):
            assert not signed_by(public, good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :], text)
        second = (int.from_bytes(good[32:], "little") + order).to_bytes(32, "little")
        assert not signed_by(public, good[:32] + second, text)
        assert not signed_by(b"\xff" * 32, good, text) and not signed_by(public, good[:63], text)
    # RFC 8032, 7.1, test 2
    rfc = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    assert signed_by(rfc, bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ), b"\x72")  # fmt: skip


def test_its_proofs_are_those_of_the_ledger() -> None:
    ours = outside()
    leaves = [tree.leaf_hash(bytes([number])) for number in range(40)]
    roots = [tree.root_of(leaves[:size]) for size in range(41)]

    def node(level: int, index: int) -> bytes:
        return tree.root_of(leaves[index << level : (index + 1) << level])

    for new in range(41):
        for old in range(new + 1):
            proof = tree.resolve(tree.consistency_path(old, new), node)
            assert ours["is_beginning"](old, new, roots[old], roots[new], proof)
            assert old == 0 or not ours["is_beginning"](old, new, roots[old], b"?" * 32, proof)
            assert old == 0 or not ours["is_beginning"](old, new, b"?" * 32, roots[new], proof)
            assert not ours["is_beginning"](old, new, roots[old], roots[new], [*proof, b"?" * 32])
            assert not proof or not ours["is_beginning"](old, new, roots[old], roots[new], proof[:-1])
        for position in range(new):
            proof = tree.resolve(tree.inclusion_path(position, new), node)
            found = ours["climb"](position, new - 1, leaves[position], leaves[position], proof)
            assert found[1] == roots[new]
