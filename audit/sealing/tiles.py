"""Tiles of a tree, as C2SP tlog-tiles cuts them (https://c2sp.org/tlog-tiles): 256 hashes of one level of every eighth.

Tile ``(L, N)`` holds the hashes of the nodes at tree level ``8·L`` from index ``256·N`` on. A full one never changes.
The last tile of each level is partial; its width follows from the size of the tree. A proof for any leaf reads a
handful of tiles. Where tiles are kept is said by ``TileSource``: rows of the database here, files or a web server
with an outsider.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from . import tree
from .tree import HASH_BYTES

HEIGHT = 8
WIDTH = 1 << HEIGHT
#: An entry's length is told by two bytes.
LARGEST_ENTRY = 0xFFFF

#: (tile level, index)
Place = tuple[int, int]
#: Hashes of nodes by (level, index).
Nodes = Mapping[tuple[int, int], bytes]
_PATH = re.compile(r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class TileSource(Protocol):
    """Where tiles come from."""

    def tiles(self, wanted: dict[Place, int]) -> dict[Place, bytes]:
        """The hashes of these tiles, each at least as many as its width says, joined. KeyError where one is missing."""


def width_of(level: int, index: int, size: int) -> int:
    """How many hashes a tile has in a tree of this size: 256, fewer for the last of its level, 0 beyond it."""
    return max(0, min(WIDTH, (size >> (HEIGHT * level)) - index * WIDTH))


def path_of(level: int | str, index: int, width: int = WIDTH) -> str:
    """The path of a tile (``tile/0/x001/x234/067``, partial ones with ``.p/WIDTH``); level ``entries`` for entries."""
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.append(f"x{index % 1000:03d}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(parts))}{partial}"


def parse_path(path: str) -> tuple[str, int, int]:
    """Level (a number, or ``entries``), index and width of a tile's path. Raises ValueError for any other text."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise ValueError("This is no path of a tile.")
    level, numbers, partial = found.groups()
    index = int("".join(part.lstrip("x") for part in numbers.split("/")))
    width = WIDTH if partial is None else int(partial)
    if width > WIDTH or path != path_of(level, index, width):
        raise ValueError("This is no path of a tile.")
    return level, index, width


def encode_entries(entries: Iterable[bytes]) -> bytes:
    """A bundle of entries: each after its length in two bytes, big-endian. Raises ValueError for one that is too long."""
    bundle = bytearray()
    for entry in entries:
        if len(entry) > LARGEST_ENTRY:
            raise ValueError("An entry has at most 65,535 bytes.")
        bundle += len(entry).to_bytes(2, "big") + entry
    return bytes(bundle)


def decode_entries(bundle: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ValueError where it is cut off."""
    entries, place = [], 0
    while place < len(bundle):
        end = place + 2 + int.from_bytes(bundle[place : place + 2], "big")
        if place + 2 > len(bundle) or end > len(bundle):
            raise ValueError("This bundle of entries is cut off.")
        entries.append(bundle[place + 2 : end])
        place = end
    return entries


def hashes_in(tile: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [tile[place : place + HASH_BYTES] for place in range(0, len(tile), HASH_BYTES)]


def place_of(level: int, index: int) -> Place:
    """The tile from which the hash of a node can be computed."""
    return level // HEIGHT, (index << (level % HEIGHT)) >> HEIGHT


@dataclass(frozen=True)
class Tile:
    """A full tile, and the hash over it: that is one hash of the tile above."""

    level: int
    index: int
    data: bytes
    root: bytes


class TileWriter:
    """A growing tree that hands out each tile when it is full. Holds the partial tile of each level and no more."""

    def __init__(self, size: int = 0, partial: Iterable[Iterable[bytes]] = ()) -> None:
        """``partial``: the hashes of the last tile of each level, from level 0 on, as ``width_of`` says."""
        self.size = size
        self.partial = [list(hashes) for hashes in partial] or [[]]
        if [len(hashes) for hashes in self.partial] != [width_of(*place, size) for place in partial_places(size)]:
            raise ValueError("These are not the partial tiles of a tree of this size.")
        #: The edge of each partial tile, as far as a root was asked for; it is made only then.
        self._edges = [tree.CompactRange() for _ in self.partial]

    def extend(self, leaves: Iterable[bytes]) -> list[Tile]:
        """Add leaf hashes in order, and get the tiles that were filled."""
        filled: list[Tile] = []
        lowest = self.partial[0]
        for leaf in leaves:
            lowest.append(leaf)
            self.size += 1
            if len(lowest) == WIDTH:
                self._fill(0, filled)
        return filled

    def _fill(self, level: int, filled: list[Tile]) -> None:
        hashes = self.partial[level]
        index = (self.size >> (HEIGHT * (level + 1))) - 1
        tile = Tile(level, index, b"".join(hashes), tree.perfect_root(hashes))
        filled.append(tile)
        hashes.clear()
        self._edges[level] = tree.CompactRange()
        if level + 1 == len(self.partial):
            self.partial.append([])
            self._edges.append(tree.CompactRange())
        self.partial[level + 1].append(tile.root)
        if len(self.partial[level + 1]) == WIDTH:
            self._fill(level + 1, filled)

    def edge(self) -> list[bytes]:
        """The perfect subtrees that make up the tree, the largest first. One hash for each leaf since it was last asked."""
        whole: list[bytes] = []
        for hashes, edge in zip(reversed(self.partial), reversed(self._edges), strict=True):
            edge.extend(hashes[edge.size :])
            whole += edge.edge
        return whole

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        return tree.joined(self.edge())


def partial_places(size: int) -> list[Place]:
    """The last tile of each level of a tree of this size, from level 0 on; some may be empty."""
    levels = range(max(1, -(-size.bit_length() // HEIGHT)))
    return [(level, (size >> (HEIGHT * level)) // WIDTH) for level in levels]


def prove_inclusion(source: TileSource, position: int, size: int, edge: Sequence[bytes] = ()) -> list[bytes]:
    """The proof that a leaf stands in the tree of this size: at most one hash for each level. One look at the source.

    ``edge``: the right edge of this tree (``edge_at``), if it is at hand: then only full tiles are read, and hardly more
    than those that the leaf stands in.
    """
    known = dict(zip(tree.edge_of(size), edge, strict=True)) if edge else {}
    return _resolved(source, tree.inclusion_path(position, size), size, known)


def prove_consistency(source: TileSource, first: int, second: int) -> list[bytes]:
    """The proof that the tree of ``second`` leaves begins with the one of ``first``. One look at the source."""
    return _resolved(source, tree.consistency_path(first, second), second)


def edge_at(source: TileSource, size: int) -> list[bytes]:
    """The hashes of the right edge of the tree of this size, for ``CompactRange``. One look at the source."""
    nodes = tree.edge_of(size)
    node = _reader(source, nodes, size)
    return [node(*one) for one in nodes]


def _resolved(source: TileSource, path: list[tree.Range], size: int, known: Nodes | None = None) -> list[bytes]:
    return tree.resolve(path, _reader(source, [node for nodes in path for node in nodes], size, known))


def _reader(
    source: TileSource, nodes: Iterable[tuple[int, int]], size: int, known: Nodes | None = None
) -> Callable[[int, int], bytes]:
    """What gives the hash of these nodes, from what is known of them and from tiles that are fetched at once."""
    known = known or {}
    places = {place_of(*node) for node in nodes if node not in known}
    found = source.tiles({place: width_of(*place, size) for place in places})

    def node_hash(level: int, index: int) -> bytes:
        if (level, index) in known:
            return known[level, index]
        tile = found[place_of(level, index)]
        below = level % HEIGHT
        start = ((index << below) % WIDTH) * HASH_BYTES
        end = start + (HASH_BYTES << below)
        if end > len(tile):
            raise KeyError(f"Tile {place_of(level, index)} is too narrow.")
        return tree.perfect_root(hashes_in(tile[start:end]))

    return node_hash
