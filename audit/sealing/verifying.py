"""Does the seal hold? Leaves against events, tiles against leaves, roots, signatures, and events without a leaf.

Every root is computed anew from the same row of leaves, so that each checkpoint is shown to have grown from the one
before it. What somebody changes in one place shows against the next: the sentences name the place.
"""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import F, Max, Q

from ..models import Checkpoint, Event, Leaf, Tile
from ..report import Report
from ..streams import FIRST, Link, first_key, key_at, mac_of, step
from . import keys, notes, rows, tiles, tree
from .entries import leaf_of
from .keys import ListedKey
from .lag import forgotten

#: Leaves that are read at once: a number of whole tiles.
CHUNK = 20 * tiles.WIDTH
#: How long an event that was just committed, late, is given to be sealed before it is called forgotten (seconds).
PATIENCE = 5.0
#: How many are named where many of a kind are found.
NAMED = 20
#: How many events without a leaf are counted.
MOST = 10_000


def verify_seal(report: Report, since: Checkpoint | None = None, *, patience: float = PATIENCE) -> Report:
    """Follow the tree from its first leaf, or from a head that was verified before. Adds to the report and returns it.

    Others may seal meanwhile: leaves and tiles are read up to a head that is read after the last of them.
    """
    top = Leaf.objects.aggregate(top=Max("position"))["top"]
    widest = dict(Tile.objects.order_by().values_list("level").annotate(last=Max("index")))
    head = rows.head()
    size = 0 if head is None else head.size
    if top is not None and top >= size:
        report.problems.append(f"Leaves stand beyond the newest checkpoint, which covers {size}.")
    for level, last in sorted(widest.items()):
        if last >= size >> (tiles.HEIGHT * (level + 1)):
            report.problems.append(f"Tiles of level {level} stand beyond the newest checkpoint.")
    if head is not None:
        report.size, report.head = size, bytes(head.root).hex()
        _Follower(report, since).follow(size)
    _find_forgotten(report, head if since is not None else None, patience)
    return report


def _find_forgotten(report: Report, head: Checkpoint | None, patience: float) -> None:
    """What is without a leaf at two looks: a long transaction may have ended just before the first."""
    old = forgotten(timedelta(minutes=settings.SEALING_LATE_AFTER_MINUTES), 0 if head is None else head.settled)
    first = dict(old[:MOST])
    if first and patience:
        time.sleep(patience)
    sealed = set(Leaf.objects.filter(event_id__in=list(first)).values_list("event_id", flat=True))
    found = [uid for pk, uid in first.items() if pk not in sealed]
    report.problems += [f"Event {uid} is not sealed." for uid in found[:NAMED]]
    if len(found) > NAMED:
        counted = f"{MOST - NAMED} or more" if len(first) == MOST else f"{len(found) - NAMED} more"
        report.problems.append(f"{counted} events are not sealed. Does the sealer run?")


@dataclass
class _Sealed:
    """A leaf with its event, if it is there."""

    position: int
    hash: bytes
    uid: Any
    stream: Any
    number: int
    canonical: bytes | None
    mac: bytes


class _Follower:
    """One walk along the leaves."""

    def __init__(self, report: Report, since: Checkpoint | None) -> None:
        self.report = report
        self.since = since
        self.keys = keys.listed()
        self.name = keys.origin()
        self.epoch = 0
        self.streams: dict[Any, Link] = {}
        self.is_broken = False

    def follow(self, size: int) -> None:
        """Walk to this size, and compare every checkpoint on the way."""
        start = self._begin()
        if start is None:
            return
        checkpoints = iter(Checkpoint.objects.filter(pk__gt=start, pk__lte=size).order_by("pk").iterator())
        due = next(checkpoints, None)
        for low in range(start, size, CHUNK):
            high = min(low + CHUNK, size)
            leaves = self._leaves(low, high)
            if self.is_broken:
                break
            self._compare_tiles(self.writer.extend(leaves))
            done = low
            while due is not None and due.size <= high:
                self.range.extend(leaves[done - low : due.size - low])
                done = due.size
                self._compare(due, self.range.root())
                due = next(checkpoints, None)
            self.range.extend(leaves[done - low :])
        while due is not None:  # without all leaves no root can be computed, but signatures can still be looked at
            self._compare(due, None)
            due = next(checkpoints, None)

    def _begin(self) -> int | None:
        """Where to begin; with a head that was verified before, after showing that it still is what it was."""
        if self.since is None:
            self.writer, self.range = tiles.TileWriter(), tree.CompactRange()
            return 0
        size = self.report.since = self.since.size
        self._compare(self.since, None)
        try:
            self.writer = rows.load_writer(size)
            self.range = tree.CompactRange(size, tiles.edge_at(rows.Rows(), size))
        except KeyError:
            self.report.problems.append(f"A leaf or a tile of the first {size} is missing. Verify the whole ledger.")
            return None
        if self.range.root() != bytes(self.since.root):
            self.report.problems.append(f"The first {size} leaves changed since they were verified.")
            return None
        return size

    def _leaves(self, low: int, high: int) -> list[bytes]:
        """The leaf hashes of a stretch as they are stored, each compared with its event and its place in its stream."""
        found: list[bytes] = []
        for one in _read(low, high):
            if one.position != low + len(found):
                break
            found.append(one.hash)
            if one.canonical is None:
                self.report.problems.append(f"The event of leaf {one.position} is gone.")
                continue
            if leaf_of(one.canonical, one.mac) != one.hash:
                self.report.problems.append(f"Event {_uid(one.uid)} is not what was sealed at leaf {one.position}.")
            self._place_in_stream(one, one.canonical)
        self.report.leaves += len(found)
        if len(found) < high - low:
            self.report.problems.append(f"Leaf {low + len(found)} is missing, so no root after it can be computed.")
            self.is_broken = True
        return found

    def _place_in_stream(self, one: _Sealed, canonical: bytes) -> None:
        """The events of a stream stand in the tree in their order, each signed after the one before."""
        last = self.streams.get(one.stream) or _last_before(one.stream, 0 if self.since is None else self.since.size)
        key = last.next_key
        if one.number != last.number + 1:
            self.report.problems.append(
                f"Leaf {one.position} has event {one.number} of stream {_uid(one.stream)} after {last.number}."
            )
            key = key_at(_uid(one.stream), one.number)
        elif mac_of(key, last.mac, canonical) != one.mac:
            self.report.problems.append(f"Event {_uid(one.uid)} is not the one that was signed.")
        self.streams[one.stream] = Link(one.number, one.mac, step(key))

    def _compare_tiles(self, filled: list[tiles.Tile]) -> None:
        """The tiles that these leaves fill, against those that are kept."""
        if not filled:
            return
        where = Q()
        for level in {tile.level for tile in filled}:
            of_level = [tile.index for tile in filled if tile.level == level]
            where |= Q(level=level, index__gte=min(of_level), index__lte=max(of_level))
        kept = {
            (level, index): (bytes(root), bytes(data))
            for level, index, root, data in Tile.objects.filter(where).values_list("level", "index", "root", "data")
        }
        self.report.tiles += len(kept)
        for tile in filled:
            found = kept.get((tile.level, tile.index))
            if found is None:
                self.report.problems.append(f"Tile {tile.level}/{tile.index} is missing.")
            elif found != (tile.root, tile.data):
                self.report.problems.append(f"Tile {tile.level}/{tile.index} is not what its leaves give.")

    def _compare(self, checkpoint: Checkpoint, root: bytes | None) -> None:
        """One checkpoint: its signature, its columns, the root that was computed, and that no retired key signed it."""
        self.report.checkpoints += 1
        name = f"Checkpoint {checkpoint.size}"
        try:
            told, verifier = notes.open_checkpoint(checkpoint.note, self.name, [key.verifier for key in self.keys])
        except notes.BadNote as error:
            self.report.problems.append(f"{name} does not hold: {error}")
            return
        if (told.size, told.root) != (checkpoint.size, bytes(checkpoint.root)):
            self.report.problems.append(f"{name} is not what was signed.")
        if root is not None and told.root != root:
            self.report.problems.append(f"{name} has another root than its leaves give.")
        key = self._key_of(verifier)
        if key.epoch < self.epoch:
            self.report.problems.append(f"{name} was signed by a key that was retired before.")
        self.epoch = max(self.epoch, key.epoch)

    def _key_of(self, verifier: notes.Verifier) -> ListedKey:
        return next(key for key in self.keys if key.verifier == verifier)


def _read(low: int, high: int) -> Iterator[_Sealed]:
    """The leaves of a stretch in order, with their events. One query."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT l.position, l.hash, e.uid, e.stream, e.number, e.canonical, e.mac FROM audit_leaf l "
            "LEFT JOIN audit_event e ON e.id = l.event_id WHERE l.position >= %s AND l.position < %s ORDER BY l.position",
            [low, high],
        )
        for position, leaf, uid, stream, number, canonical, mac in cursor.fetchall():
            whole = None if canonical is None else bytes(canonical)
            yield _Sealed(position, bytes(leaf), uid, stream, number, whole, bytes(mac or b""))


def _last_before(stream: Any, position: int) -> Link:
    """Where a stream stood before this leaf."""
    uid = _uid(stream)
    if position:
        sealed = Event.objects.filter(stream=uid, leaf__position__lt=position).order_by(F("number").desc())
        last = sealed.values_list("number", "mac").first()
        if last is not None:
            return Link(last[0], bytes(last[1]), key_at(uid, last[0] + 1))
    return Link(0, FIRST, first_key(uid))


def _uid(value: Any) -> uuid.UUID:
    """A uid as the database gave it: SQLite has text."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
