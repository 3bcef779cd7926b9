"""Pages of the list in another order: by what happened last, or by the next date. Only what the reader may know of decides.

A date in a section that she does not hold must not move a case, or its place in the list would tell of it. Whoever may
see few cases has each asked for its newest line (or next date). Whoever sees very many is led by the index of the
lines themselves, newest first: a case stands where its first line is met.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from audit import clock
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.models import User
from cases.access.door import holdings, visible
from cases.access.pages import (
    MERGED_UP_TO,
    cards,
    led_by_cases,
    load,
    newest_keys,
    sees_very_many,
)
from cases.models import Case, Due, TimelineEntry

#: Lines looked at in one go where the lines lead.
_AT_ONCE = 400


@dataclass(frozen=True)
class Order:
    """By which rows of a case it is sorted, and in which direction."""

    model: type[TimelineEntry] | type[Due]
    column: str
    newest_first: bool

    def rows(self, actor: User, at: datetime, among: Sequence[int] | None = None) -> QuerySet[Any]:
        """The rows that the reader may know of."""
        rows: QuerySet[Any] = visible(self.model, actor, None, at=at, among=among)
        return rows.filter(done_at__isnull=True) if self.model is Due else rows

    def in_order(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """First the first."""
        own = F(self.column).desc() if self.newest_first else F(self.column).asc()
        return rows.order_by(own, "-case_id", "-pk")

    def read(self, text: str) -> Any:
        """A value of the column from what ``Place`` wrote. Raises ValueError."""
        return datetime.fromisoformat(text) if self.column == "at" else date.fromisoformat(text)


#: Sorting by the last line of the timeline; cases nobody wrote about do not stand there.
ACTIVITY = Order(TimelineEntry, "at", newest_first=True)
#: Sorting by the next open date; cases without one do not stand there.
DEADLINE = Order(Due, "due_on", newest_first=False)


@dataclass(frozen=True)
class Place:
    """A place in a sorted list: the value and the case's key. Sealed in addresses (``cases.tokens``)."""

    value: Any
    key: int

    def as_json(self) -> list[Any]:
        return [self.value.isoformat(), self.key]

    def is_before(self, other: "Place", order: Order) -> bool:
        """Whether this place comes first in the list."""
        if self.value != other.value:
            return (self.value > other.value) == order.newest_first
        return self.key > other.key


def sorted_page(
    actor: User,
    order: Order,
    *,
    after: Place | None = None,
    size: int = 50,
    where: Q | None = None,
    permission: str = READ_CARD,
) -> tuple[list[Case], Place | None]:
    """A page of cases in another order, each with its holding, and the place to go on from (None at the end)."""
    if not actor.is_active:
        return [], None
    at = clock.moment()
    group_ids = list(actor.team_group_ids(at))
    if sees_very_many(actor, permission, group_ids, at):
        held = led_by_cases(actor, permission, group_ids, at, where or Q())
        places = _led_by_lines(actor, order, at, held, after, size + 1)
    else:
        keys = newest_keys(actor, permission, group_ids, at, where, MERGED_UP_TO * (1 + len(group_ids)))
        places = sorted_places(_places_of(actor, order, at, keys), order)
        places = [place for place in places if after is None or after.is_before(place, order)][: size + 1]
    loaded = load([place.key for place in places[:size]])
    # As in a page: the second wall may keep a row that the rule named.
    shown = [loaded[place.key] for place in places[:size] if place.key in loaded]
    found = holdings(actor, shown, at=at)
    for case in shown:
        case.holding = found.get(case.pk)
    return shown, places[size - 1] if len(places) > size else None


def sorted_places(places: list[Place], order: Order) -> list[Place]:
    """First the first: by value in the order's direction, newer cases first where values are the same."""
    by_key = sorted(places, key=lambda place: place.key, reverse=True)
    return sorted(by_key, key=lambda place: place.value, reverse=order.newest_first)


def _places_of(actor: User, order: Order, at: datetime, keys: Sequence[int]) -> list[Place]:
    """Where each of these cases stands; those without a row that the reader may know of are left out. One query."""
    rows = order.in_order(order.rows(actor, at, among=keys).filter(case_id=OuterRef("pk")))
    cases = cards().filter(pk__in=keys).annotate(stands_at=Subquery(rows.values(order.column)[:1]))
    return [Place(value, key) for key, value in cases.values_list("pk", "stands_at") if value is not None]


def _led_by_lines(
    actor: User, order: Order, at: datetime, held: QuerySet[Case], after: Place | None, wanted: int
) -> list[Place]:
    """The first places after one, by walking the lines in their order and leaving out cases that stood earlier."""
    rows = order.in_order(order.rows(actor, at).filter(Exists(held.filter(pk=OuterRef("case_id")))))
    found: list[Place] = []
    known: set[int] = set()
    here = after
    while len(found) < wanted:
        step = rows if here is None else rows.filter(_from(here, order))
        lines = [Place(value, key) for value, key in step.values_list(order.column, "case_id")[:_AT_ONCE]]
        fresh = sorted({line.key for line in lines} - known)
        stands = {place.key: place for place in _places_of(actor, order, at, fresh)}
        for key in fresh:
            place = stands.get(key)
            if place is not None and (after is None or after.is_before(place, order)):
                found.append(place)
        known.update(fresh)
        if len(lines) < _AT_ONCE:
            break
        if here == lines[-1]:  # one case with more lines at one moment than are looked at in one go
            here = Place(here.value, here.key - 1)
            continue
        here = lines[-1]
    # A case is met first at its own place, but several steps may have been taken: the order is made once, here.
    return sorted_places(found, order)[:wanted]


def _from(place: Place, order: Order) -> Q:
    """Lines at this place and after it."""
    further = "lt" if order.newest_first else "gt"
    return Q(**{f"{order.column}__{further}": place.value}) | Q(
        **{order.column: place.value, "case_id__lte": place.key}
    )
