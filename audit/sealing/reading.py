"""Reading many bytes from the database: as they are, where Django would have them written out in hexadecimal first."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

#: Leaves that are read at once: twenty whole tiles.
STRETCH = 20 * 256
#: Ids of events that lie further apart are asked for apart.
WIDEST_GAP = 1_000

#: Position, hash and the id of the event.
Stored = tuple[int, bytes, int]
#: Stream (as text, because that is made fastest), number, canonical bytes and mac of an event.
Signed = tuple[str, int, bytes, bytes]

_LEAVES = "SELECT position, hash, event_id FROM audit_leaf WHERE position >= %s AND position < %s ORDER BY position"
_EVENTS = "SELECT id, CAST(stream AS text), number, canonical, mac FROM audit_event WHERE id >= %s AND id <= %s"


def fetch(sql: str, parameters: Sequence[Any], *, is_frequent: bool = False) -> list[tuple[Any, ...]]:
    """All rows of a query, in the running transaction if there is one. Bytes come as bytes on both engines.

    On PostgreSQL in its binary format, which makes a tile or an event half as long on the way and costs no decoding.
    ``is_frequent``: one of few texts that come again and again, so PostgreSQL keeps it prepared for the connection.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return list(cursor.execute(sql, parameters, binary=True, prepare=is_frequent or None).fetchall())


def stretches(start: int, size: int) -> Iterator[tuple[int, int, list[Stored], dict[int, Signed]]]:
    """The leaves from ``start`` up to ``size`` with their events by id, some thousand at a time: low, high, leaves, events.

    From a server the next ones are read by another thread, on a connection of its own, while these are looked at; inside a
    transaction by this one, because nobody else sees what it sees. SQLite works in our own process and gives the
    interpreter back and forth for each row: there a second thread would only be in the way.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.in_atomic_block or connection.vendor == "sqlite":
        for low in range(start, size, STRETCH):
            yield _stretch(low, min(low + STRETCH, size))
        return
    with ThreadPoolExecutor(1, "reading") as reader:
        try:
            coming = reader.submit(_stretch, start, min(start + STRETCH, size))
            for low in range(start, size, STRETCH):
                found = coming.result()
                if low + STRETCH < size:
                    coming = reader.submit(_stretch, low + STRETCH, min(low + 2 * STRETCH, size))
                yield found
        finally:
            reader.submit(connections.close_all).result()


def _stretch(low: int, high: int) -> tuple[int, int, list[Stored], dict[int, Signed]]:
    leaves = fetch(_LEAVES, [low, high])
    return low, high, leaves, _events_of([event_id for _position, _leaf, event_id in leaves])


def _events_of(ids: list[int]) -> dict[int, Signed]:
    """These events, and few others between them. Without a join: the database would sort rows of a thousand bytes."""
    found: dict[int, Signed] = {}
    ordered, first = sorted(ids), 0
    for place in range(1, len(ordered) + 1):
        # An event that came late, or ids that others used up, would make one range too wide.
        if place == len(ordered) or ordered[place] - ordered[place - 1] > WIDEST_GAP:
            for pk, stream, number, canonical, mac in fetch(_EVENTS, [ordered[first], ordered[place - 1]]):
                found[pk] = (stream, number, canonical, mac)
            first = place
    return found
