"""The Merkle tree of RFC 6962 and RFC 9162, section 2.1: hashes, roots, proofs and their verification.

Hashes are 32 bytes of SHA-256. A *node* is a perfect subtree, named by its level (0 is a leaf) and its index: node
``(k, i)`` covers the leaves ``i·2^k`` to ``(i+1)·2^k``. Proofs are made from a function that gives the hash of a node,
so that they can be read from tiles (``audit.sealing.tiles``) as well as from memory. Nothing here knows of a database.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

#: The hash of the perfect subtree at (level, index).
NodeHash = Callable[[int, int], bytes]
#: Nodes whose hashes, joined from the right, make the hash of a range of leaves.
Range = list[tuple[int, int]]


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node from those of its children."""
    return hashlib.sha256(b"\1" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The hash of a perfect subtree from all hashes of one of its levels; their number is a power of two."""
    sha256 = hashlib.sha256
    while len(hashes) > 1:
        hashes = [sha256(b"\1" + hashes[i] + hashes[i + 1]).digest() for i in range(0, len(hashes), 2)]
    return hashes[0]


def joined(edge: Sequence[bytes]) -> bytes:
    """The hash over perfect subtrees, joined from the right."""
    if not edge:
        return EMPTY_ROOT
    found = edge[-1]
    for left in reversed(edge[:-1]):
        found = node_hash(left, found)
    return found


class CompactRange:
    """The right edge of a growing tree: enough to append and to say its root, at most 64 hashes."""

    def __init__(self, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        self.size = size
        #: The perfect subtrees that make up the tree, the largest (leftmost) first: one for each bit of ``size``.
        self.edge = list(edge)
        if len(self.edge) != size.bit_count():
            raise ValueError("An edge has one hash for each bit of the size.")

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash. One hash of a node on average."""
        size, edge = self.size, self.edge
        self.size += 1
        while size & 1:
            leaf = node_hash(edge.pop(), leaf)
            size >>= 1
        edge.append(leaf)

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order."""
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        return joined(self.edge)


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes."""
    tree = CompactRange()
    tree.extend(leaves)
    return tree.root()


def edge_of(size: int) -> Range:
    """The perfect subtrees that make up a tree of this size, the largest first."""
    return _cover(0, size)


def root_at(size: int, node: NodeHash) -> bytes:
    """The root of the tree of the first ``size`` leaves."""
    return joined([node(*one) for one in edge_of(size)])


def inclusion_path(position: int, size: int) -> list[Range]:
    """What an inclusion proof is made of: for each of its hashes, the nodes it joins (RFC 9162, 2.1.3.1)."""
    if not 0 <= position < size:
        raise ValueError("There is no such leaf in a tree of this size.")
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if position < middle:
            path.append(_cover(middle, high))
            high = middle
        else:
            path.append(_cover(low, middle))
            low = middle
    return path[::-1]


def consistency_path(first: int, second: int) -> list[Range]:
    """What a consistency proof between two sizes is made of (RFC 9162, 2.1.4.1). Empty for equal sizes and from 0."""
    if not 0 <= first <= second:
        raise ValueError("A tree only grows.")
    if first in (0, second):
        return []
    path, low, high, is_whole = [], 0, second, True
    while first != high - low:
        middle = _split(high - low)
        if first <= middle:
            path.append(_cover(low + middle, high))
            high = low + middle
        else:
            path.append(_cover(low, low + middle))
            low, first, is_whole = low + middle, first - middle, False
    if not is_whole:
        path.append(_cover(low, high))
    return path[::-1]


def resolve(path: Iterable[Range], node: NodeHash) -> list[bytes]:
    """The hashes of a proof."""
    return [joined([node(*one) for one in nodes]) for nodes in path]


def verify_inclusion(leaf: bytes, position: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash stands at this position of the tree with this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= position < size:
        return False
    here, last, found = position, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = node_hash(step, found)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            found = node_hash(found, step)
        here, last = here >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of ``second`` leaves begins with the one of ``first`` (RFC 9162, 2.1.4.2)."""
    if not 0 <= first <= second:
        return False
    if first == second:
        return first_root == second_root and not proof
    if first == 0:
        return first_root == EMPTY_ROOT and not proof
    steps = list(proof) if first & (first - 1) else [first_root, *proof]
    if not steps:
        return False
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            new = node_hash(new, step)
        here, last = here >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """The largest power of two that is smaller than the size."""
    return 1 << ((size - 1).bit_length() - 1)


def _cover(low: int, high: int) -> Range:
    """The perfect subtrees of a range of leaves, as the recursion of the RFC meets them: the largest first."""
    nodes = []
    while low < high:
        level = (high - low).bit_length() - 1
        nodes.append((level, low >> level))
        low += 1 << level
    return nodes
