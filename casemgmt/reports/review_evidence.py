"""The evidence of a review of access: what became of each access, for those who control the house and open no case.

The privacy officer reads case numbers and names. An internal auditor reads pseudonyms of cases and names of staff, an
external one counts alone, none of a case below eleven (ledger.md §6). What was written as a reason is nobody's here:
only that there is one.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audit import pseudonyms
from audit.reader import EXTERNAL, Reader
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from cases import access
from cases.choices.sharing import ReviewDecision
from cases.htcds.export import BYTE_ORDER_MARK, safe
from cases.models import AccessReview, ReviewLine

#: Lines on the page; the file holds all.
SHOWN = 200


@dataclass(frozen=True)
class Row:
    """One access in the evidence. ``case`` and people by the names this reader knows."""

    case: str
    who: str
    where: str
    kind: str
    given_by: str
    given_at: datetime
    until: datetime | None
    last_used_at: datetime | None
    decision: str
    decided_by: str
    decided_at: datetime | None
    new_end: datetime | None
    has_reason: bool


class EvidenceReader:
    """Who reads the evidence, and by which names."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.is_auditor = user.holds_role(Role.INTERNAL_AUDITOR, EXTERNAL)
        self.reader = Reader(user)
        self.is_external = self.is_auditor and self.reader.is_external

    def case(self, line: ReviewLine) -> str:
        """The number for the privacy officer, a pseudonym for an auditor."""
        return pseudonyms.of_case(line.case_uid) if self.is_auditor else line.case.number

    def person(self, person: User | None) -> str:
        """A member of staff."""
        return "" if person is None else person.name

    def count(self, number: int) -> str:
        """A count of accesses, which an auditor reads only where it is not small."""
        return self.reader.count_of_cases(number) if self.is_auditor else str(number)

    @property
    def limit(self) -> int:
        """Below this number an auditor reads none; 0 for others."""
        return self.reader.smallest_shown if self.is_auditor else 0


def reviews_in_evidence(reader: EvidenceReader) -> QuerySet[AccessReview]:
    """The reviews of the reader's house, newest first; an auditor from outside reads those of all houses kept here."""
    rows = access.for_the_house(AccessReview).select_related("team", "begun_by").order_by("-begun_at", "-pk")
    if reader.is_auditor:
        return rows.filter(team__organisation__is_ours=True)
    return rows.filter(team__organisation_id=reader.user.organisation_id)


def lines_of(reader: EvidenceReader, review: AccessReview) -> QuerySet[ReviewLine]:
    """Every line of a review, in the order in which the list was made; none of a case the reader is kept away from."""
    people = ("decided_by", "grant__person__organisation", "grant__team__organisation", "grant__granted_by")
    grounds = ("grant__release", "grant__shift", "grant__parent__release", "grant__parent__shift")
    rows = access.for_the_house(ReviewLine).filter(review=review).exclude(case__in=access.walled_cases(reader.user))
    return rows.select_related("case", *people, *grounds).order_by("pk")


def row_of(reader: EvidenceReader, line: ReviewLine) -> Row:
    """One line in words."""
    grant = line.grant
    holder: Any = grant.person or grant.team
    end = access.end_of(grant)
    return Row(
        case=reader.case(line),
        who=reader.person(grant.person) if grant.person else grant.team.name if grant.team else "",
        where=holder.organisation.name if line.is_external else "",
        kind=str(grant.get_kind_display()),
        given_by=reader.person(grant.granted_by),
        given_at=grant.granted_at,
        until=None if end - grant.valid_from > access.NO_DATE_SET else end,
        last_used_at=line.last_used_at,
        decision=str(line.get_decision_display()) if line.decision else pgettext("not done yet", "Open"),
        decided_by=reader.person(line.decided_by),
        decided_at=line.decided_at,
        new_end=line.until,
        has_reason=line.decided_by_id is not None,
    )


def figures_of(reader: EvidenceReader, reviews: Sequence[AccessReview]) -> dict[int, list[tuple[str, str]]]:
    """(words, count) of what became of the lines of each review: by its key. One query."""
    rows = access.for_the_house(ReviewLine).filter(review__in=reviews).values("review_id", "decision", "is_external")
    counted: dict[int, Counter[str]] = {}
    for row in rows.order_by().annotate(number=Count("pk")):
        tally = counted.setdefault(row["review_id"], Counter())
        for code in ("ALL", row["decision"], *(["EXTERNAL"] if row["is_external"] else [])):
            tally[code] += row["number"]
    words = [
        ("ALL", _("Looked at")),
        ("EXTERNAL", _("Outside the organisation")),
        ("", pgettext("not done yet", "Open")),
    ]
    words += [(str(one.value), str(one.label)) for one in ReviewDecision]
    return {
        review: [(label, reader.count(tally[code])) for code, label in words if tally[code]]
        for review, tally in counted.items()
    }


def csv_of(rows: Iterable[Row]) -> bytes:
    """The rows as a file for a spreadsheet, UTF-8; no cell begins a formula. Moments are ISO 8601, UTC."""
    out = io.StringIO()
    write = csv.writer(out).writerow
    write([
        _("Case"), _("Who"), _("Organisation"), _("Why"), _("Given by"), _("Given on"), _("Until"), _("Last used"),
        _("Decision"), _("Decided by"), _("Decided on"), _("New end"), _("Reason recorded"),
    ])  # fmt: skip
    for row in rows:
        write([
            safe(cell) for cell in (
                row.case, row.who, row.where, row.kind, row.given_by, _moment(row.given_at), _moment(row.until),
                _moment(row.last_used_at), row.decision, row.decided_by, _moment(row.decided_at), _moment(row.new_end),
                _("yes") if row.has_reason else _("no"),
            )
        ])  # fmt: skip
    return (BYTE_ORDER_MARK + out.getvalue()).encode()


def csv_of_figures(figures: Iterable[tuple[str, str]]) -> bytes:
    """The counts alone, for an auditor from outside."""
    out = io.StringIO()
    write = csv.writer(out).writerow
    write([_("What"), _("How many")])
    for label, count in figures:
        write([safe(label), safe(count)])
    return (BYTE_ORDER_MARK + out.getvalue()).encode()


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")
