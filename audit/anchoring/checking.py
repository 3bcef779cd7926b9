"""Does every anchor still hold? Each head that somebody holds must be the beginning of the ledger as it is now."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db.models import Max, Min

from .. import clock
from ..report import Report
from ..sealing import keys, rows, tiles, tree
from ..sealing.models import Checkpoint
from . import file, gaps, held, witnesses
from .gaps import Gap
from .held import Held
from .models import Anchor

#: Heads that are compared by one query.
BATCH = 1_000
#: How many findings of one kind of place are named; of more it is said how many.
NAMED = 20
#: How far the file and a witness may lag behind the seal before it is a finding.
FILE_LATE, WITNESS_LATE = timedelta(hours=1), timedelta(days=1)


def check_anchors(report: Report, *, ask: bool = True) -> Report:
    """Hold the ledger against the file, the letters, the cosignatures, what auditors saw, and the witnesses themselves.

    Adds to the report and returns it. Reads tiles and checkpoints as they are kept: ``verify_seal`` says whether these
    are what the events give. ``ask``: ask the witnesses, too (they may be away: that is a remark, no finding).
    """
    head = rows.head()
    size = 0 if head is None else head.size
    in_file: set[int] = set()
    lost = gaps.known()
    report.remarks += [gap.remark for gap in lost]
    for found in (_noted(file.heads(), in_file), held.anchors(), held.seen()):
        _add(report, list(_faults(report, found, size, lost)))
    _add(report, list(_file_is_whole(in_file)))
    _add(report, list(_too_late(head)))
    if ask:
        for witness in witnesses.listed():
            problem, remark = witness.compare(head)
            report.problems += [problem] if problem else []
            report.remarks += [remark] if remark else []
    return report


def fault_of(one: Held, size: int | None = None) -> str | None:
    """What is wrong with one head, in words; None where the ledger begins with it."""
    head = rows.head()
    return next(_faults(Report(), [one], (head.size if head else 0) if size is None else size), None)


def _add(report: Report, found: list[str]) -> None:
    report.problems += found[:NAMED]
    if len(found) > NAMED:
        report.problems.append(f"{len(found) - NAMED} more anchors do not hold.")


def _noted(heads: Iterable[Held], sizes: set[int]) -> Iterator[Held]:
    for one in heads:
        sizes.add(one.size)
        yield one


def _faults(report: Report, heads: Iterable[Held], size: int, lost: Collection[Gap] = ()) -> Iterator[str]:
    """What is wrong with these heads. One query for a thousand, one more for each without its checkpoint.

    ``lost``: gaps of restores that were told; a head of ours from such a gap is passed over.
    """
    coming = iter(heads)
    while batch := list(islice(coming, BATCH)):
        report.anchors += len(batch)
        asked = {one.size for one in batch}
        kept = dict(Checkpoint.objects.filter(pk__in=asked).values_list("size", "root"))
        for one in batch:
            root = bytes(kept[one.size]) if one.size in kept else None
            if root == one.root:
                continue
            if one.note and not keys.signed(one.note):
                yield f"The head of {one.size} events in {one.where} does not carry our signature: it was altered there."
            elif any(gap.covers(one) for gap in lost):
                continue
            elif one.size > size:
                yield f"The ledger has {size} events, and had {one.size} by {one.where}: its end was cut off."
            elif root is None and _root_at(one.size) == one.root:
                yield f"Checkpoint {one.size} is gone; it is known from {one.where}."
            else:
                yield f"The first {one.size} events are not those of {one.where}."


def _root_at(size: int) -> bytes:
    """The root of the first ``size`` leaves, from the tiles; nothing where they are missing."""
    try:
        return tree.joined(tiles.edge_at(rows.Rows(), size))
    except KeyError:
        return b""


def _file_is_whole(in_file: set[int]) -> Iterator[str]:
    """Every head that was written into this file still stands in it."""
    if file.path() is None:
        return
    written = Anchor.objects.filter(kind=Anchor.Kind.FILE, place=file.place()).order_by("size")
    lost = [size for size in written.values_list("size", flat=True).iterator() if size not in in_file]
    if lost:
        yield f"{len(lost)} heads are gone from the anchor file, the first of {lost[0]} events."


def _too_late(head: Checkpoint | None) -> Iterator[str]:
    """What is set to be anchored and was not for too long, though there was a head to anchor."""
    if head is None:
        return
    first = Checkpoint.objects.aggregate(first=Min("sealed_at"))["first"]
    if file.path() is not None:
        yield from _late(Anchor.Kind.FILE, file.place(), FILE_LATE, "into the anchor file", head, first)
    if settings.ANCHOR_MAIL_TO:
        limit = 2 * timedelta(hours=settings.ANCHOR_MAIL_EVERY_HOURS)
        yield from _late(Anchor.Kind.MAIL, "", limit, "to the auditor", head, first)
    for witness in witnesses.listed():
        words = f"to the witness {witness.name}"
        yield from _late(Anchor.Kind.WITNESS, witness.name, WITNESS_LATE, words, head, first)


def _late(kind: str, place: str, limit: timedelta, words: str, head: Checkpoint, first: datetime) -> Iterator[str]:
    last = Anchor.objects.filter(kind=kind, place=place).aggregate(at=Max("at"), size=Max("size"))
    if (last["size"] or 0) < head.size and (last["at"] or first) < clock.now() - limit:
        since = f"since {last['at']:%Y-%m-%d %H:%M} UTC" if last["at"] else "yet"
        yield f"No head has gone {words} {since}."
