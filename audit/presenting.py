"""Events in words for an auditor: who, what, which case by pseudonym, and why it was allowed.

No value, name, alias or number of a survivor can appear here, because none is in an event. Sections of the
privileged part are left out; what a person wrote as a reason is not shown, only that there is one.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.access.sections import Section

from . import pseudonyms
from .circumstances import Source
from .log import PRIVILEGED
from .models import ActorKind, Event
from .reader import Reader
from .verbs import DENIALS, NEEDS_BASIS, READINGS, Outcome, Verb

Words = str | Promise

#: Kinds of access, in an auditor's words. The rooms above give them; an unknown kind shows as its code.
BASIS_WORDS: dict[str, Words] = {
    "ASSIGNMENT": gettext_lazy("Assigned to the case"),
    "SUPERVISION": gettext_lazy("Supervises the case"),
    "CLINICAL": gettext_lazy("Gives clinical care"),
    "STAFF_COUNSEL": gettext_lazy("Staff attorney of the case"),
    "PRO_BONO": gettext_lazy("Pro bono attorney on one matter"),
    "RESIDENCE": gettext_lazy("Works in the house where the person stays"),
    "ON_CALL": gettext_lazy("On call at that time"),
    "BOOKING": gettext_lazy("Booked for one appointment"),
    "REFERRAL": gettext_lazy("Works for an organisation to which the person was referred"),
    "TRANSFER": gettext_lazy("Works for the organisation that took over"),
    "DELEGATION": gettext_lazy("Stands in for a colleague"),
    "EMERGENCY": gettext_lazy("Emergency access"),
    "SHARING_DESK": gettext_lazy("Asked who could see the case, and read nothing of it"),
    "MATCH_DESK": gettext_lazy("Read which cases a possible match is of, and nothing of them"),
    "ERASURE_DESK": gettext_lazy("Read an order to erase or a legal hold, and nothing of the case"),
}

#: What an act rests on that is no access to a case (``casemgmt.access.ground``, ``audit.log``).
GROUND_WORDS: dict[str, Words] = {
    "ROLE": gettext_lazy("Holds a role whose work this is"),
    "LISTING": gettext_lazy("Only cases that this person may open are listed"),
    "RULE": gettext_lazy("The rule of this page admits this person"),
    "OWN": gettext_lazy("About this person's own account"),
    "PUBLIC": gettext_lazy("Open to everybody"),
    "JOB": gettext_lazy("The system did this by itself"),
    "COMMAND": gettext_lazy("A command on the server"),
    "DEMO": gettext_lazy("Demo data"),
}
#: These explain why somebody looked at a case; the others do not.
_EXPLAINS = ("ROLE", "LISTING", "RULE")

PURPOSE_WORDS: dict[str, Words] = {
    "CASEWORK": gettext_lazy("For casework"),
    "SUPERVISION": gettext_lazy("For supervision"),
    "CLINICAL_CARE": gettext_lazy("For clinical care"),
    "LEGAL_REPRESENTATION": gettext_lazy("For legal representation"),
    "SHELTER": gettext_lazy("For the shelter"),
    "REFERRAL": gettext_lazy("For a referral"),
    "SERVICE_COORDINATION": gettext_lazy("To coordinate services"),
    "REPORT_TO_AUTHORITY": gettext_lazy("To report to an authority"),
}

#: What a comparison of a file found; the codes are those of ``cases.verifying``.
FOUND_WORDS: dict[str, Words] = {
    "SAME": gettext_lazy("The same, byte for byte"),
    "SAME_AS_SENT": gettext_lazy("The same as the file that was sent"),
    "DIFFERENT": gettext_lazy("Different"),
    "UNREADABLE": gettext_lazy("The stored file could not be read"),
    "ERASED": gettext_lazy("The content was erased"),
    "NOT_IN_LEDGER": gettext_lazy("The ledger held no number any more"),
}

_LEAVES_THE_HOUSE = frozenset(
    {Verb.EXPORT_MADE, Verb.PRINT_MADE, Verb.DISCLOSURE_MADE, Verb.DOCUMENT_DOWNLOADED, Verb.LEDGER_EXPORTED}
)

#: An end further away than this is "until further notice" and not worth a line.
_FAR = timedelta(days=5 * 365)


@dataclass(frozen=True)
class Why:
    """Why it was allowed. ``is_explained`` is False where an explanation is due and missing."""

    words: str = ""
    purpose: str = ""
    until: datetime | None = None
    is_explained: bool = True


@dataclass(frozen=True)
class Line:
    """One event as an auditor reads it."""

    at: datetime
    recorded_at: datetime | None
    who: str
    who_code: str
    is_claimed: bool
    what: str
    found: str
    tone: str
    case_code: str
    other_cases: list[str]
    how_many_cases: str
    about: list[str]
    about_codes: list[str]
    uid: uuid.UUID
    sections: list[str]
    why: Why
    outcome: str
    source: str
    changed_rows: int
    has_reason: bool
    is_erased: bool
    #: The ledger's name of the client's address; empty where there was none.
    address: str = ""


def lines_of(reader: Reader, events: Iterable[Event]) -> list[Line]:
    """These events in words. Load them with ``select_related("detail")``; costs one query, for names of staff."""
    events = list(events)
    people: set[uuid.UUID | None] = set()
    for event in events:
        people |= {event.actor_uid, event.on_behalf_of, *_people_about(event)}
    reader.learn_names(people)
    return [_line(reader, event) for event in events]


def _line(reader: Reader, event: Event) -> Line:
    """One event."""
    who_uid = event.actor_uid or event.on_behalf_of
    cases = sorted(
        {uuid.UUID(case_uid) for _kind, _uid, case_uid in event.objects_touched if case_uid} - {event.case_uid}, key=str
    )
    detail = event.detail
    codes = detail.shown().get("codes", {})
    is_demo = event.source == Source.DEMO
    return Line(
        at=event.at,
        recorded_at=event.recorded_at if is_demo else None,
        who=_who(reader, event),
        who_code=pseudonyms.of_person(who_uid) if who_uid else "",
        is_claimed=event.actor_kind == ActorKind.OPERATOR,
        what=capfirst(event.sentence),
        found=str(FOUND_WORDS.get(str(codes.get("result")), "")) if event.verb == Verb.DOCUMENT_VERIFIED else "",
        tone=_tone(event),
        case_code=pseudonyms.of_case(event.case_uid) if event.case_uid else "",
        other_cases=[] if reader.is_external else [pseudonyms.of_case(case_uid) for case_uid in cases],
        how_many_cases=reader.count_of_cases(len(cases)) if cases else "",
        about=[reader.name_of(uid) for uid in _people_about(event) if uid != who_uid],
        about_codes=[pseudonyms.of_person(uid) for uid in _people_about(event) if uid != who_uid],
        uid=event.uid,
        sections=section_labels(event.section_codes or _refused_section(codes)),
        why=why_of(event),
        outcome="" if event.outcome == Outcome.OK else str(Outcome(event.outcome).label),
        source="" if event.source == Source.WEB else str(Source(event.source).label),
        changed_rows=event.changed_rows,
        has_reason=bool(detail.shown().get("reason")),
        is_erased=detail.erased_at is not None,
        address=event.address,
    )


def section_labels(codes: Iterable[str]) -> list[str]:
    """The sections in words, without the privileged part."""
    return [str(Section(code).label) for code in codes if code not in PRIVILEGED]


def why_of(event: Event) -> Why:
    """The explanation of an access from the snapshot that the event carries, or from what the act is."""
    if event.verb in DENIALS:
        return Why(_("No right to it"))
    basis: dict[str, Any] = event.basis or {}
    is_ground = event.basis_kind in (*GROUND_WORDS, "TEST")
    if event.basis_kind and not is_ground:
        until = parse_datetime(basis["until"]) if isinstance(basis.get("until"), str) else None
        if until is not None and until - event.at > _FAR:
            until = None
        purpose = event.purpose or str(basis.get("purpose") or "")
        return Why(
            words=str(BASIS_WORDS.get(event.basis_kind, event.basis_kind)),
            purpose=str(PURPOSE_WORDS.get(purpose, purpose)),
            until=until,
        )
    purpose = str(PURPOSE_WORDS.get(event.purpose, event.purpose))
    if event.verb in (Verb.CASES_LISTED, Verb.CASES_SEARCHED, Verb.NAMES_SHOWN, Verb.MATTERS_LISTED, Verb.EXPORT_MADE):
        return Why(_("Only cases that this person may open are listed"), purpose)
    if event.verb == Verb.CASE_OPENED:
        return Why(_("Whoever opens a case is assigned to it"), purpose)
    if event.verb in (Verb.LEDGER_READ, Verb.LEDGER_VERIFIED, Verb.LEDGER_EXPORTED):
        return Why(_("Auditors read the ledger"))
    if event.actor_kind == ActorKind.SYSTEM:
        return Why(_("The system did this by itself"))
    is_reading = event.case_uid is not None and (event.verb in READINGS or event.verb in NEEDS_BASIS)
    if is_reading and event.basis_kind not in _EXPLAINS:
        return Why(_("No explanation recorded"), purpose, is_explained=False)
    return Why(str(GROUND_WORDS.get(event.basis_kind, "")), purpose)


def words_of_basis(kind: str) -> str:
    """What an access or another ground is called."""
    return str(BASIS_WORDS.get(kind) or GROUND_WORDS.get(kind, kind))


def _who(reader: Reader, event: Event) -> str:
    """The name this reader knows, or what kind of nobody it was."""
    uid = event.actor_uid or event.on_behalf_of
    if uid is not None:
        return reader.name_of(uid)
    return _("The system") if event.actor_kind == ActorKind.SYSTEM else _("Somebody not signed in")


def _people_about(event: Event) -> list[uuid.UUID]:
    """Members of staff whom the event speaks of beside its actor."""
    uids = [event.subject_uid] if event.subject_kind == "user" and event.subject_uid else []
    uids += [uuid.UUID(uid) for kind, uid, _case in event.objects_touched if kind == "user" and uid]
    return list(dict.fromkeys(uids))


def _refused_section(codes: dict[str, Any]) -> list[str]:
    """The section of a refused permission (``read_health``), if it is one of a case."""
    section = str(codes.get("permission", "")).partition("_")[2].upper()
    return [section] if section in Section.values else []


def _tone(event: Event) -> str:
    """The colour of what happened; the words say it too."""
    if event.verb in DENIALS or event.outcome in (Outcome.REFUSED, Outcome.FAILED):
        return "bad"
    if event.verb in _LEAVES_THE_HOUSE:
        return "warn"
    return "info" if event.verb in READINGS else ""
