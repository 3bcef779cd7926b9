"""Tiles and leaves as rows of the database."""

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model

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
        pieces: list[list[tuple[int, bytes]]] = []
        for (level, index), width in wanted.items():
            start = index * WIDTH
            if width == WIDTH:
                parts.append(_select(len(parts), Tile, "data", 'level = %s AND "index" = %s', "0"))
                asked += [level, index]
            elif level == 0:
                parts.append(_select(len(parts), Leaf, "hash", "position >= %s AND position < %s", "position"))
                asked += [start, start + width]
            else:
                where = 'level = %s AND "index" >= %s AND "index" < %s'
                parts.append(_select(len(parts), Tile, "root", where, '"index"'))
                asked += [level - 1, start, start + width]
            pieces.append([])
        for number, order, piece in fetch(" UNION ALL ".join(parts), asked, is_frequent=True) if parts else ():
            pieces[number].append((order, piece or b""))
        joined = (b"".join(piece for _order, piece in sorted(rows)) for rows in pieces)
        found = dict(zip(wanted, joined, strict=True))
        for place, width in wanted.items():
            if len(found[place]) != width * HASH_BYTES:
                raise KeyError(f"Tile {place} is not complete, or is none.")
        return found


def _select(number: int, model: type[Model], column: str, where: str, order: str) -> str:
    """A part of the query: pieces of one tile with their order. PostgreSQL joins them itself, a row costs more there."""
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        column, order = f"string_agg({column}, ''::bytea ORDER BY {order})", "0"
    return f"SELECT {number}, {order}, {column} FROM {model._meta.db_table} WHERE {where}"  # noqa: S608


def load_writer(size: int) -> tiles.TileWriter:
    """The growing tree as it was at this size. KeyError where a leaf or a tile is missing."""
    places = tiles.partial_places(size)
    found = Rows().tiles({place: tiles.width_of(*place, size) for place in places})
    return tiles.TileWriter(size, [tiles.hashes_in(found[place]) for place in places])


def head() -> Checkpoint | None:
    """The newest checkpoint; None before the first."""
    return Checkpoint.objects.order_by("-size").first()


def prove_inclusion(position: int, head: Checkpoint) -> list[bytes]:
    """The proof that a leaf stands under this head. One query. KeyError where a tile is missing."""
    return tiles.prove_inclusion(Rows(), position, head.size, tiles.hashes_in(bytes(head.edge)))
