"""Proofs of very many events under one head, with a flat memory: each tile is read once while its leaves pass."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from .. import canonical
from ..models import Checkpoint, Event, Leaf
from ..sealing import rows, tiles
from ..sealing.tiles import Place

#: Tiles that are kept at once: 8 KB each.
MOST_TILES = 256
#: What an export shows of an event, and so may open of its commitments: no key that names a person or a case.
OPENED = ("at", "sections", "purpose")


class KeptTiles:
    """Tiles of the database, the last ones kept. For one head, because a partial tile grows with the tree."""

    def __init__(self) -> None:
        self.source = rows.Rows()
        self.kept: OrderedDict[tuple[Place, int], bytes] = OrderedDict()

    def tiles(self, wanted: dict[Place, int]) -> dict[Place, bytes]:
        """As ``TileSource`` says. One query for those that are not kept."""
        missing = {place: width for place, width in wanted.items() if (place, width) not in self.kept}
        for place, piece in self.source.tiles(missing).items() if missing else ():
            self.kept[place, missing[place]] = piece
        found = {}
        for place, width in wanted.items():
            self.kept.move_to_end((place, width))
            found[place] = self.kept[place, width]
        while len(self.kept) > MOST_TILES:
            self.kept.popitem(last=False)
        return found


def prove_all(events: Sequence[Event], head: Checkpoint | None, source: KeptTiles) -> dict[int, dict[str, Any]]:
    """Event id → its proof under ``head``, as ``sealing.proving.proof_of`` says it but for the head itself.

    Events that are not under the head yet are left out. One query for the leaves, few for the tiles.
    """
    if head is None:
        return {}
    rows_of = Leaf.objects.filter(event__in=[event.pk for event in events]).values_list("event_id", "position", "hash")
    leaves = {event_id: (position, leaf) for event_id, position, leaf in rows_of}
    found = {}
    for event in events:
        position, leaf = leaves.get(event.pk, (head.size, b""))
        if position >= head.size:
            continue
        found[event.pk] = {
            "position": position,
            "leaf": bytes(leaf).hex(),
            "mac": bytes(event.mac).hex(),
            "entry": bytes(event.canonical).decode(),
            "path": [step.hex() for step in tiles.prove_inclusion(source, position, head.size)],
        }
    return found


def opened(event: Event) -> dict[str, list[Any]]:
    """Key → [its own salt, the value]: whoever holds the entry sees that the value is the one that was sealed."""
    values = canonical.column_values(event)
    return {key: [canonical.salt_of(bytes(event.salt), key).hex(), values[key]] for key in OPENED}
