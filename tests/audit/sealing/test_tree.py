"""The tree and its tiles against the vectors of RFC 6962 and against its recursive definition, written down naively."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from audit.sealing import tiles, tree
from audit.sealing.tree import leaf_hash, node_hash

pytestmark = pytest.mark.once

#: The entries and roots that certificate transparency tests with (RFC 6962, reference implementations).
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]


# ---- The definitions of RFC 9162, 2.1, word for word ----


def naive_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return bytes.fromhex(EMPTY)
    if len(leaves) == 1:
        return leaves[0]
    k = naive_split(len(leaves))
    return node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


def naive_split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = naive_split(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: list[bytes], is_whole: bool) -> list[bytes]:
    n = len(leaves)
    if m == n:
        return [] if is_whole else [naive_root(leaves)]
    k = naive_split(n)
    if m <= k:
        return [*naive_subproof(m, leaves[:k], is_whole), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_root(leaves[:k])]


class Memory:
    """Tiles of a tree in memory: the full ones as they were handed out, the partial ones from the writer."""

    def __init__(self, leaves: list[bytes], steps: tuple[int, ...] = ()) -> None:
        self.writer, self.full, start = tiles.TileWriter(), {}, 0
        for end in (*steps, len(leaves)):
            for tile in self.writer.extend(leaves[start:end]):
                assert (tile.level, tile.index) not in self.full and len(tile.data) == 256 * 32
                self.full[tile.level, tile.index] = tile.data
            start = max(start, end)
        self.asked: list[Any] = []

    def tiles(self, wanted: dict[tiles.Place, int]) -> dict[tiles.Place, bytes]:
        self.asked.append(wanted)
        partial = dict(zip(tiles.partial_places(self.writer.size), map(b"".join, self.writer.partial), strict=True))
        return {place: (self.full | partial)[place] for place in wanted}


def leaves_of(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def memory_node(leaves: list[bytes]) -> tree.NodeHash:
    return lambda level, index: naive_root(leaves[index << level : (index + 1) << level])


def test_the_vectors_of_the_rfc() -> None:
    growing = tree.CompactRange()
    assert growing.root().hex() == tree.EMPTY_ROOT.hex() == EMPTY
    for count, (leaf, root) in enumerate(zip(LEAVES, ROOTS, strict=True), 1):
        growing.append(leaf)
        assert (growing.size, growing.root().hex()) == (count, root)
        assert naive_root(LEAVES[:count]).hex() == root
        assert tree.root_at(count, memory_node(LEAVES)).hex() == root


def test_the_audit_paths_of_the_rfc() -> None:
    """RFC 6962, 2.1.3: the tree of seven leaves, with its paths and proofs spelled out."""
    a, b, c, d, e, f, j = LEAVES[:7]
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l = node_hash(g, h), node_hash(i, j)  # noqa: E741  the RFC's own letters
    node = memory_node(LEAVES[:7])

    def proof(position: int) -> list[bytes]:
        return tree.resolve(tree.inclusion_path(position, 7), node)

    assert (proof(0), proof(3), proof(4), proof(6)) == ([b, h, l], [c, g, l], [f, j, k], [i, k])
    consistent = [tree.resolve(tree.consistency_path(first, 7), node) for first in (3, 4, 6)]
    assert consistent == [[c, d, g, l], [l], [i, j, k]]


@given(st.integers(1, 80), st.data())
@effort(max_examples=60, deadline=None)
def test_proofs_are_those_of_the_definition_and_nothing_else_passes(size: int, data: Any) -> None:
    leaves = leaves_of(size)
    position = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size))
    node, root, old = memory_node(leaves), naive_root(leaves), naive_root(leaves[:first])
    path = tree.resolve(tree.inclusion_path(position, size), node)
    assert path == naive_path(position, leaves)
    assert tree.verify_inclusion(leaves[position], position, size, path, root)
    growth = tree.resolve(tree.consistency_path(first, size), node)
    assert growth == naive_subproof(first, leaves, True)
    assert tree.verify_consistency(first, size, old, root, growth)

    other = data.draw(st.integers(0, size + 3).filter(lambda one: one != position))
    assert not tree.verify_inclusion(leaves[position], other, size, path, root)
    assert not tree.verify_inclusion(leaf_hash(b"another"), position, size, path, root)
    assert not tree.verify_inclusion(leaves[position], position, size, [*path, bytes(32)], root)
    assert not tree.verify_inclusion(leaves[position], position, size, path, bytes(32))
    assert not tree.verify_consistency(first, size, bytes(32), root, growth)
    assert not tree.verify_consistency(first, size, old, bytes(32), growth)
    assert not tree.verify_consistency(first, size, old, root, [*growth, bytes(32)])
    assert not tree.verify_consistency(size + 1, size, old, root, growth)
    for place in range(len(path)):
        assert not tree.verify_inclusion(leaves[position], position, size, path[:place] + path[place + 1 :], root)
    for place in range(len(growth)):
        assert not tree.verify_consistency(first, size, old, root, growth[:place] + growth[place + 1 :])


def test_from_nothing_everything_grows_and_nowhere_else() -> None:
    assert tree.verify_consistency(0, 5, tree.EMPTY_ROOT, bytes(32), [])
    assert not tree.verify_consistency(0, 5, bytes(32), bytes(32), [])
    assert tree.consistency_path(0, 5) == tree.consistency_path(5, 5) == []
    with pytest.raises(ValueError, match="only grows"):
        tree.consistency_path(6, 5)
    with pytest.raises(ValueError, match="no such leaf"):
        tree.inclusion_path(5, 5)
    with pytest.raises(ValueError, match="each bit"):
        tree.CompactRange(3, [bytes(32)])


@given(st.integers(0, 700), st.lists(st.integers(0, 700), max_size=4), st.data())
@effort(max_examples=40, deadline=None)
def test_tiles_give_the_same_tree_however_it_grew(size: int, steps: list[int], data: Any) -> None:
    leaves = leaves_of(size)
    memory = Memory(leaves, tuple(sorted(step for step in steps if step <= size)))
    assert memory.writer.root() == naive_root(leaves) == tree.root_of(leaves)
    again = tiles.TileWriter(size, memory.writer.partial)
    assert (again.root(), again.extend([])) == (memory.writer.root(), [])
    edge = tree.CompactRange(size, tiles.edge_at(memory, size))
    assert edge.root() == naive_root(leaves)
    if size:
        position, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
        assert tiles.prove_inclusion(memory, position, size) == naive_path(position, leaves)
        assert tiles.prove_inclusion(memory, position, size, memory.writer.edge()) == naive_path(position, leaves)
        assert tiles.prove_consistency(memory, first, size) == naive_subproof(first, leaves, True)


def test_a_proof_in_a_large_tree_reads_a_handful_of_tiles() -> None:
    leaves = leaves_of(70_000)
    memory = Memory(leaves, (1, 65_536))
    assert (1, 0) in memory.full and [len(one) for one in memory.writer.partial] == [112, 17, 1]
    root = tree.root_of(leaves)
    assert memory.writer.root() == root
    for position in (0, 255, 256, 65_535, 65_536, 69_999):
        memory.asked.clear()
        proof = tiles.prove_inclusion(memory, position, 70_000)
        assert tree.verify_inclusion(leaves[position], position, 70_000, proof, root)
        assert len(proof) * 32 < 1024
        assert len(memory.asked) == 1 and len(memory.asked[0]) <= 5
        memory.asked.clear()
        assert tiles.prove_inclusion(memory, position, 70_000, memory.writer.edge()) == proof
        assert len(memory.asked[0]) <= 3
    old = tree.root_of(leaves[:65_000])
    assert tree.verify_consistency(65_000, 70_000, old, root, tiles.prove_consistency(memory, 65_000, 70_000))


def test_an_older_head_is_proved_from_wider_tiles() -> None:
    leaves = leaves_of(700)
    memory = Memory(leaves)
    for size in (1, 255, 256, 257, 511, 699):
        assert tiles.prove_inclusion(memory, size - 1, size) == naive_path(size - 1, leaves[:size])


def test_paths_of_tiles() -> None:
    assert tiles.path_of(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tiles.path_of(0, 0) == "tile/0/000"
    assert tiles.path_of(1, 273, 112) == "tile/1/273.p/112"
    assert tiles.path_of("entries", 70_000, 1) == "tile/entries/x070/000.p/1"
    for level, index, width in ((0, 1_234_067, 256), (63, 5, 1), ("entries", 1000, 255)):
        assert tiles.parse_path(tiles.path_of(level, index, width)) == (str(level), index, width)
    for odd in ("tile/0/1", "tile/0/x000/001", "tile/64/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/../000"):
        with pytest.raises(ValueError, match="no path"):
            tiles.parse_path(odd)


def test_bundles_of_entries() -> None:
    entries = [b"", b"one", bytes(65_535)]
    bundle = tiles.encode_entries(entries)
    assert bundle.startswith(b"\0\0\0\3one\xff\xff")
    assert tiles.decode_entries(bundle) == entries
    for cut in (1, 4, len(bundle) - 1):
        with pytest.raises(ValueError, match="cut off"):
            tiles.decode_entries(bundle[:cut])
    with pytest.raises(ValueError, match="65,535"):
        tiles.encode_entries([bytes(65_536)])


def test_a_writer_refuses_what_is_not_its_edge() -> None:
    with pytest.raises(ValueError, match="partial tiles"):
        tiles.TileWriter(3, [[bytes(32)]])


def test_a_tile_that_is_too_narrow_is_missing() -> None:
    class Narrow:
        def tiles(self, wanted: dict[tiles.Place, int]) -> dict[tiles.Place, bytes]:
            return {place: bytes(32) for place in wanted}

    with pytest.raises(KeyError, match="too narrow"):
        tiles.prove_inclusion(Narrow(), 0, 3)
