"""Tiles and leaves as rows of the database."""

from . import tiles
from .models import Checkpoint, Leaf, Tile
from .reading import fetch
from .tiles import WIDTH, Place
from .tree import HASH_BYTES


class Rows:
    """The tiles of this installation's tree: full ones as they are kept, partial ones from what is below them."""

    def tiles(self, wanted: dict[Place, int]) -> dict[Place, bytes]:
        """As ``TileSource`` says. One query. KeyError where a row is missing."""
        parts: list[str] = []
        asked: list[int] = []
        for (level, index), width in wanted.items():
            start = index * WIDTH
            if width == WIDTH:
                parts.append(_FULL)
                asked += [level, index]
            elif level == 0:
                parts.append(_LEAVES)
                asked += [start, start + width]
            else:
                parts.append(_ROOTS)
                asked += [level - 1, start, start + width]
        pieces: dict[Place, list[tuple[int, bytes]]] = {place: [] for place in wanted}
        for level, index, order, data in fetch(" UNION ALL ".join(parts), asked) if parts else ():
            pieces[level, index].append((order, data))
        found = {place: b"".join(data for _order, data in sorted(rows)) for place, rows in pieces.items()}
        for place, width in wanted.items():
            if len(found[place]) < width * HASH_BYTES:
                raise KeyError(f"Tile {place} is not complete.")
        return found


#: A full tile; a partial one of level 0, from leaves; a partial one above, from the roots of the tiles below.
_FULL = f'SELECT level, "index", 0, data FROM {Tile._meta.db_table} WHERE level = %s AND "index" = %s'  # noqa: S608
_LEAVES = (
    f"SELECT 0, position / {WIDTH}, position, hash FROM {Leaf._meta.db_table} WHERE position >= %s AND position < %s"  # noqa: S608
)
_ROOTS = (
    f'SELECT level + 1, "index" / {WIDTH}, "index", root FROM {Tile._meta.db_table} '  # noqa: S608
    'WHERE level = %s AND "index" >= %s AND "index" < %s'
)


def load_writer(size: int) -> tiles.TileWriter:
    """The growing tree as it was at this size. KeyError where a leaf or a tile is missing."""
    places = tiles.partial_places(size)
    found = Rows().tiles({place: tiles.width_of(*place, size) for place in places})
    return tiles.TileWriter(size, [tiles.hashes_in(found[place]) for place in places])


def head() -> Checkpoint | None:
    """The newest checkpoint; None before the first."""
    return Checkpoint.objects.order_by("-size").first()
