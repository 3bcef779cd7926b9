"""Builders for tests: everything through the real actions, so that rights, events and rows are real too."""

from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from audit import clock
from casemgmt.access.sections import Section
from cases import access
from cases.actions.cases import close_case
from cases.actions.documents import seal_document
from cases.actions.grants import give_access
from cases.actions.intake import Intake, take_in
from cases.actions.safety import review_safety
from cases.choices.casework import ClosureReason, ToldHer
from cases.choices.documents import DocumentCategory
from cases.choices.survivor import ConsentState, ContactChannel
from cases.closing import Farewell
from cases.htcds.codes import ConsentPrompt
from cases.models import Case, Document


def intake(**changes: Any) -> Intake:
    """A plainly fictional intake; ``changes`` replace fields."""
    facts: dict[str, Any] = {
        "opened_on": date(2026, 3, 2),
        "language": "en",
        "contact_channel": ContactChannel.SMS,
        "contact_rule": "Text on weekday mornings only.",
        "contact_value": "+1 202 555 0123",
        "first_name": "Zoraida",
        "second_name": "Quillfeather",
        "birth_date": date(1998, 4, 5),
    }
    return Intake(**{**facts, **changes})


def consented() -> dict[str, Any]:
    """What makes a consent whole, for ``intake``: the seven points, the day, the language, and who asked (R2)."""
    record = {"obtained_on": "2018-03-01", "language": "en", "obtained_by": "Amina Rivers"}
    told = dict.fromkeys(ConsentPrompt.values, True)
    return {"consent_state": ConsentState.CONSENTED, "consent_told": told, "consent_record": record}


def case(opener: Any, team: Any, *, now: Any = None, **changes: Any) -> Case:
    """A case opened by ``opener`` in ``team``, inside an audit context that the caller holds."""
    return take_in(actor=opener, now=now or clock.now(), team=team, intake=intake(**changes))


def colleague(case: Case, giver: Any, person: Any, kind: str) -> Any:
    """``person`` gets access of one kind to a case, given by somebody who may."""
    return give_access(actor=giver, now=clock.now(), case_uid=case.uid, kind=kind, person=person)


def document(case: Case, actor: Any, content: bytes = b"A plain letter.\n", **changes: Any) -> Document:
    """A document kept by its real action; by default a letter among the caseworkers' notes."""
    name = changes.pop("name", "letter.txt")
    facts = {"case_uid": case.uid, "category": DocumentCategory.CORRESPONDENCE, **changes}
    upload = SimpleUploadedFile(name, content)
    return seal_document(actor=actor, now=clock.now(), upload=upload, **facts)


def closed(
    case: Case, actor: Any, *, reason: str = ClosureReason.GOALS_MET, on: date | None = None, **said: Any
) -> Case:
    """The case, closed today by its real action, after its safety plan was looked at; she was told."""
    if not access.for_the_house(Case).get(pk=case.pk).has_erased(Section.SAFETY):
        review_safety(actor=case.lead or actor, now=clock.now(), case_uid=case.uid)
    farewell = Farewell(**{"told": ToldHer.IN_PERSON, **said})
    return close_case(
        actor=actor,
        now=clock.now(),
        case_uid=case.uid,
        reason=reason,
        closed_on=on or timezone.localdate(),
        farewell=farewell,
    )
