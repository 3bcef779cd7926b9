"""The sealer: takes events that are final, checks their streams, and puts them under a signed root.

One pass is one transaction: leaves, tiles and checkpoint are there together or not at all, and one pass runs at a time
(an advisory lock on PostgreSQL, the write lock on SQLite), so nothing is sealed twice, however many processes try.

**What is final.** An event that can be seen is committed. A stream belongs to one connection, so whoever sees one of
its events sees all before it. But ids are given out before the commit: a long transaction may bring an id that lies
below others that are sealed already. So a pass looks at every event above ``settled`` that has no leaf, and ``settled``
moves up only to what was the top when every transaction of that time has ended by now (``Checkpoint.horizon`` against
``pg_snapshot_xmin``). Should an id still have slipped below (it is drawn a moment before its transaction has a number),
the next event of its stream shows the gap and brings it in, and so does a sweep over everything, every hour.

An event whose stream is broken is sealed as it is, because that freezes the evidence, and is reported at once.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from casemgmt.crypto import keyring

from .. import clock
from ..anchoring import shadow
from ..errors import LedgerError
from ..inserting import insert_many
from ..log import record
from ..pruned import PrunedEvent
from ..streams import FIRST, Link, first_key, key_at, mac_of, step
from ..verbs import Outcome, Verb
from . import keys, notes, rows, tree
from .entries import leaf_of
from .lag import is_anything_unsealed
from .models import Checkpoint, Leaf, Tile
from .reading import fetch
from .tiles import TileWriter

#: How many events one pass takes at most: on SQLite nobody else writes meanwhile.
BATCH = 5_000
#: The number of the advisory lock: any, as long as it is always the same.
LOCK = 0x4841_5645_4E01
#: How many streams a sealer remembers; the others are read again.
MOST_STREAMS = 10_000


class SealRefused(LedgerError):
    """What is sealed already does not hold together, so nothing is signed on top of it. Run ``audit_verify``."""


class Unsealed(NamedTuple):
    """A row of an event, as much of it as is sealed."""

    id: int
    uid: uuid.UUID
    stream: uuid.UUID
    number: int
    canonical: bytes
    mac: bytes


@dataclass
class Pass:
    """What one pass did: how many events were sealed, the size of the tree after it, and what was wrong with streams."""

    events: int = 0
    size: int = 0
    is_busy: bool = False
    problems: list[str] = field(default_factory=list)


class Sealer:
    """Seals, pass by pass. Remembers the edge of the tree and where streams stand; the database always has the say."""

    def __init__(self) -> None:
        self._writer: TileWriter | None = None
        self._root = b""
        self._streams: dict[uuid.UUID, Link] = {}

    def seal_all(self, *, sweep: bool = False) -> Pass:
        """Passes until nothing is left or another sealer is at work. Needs a context; as ``seal``."""
        total = Pass()
        while True:
            one = self.seal(sweep=sweep)
            total.events += one.events
            total.problems += one.problems
            total.size, total.is_busy, sweep = one.size, one.is_busy, False
            if one.is_busy or one.events < BATCH:
                return total

    def seal(self, *, sweep: bool = False, limit: int = BATCH) -> Pass:
        """One pass over at most ``limit`` events. ``sweep``: look at all events there are, not only at the newest.

        Records LEDGER_VERIFIED with FAILED where a stream is broken. Raises SealRefused, KeystoreUnavailable.
        """
        if not is_anything_unsealed(sweep=sweep):
            newest = rows.head()
            return Pass(size=newest.size if newest else 0)
        keyring.stay_fresh()
        try:
            with transaction.atomic(using=DEFAULT_DB_ALIAS, durable=True):
                return self._pass(sweep, limit) if _take_lock() else Pass(is_busy=True)
        except BaseException:
            self._forget()  # what was remembered may not have happened
            raise

    def _pass(self, sweep: bool, limit: int) -> Pass:
        newest = rows.head()
        writer = self._resume(newest)
        finished = _first_running()
        found = _unsealed(0 if sweep or newest is None else newest.settled, limit)
        if not found:
            return Pass(size=writer.size)
        done = Pass()
        events = self._checked(found, done.problems)
        start = writer.size
        leaves = [leaf_of(event.canonical, event.mac) for event in events]
        filled = writer.extend(leaves)
        numbered = [
            (start + place, event.id, leaf) for place, (event, leaf) in enumerate(zip(events, leaves, strict=True))
        ]
        insert_many(Leaf, {"position": "bigint", "event_id": "bigint", "hash": "bytea"}, numbered)
        insert_many(
            Tile,
            {"level": "smallint", "index": "bigint", "root": "bytea", "data": "bytea"},
            [(tile.level, tile.index, tile.root, tile.data) for tile in filled],
        )
        self._root = _checkpoint(writer, found[-1].id, finished, newest, is_cut=len(found) == limit)
        shadow.after_commit("head", writer.size, self._root.hex())
        done.events, done.size = len(events), writer.size
        if done.problems:
            detail = {
                "events": done.events,
                "streams": len({one.stream for one in events}),
                "problems": len(done.problems),
            }
            record(Verb.LEDGER_VERIFIED, actor=None, outcome=Outcome.FAILED, detail=detail)
        return done

    def _resume(self, newest: Checkpoint | None) -> TileWriter:
        """The tree as the newest checkpoint says: the remembered one, or read anew. Raises SealRefused."""
        size, root = (0, TileWriter().root()) if newest is None else (newest.size, bytes(newest.root))
        if self._writer is not None and self._writer.size == size and self._root == root:
            return self._writer
        self._forget()
        try:
            self._writer = rows.load_writer(size)
            self._root = self._writer.root()
            if newest is not None:
                told, _key = notes.open_checkpoint(newest.note, keys.origin(), [one.verifier for one in keys.listed()])
                if (told.size, told.root) != (size, root):
                    raise SealRefused("The newest checkpoint is not what was signed.")
        except KeyError:
            raise SealRefused("A leaf or a tile of the newest checkpoint is missing.") from None
        except notes.BadNote as error:
            raise SealRefused(f"The newest checkpoint does not hold: {error}") from None
        if self._root != root:
            raise SealRefused("Leaves and tiles do not give the root of the newest checkpoint.")
        return self._writer

    def _checked(self, found: list[Unsealed], problems: list[str]) -> list[Unsealed]:
        """The events in the order in which they are sealed, after each stream was followed to here."""
        taken = {event.id for event in found}
        events: list[Unsealed] = []
        for event in found:
            last = self._last_of(event.stream)
            if event.number > last.number + 1:
                for late in _between(event.stream, last.number, event.number, taken):
                    last = self._follow(late, last, problems)
                    events.append(late)
            self._follow(event, last, problems)
            events.append(event)
        return events

    def _last_of(self, stream: uuid.UUID) -> Link:
        """Where a stream was sealed up to."""
        known = self._streams.get(stream)
        if known is not None:
            return known
        if len(self._streams) >= MOST_STREAMS:
            self._streams.clear()
        return _last_sealed(stream)

    def _follow(self, event: Unsealed, last: Link, problems: list[str]) -> Link:
        """Check one event against the one before it in its stream, and remember it as the last."""
        key = last.next_key
        if event.number != last.number + 1:
            problems.append(f"Stream {event.stream} jumps from {last.number} to {event.number}.")
            key = key_at(event.stream, event.number)
        elif mac_of(key, last.mac, event.canonical) != event.mac:
            problems.append(f"Event {event.uid} is not the one that was signed.")
        link = self._streams[event.stream] = Link(event.number, event.mac, step(key))
        return link

    def _forget(self) -> None:
        self._writer, self._root = None, b""
        self._streams.clear()


# ---- Inside: what the two engines say differently, and rows ----


def _take_lock() -> bool:
    """Whether this is the one sealer now, until its transaction ends. SQLite's transactions begin with the write lock."""
    if connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        return True
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _first_running() -> int:
    """The lowest transaction id that has not ended: asked before events are read, so that all below it can be seen."""
    return _ask_number("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def _own_number() -> int:
    """The id of this transaction. It wrote for the first time after it had read, so all that drew ids by then are below."""
    return _ask_number("SELECT pg_current_xact_id()::text::bigint")


def _ask_number(sql: str) -> int:
    if connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        return 0
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


_COLUMNS = "e.id, e.uid, e.stream, e.number, e.canonical, e.mac"
_WITHOUT_LEAF = "NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.event_id = e.id)"


def _unsealed(settled: int, limit: int) -> list[Unsealed]:
    """Events without a leaf above an id, by id: within a stream that is the order of its numbers."""
    return _events(f"e.id > %s AND {_WITHOUT_LEAF} ORDER BY e.id LIMIT %s", [settled, limit])


def _between(stream: uuid.UUID, low: int, high: int, but: set[int]) -> list[Unsealed]:
    """Events of a stream between two numbers that slipped below ``settled``, by number."""
    where = f"e.stream = %s AND e.number > %s AND e.number < %s AND {_WITHOUT_LEAF} ORDER BY e.number"
    return [event for event in _events(where, [_uid(stream), low, high]) if event.id not in but]


def _last_sealed(stream: uuid.UUID) -> Link:
    """The last event of a stream that has a leaf, pruned ones too; where there is none, the beginning of the stream."""
    where = (
        "e.stream = %s AND EXISTS (SELECT 1 FROM audit_leaf l WHERE l.event_id = e.id) ORDER BY e.number DESC LIMIT 1"
    )
    found: list[tuple[int, bytes]] = [(event.number, event.mac) for event in _events(where, [_uid(stream)])]
    stayed = PrunedEvent.objects.filter(stream=stream).order_by("-number").values_list("number", "mac").first()
    if stayed is not None:
        found.append((stayed[0], bytes(stayed[1])))
    if not found:
        return Link(0, FIRST, first_key(stream))
    number, mac = max(found)
    return Link(number, mac, key_at(stream, number + 1))


def _events(where: str, parameters: list[Any]) -> list[Unsealed]:
    sql = f"SELECT {_COLUMNS} FROM audit_event e WHERE {where}"  # noqa: S608
    return [
        Unsealed(pk, _as_uid(uid), _as_uid(stream), number, canonical, mac)
        for pk, uid, stream, number, canonical, mac in fetch(sql, parameters)
    ]


def _as_uid(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def _uid(value: uuid.UUID) -> Any:
    """A uid as this engine keeps it."""
    return value if connections[DEFAULT_DB_ALIAS].features.has_native_uuid_field else value.hex


def _checkpoint(writer: TileWriter, last: int, finished: int, newest: Checkpoint | None, *, is_cut: bool) -> bytes:
    """Sign and keep the tree as it is now, and say its root. ``last``: the highest id read; ``is_cut``: there may be more above it.

    On SQLite ids are committed in order, so all up to the top is settled.
    """
    top = last if is_cut or newest is None else max(last, newest.top)
    settled, horizon = top, 0
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        horizon = _own_number()
        ended = Checkpoint.objects.filter(horizon__lte=finished).order_by("-size").first()
        settled = min(top, ended.top if ended else 0)
        settled = max(settled, newest.settled if newest else 0)
    size, edge = writer.size, writer.edge()
    root = tree.joined(edge)
    Checkpoint(
        size=size,
        root=root,
        edge=b"".join(edge),
        note=str(keys.sign(size, root)),
        sealed_at=clock.now(),
        settled=settled,
        top=top,
        horizon=horizon,
    ).save(force_insert=True)
    return root
