"""How much each person carries, from plain columns alone: nothing of a survivor is opened to count it.

The weights are ours, not a standard: the field warns against caseloads counted in heads, because the first weeks after
an escape ask for many times the hours of a settled case, and because overload feeds secondary trauma.
How high the danger is stands sealed under SAFETY and is not asked for here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.choices import AbsenceKind
from casemgmt.accounts.models import Absence, Shift, User
from cases import access
from cases.choices.casework import CLOSED_STATUSES, CaseStatus, Stage
from cases.models import Case, Due

#: What one case weighs by the stage of its work. A settled case is the measure.
WEIGHT_OF_STAGE: dict[str, int] = {
    Stage.INTAKE: 2, Stage.STABILISE: 3, Stage.LEGAL: 2, Stage.REINTEGRATE: 1, Stage.CLOSE: 1,
}  # fmt: skip
#: On hold or in follow-up a case weighs as a settled one, whatever its stage.
_QUIET = (CaseStatus.ON_HOLD, CaseStatus.FOLLOW_UP)
#: What shows in signs. Round figures of ours, to begin a talk with, never to judge by.
TIMES_THE_USUAL, AT_LEAST = 1.5, 6
MANY_LATE = 5
LONG_WITHOUT_LEAVE = timedelta(days=180)
ON_CALL_SPAN, MANY_HOURS = timedelta(days=28), 72
DAYS_AHEAD = 7


@dataclass
class Load:
    """What one person carries, of the cases that the reader may know of. ``on_leave_until``: her last leave ended then."""

    person: User
    cases: int = 0
    weight: int = 0
    late: int = 0
    this_week: int = 0
    last_leave: datetime | None = None
    hours_on_call: int = 0


def weight_of(stage: str, status: str) -> int:
    """What one open case weighs."""
    return 1 if status in _QUIET else WEIGHT_OF_STAGE[stage]


def kinds_of(reader: User, where: Q) -> list[tuple[int | None, str, str, int]]:
    """(key of the lead, stage, status, how many) of the open cases that the reader may know of. One query.

    ``where`` is a condition on cases.
    """
    cases = access.visible(Case, reader, READ_CARD).filter(where, ~Q(status__in=CLOSED_STATUSES))
    kinds = cases.values("lead_id", "stage", "status").annotate(number=Count("pk")).order_by()
    return list(kinds.values_list("lead_id", "stage", "status", "number"))


def loads_of(
    reader: User, people: Iterable[User], *, kinds: Iterable[tuple[int | None, str, str, int]], whose: Q, today: date,
    now: datetime,
) -> dict[int, Load]:  # fmt: skip
    """The load of each person, by her key, among what the reader may know of. Three queries, and those of the rule.

    ``kinds`` are her cases (``kinds_of``), ``whose`` is a condition on dates. A date counts for the person it names, else for
    whoever leads the case.
    """
    loads = {person.pk: Load(person) for person in people}
    for lead, stage, status, number in kinds:
        if lead in loads:
            loads[lead].cases += number
            loads[lead].weight += number * weight_of(stage, status)
    dues = access.visible(Due, reader, None).filter(
        whose,
        ~Q(case__status__in=CLOSED_STATUSES),
        done_at__isnull=True,
        due_on__lte=today + timedelta(days=DAYS_AHEAD),
    )
    days = dues.annotate(is_late=Q(due_on__lt=today)).values("assigned_to", "case__lead", "is_late").order_by()
    days = days.annotate(number=Count("pk"))
    for named, lead, is_late, number in days.values_list("assigned_to", "case__lead", "is_late", "number"):
        load = loads.get(named or lead)
        if load is not None and is_late:
            load.late += number
        elif load is not None:
            load.this_week += number
    _note_time(loads, now)
    return loads


def own_load(reader: User, *, today: date, now: datetime) -> Load:
    """What the reader carries herself: as ``loads_of``, of cases that she leads and dates that are hers. Four queries."""
    load = Load(reader)
    for stage, status, number in access.own_kinds(reader):
        load.cases += number
        load.weight += number * weight_of(stage, status)
    for is_late, number in access.own_days(reader, today, today + timedelta(days=DAYS_AHEAD)):
        if is_late:
            load.late += number
        else:
            load.this_week += number
    _note_time({reader.pk: load}, now)
    return load


def _note_time(loads: dict[int, Load], now: datetime) -> None:
    """When each was last on leave, and how long she was on call. Two queries."""
    rested = (
        Absence.objects.filter(user__in=loads, kind=AbsenceKind.LEAVE).values("user").annotate(last=Max("began_at"))
    )
    for user, last in rested.values_list("user", "last"):
        loads[user].last_leave = last
    since = now - ON_CALL_SPAN
    turns = Shift.objects.filter(user__in=loads, starts_at__lt=now, ends_at__gt=since)
    seconds: dict[int, float] = {}
    for user, starts_at, ends_at in turns.values_list("user", "starts_at", "ends_at"):
        seconds[user] = seconds.get(user, 0) + (min(ends_at, now) - max(starts_at, since)).total_seconds()
    for user, time in seconds.items():
        loads[user].hours_on_call = round(time / 3600)


def lines_of(loads: dict[int, Load], now: datetime) -> list[dict[str, Any]]:
    """What each carries and the signs of too much, by name and never by amount: this is no ranking."""
    usual = median([load.weight for load in loads.values() if load.cases] or [0])
    ordered = sorted(loads.values(), key=lambda load: (load.person.name, load.person.pk))
    return [{"load": load, "name": load.person.name, "signs": signs_of(load, now, usual=usual)} for load in ordered]


def signs_of(load: Load, now: datetime, *, usual: float | None = None) -> list[str]:
    """Sentences that begin a talk; of the work, never of the person. ``usual`` is the team's middle, where it is known."""
    signs = []
    if usual is not None and load.weight >= AT_LEAST and load.weight > usual * TIMES_THE_USUAL:
        signs.append(_("More than is usual in the team. Would a hand help?"))
    if load.late >= MANY_LATE:
        signs.append(_("Many dates have passed. Which of them can wait, or go to somebody else?"))
    if load.cases and now - (load.last_leave or load.person.created_at) > LONG_WITHOUT_LEAVE:
        signs.append(_("No leave for half a year. Is there a good week for it?"))
    if load.hours_on_call >= MANY_HOURS:
        signs.append(_("Many hours on call in four weeks. Could a turn be swapped?"))
    return signs
