"""Papers that end by themselves: an identity card, a permit, a certificate. Their last day, and when to see to a new one."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.accounts.models import User
from cases import access
from cases.access import Held
from cases.actions.trail import set_due, settle_due
from cases.choices.casework import DueKind
from cases.errors.files import DocumentIsQuarantined, DocumentIsWithdrawn
from cases.models import Case, Document
from cases.opening import open_to_change

#: So many days before its end one sees to a new paper: agencies take weeks. The end itself is told 30 days ahead
#: (``cases.actions.due.NOTICE_DAYS``).
RENEW_DAYS = 90


def plan_end(*, case: Case, document: Document, name: str, expires_on: date | None, now: datetime) -> None:
    """Put the end of a paper on the lists, and before it the day to begin with a new one. None takes both off.

    Inside an action that holds the case. An end that is near has no beginning; one in the past is no date to keep: the
    page of the document says it.
    """
    settle_due(case=case, subject_uid=document.uid, now=now)
    today = timezone.localdate(now)
    if expires_on is None or expires_on < today:
        return
    facts: dict[str, Any] = {"case": case, "section": document.section, "subject": document, "matter": document.matter}
    set_due(kind=DueKind.DOCUMENT_ENDS, due_on=expires_on, line=_("%(name)s ends") % {"name": name}, **facts)
    begin = expires_on - timedelta(days=RENEW_DAYS)
    if begin > today:
        set_due(kind=DueKind.DOCUMENT_RENEW, due_on=begin, line=_("See to a new %(name)s") % {"name": name}, **facts)


def plan_end_again(*, actor: User, now: datetime, held: Held, document: Document) -> None:
    """Put the end of a former version on the lists again, since the newer one is gone. Inside an action."""
    with open_to_change(actor, held, document.section):
        name, end = document.name, document.about.get("expires_on")
    expires_on = date.fromisoformat(end) if end else None
    plan_end(case=held.case, document=document, name=name, expires_on=expires_on, now=now)


@action
def set_end(
    *,
    actor: User,
    now: datetime,
    case_uid: UUID,
    document_uid: UUID,
    expires_on: date | None,
    matter_uid: UUID | None = None,
) -> Document:
    """Say on which day a paper ends, or that it has no end. ``matter_uid``: through the door of a legal matter.

    Raises Hidden, Refused, CaseIsClosed, DocumentIsWithdrawn, DocumentIsQuarantined. Records DOCUMENT_CHANGED.
    """
    case = access.get_matter_for(actor, matter_uid).case if matter_uid else access.get_for(actor, case_uid)
    known = access.get_record(Document, case, document_uid)
    held = access.lock_for_write(actor, case.uid, known.section, matter_uid=known.matter_uid)
    document = access.within(Document, held.case).select_related("matter").get(uid=document_uid)
    if document.quarantined_at is not None:
        raise DocumentIsQuarantined
    if document.withdrawn_at is not None:
        raise DocumentIsWithdrawn
    with open_to_change(actor, held, document.section):
        name, about = document.name, dict(document.about)
    about.pop("expires_on", None)
    document.about = about | ({"expires_on": expires_on.isoformat()} if expires_on else {})
    document.save(update_fields=["about"])
    plan_end(case=held.case, document=document, name=name, expires_on=expires_on, now=now)
    record(
        Verb.DOCUMENT_CHANGED,
        actor=actor,
        subject=document,
        held=held,
        sections=[document.section],
        fields=["document.about"],
    )
    return document
