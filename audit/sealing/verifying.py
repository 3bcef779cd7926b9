"""Does the seal hold? Leaves against events, tiles against leaves, roots, signatures, and events without a leaf.

Every root is computed anew from the same row of leaves, so that each checkpoint is shown to have grown from the one
before it. What somebody changes in one place shows against the next: the sentences name the place.
"""

import time
import uuid
from datetime import timedelta

from django.conf import settings
from django.db.models import Max, Q

from ..models import Checkpoint, Event, Leaf, Tile
from ..report import Report
from ..streams import FIRST, Link, first_key, key_at, mac_of, step
from . import keys, notes, rows, tiles
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


class _Follower:
    """One walk along the leaves."""

    def __init__(self, report: Report, since: Checkpoint | None) -> None:
        self.report = report
        self.since = since
        self.keys = keys.listed()
        self.name = keys.origin()
        self.epoch = 0
        self.streams: dict[str, Link] = {}
        self.is_broken = False

    def follow(self, size: int) -> None:
        """Walk to this size, and compare every checkpoint on the way."""
        start = self._begin()
        if start is None:
            return
        checkpoints = iter(Checkpoint.objects.filter(pk__gt=start, pk__lte=size).order_by("pk").iterator())
        due = next(checkpoints, None)
        for low, high, stored, events in stretches(start, size):
            leaves = self._leaves(low, high, stored, events)
            if self.is_broken:
                break
            done = low
            while due is not None and due.size <= high:
                self._compare_tiles(self.writer.extend(leaves[done - low : due.size - low]))
                done = due.size
                self._compare(due, self.writer.root())
                due = next(checkpoints, None)
            self._compare_tiles(self.writer.extend(leaves[done - low :]))
        while due is not None:  # without all leaves no root can be computed, but signatures can still be looked at
            self._compare(due, None)
            due = next(checkpoints, None)

    def _begin(self) -> int | None:
        """Where to begin; with a head that was verified before, after showing that it still is what it was."""
        if self.since is None:
            self.writer = tiles.TileWriter()
            return 0
        size = self.report.since = self.since.size
        self._compare(self.since, None)
        try:
            self.writer = rows.load_writer(size)
        except KeyError:
            self.report.problems.append(f"A leaf or a tile of the first {size} is missing. Verify the whole ledger.")
            return None
        if self.writer.root() != bytes(self.since.root):
            self.report.problems.append(f"The first {size} leaves changed since they were verified.")
            return None
        return size

    def _leaves(self, low: int, high: int, stored: list[Stored], events: dict[int, Signed]) -> list[bytes]:
        """The leaf hashes of a stretch as they are stored, each compared with its event and its place in its stream."""
        found: list[bytes] = []
        for position, leaf, event_id in stored:
            if position != low + len(found):
                break
            found.append(leaf)
            event = events.get(event_id)
            if event is None:
                self.report.problems.append(f"The event of leaf {position} is gone.")
                continue
            stream, number, canonical, mac = event
            if leaf_of(canonical, mac) != leaf:
                self.report.problems.append(f"Event {_uid_of(event_id)} is not what was sealed at leaf {position}.")
            last = self.streams.get(stream) or _last_before(stream, self.report.since)
            key = last.next_key
            if number != last.number + 1:
                words = f"Leaf {position} has event {number} of stream {uuid.UUID(stream)} after {last.number}."
                self.report.problems.append(words)
                key = key_at(uuid.UUID(stream), number)
            elif mac_of(key, last.mac, canonical) != mac:
                self.report.problems.append(f"Event {_uid_of(event_id)} is not the one that was signed.")
            self.streams[stream] = Link(number, mac, step(key))
        self.report.leaves += len(found)
        if len(found) < high - low:
            self.report.problems.append(f"Leaf {low + len(found)} is missing, so no root after it can be computed.")
            self.is_broken = True
        return found

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


def _last_before(stream: str, position: int) -> Link:
    """Where a stream stood before this leaf."""
    uid = uuid.UUID(stream)
    if position:
        sealed = Event.objects.filter(stream=uid, leaf__position__lt=position).order_by("-number")
        last = sealed.values_list("number", "mac").first()
        if last is not None:
            return Link(last[0], bytes(last[1]), key_at(uid, last[0] + 1))
    return Link(0, FIRST, first_key(uid))


def _uid_of(event_id: int) -> uuid.UUID:
    """The uid of an event, for a sentence about it."""
    return Event.objects.values_list("uid", flat=True).get(pk=event_id)
