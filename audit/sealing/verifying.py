"""Does the seal hold? Leaves against events, tiles against leaves, roots, signatures, and events without a leaf.

Every root is computed anew from the same row of leaves, so that each checkpoint is shown to have grown from the one
before it. What somebody changes in one place shows against the next: the sentences name the place.
"""

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Max, Q

from ..models import Checkpoint, Event, Leaf, PrunedEvent, Tile
from ..processors import processors, side_by_side
from ..report import Report
from ..streams import FIRST, first_key, key_at, mac_of, step
from . import keys, notes, rows, tiles, tree
from .entries import leaf_of
from .keys import ListedKey
from .lag import forgotten
from .reading import Signed, Stored, stretches

#: How long an event that was just committed, late, is given to be sealed before it is called forgotten (seconds).
PATIENCE = 5.0
#: How many are named where many of a kind are found.
NAMED = 20
#: How many events without a leaf are counted.
MOST = 10_000
#: Fewer leaves than this are not worth another process.
WORTH_A_PROCESS = 8_192

#: Where a stream stands: its last number, the mac of that, and the key of the next.
Place = tuple[int, bytes, bytes]


def verify_seal(
    report: Report, since: Checkpoint | None = None, *, as_of: datetime | None = None, patience: float = PATIENCE
) -> Report:
    """Follow the tree from its first leaf, or from a head that was verified before. Adds to the report and returns it.

    ``as_of``: the moment this database is a copy of. What was recorded just before it waited there to be sealed, and
    nothing is sealed in a copy that nobody serves, however long it lies.
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
        _follow(report, since, size)
    _find_forgotten(report, head if since is not None else None, as_of, patience)
    return report


def _find_forgotten(report: Report, head: Checkpoint | None, as_of: datetime | None, patience: float) -> None:
    """What is without a leaf at two looks: a long transaction may have ended just before the first."""
    limit = timedelta(minutes=settings.SEALING_LATE_AFTER_MINUTES)
    old = forgotten(limit, 0 if head is None else head.settled, as_of=as_of)
    first = dict(old[:MOST])
    if first and patience:
        time.sleep(patience)
    sealed = set(Leaf.objects.filter(event_id__in=list(first)).values_list("event_id", flat=True))
    found = [uid for pk, uid in first.items() if pk not in sealed]
    report.problems += [f"Event {uid} is not sealed." for uid in found[:NAMED]]
    if len(found) > NAMED:
        counted = f"{MOST - NAMED} or more" if len(first) == MOST else f"{len(found) - NAMED} more"
        report.problems.append(f"{counted} events are not sealed. Does the sealer run?")


def _follow(report: Report, since: Checkpoint | None, size: int) -> None:
    """Walk along the leaves, on several processors where there are some and it is worth it.

    Each part begins with the tree and the streams as the database states them; that these are what the part before it ended
    with is compared afterwards. Where anything is amiss, one walk over all of it says what, in the order of the leaves.
    """
    start = 0 if since is None else since.size
    count = min(processors(), (size - start) // WORTH_A_PROCESS)
    if count > 1:
        cuts = [start + (size - start) * part // count // tiles.WIDTH * tiles.WIDTH for part in range(1, count)]
        bounds = list(zip([start, *cuts], [*cuts, size], strict=True))
        parts = side_by_side(lambda bound: _Follower(since if bound[0] == start else None, *bound).walk(), bounds)
        if _joins(parts, start):
            for part in parts:
                part.add_to(report)
            return
    _Follower(since, start, size).walk().add_to(report)


@dataclass
class _Walked:
    """What one walk read and found, with which state it began, and with which it ended."""

    report: Report = field(default_factory=Report)
    partial: tuple[list[list[bytes]], list[list[bytes]]] = field(default_factory=lambda: ([], []))
    #: The streams that the walk met, as they stood before it: number and mac.
    begun: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    ended: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    #: The first and the last epoch of a key that signed, where anything was signed.
    epochs: tuple[int, int] | None = None

    def add_to(self, report: Report) -> None:
        """Count it in."""
        report.problems += self.report.problems
        report.since = max(report.since, self.report.since)
        for name in ("leaves", "tiles", "checkpoints", "pruned"):
            setattr(report, name, getattr(report, name) + getattr(self.report, name))


def _joins(parts: list[_Walked], start: int) -> bool:
    """Whether nothing was found, and each part began with just what the one before it ended with."""
    if any(part.report.problems for part in parts):
        return False
    stood: dict[str, tuple[int, bytes]] = {}
    epoch = 0
    for place, part in enumerate(parts):
        if place and part.partial[0] != parts[place - 1].partial[1]:
            return False
        for stream, begun in part.begun.items():
            if place and begun != (stood.get(stream) or _last_before(stream, start)[:2]):
                return False
        stood |= part.ended
        if part.epochs is not None:
            if part.epochs[0] < epoch:
                return False
            epoch = part.epochs[1]
    return True


class _Follower:
    """One walk along the leaves from ``start`` to ``size``; ``since`` is the head it goes on from, if it does."""

    def __init__(self, since: Checkpoint | None, start: int, size: int) -> None:
        self.since = since
        self.start, self.size = start, size
        self.keys = keys.listed()
        self.name = keys.origin()
        self.epochs: list[int] = []
        self.streams: dict[str, Place] = {}
        self.is_broken = False
        self.done = _Walked()
        self.report = self.done.report

    def walk(self) -> _Walked:
        """Walk, and compare every checkpoint on the way."""
        if self._begin():
            begun = [list(hashes) for hashes in self.writer.partial]
            self._go()
            self.done.partial = (begun, [list(hashes) for hashes in self.writer.partial])
        self.done.ended = {stream: place[:2] for stream, place in self.streams.items()}
        if self.epochs:
            self.done.epochs = (self.epochs[0], self.epochs[-1])
        return self.done

    def _go(self) -> None:
        checkpoints = iter(Checkpoint.objects.filter(pk__gt=self.start, pk__lte=self.size).order_by("pk").iterator())
        due = next(checkpoints, None)
        for low, high, stored, events in stretches(self.start, self.size):
            leaves = self._leaves(low, high, stored, events)
            if self.is_broken:
                break
            done = low
            while due is not None and due.size <= high:
                self._compare_tiles(self.writer.extend(leaves[done - low : due.size - low]))
                done = due.size
                self._compare(due, self.writer.edge())
                due = next(checkpoints, None)
            self._compare_tiles(self.writer.extend(leaves[done - low :]))
        while due is not None:  # without all leaves no root can be computed, but signatures can still be looked at
            self._compare(due, None)
            due = next(checkpoints, None)

    def _begin(self) -> bool:
        """The tree at the beginning; with a head that was verified before, after showing that it still is what it was."""
        if self.since is not None:
            self.report.since = self.start
            self._compare(self.since, None)
        try:
            self.writer = rows.load_writer(self.start) if self.start else tiles.TileWriter()
        except KeyError:
            words = f"A leaf or a tile of the first {self.start} is missing. Verify the whole ledger."
            self.report.problems.append(words)
            return False
        if self.since is not None and self.writer.root() != bytes(self.since.root):
            self.report.problems.append(f"The first {self.start} leaves changed since they were verified.")
            return False
        return True

    def _leaves(self, low: int, high: int, stored: list[Stored], events: dict[int, Signed]) -> list[bytes]:
        """The leaf hashes of a stretch as they are stored, each compared with its event and its place in its stream."""
        found: list[bytes] = []
        pruned = _pruned(low, high) if len(events) < high - low else {}
        streams = self.streams
        for position, leaf, event_id in stored:
            if position != low + len(found):
                break
            found.append(leaf)
            event = events.get(event_id)
            if event is None:
                self._without_event(position, event_id, pruned)
                continue
            stream, number, canonical, mac = event
            if leaf_of(canonical, mac) != leaf:
                self.report.problems.append(f"Event {_uid_of(event_id)} is not what was sealed at leaf {position}.")
            last, previous, key = streams.get(stream) or self._first_of(stream)
            if number != last + 1:
                key = self._jump(position, stream, last, number)
            elif mac_of(key, previous, canonical) != mac:
                self.report.problems.append(f"Event {_uid_of(event_id)} is not the one that was signed.")
            streams[stream] = (number, mac, step(key))
        self.report.leaves += len(found)
        if len(found) < high - low:
            self.report.problems.append(f"Leaf {low + len(found)} is missing, so no root after it can be computed.")
            self.is_broken = True
        return found

    def _first_of(self, stream: str) -> Place:
        """Where a stream stood before this walk."""
        place = _last_before(stream, self.start)
        self.done.begun[stream] = place[:2]
        return place

    def _jump(self, position: int, stream: str, last: int, number: int) -> bytes:
        """The key of an event that does not follow on the one before it."""
        words = f"Leaf {position} has event {number} of stream {uuid.UUID(stream)} after {last}."
        self.report.problems.append(words)
        return key_at(uuid.UUID(stream), number)

    def _without_event(self, position: int, event_id: int, pruned: dict[int, tuple[int, str, int, bytes]]) -> None:
        """A leaf whose event is not there: it was pruned by order, and its stream goes on from what stayed; or it is gone."""
        stayed = pruned.get(event_id)
        if stayed is None or stayed[0] != position:
            self.report.problems.append(f"The event of leaf {position} is gone.")
            return
        _position, stream, number, mac = stayed
        last, _previous, key = self.streams.get(stream) or self._first_of(stream)
        if number != last + 1:
            key = self._jump(position, stream, last, number)
        self.streams[stream] = (number, mac, step(key))
        self.report.pruned += 1

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

    def _compare(self, checkpoint: Checkpoint, edge: list[bytes] | None) -> None:
        """One checkpoint: its signature, its columns, the edge and root computed, and that no retired key signed it."""
        self.report.checkpoints += 1
        name = f"Checkpoint {checkpoint.size}"
        try:
            told, verifier = notes.open_checkpoint(checkpoint.note, self.name, [key.verifier for key in self.keys])
        except notes.BadNote as error:
            self.report.problems.append(f"{name} does not hold: {error}")
            return
        if (told.size, told.root) != (checkpoint.size, bytes(checkpoint.root)):
            self.report.problems.append(f"{name} is not what was signed.")
        if edge is not None and told.root != tree.joined(edge):
            self.report.problems.append(f"{name} has another root than its leaves give.")
        elif edge is not None and bytes(checkpoint.edge) not in (b"", b"".join(edge)):
            self.report.problems.append(f"{name} has another edge than its leaves give.")
        key = self._key_of(verifier)
        if self.epochs and key.epoch < self.epochs[-1]:
            self.report.problems.append(f"{name} was signed by a key that was retired before.")
        self.epochs.append(max([key.epoch, *self.epochs[-1:]]))

    def _key_of(self, verifier: notes.Verifier) -> ListedKey:
        return next(key for key in self.keys if key.verifier == verifier)


def _last_before(stream: str, position: int) -> Place:
    """Where a stream stood before this leaf, by its events and by what stayed of those that were pruned."""
    uid = uuid.UUID(stream)
    if position:
        sealed = Event.objects.filter(stream=uid, leaf__position__lt=position).order_by("-number")
        pruned = PrunedEvent.objects.filter(stream=uid, position__lt=position).order_by("-number")
        found = [rows.values_list("number", "mac").first() for rows in (sealed, pruned)]
        last = max((one for one in found if one is not None), key=lambda one: one[0], default=None)
        if last is not None:
            return last[0], bytes(last[1]), key_at(uid, last[0] + 1)
    return 0, FIRST, first_key(uid)


def _pruned(low: int, high: int) -> dict[int, tuple[int, str, int, bytes]]:
    """What stayed of the pruned events of a stretch by their id: position, stream (as ``Signed`` writes it), number, mac."""
    is_native = connections[DEFAULT_DB_ALIAS].features.has_native_uuid_field
    found = PrunedEvent.objects.filter(position__gte=low, position__lt=high)
    return {
        event_id: (position, str(stream) if is_native else stream.hex, number, bytes(mac))
        for event_id, position, stream, number, mac in found.values_list(
            "event_id", "position", "stream", "number", "mac"
        )
    }


def _uid_of(event_id: int) -> uuid.UUID:
    """The uid of an event, for a sentence about it."""
    return Event.objects.values_list("uid", flat=True).get(pk=event_id)
