"""A week of the calendar: which days it has, and what of the lists falls into it. Reads dates and people by the door.

The calendar shows what other rooms have put on the lists (``Due``, ``HouseDue``) and the shifts of the rota, nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language

from casemgmt.accounts.choices import COUNSEL_ROLES, Role
from casemgmt.accounts.models import Shift, User
from cases import access
from cases.actions.kinds import ROLES_OF_KIND
from cases.choices.sharing import GrantKind
from cases.models import Due, HouseDue

#: Whose matters are hers to watch, whoever leads the case.
ATTORNEYS = tuple(sorted({*COUNSEL_ROLES, Role.PARALEGAL}))
#: Who has a week: caseworkers and who works beside them, attorneys, and whoever can be on duty.
WEEK_ROLES = tuple(
    dict.fromkeys(
        (
            Role.CASEWORKER, Role.HOTLINE_ADVOCATE, Role.INTAKE_COORDINATOR, Role.CLINICIAN, Role.SUPERVISOR,
            *ATTORNEYS, *ROLES_OF_KIND[GrantKind.ON_CALL],
        )
    )
)  # fmt: skip
#: So many dates of one week are shown; nobody has more, and if somebody has, the page says so.
DATES_SHOWN = 200
SHIFTS_SHOWN = 50
#: So far back and ahead (weeks) one can turn the pages.
FARTHEST = 104
_MONDAY, _SATURDAY = 1, 6
_FIRST_WEEKDAYS = {"ar": _SATURDAY}


def first_weekday() -> int:
    """The weekday with which a week begins in the reader's language: 1 is Monday, 6 Saturday (CLDR, week data).

    Monday as ISO 8601 has it, also in English, of which the language alone does not say it (Sunday in New York, Monday
    in London).
    """
    return _FIRST_WEEKDAYS.get((get_language() or "").split("-")[0], _MONDAY)


@dataclass(frozen=True)
class Week:
    """Seven days, on the reader's own calendar."""

    first: date

    @classmethod
    def of(cls, day: date) -> "Week":
        """The week a day lies in, beginning as the reader's language begins it."""
        return cls(day - timedelta(days=(day.isoweekday() - first_weekday()) % 7))

    @classmethod
    def asked(cls, text: str, today: date) -> "Week":
        """The week of a day as an address writes it (2026-11-23); this week where that is no day, or one far away."""
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return cls.of(today)
        return cls.of(day if abs((day - today).days) <= FARTHEST * 7 else today)

    @property
    def days(self) -> list[date]:
        """Its seven days."""
        return [self.first + timedelta(days=number) for number in range(7)]

    @property
    def last(self) -> date:
        """Its last day."""
        return self.first + timedelta(days=6)

    def other(self, number: int) -> "Week":
        """The week so many weeks later."""
        return Week(self.first + timedelta(weeks=number))

    def moments(self) -> tuple[datetime, datetime]:
        """When it begins and ends on the reader's clock, the end itself outside."""
        zone = timezone.get_current_timezone()
        begin, end = (datetime.combine(day, time.min, tzinfo=zone) for day in (self.first, self.other(1).first))
        return begin, end


@dataclass(frozen=True)
class Hour:
    """When one has to be somewhere: the hour there, that place's zone, and the reader's own hour where it differs."""

    there: time
    zone: str
    here: datetime | None


def hour_of(due: Due) -> Hour | None:
    """The hour of a date that has one; on the clock of the court, for that is when she has to be there."""
    if due.due_at is None:
        return None
    here = timezone.localtime(due.due_at)
    if not due.time_zone:
        return Hour(here.time(), "", None)
    there = due.due_at.astimezone(ZoneInfo(due.time_zone))
    return Hour(there.time(), due.time_zone, None if there.utcoffset() == here.utcoffset() else here)


def dues_in(reader: User, week: Week, whose: Q) -> list[Due]:
    """Open dates of these people in a week, among those the reader may know of, in their order. One query."""
    rows = access.visible(Due, reader, None).filter(whose, done_at__isnull=True)
    rows = rows.filter(due_on__gte=week.first, due_on__lte=week.last)
    rows = rows.select_related("case", "case__team", "case__lead", "assigned_to")
    return list(rows.order_by("due_on", F("due_at").asc(nulls_last=True), "pk")[: DATES_SHOWN + 1])


def house_dues_in(reader: User, week: Week) -> list[HouseDue]:
    """What she has to do for the house in a week. One query."""
    rows = access.own(HouseDue, reader, "person").filter(done_at__isnull=True)
    return list(rows.filter(due_on__gte=week.first, due_on__lte=week.last).order_by("due_on", "pk"))


def shifts_in(week: Week, whose: Q) -> list[Shift]:
    """Turns on duty that touch a week, the earliest first; what was called off before it began is none. One query."""
    begin, end = week.moments()
    rows = Shift.objects.filter(whose, starts_at__lt=end, ends_at__gt=begin).select_related("user", "rota__team")
    return [one for one in rows.order_by("starts_at", "pk")[:SHIFTS_SHOWN] if one.ends_at > one.starts_at]


def is_on(shift: Shift, day: date) -> bool:
    """Whether a turn touches this day of the reader's."""
    return timezone.localdate(shift.starts_at) <= day <= timezone.localdate(shift.ends_at - timedelta(microseconds=1))


def mine(reader: User, matters: Iterable[int] = ()) -> Q:
    """What is hers to do: given to her, or to nobody in a case that she leads; of a matter of hers everything."""
    hers = Q(assigned_to=reader) | Q(assigned_to__isnull=True, case__lead=reader)
    keys = list(matters)
    return hers | Q(matter__in=keys) if keys else hers
