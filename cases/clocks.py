"""The clocks of duties: until when something must be done, and whether it was, told in words.

Clocks in hours are moments (UTC); clocks in days are local calendar days of the house (``settings.TIME_ZONE``).
"""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

#: How soon she is told, safely, of what came about her or was given (34 USC 12291(b)(2)(C)).
TELL_HER_WITHIN = timedelta(days=2)


def house_day(moment: datetime) -> date:
    """The calendar day of a moment where the organisation is."""
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def start_of(day: date) -> datetime:
    """The first moment of a calendar day of the organisation."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.TIME_ZONE))


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last day of the month where it has no such day (31 January: 28 February)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True)
class Clock:
    """One thing with an end: ``due_at`` a moment, or ``due_on`` a day; ``done_at`` or ``done_on`` once it is done."""

    what: Any
    now: datetime
    due_on: date | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    done_on: date | None = None

    @property
    def is_done(self) -> bool:
        """Whether it was done, in time or late."""
        return self.done_at is not None or self.done_on is not None

    @property
    def when_done(self) -> date | datetime | None:
        """When it was done."""
        return self.done_at or self.done_on

    @property
    def is_late(self) -> bool:
        """Whether it was done after its end, or is still to be done after it. The last day and the last moment are in time."""
        if self.due_at is not None:
            if self.done_at is None and self.done_on is not None:
                return self.done_on > house_day(self.due_at)
            return (self.done_at or self.now) > self.due_at
        if self.due_on is None:
            return False
        day = self.done_on or house_day(self.done_at or self.now)
        return day > self.due_on

    @property
    def tone(self) -> str:
        """How its tag looks: a warning where it is late, or ends today."""
        return "warn" if self.is_late or (not self.is_done and self._left_days() == 0) else ""

    @property
    def words(self) -> str:
        """How it stands, in a few words."""
        if self.is_done:
            return _("Done late") if self.is_late else _("Done in time")
        if self.is_late:
            return _("Late")
        if self.due_at is not None:
            hours = int((self.due_at - self.now).total_seconds() // 3600)
            if hours < 1:
                return _("Less than an hour left")
            return ngettext("%(count)s hour left", "%(count)s hours left", hours) % {"count": hours}
        if self.due_on is None:
            return _("Still to do")
        days = self._left_days()
        if days == 0:
            return _("Ends today")
        return ngettext("%(count)s day left", "%(count)s days left", days) % {"count": days}

    def _left_days(self) -> int:
        last = self.due_on if self.due_at is None else house_day(self.due_at)
        return -1 if last is None else (last - house_day(self.now)).days


def is_put_off(process: Any, now: datetime) -> bool:
    """Whether the law forbids telling her of a process today. On the day it ends she may be told."""
    return process.put_off_until is not None and house_day(now) < process.put_off_until


def of_process(process: Any, now: datetime) -> list[Clock]:
    """Counsel at once, she within two days or once the law allows it, the answer by its return date."""
    tell_by = house_day(process.recorded_at + TELL_HER_WITHIN)
    if process.put_off_until is not None:
        tell_by = max(tell_by, process.put_off_until)
    return [
        Clock(_("Counsel is told"), now, due_on=process.received_on, done_at=process.counsel_told_at),
        Clock(
            _("She may not be told yet") if is_put_off(process, now) else _("She is told, safely"),
            now,
            due_on=tell_by,
            done_at=process.told_at,
        ),
        Clock(_("It is answered"), now, due_on=process.due_on, done_at=process.answered_at),
    ]


def of_request(request: Any, now: datetime) -> list[Clock]:
    """One calendar month, three where it was extended; what she is to get is in her hands by then."""
    end = request.extended_to or request.due_on
    clocks = [Clock(_("It is decided"), now, due_on=end, done_at=request.decided_at)]
    if request.decided_at and (request.over_at is None or request.delivered_at):
        clocks.append(Clock(_("It is in her hands"), now, due_on=end, done_at=request.delivered_at))
    return clocks


def of_breach(breach: Any, now: datetime) -> list[Clock]:
    """24 hours for the award's programme manager, 72 for the authority (GDPR article 33), from when it was noticed."""
    clocks = [Clock(_("It is stopped"), now, done_at=breach.contained_at)]
    if breach.tells_award:
        end = breach.detected_at + timedelta(hours=24)
        clocks.append(Clock(_("The award's programme manager is told"), now, due_at=end, done_at=breach.award_told_at))
    if breach.tells_authority:
        end = breach.detected_at + timedelta(hours=72)
        clocks.append(Clock(_("The authority is told"), now, due_at=end, done_at=breach.authority_told_at))
    return clocks


def of_report(report: Any, now: datetime) -> list[Clock]:
    """What the law counts in hours is said; then its day, for the report in writing or the only one."""
    clocks = [Clock(_("The report is made"), now, due_on=report.due_on, done_on=report.reported_on)]
    if report.due_at is not None:
        clocks.insert(0, Clock(_("It is said by telephone"), now, due_at=report.due_at, done_at=report.said_at))
    return clocks
