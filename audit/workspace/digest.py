"""The digest of the ledger: which cases and days there are, so that a page over ten million events need not ask them all.

A reader that goes along the leaves of the seal, because they have no gaps and their order never changes: each event is
counted once, whenever its transaction ended. What is not digested yet (since the last minute) pages add by themselves.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from .. import pseudonyms
from ..models import Event, EventCase, KnownCase, Leaf, Mark, PersonDay
from ..querysets import EventQuerySet
from ..verbs import DENIALS, READINGS, Verb
from .models import NOBODY

NAME = "digest"
BATCH = 5000
COPIES = frozenset({Verb.EXPORT_MADE.value, Verb.PRINT_MADE.value, Verb.LEDGER_EXPORTED.value})
#: Somebody asking for an address that does not exist makes no case.
_MAKES_NO_CASE = frozenset({Verb.ACCESS_HIDDEN.value})
_COLUMNS = ("pk", "verb", "at", "actor_uid", "on_behalf_of", "case_uid", "is_privileged", "changed_rows")
_NUMBERS = ("readings", "changes", "denials", "copies", "privileged")


@dataclass
class Tally:
    """Numbers of one person and day, or of a stretch of events."""

    readings: int = 0
    changes: int = 0
    denials: int = 0
    copies: int = 0
    privileged: int = 0
    last_at: datetime | None = None

    def add(self, verb: str, at: datetime, is_privileged: bool, changed_rows: int) -> None:
        """One event."""
        if is_privileged:
            self.privileged += 1
        else:
            self.readings += verb in READINGS
            self.changes += changed_rows > 0
            self.denials += verb in DENIALS
            self.copies += verb in COPIES
        self.last_at = at if self.last_at is None else max(at, self.last_at)


@dataclass
class _Batch:
    days: dict[tuple[uuid.UUID, date], Tally] = field(default_factory=dict)
    #: case → (its newest event, when it was last read)
    cases: dict[uuid.UUID, tuple[int, datetime | None]] = field(default_factory=dict)

    def touch(self, case_uid: uuid.UUID, event_id: int, read_at: datetime | None) -> None:
        before, last_read = self.cases.get(case_uid, (0, None))
        reads = [one for one in (last_read, read_at) if one is not None]
        self.cases[case_uid] = (max(before, event_id), max(reads, default=None))


def mark() -> Mark:
    """How far the digest has come."""
    return Mark.objects.filter(pk=NAME).first() or Mark(pk=NAME)


def digest(most: int = 200) -> int:
    """Read on from the mark, ``most`` batches at a time, each in a transaction of its own. Returns how many events."""
    done = 0
    for _turn in range(most):
        count = _digest_batch()
        done += count
        if count < BATCH:
            break
    return done


def _digest_batch() -> int:
    with transaction.atomic():
        Mark.objects.get_or_create(pk=NAME)
        at = Mark.objects.select_for_update().get(pk=NAME)
        leaves = Leaf.objects.filter(position__gte=at.position).order_by("position").values_list("event_id", flat=True)
        ids = list(leaves[:BATCH])
        if not ids:
            return 0
        batch = _read(ids)
        _keep_cases(batch)
        _keep_days(batch)
        at.position, at.top = at.position + len(ids), max(at.top, max(ids))
        at.save(update_fields=["position", "top"])
        return len(ids)


def _read(ids: list[int]) -> _Batch:
    batch = _Batch()
    shown = dict.fromkeys(ids, (None, False))
    for pk, verb, at, actor, behalf, case_uid, is_privileged, changed in _rows(Event.objects.filter(pk__in=ids)):
        key = (actor or behalf or NOBODY, timezone.localtime(at).date())
        batch.days.setdefault(key, Tally()).add(verb, at, is_privileged, changed)
        read_at = at if verb in READINGS else None
        shown[pk] = (read_at, True)
        if case_uid is not None and verb not in _MAKES_NO_CASE:
            batch.touch(case_uid, pk, read_at)
    for event_id, case_uid in EventCase.objects.filter(event_id__in=ids).values_list("event_id", "case_uid"):
        read_at, is_there = shown[event_id]
        if is_there:
            batch.touch(case_uid, event_id, read_at)
    return batch


def _rows(events: EventQuerySet) -> Iterable[tuple]:
    return events.order_by().values_list(*_COLUMNS)


def _keep_cases(batch: _Batch) -> None:
    known = KnownCase.objects.in_bulk(list(batch.cases))
    rows = []
    for case_uid in sorted(batch.cases):
        last_event, read_at = batch.cases[case_uid]
        row = known.get(case_uid) or KnownCase(case_uid=case_uid, code=pseudonyms.of_case(case_uid), last_event=0)
        row.last_event = max(row.last_event, last_event)
        reads = [one for one in (row.last_read_at, read_at) if one is not None]
        row.last_read_at = max(reads, default=None)
        rows.append(row)
    KnownCase.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["case_uid"], update_fields=["last_event", "last_read_at"]
    )


def _keep_days(batch: _Batch) -> None:
    """Add to the days. A day that was examined and has something new is examined again."""
    people, days = {key[0] for key in batch.days}, {key[1] for key in batch.days}
    kept = PersonDay.objects.filter(person_uid__in=people, day__in=days)
    known = {(row.person_uid, row.day): row for row in kept}
    new: list[PersonDay] = []
    old: list[PersonDay] = []
    for key, tally in batch.days.items():
        row = known.get(key)
        (new if row is None else old).append(row := row or PersonDay(person_uid=key[0], day=key[1]))
        for name in _NUMBERS:
            setattr(row, name, getattr(row, name) + getattr(tally, name))
        last_at = tally.last_at
        if last_at is not None and (row.last_at is None or last_at > row.last_at):
            row.last_at = last_at
        row.is_examined = False
    PersonDay.objects.bulk_create(new)
    PersonDay.objects.bulk_update(old, [*_NUMBERS, "last_at", "is_examined"], batch_size=500)


# ---- asking it ----


def find_case(code: str) -> uuid.UUID | None:
    """The case of this name, or None. Digested ones by an index, the newest by trying them."""
    known = KnownCase.objects.filter(code=code).order_by("case_uid").values_list("case_uid", flat=True).first()
    return known or pseudonyms.find_case(code, newest_cases())


def newest_cases() -> dict[uuid.UUID, int]:
    """Cases of events that are not digested yet, each with its newest event."""
    top = mark().top
    subjects = _not_digested(top).exclude(case_uid=None).exclude(verb__in=_MAKES_NO_CASE)
    found = dict(subjects.order_by().values_list("case_uid").annotate(last=Max("pk")))
    listed = EventCase.objects.filter(event_id__gt=top).order_by().values_list("case_uid")
    for case_uid, last in listed.annotate(last=Max("event_id")):
        found[case_uid] = max(last, found.get(case_uid, 0))
    return found


def _not_digested(top: int) -> EventQuerySet:
    return Event.objects.filter(pk__gt=top)


def tallies(since: date, person_uid: uuid.UUID | None = None) -> dict[uuid.UUID, Tally]:
    """Numbers of each person (``NOBODY``: the system and strangers) since a day of the house's calendar. Two queries."""
    found: dict[uuid.UUID, Tally] = {}
    days = PersonDay.objects.filter(day__gte=since)
    tail = _not_digested(mark().top).between(midnight(since), None)
    if person_uid is not None:
        days = days.filter(person_uid=person_uid)
        tail = tail.filter(Q(actor_uid=person_uid) | Q(actor_uid=None, on_behalf_of=person_uid))
    sums = {name: Sum(name) for name in _NUMBERS}
    summed: Any = days.order_by().values("person_uid").annotate(**sums, last=Max("last_at"))
    for row in summed:
        found[row["person_uid"]] = Tally(**{name: row[name] for name in _NUMBERS}, last_at=row["last"])
    is_open = Q(is_privileged=False)
    counted = tail.order_by().values("actor_uid", "on_behalf_of").annotate(
        readings=Count("pk", filter=is_open & Q(verb__in=sorted(READINGS))),
        changes=Count("pk", filter=is_open & Q(changed_rows__gt=0)),
        denials=Count("pk", filter=is_open & Q(verb__in=sorted(DENIALS))),
        copies=Count("pk", filter=is_open & Q(verb__in=sorted(COPIES))),
        privileged=Count("pk", filter=~is_open),
        last=Max("at"),
    )  # fmt: skip
    for line in counted:
        tally = found.setdefault(line["actor_uid"] or line["on_behalf_of"] or NOBODY, Tally())
        for name in _NUMBERS:
            setattr(tally, name, getattr(tally, name) + line[name])
        tally.last_at = line["last"] if tally.last_at is None else max(line["last"], tally.last_at)
    return found


def cases_read(since: date, most: int) -> int:
    """How many different cases were read since a day, counted up to ``most`` and one. Two queries."""
    moment = midnight(since)
    known = set(KnownCase.objects.filter(last_read_at__gte=moment).values_list("case_uid", flat=True)[: most + 1])
    tail = _not_digested(mark().top).between(moment, None).of_verbs(READINGS).exclude(case_uid=None)
    known |= set(tail.order_by().values_list("case_uid", flat=True).distinct()[: most + 1])
    return min(len(known), most + 1)


def midnight(day: date) -> datetime:
    """The first moment of a day on the house's calendar."""
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
