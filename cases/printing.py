"""One case on paper: every part that its reader may open, in words. Built inside an opening of the case."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audit import clock
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from casemgmt.interface.lines import in_a_row
from cases import access
from cases.addresses import address_is_confidential, care_of
from cases.alerts import standing_alerts
from cases.answers import FORCED_NAME, IDENTITY_NUMBER, REACHED_BY, SAFE_ADDRESS, is_answered, label_of, words_of
from cases.choices.releases import InfoCategory
from cases.choices.safety import RiskLevel
from cases.choices.signs import SIGNS_LIST
from cases.choices.survivor import ConsentState
from cases.document_versions import listed
from cases.erased import erased_parts, words_of_class
from cases.htcds.fields import FIELDS, FieldType
from cases.htcds.places import language_name
from cases.models import (
    Case,
    Consent,
    Document,
    Due,
    Note,
    Release,
    SafetyPlan,
    Survivor,
    TimelineEntry,
    TraffickingProfile,
)
from cases.note_words import rows_beneath, whole_text
from cases.people import shown_name
from cases.release_words import carries_substance_use, part2_notice
from cases.safety_plan import plan_parts

#: Of lists that may grow for years, the newest.
MOST_LINES = 300


@dataclass(frozen=True)
class Line:
    """A line with a date and a text: an entry of the timeline, a note, a date that is coming."""

    when: Any
    title: str
    who: str = ""
    body: str = ""


@dataclass(frozen=True)
class Part:
    """One part of the print. ``facts`` are (question, answer); ``texts`` (heading, words); ``lines`` in their order."""

    title: str
    facts: list[tuple[str, Any]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be printed under the title."""
        return not (self.facts or self.texts or self.lines)


def pages_of(reader: User, case: Case) -> list[Part]:
    """The parts of the print, those that hold something, in the order in which one works with a case."""
    holding = case.holding
    assert holding is not None  # the door has set it
    is_outsider = reader.organisation_id != case.organisation_id
    parts = [_card(case, is_outsider), _erased(case)]
    for section, build in (
        (Section.IDENTITY, _identity),
        (Section.NARRATIVE, _what_happened),
        (Section.SAFETY, _safety),
        (Section.SERVICES, _referral),
        (Section.DUTIES, _duties),
    ):
        if holding.reads(section):
            parts.append(build(reader, case))
    if is_outsider and holding.reads(Section.SUD):
        parts.insert(0, Part(_("Substance use"), texts=[(_("To whoever reads this"), part2_notice())]))
    parts += [_coming(reader, case), _notes(reader, case), _documents(case), _timeline(reader, case)]
    return [part for part in parts if not part.is_empty]


def _erased(case: Case) -> Part:
    """What was erased of the parts that are the reader's to see."""
    gone = [(words_of_class(case, one.retention_class), in_a_row(one.parts)) for one in erased_parts(case)]
    return Part(_("Erased parts"), texts=gone)


def _facts(answers: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Answers in words, without those that nobody gave."""
    return [(label_of(name), _words(name, value)) for name, value in (answers or {}).items() if is_answered(value)]


def _day(day: date) -> str:
    return date_format(day, pgettext("how a day is written; Django's letters", "j F Y"))


def _words(name: str, value: Any) -> str:
    return str(value) if name in FIELDS and FIELDS[name].type == FieldType.DATE else words_of(name, value)


def _card(case: Case, is_outsider: bool) -> Part:
    facts: list[tuple[str, Any]] = [
        (_("Case number"), case.number),
        (_("Status"), case.get_status_display()),
        (_("Stage"), case.get_stage_display()),
        (_("Opened on"), _day(case.opened_on)),
    ]
    if case.closed_on:
        facts.append((_("Closed on"), _day(case.closed_on)))
    if case.lead is not None and not is_outsider:
        facts.append((_("Lead"), case.lead.name))
    facts.append((_("Language"), language_name(case.language)))
    facts.append((_("How she may be reached"), case.safe_contact))
    alerts = [f"{alert.label} ({alert.words})" if alert.words else str(alert.label) for alert in standing_alerts(case)]
    facts.append((_("Alerts"), in_a_row(alerts)))
    return Part(_("Case card"), facts=[(name, words) for name, words in facts if words])


def _identity(reader: User, case: Case) -> Part:
    row = access.records(Survivor, case).first()
    if row is None:
        return Part("")
    name = " ".join(part for part in (row.first_name, row.second_name) if part)
    facts: list[tuple[str, Any]] = [(_("Name"), name), (_("Other names"), row.other_names)]
    if row.birth_date:
        facts.append((_("Date of birth"), _day(row.birth_date)))
    # The names she was made to use go on no paper: they may be whom somebody looks for, or hurt to read.
    called = {key: value for key, value in (row.called or {}).items() if key != FORCED_NAME}
    about = {key: value for key, value in (row.about or {}).items() if key != IDENTITY_NUMBER}
    # As on the survivor's page: an outsider is given the safe mailing address, and never where she lives.
    is_confidential = reader.organisation_id != case.organisation_id or address_is_confidential(
        case, list(case.alerts or []), clock.now()
    )
    contact = {
        key: value for key, value in (row.contact or {}).items()
        # Telephones and e-mail stand on no paper: each use of them begins with her rule (domain.md §8.4).
        if key not in REACHED_BY and not (is_confidential and key.startswith("prs_Mailing"))
    }  # fmt: skip
    if is_confidential and not is_answered(contact.get(SAFE_ADDRESS)):
        contact[SAFE_ADDRESS] = care_of(case)
    return Part(_("Identity and contact"), facts=[
        *((q, a) for q, a in facts if a), *_facts(called), *_facts(about), *_facts(row.speech), *_facts(contact)
    ])  # fmt: skip


def _what_happened(_reader: User, case: Case) -> Part:
    row = access.records(TraffickingProfile, case).first()
    if row is None:
        return Part("")
    texts = [(_("Her statement"), row.statement)] if row.statement else []
    signs = {name: value for name, value in (row.signs or {}).items() if name != SIGNS_LIST}
    return Part(_("What happened"), facts=[*_facts(row.answers), *_facts(signs)], texts=texts)


def _safety(_reader: User, case: Case) -> Part:
    row = access.records(SafetyPlan, case).first()
    if row is None:
        return Part("")
    facts = [
        (_("Risk"), str(RiskLevel(row.risk_level).label)),
        (_("Reason"), row.reason),
        (_("Look again on"), _day(row.review_on)),
    ]
    texts = [(f"{topic} ({part})", words) for part, topics in plan_parts(row.plan or {}) for topic, words in topics]
    return Part(_("Safety"), facts=[(q, a) for q, a in facts if a], texts=texts)


def _referral(_reader: User, case: Case) -> Part:
    return Part(_("Referral"), facts=_facts(case.referral))


def _duties(_reader: User, case: Case) -> Part:
    consent = access.records(Consent, case).first()
    facts = [(_("Consent"), str(ConsentState(consent.state).label))] if consent is not None else []
    releases = access.records(Release, case).select_related("recipient").order_by("-starts_at")[:MOST_LINES]
    return Part(_("Consent and releases"), facts=facts, lines=[_release(release) for release in releases])


def _release(release: Release) -> Line:
    named = in_a_row(InfoCategory(code).label for code in release.terms.get("categories", []))
    until = release.withdrawn_at or release.expires_at
    body = _("%(categories)s. Until %(until)s.") % {"categories": named, "until": _day(timezone.localdate(until))}
    if release.terms.get("excluded"):
        body += "\n" + _("Not this, by her wish: %(words)s") % {"words": release.terms["excluded"]}
    if carries_substance_use(release.terms.get("categories", [])):
        body += "\n" + part2_notice()
    return Line(release.starts_at, release.recipient.name, release.get_purpose_display(), body)


def _coming(reader: User, case: Case) -> Part:
    rows = access.records(Due, case).filter(done_at__isnull=True).select_related("assigned_to").order_by("due_on")
    lines = [Line(due.due_on, due.line, shown_name(reader, case, due.assigned_to)) for due in rows[:MOST_LINES]]
    return Part(_("What is due"), lines=lines)


def _notes(reader: User, case: Case) -> Part:
    rows = list(access.records(Note, case).select_related("author").order_by("-happened_at")[:MOST_LINES])
    beneath = rows_beneath(case, rows)
    lines = [
        Line(
            note.happened_at,
            note.get_privilege_class_display(),
            shown_name(reader, case, note.author),
            whole_text(reader, case, note, beneath.get(note.pk, ())),
        )
        for note in rows
    ]
    return Part(_("Notes"), lines=lines)


def _documents(case: Case) -> Part:
    standing = access.records(Document, case).filter(
        listed(case), withdrawn_at__isnull=True, quarantined_at__isnull=True
    )
    rows = standing.order_by("-uploaded_at")[:MOST_LINES]
    return Part(_("Documents"), lines=[Line(document.uploaded_at, document.name) for document in rows])


def _timeline(reader: User, case: Case) -> Part:
    rows: Iterable[TimelineEntry] = (
        access.records(TimelineEntry, case).select_related("author").order_by("-at", "-pk")[:MOST_LINES]
    )
    lines = [Line(entry.at, entry.line, shown_name(reader, case, entry.author)) for entry in rows]
    return Part(_("Timeline"), lines=lines)
