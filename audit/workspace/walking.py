"""Walking through very many events: one page by id, in either direction, whatever is asked for.

What narrows most (a case, a person, verbs, a right, an outcome that is not OK) *leads*: each of its ``pieces`` runs along
an index that ends in the id. Everything else is looked at row by row. So that a rare combination cannot take minutes, a
walk looks at windows of ids, larger each time, and stops when the page is full or its time is over; then it says how far
it came, and the reader goes on from there. No OFFSET, no COUNT.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from ..models import Event, EventCase
from ..querysets import EventQuerySet

#: Windows of ids: the first, how they grow, the largest.
FIRST_WINDOW, GROWTH, WIDEST_WINDOW = 20_000, 4, 160_000
#: A page looks for so long before it says how far it came, in seconds.
PATIENCE = 1.0
#: How far the moment of an event may lie from the time its id was given out: a transaction, and a clock that was set.
DRIFT = timedelta(days=1)


@dataclass(frozen=True)
class Chosen:
    """What is asked for. ``others`` holds the conditions that no index leads to."""

    case_uid: uuid.UUID | None = None
    person_uid: uuid.UUID | None = None
    verbs: Sequence[str] = ()
    basis_kind: str = ""
    outcome: str = ""
    start: datetime | None = None
    end: datetime | None = None
    others: tuple[Q, ...] = field(default=())

    def narrowed(self, *more: Q) -> EventQuerySet:
        """Events that fit all of it, without what leads. The privileged part is never among them."""
        events = Event.objects.open_to_auditors().between(self.start, self.end)
        return events.filter(*self.others, *more)


@dataclass(frozen=True)
class Found:
    """Events, newest first. ``is_end``: the walk came to the end of the ledger; else it stopped at the id ``reached``."""

    events: list[Event]
    is_end: bool
    reached: int


def walk(chosen: Chosen, *, before: int | None = None, after: int | None = None, size: int = 50) -> Found:
    """At most ``size`` events with ids below ``before``, or (the nearest) above ``after``; the newest if neither is given.

    Two queries for the bounds, one for each piece and window, one to load the page.
    """
    lowest, highest = bounds(chosen.start, chosen.end)
    is_upward = after is not None
    at = (
        max(after, lowest - 1) if after is not None else min(highest + 1, before if before is not None else highest + 1)
    )
    pieces = pieces_of(chosen)
    ids: list[int] = []
    window, begun, is_end = FIRST_WINDOW, time.monotonic(), False
    while len(ids) < size and not is_end:
        low, high = (at + 1, at + window) if is_upward else (at - window, at - 1)
        low, high = max(low, lowest), min(high, highest)
        is_end = high >= highest if is_upward else low <= lowest
        if low <= high:
            ids += _ids_between(pieces, low, high, size - len(ids), is_upward=is_upward)
        at = high if is_upward else low
        window = min(window * GROWTH, WIDEST_WINDOW)
        if time.monotonic() - begun > PATIENCE:
            break
    is_full = len(ids) >= size
    ids = ids[:size]
    by_id = Event.objects.select_related("detail").in_bulk(ids)
    events = [by_id[pk] for pk in sorted(ids, reverse=True) if pk in by_id]
    return Found(events, is_end and not is_full, ids[-1] if is_full else at)


def pieces_of(chosen: Chosen) -> list[EventQuerySet]:
    """The queries, each along one index, that together give what is chosen; nothing is in two of them but by chance."""
    verbs = Q(verb__in=sorted(chosen.verbs)) if chosen.verbs else Q()
    if chosen.case_uid is not None:
        rest = [verbs, *_person(chosen), *_rare(chosen)]
        return [
            chosen.narrowed(Q(case_uid=chosen.case_uid), *rest),
            chosen.narrowed(Q(cases_touched__case_uid=chosen.case_uid), *rest),
        ]
    if chosen.person_uid is not None:
        rest = [verbs, *_rare(chosen)]
        by = (Q(actor_uid=chosen.person_uid), Q(on_behalf_of=chosen.person_uid))
        return [chosen.narrowed(one, *rest) for one in by]
    if chosen.basis_kind or chosen.outcome not in ("", "OK"):
        return [chosen.narrowed(verbs, *_rare(chosen))]
    if chosen.verbs:
        return [chosen.narrowed(Q(verb=verb), *_rare(chosen)) for verb in sorted(chosen.verbs)]
    return [chosen.narrowed(*_rare(chosen))]


def _person(chosen: Chosen) -> list[Q]:
    if chosen.person_uid is None:
        return []
    return [Q(actor_uid=chosen.person_uid) | Q(on_behalf_of=chosen.person_uid)]


def _rare(chosen: Chosen) -> list[Q]:
    """Right and outcome, said as the partial indexes say it."""
    conditions = []
    if chosen.basis_kind:
        conditions += [Q(basis_kind=chosen.basis_kind), ~Q(basis_kind="")]
    if chosen.outcome == "OK":
        conditions.append(Q(outcome="OK"))
    elif chosen.outcome:
        conditions += [Q(outcome=chosen.outcome), ~Q(outcome="OK")]
    return conditions


def _ids_between(
    pieces: Sequence[EventQuerySet], low: int, high: int, most: int, *, is_upward: bool
) -> list[int]:  # fmt: skip
    """At most ``most`` ids of the window, in the direction of the walk."""
    found: set[int] = set()
    for piece in pieces:
        ordered = piece.filter(pk__gte=low, pk__lte=high).order_by("pk" if is_upward else "-pk")
        found.update(ordered.values_list("pk", flat=True)[:most])
    return sorted(found, reverse=not is_upward)[:most]


def bounds(start: datetime | None, end: datetime | None) -> tuple[int, int]:
    """The lowest and the highest id in which events of that time can stand; (1, 0) where there is none.

    Ids follow time, but for ``DRIFT`` and for the demo, which acts in the past: there the whole ledger is looked through.
    """
    ends = Event.objects.order_by("-pk").values_list("pk", flat=True).first()
    lowest, highest = 1, ends or 0
    if settings.HAVEN_DEMO or not highest:
        return lowest, highest
    by_time = Event.objects.order_by("at", "pk").values_list("pk", flat=True)
    if start is not None:
        first = by_time.filter(at__gte=start - DRIFT).first()
        lowest = highest + 1 if first is None else first
    if end is not None:
        last = by_time.filter(at__lt=end + DRIFT).last()
        highest = 0 if last is None else last
    return lowest, highest


def capped(rows: Any, most: int) -> int:
    """How many rows there are, counted up to ``most`` and one."""
    return len(rows.order_by().values_list("pk", flat=True)[: most + 1])


def cases_listed(case_uid: uuid.UUID, most: int) -> list[int]:
    """The ids of the newest acts that showed this case among others."""
    rows = EventCase.objects.filter(case_uid=case_uid).order_by("-event_id")
    return list(rows.values_list("event_id", flat=True)[:most])
