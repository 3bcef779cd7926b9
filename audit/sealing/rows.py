"""Tiles and leaves as rows of the database."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from . import tiles
from .models import Checkpoint, Leaf, Tile
from .tiles import WIDTH, Place
from .tree import HASH_BYTES


class Rows:
    """The tiles of this installation's tree: full ones as they are kept, partial ones from what is below them."""

    def tiles(self, wanted: dict[Place, int]) -> dict[Place, bytes]:
        """As ``TileSource`` says. At most three queries. KeyError where a row is missing."""
        found = self._full([place for place, width in wanted.items() if width == WIDTH])
        partial = {place: width for place, width in wanted.items() if 0 < width < WIDTH}
        found |= self._lowest({index: width for (level, index), width in partial.items() if level == 0})
        found |= self._above({place: width for place, width in partial.items() if place[0] > 0})
        for place, width in wanted.items():
            if len(found.setdefault(place, b"")) < width * HASH_BYTES:
                raise KeyError(f"Tile {place} is not complete.")
        return found

    def _full(self, places: list[Place]) -> dict[Place, bytes]:
        if not places:
            return {}
        same = " OR ".join(["(level = %s AND index = %s)"] * len(places)).replace("index", '"index"')
        sql = f'SELECT level, "index", data FROM {Tile._meta.db_table} WHERE {same}'  # noqa: S608
        return {(level, index): bytes(data) for level, index, data in _ask(sql, [n for place in places for n in place])}

    def _lowest(self, widths: dict[int, int]) -> dict[Place, bytes]:
        """Partial tiles of level 0, from leaves. There may be several: a proof for an older head asks for two."""
        found: dict[Place, bytes] = {}
        for index, width in widths.items():
            start = index * WIDTH
            sql = f"SELECT hash FROM {Leaf._meta.db_table} WHERE position >= %s AND position < %s ORDER BY position"  # noqa: S608
            found[0, index] = b"".join(bytes(row[0]) for row in _ask(sql, [start, start + width]))
        return found

    def _above(self, widths: dict[Place, int]) -> dict[Place, bytes]:
        """Partial tiles of the levels above, from the roots of the tiles below."""
        if not widths:
            return {}
        one = '(level = %s AND "index" >= %s AND "index" < %s)'
        sql = (
            f'SELECT level, "index", root FROM {Tile._meta.db_table} '  # noqa: S608
            f'WHERE {" OR ".join([one] * len(widths))} ORDER BY level, "index"'
        )
        asked: list[int] = []
        for (level, index), width in widths.items():
            asked += [level - 1, index * WIDTH, index * WIDTH + width]
        found: dict[Place, bytes] = dict.fromkeys(widths, b"")
        for level, index, root in _ask(sql, asked):
            found[level + 1, index // WIDTH] += bytes(root)
        return found


def load_writer(size: int) -> tiles.TileWriter:
    """The growing tree as it was at this size. KeyError where a leaf or a tile is missing."""
    places = tiles.partial_places(size)
    found = Rows().tiles({place: tiles.width_of(*place, size) for place in places})
    return tiles.TileWriter(size, [tiles.hashes_in(found[place]) for place in places])


def head() -> Checkpoint | None:
    """The newest checkpoint; None before the first."""
    return Checkpoint.objects.order_by("-size").first()


def _ask(sql: str, parameters: list[int]) -> list[tuple[Any, ...]]:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
