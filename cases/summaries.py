"""One case on one page, for somebody: a colleague, an attorney, a funder. Built inside an opening of the case.

Two things decide what stands there: what that person may have, and what the reader holds herself. Neither is stretched by
the other. For the survivor there is a page of its own, in her language (``cases.views.stages.exit_summary``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from casemgmt.interface.lines import in_a_row
from cases import access, closing
from cases.access import Viewer
from cases.choices.casework import CaseStatus
from cases.choices.safety import AlertCode, RiskLevel
from cases.htcds.places import language_name
from cases.models import Case, Due, Release, SafetyPlan, Survivor, TimelineEntry
from cases.people import shown_name
from cases.printing import Line, Part

#: What fits on one page, with its parts.
MOST_DUES, MOST_LINES, MOST_KINDS = 6, 8, 8


class Audience(TextChoices):
    """For whom a summary is, beside each attorney or partner outside who has access now (by her uid)."""

    COLLEAGUE = "COLLEAGUE", gettext_lazy("A colleague who takes over")
    FUNDER = "FUNDER", gettext_lazy("A funder: no name, no number, no day")


#: What a colleague needs on her first day. What happened to her, her papers and her health are not told on a sheet of paper.
FOR_COLLEAGUES = frozenset(
    {Section.CARD, Section.IDENTITY, Section.SAFETY, Section.ADVOCACY, Section.SERVICES, Section.LEGAL, Section.DUTIES}
)
#: What goes to nobody outside on paper, whatever a release says: where she sleeps, and how the house runs.
NEVER_OUTSIDE = frozenset({Section.LOCATION, Section.SHELTER_OPS, Section.LEGAL_FILE})


@dataclass(frozen=True)
class Outsider:
    """Somebody outside with access now: who, the parts that her release opens, and the releases."""

    uid: str
    name: str
    sections: frozenset[str]
    releases: tuple[Release, ...]


def outsiders_of(case: Case, viewers: Iterable[Viewer]) -> list[Outsider]:
    """Everybody outside for whom a release stands, by name: what is handed to her on paper is no more than she may open."""
    found: dict[str, tuple[User, set[str], dict[int, Release]]] = {}
    for viewer in viewers:
        person, release = viewer.grant.person, viewer.grant.release
        if person is None or release is None or person.organisation_id == case.organisation_id or viewer.ended_on:
            continue
        _person, sections, releases = found.setdefault(str(person.uid), (person, set(), {}))
        sections |= set(viewer.sections) - NEVER_OUTSIDE
        releases[release.pk] = release
    rows = [
        Outsider(uid, person.name, frozenset(sections | {Section.CARD}), tuple(releases.values()))
        for uid, (person, sections, releases) in found.items()
    ]
    return sorted(rows, key=lambda one: one.name)


def summary_for_colleague(reader: User, case: Case) -> list[Part]:
    """What a colleague needs first, of what the reader holds."""
    parts = _allowed(case, FOR_COLLEAGUES)
    return _filled(
        [_card(reader, case, is_outside=False), _person(case, parts), _safety(case, parts), _help(case, parts),
         _coming(reader, case, parts), _lately(reader, case, parts)]
    )  # fmt: skip


def summary_for_outsider(reader: User, case: Case, outsider: Outsider) -> list[Part]:
    """What the releases of one person outside name, of what the reader holds. No colleague is named, and no address (R13).

    Kinds of help stay out: they would tell of a shelter.
    """
    parts = _allowed(case, outsider.sections)
    return _filled(
        [_card(reader, case, is_outside=True), _person(case, parts), _safety(case, parts),
         _coming(reader, case, parts, is_outside=True)]
    )  # fmt: skip


def summary_for_funder(case: Case) -> list[Part]:
    """Coarse facts without a name, a number, a place or a day: a month is the smallest measure of time."""
    facts: list[tuple[str, Any]] = [
        (_("Work began in"), _month(case.opened_on)),
        (_("Stage"), case.get_stage_display()),
        (_("Status"), CaseStatus(case.status).label),
    ]
    if case.closed_on:
        facts.append((_("Work ended in"), _month(case.closed_on)))
    return _filled([Part(_("The work"), facts=facts), _help(case, _allowed(case, frozenset({Section.SERVICES})))])


def excluded_by_her(case: Case, releases: Iterable[Release]) -> list[str]:
    """What she did not want told, by her own words in these releases; nothing where the reader does not hold the duties."""
    assert case.holding is not None  # the door has set it
    if not case.holding.reads(Section.DUTIES):
        return []
    return [words for release in releases if (words := str(release.terms.get("excluded") or ""))]


def _allowed(case: Case, sections: frozenset[Any] | frozenset[str]) -> frozenset[str]:
    """What this audience may have and the reader holds."""
    assert case.holding is not None  # the door has set it
    return frozenset(section for section in sections if case.holding.reads(section))


def _filled(parts: list[Part]) -> list[Part]:
    return [part for part in parts if not part.is_empty]


def _day(value: Any) -> str:
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return date_format(day, pgettext("how a day is written; Django's letters", "j F Y"))


def _month(value: Any) -> str:
    return date_format(value, pgettext("how a month is written; Django's letters", "F Y"))


def _card(reader: User, case: Case, *, is_outside: bool) -> Part:
    facts: list[tuple[str, Any]] = [
        (_("Stage"), case.get_stage_display()),
        (_("Open since"), _day(case.opened_on)),
        (_("Lead"), "" if is_outside else shown_name(reader, case, case.lead)),
        (_("Language"), language_name(case.language)),
        (_("How she may be reached"), case.safe_contact),
        (_("Alerts"), in_a_row(AlertCode(code).label for code in case.alerts or [])),
    ]
    return Part(_("The case"), facts=[(name, words) for name, words in facts if words])


def _person(case: Case, parts: frozenset[str]) -> Part:
    """Her name and birth; never a number or an address: paper is lost."""
    row = access.records(Survivor, case).first() if Section.IDENTITY in parts else None
    if row is None:
        return Part("")
    name = " ".join(part for part in (row.first_name, row.second_name) if part)
    facts = [(_("Name"), name), (_("Date of birth"), _day(row.birth_date) if row.birth_date else "")]
    return Part(_("Who she is"), facts=[(label, words) for label, words in facts if words])


def _safety(case: Case, parts: frozenset[str]) -> Part:
    row = access.records(SafetyPlan, case).first() if Section.SAFETY in parts else None
    if row is None:
        return Part("")
    facts = [(_("Risk"), str(RiskLevel(row.risk_level).label)), (_("Look again on"), _day(row.review_on))]
    return Part(_("Safety"), facts=facts)


def _help(case: Case, parts: frozenset[str]) -> Part:
    if Section.SERVICES not in parts:
        return Part("")
    given = closing.help_given(case)[:MOST_KINDS]
    facts = [(kind, ngettext("%(count)s time", "%(count)s times", times) % {"count": times}) for kind, times in given]
    return Part(_("Help given"), facts=facts)


def _coming(reader: User, case: Case, parts: frozenset[str], *, is_outside: bool = False) -> Part:
    rows = access.records(Due, case).filter(done_at__isnull=True, section__in=parts).select_related("assigned_to")
    lines = [
        Line(due.due_on, due.line, "" if is_outside else shown_name(reader, case, due.assigned_to))
        for due in rows.order_by("due_on", "pk")[:MOST_DUES]
    ]
    return Part(_("What comes next"), lines=lines)


def _lately(reader: User, case: Case, parts: frozenset[str]) -> Part:
    rows = access.records(TimelineEntry, case).filter(section__in=parts).select_related("author").order_by("-at", "-pk")
    lines = [Line(row.at, row.line, shown_name(reader, case, row.author)) for row in rows[:MOST_LINES]]
    return Part(_("What happened lately"), lines=lines)
