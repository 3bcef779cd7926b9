"""Dates and numbers of homes and lists, by the same rule as every list; asked so often that their queries are written once."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from audit import clock
from casemgmt.access.among import listed
from casemgmt.access.compiled import (
    HOUSE,
    MOMENT,
    READER,
    THESE,
    TODAY,
    UNTIL,
    Compiled,
    CompiledValues,
    in_place,
    kept,
    stand_in_groups,
    union,
    values,
)
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.models import User
from cases.access.door import ruled, visible
from cases.choices.casework import CLOSED_STATUSES, DueKind
from cases.models import Case, Due

#: So many times what is wanted is looked at first.
_NEAR = 3


def open_dates(actor: User, keys: Collection[int]) -> list[tuple[int, date, str]]:
    """What is still open on these cases, of what the actor may know of: (case key, day, kind), the nearest first."""
    if not (actor.is_active and keys):
        return []
    group_ids = actor.team_group_ids(clock.moment())
    own = {**_of(actor, group_ids), THESE: listed(keys)}
    return [(key, day, kind) for key, day, kind in _open(connection.vendor, len(group_ids)).rows(own)]


@kept
def _open(_vendor: str, groups: int) -> CompiledValues:
    rows = ruled(Due.objects.all().admitted_by_the_door(), _reader(), stand_in_groups(groups), None, at=MOMENT)
    rows = rows.filter(case_id__among=THESE, done_at__isnull=True).order_by("due_on", "pk")
    return values(rows.values_list("case_id", "due_on", "kind"))


def of_teams(keys: Collection[int]) -> Q:
    """Dates of cases of these teams (their keys). One query now: the cases go into the next as one value, so that the rule is
    asked for their dates alone, whatever else is due in the house."""
    cases = Case.objects.all().admitted_by_the_door().filter(team__in=list(keys)).values_list("pk", flat=True)
    return Q(case_id__among=listed(list(cases)))


def first_dates(actor: User, whose: Q, until: date, at_most: int) -> list[Due]:
    """The nearest open dates up to that day that fit a condition, of what the actor may know of, with their cases.

    Some more than wanted are found by an index first, and the rule is asked for those alone; for all only where it leaves too
    few of them. Two queries, or three.
    """
    order = ("due_on", "-case", "-pk")  # of the index; the newest cases first
    visible_ones = visible(Due, actor, None).filter(whose, done_at__isnull=True, due_on__lte=until)
    near = Due.objects.all().admitted_by_the_door().filter(whose, done_at__isnull=True, due_on__lte=until)
    keys = list(near.order_by(*order).values_list("pk", flat=True)[: at_most * _NEAR])
    with_cases = ("case", "case__team", "case__lead", "assigned_to")
    found = list(visible_ones.filter(pk__in=keys).select_related(*with_cases).order_by(*order)[:at_most])
    if len(found) < at_most and len(keys) == at_most * _NEAR:
        found = list(visible_ones.select_related(*with_cases).order_by(*order)[:at_most])
    return found


# ---- What is one's own: the home of a caseworker asks it at every visit ----


def own_dates(actor: User, until: date, at_most: int) -> list[Due]:
    """The nearest of her own open dates up to that day (a local calendar date), with their cases; also the end of a release
    that was warned of. A date is hers that names her, or nobody on a case that she leads. Two queries."""
    if not actor.is_active:
        return []
    group_ids = actor.team_group_ids(clock.moment())
    keys = _own_dates(connection.vendor, len(group_ids), at_most).keys({**_of(actor, group_ids), UNTIL: until})
    rows = Due.objects.all().admitted_by_the_door().filter(pk__in=keys)
    return list(rows.select_related("case", "case__team", "case__lead", "assigned_to").order_by("due_on", "pk"))[
        :at_most
    ]


@kept
def _own_dates(_vendor: str, groups: int, at_most: int) -> Compiled:
    soon = Q(due_on__lte=UNTIL) | Q(kind=DueKind.RELEASE_ENDS, noticed_at__isnull=False)
    return union(
        rows.filter(soon).order_by("due_on", "pk").values_list("pk", flat=True)[:at_most]
        for rows in _own_open_dates(groups)
    )


def own_days(actor: User, today: date, until: date) -> list[tuple[bool, int]]:
    """(whether they are past, how many) of her own open dates up to that day, on open cases. Two queries."""
    group_ids = actor.team_group_ids(clock.moment())
    own = {**_of(actor, group_ids), TODAY: today, UNTIL: until}
    parts = [_own_days(connection.vendor, len(group_ids), number) for number in range(2)]
    return [(is_late, number) for part in parts for is_late, number in part.rows(own)]


@kept
def _own_days(_vendor: str, groups: int, part: int) -> CompiledValues:
    rows = _own_open_dates(groups)[part].filter(~Q(case__status__in=CLOSED_STATUSES), due_on__lte=UNTIL)
    days = rows.annotate(is_late=Q(due_on__lt=TODAY)).values("is_late").order_by().annotate(number=Count("pk"))
    return values(days.values_list("is_late", "number"))


def own_kinds(actor: User) -> list[tuple[str, str, int]]:
    """(stage, status, how many) of the open cases that she leads. One query."""
    group_ids = actor.team_group_ids(clock.moment())
    own = _of(actor, group_ids)
    return [
        (stage, status, number) for stage, status, number in _own_kinds(connection.vendor, len(group_ids)).rows(own)
    ]


@kept
def _own_kinds(_vendor: str, groups: int) -> CompiledValues:
    cases = ruled(Case.objects.all().admitted_by_the_door(), _reader(), stand_in_groups(groups), READ_CARD, at=MOMENT)
    cases = cases.filter(~Q(status__in=CLOSED_STATUSES), lead=READER)
    kinds = cases.values("stage", "status").annotate(number=Count("pk")).order_by()
    return values(kinds.values_list("stage", "status", "number"))


def _own_open_dates(groups: int) -> list[Any]:
    """Those that name her, and those that name nobody on cases that she leads: each is a range of an index of its own.

    As one condition with OR, every open date of the house would be held against the rule.
    """
    rows = ruled(Due.objects.all().admitted_by_the_door(), _reader(), stand_in_groups(groups), None, at=MOMENT)
    rows = rows.filter(done_at__isnull=True)
    led = Case.objects.all().admitted_by_the_door().filter(lead=READER).values("pk")
    # Written so that SQLite does not go by the index of whom a date names, in which nobody is half of the house.
    of_nobody = Exact(Coalesce("assigned_to", 0), 0)
    return [rows.filter(assigned_to=READER), rows.filter(of_nobody, case__in=led)]


def _reader() -> User:
    return User(pk=READER, organisation_id=HOUSE)


def _of(actor: User, group_ids: Collection[int]) -> dict[Any, Any]:
    """What this asking brings in place of the stand-ins."""
    return {READER: actor.pk, HOUSE: actor.organisation_id, MOMENT: clock.moment(), **in_place(list(group_ids))}
