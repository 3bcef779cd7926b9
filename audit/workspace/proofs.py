"""Proofs of very many events under one head, with a flat memory: each tile is read once while its leaves pass."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from .. import canonical
from ..models import Checkpoint, Event, Leaf
from ..sealing import rows, tiles, tree
from ..sealing.tiles import HEIGHT, WIDTH, Place, place_of, width_of

#: Tiles that are kept at once, with everything that is computed over them: some 35 KB each.
MOST_TILES = 128
#: The hashes of a tile, then those of the seven levels over them.
Pyramid = list[list[bytes]]
#: What an export shows of an event, and so may open of its commitments: no key that names a person or a case.
OPENED = ("at", "sections", "purpose")


class Prover:
    """Proofs of very many events under one head, best asked for in the order of the ledger, from either end.

    Neighbours share all of their proofs but eight hashes: what is above a full tile of 256 leaves is found once, and every
    tile is read once and hashed once while its leaves pass, which is two hashes a leaf.
    """

    def __init__(self, head: Checkpoint) -> None:
        self.head, self.source = head, rows.Rows()
        self.kept: OrderedDict[Place, Pyramid] = OrderedDict()
        #: Index of a full tile of leaves → what is above it in each of their proofs, in hexadecimal.
        self.above: OrderedDict[int, list[str]] = OrderedDict()

    def prove_all(self, events: Sequence[Event]) -> dict[int, dict[str, Any]]:
        """Event id → its proof, as ``sealing.proving.proof_of`` says it but for the head itself.

        Events that are not under the head yet are left out. One query for the leaves, and one for the tiles that are not
        kept. Raises KeyError where tiles are missing.
        """
        leaves = _leaves_of([event.pk for event in events])
        sealed = {pk: found for pk, found in leaves.items() if found[0] < self.head.size}
        self._load({position for position, _leaf in sealed.values()})
        found = {}
        for event in events:
            if event.pk in sealed:
                position, leaf = sealed[event.pk]
                found[event.pk] = {
                    "position": position,
                    "leaf": leaf.hex(),
                    "mac": bytes(event.mac).hex(),
                    "entry": bytes(event.canonical).decode(),
                    "path": self.path(position),
                }
        self._forget()
        return found

    def path(self, position: int) -> list[str]:
        """The proof of one leaf, in hexadecimal."""
        size, (index, place) = self.head.size, divmod(position, WIDTH)
        if width_of(0, index, size) < WIDTH:  # the last tile, where the tree ends
            return _hex(tree.resolve(tree.inclusion_path(position, size), self._node))
        levels = self._pyramid((0, index))
        return [levels[level][(place >> level) ^ 1].hex() for level in range(HEIGHT)] + self._above(index)

    def _above(self, index: int) -> list[str]:
        """What is above a full tile of leaves."""
        if index not in self.above:
            path = tree.inclusion_path(index * WIDTH, self.head.size)[HEIGHT:]
            self.above[index] = _hex(tree.resolve(path, self._node))
        return self.above[index]

    def _node(self, level: int, index: int) -> bytes:
        place = place_of(level, index)
        height = level % HEIGHT
        return self._pyramid(place)[height][index - (place[1] << (HEIGHT - height))]

    def _pyramid(self, place: Place) -> Pyramid:
        if place not in self.kept:
            self._read({place})
        self.kept.move_to_end(place)
        return self.kept[place]

    def _load(self, positions: set[int]) -> None:
        """Read every tile that the proofs of these leaves need, with one query."""
        wanted: set[Place] = set()
        for index in {position // WIDTH for position in positions}:
            wanted.add((0, index))
            if index not in self.above:
                path = tree.inclusion_path(index * WIDTH, self.head.size)
                wanted |= {place_of(*node) for nodes in path for node in nodes}
        self._read(wanted - self.kept.keys())

    def _read(self, places: set[Place]) -> None:
        if not places:
            return
        for place, hashes in self.source.tiles({one: width_of(*one, self.head.size) for one in places}).items():
            self.kept[place] = _pyramid_of(tiles.hashes_in(hashes))

    def _forget(self) -> None:
        while len(self.kept) > MOST_TILES:
            self.kept.popitem(last=False)
        while len(self.above) > MOST_TILES:
            self.above.popitem(last=False)


def _leaves_of(ids: list[int]) -> dict[int, tuple[int, bytes]]:
    """Event id → position and hash of its leaf."""
    found = Leaf.objects.filter(event__in=ids).values_list("event_id", "position", "hash")
    return {event_id: (position, bytes(leaf)) for event_id, position, leaf in found}


def _pyramid_of(hashes: list[bytes]) -> Pyramid:
    """Of each level over these hashes the nodes that are perfect."""
    levels = [hashes]
    while len(levels) < HEIGHT:
        below = levels[-1]
        pairs = zip(below[::2], below[1::2], strict=False)  # an odd one at the end has no node above it yet
        levels.append([tree.node_hash(left, right) for left, right in pairs])
    return levels


def _hex(steps: list[bytes]) -> list[str]:
    return [step.hex() for step in steps]


def opened(event: Event) -> dict[str, list[Any]]:
    """Key → [its own salt, the value]: whoever holds the entry sees that the value is the one that was sealed."""
    values = canonical.column_values(event)
    return {key: [canonical.salt_of(bytes(event.salt), key).hex(), values[key]] for key in OPENED}
