"""The table of reporting authorities, read: for its administrator, and beside a report that somebody has to make now.

A row says what this organisation looked up, and from when. None is shipped: nobody verified the states' laws for it
(domain.md §2.7). What Haven can vouch for is a suggestion, which counts once an administrator looked and added it.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from casemgmt.accounts.choices import Mandated
from casemgmt.accounts.models import User
from cases import access, clocks
from cases.choices.releases import MandateTrigger
from cases.models import ReportingAuthority

#: Statutes change with each year's session: after so long somebody should look again.
LOOK_AGAIN_AFTER = timedelta(days=365)
#: 22 USC 7105(b)(1)(H), P.L. 110-457 § 212: officials tell HHS of a possible victim from abroad who is a child; others may.
FEDERAL: dict[str, Any] = {
    "trigger": MandateTrigger.CHILD_TRAFFICKING.value,
    "jurisdiction": "USA (federal)",
    "authority": "22 USC 7105(b)(1)(H): officials must, other organisations may",
    "agency": "U.S. Department of Health and Human Services (HHS)",
    "hours": 24,
}
_BETWEEN = re.compile(r"[,;/\n]|\band\b", re.IGNORECASE)
_ASIDE = re.compile(r"\(.*?\)")


@dataclass(frozen=True)
class Line:
    """One row as pages show it. ``is_hers``: of a place whose law makes the reader report."""

    row: ReportingAuthority
    is_stale: bool
    is_hers: bool

    @property
    def dial(self) -> str:
        """The telephone number as a link dials it."""
        return re.sub(r"[^\d+]", "", self.row.phone)


def line_of(row: ReportingAuthority, reader: User, today: date) -> Line:
    """A row for its reader."""
    return Line(row, today - row.looked_up_on > LOOK_AGAIN_AFTER, is_of(row.jurisdiction, places_of(reader)))


def table_of(reader: User) -> list[ReportingAuthority]:
    """Every row of the reader's organisation, ended ones too, by place and duty. Who may read it is asked first."""
    rows = access.of_house(ReportingAuthority, reader).select_related("looked_up_by", "changed_by")
    return sorted(rows, key=lambda row: (row.jurisdiction.casefold(), MandateTrigger.values.index(row.trigger), row.pk))


def offered(reader: User) -> list[Line]:
    """The rows that stand, those of the reader's own places first. One query."""
    today = timezone.localdate()
    lines = [line_of(row, reader, today) for row in table_of(reader) if row.ended_at is None]
    return sorted(lines, key=lambda line: not line.is_hers)


def places_of(reader: User) -> frozenset[str]:
    """The places whose law makes her report, as her organisation noted them; none where it does not."""
    if reader.mandated != Mandated.YES:
        return frozenset()
    return frozenset(filter(None, map(_place, _BETWEEN.split(reader.mandated_in or ""))))


def is_of(jurisdiction: str, places: frozenset[str]) -> bool:
    """Whether a jurisdiction ("New York, USA") is one of these places. Its country alone is not enough."""
    return _place(jurisdiction.split(",")[0]) in places


def _place(words: str) -> str:
    return _ASIDE.sub("", words).strip().casefold()


def due_on(row: ReportingAuthority, *, learned_on: date | None, learned_at: datetime | None) -> date | None:
    """The day by which the report in writing is due, or the only one; None where the law counts no hours for it.

    Counted as the report itself counts: from the moment when it was learned, else from the beginning of that day, or today.
    """
    hours = row.writing_hours if row.in_writing else row.hours
    if not hours:
        return None
    begins = learned_at or clocks.start_of(learned_on or timezone.localdate())
    return clocks.house_day(begins + timedelta(hours=hours))
