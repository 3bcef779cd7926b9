"""Quarantine of a suspected child image: unopened from then on, counsel told, the duty to report put on a list.

Looking at such an image, or copying it, may be an offence and does harm; keeping it unopened until counsel has spoken
with the authorities is not for Haven to undo. So there is no action that takes a document out again.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from cases import access, files
from cases.access import Held
from cases.actions.tasks import TASK_SECTIONS, put_task
from cases.actions.trail import add_line, notify, settle_due
from cases.errors.files import DocumentIsQuarantined
from cases.models import Case, Document

#: A report of suspected child abuse is due at once, and in most places within 24 hours (domain.md, reports).
REPORT_WITHIN = timedelta(hours=24)
NOTICE_KIND = Verb.DOCUMENT_QUARANTINED.value
_COUNSEL = (Role.STAFF_ATTORNEY, Role.SUPERVISOR)


@action
def quarantine_document(
    *, actor: User, now: datetime, case_uid: UUID, document_uid: UUID, matter_uid: UUID | None = None
) -> Document:
    """Put a document into quarantine: from now on nobody opens, previews, copies or downloads it, whoever kept it.

    Whoever may read it may do this, also on a closed case. The small picture goes at once. Counsel on the case and her
    supervisors find a notice without content; one of them gets the task to decide on the mandated report, due in 24
    hours. Raises Hidden, Refused, DocumentIsQuarantined. Records DOCUMENT_QUARANTINED and TASK_ADDED.
    """
    _find(actor, case_uid, document_uid, matter_uid)
    access.lock_case(case_uid)
    known, case = _find(actor, case_uid, document_uid, matter_uid)
    holding = case.holding
    assert holding is not None
    if known.quarantined_at is not None:
        raise DocumentIsQuarantined
    basis = holding.basis_for(known.section, known.matter_uid)
    held = Held(case=case, holding=holding, basis=basis.snapshot() if basis else {}, matter=known.matter)
    put_into_quarantine(actor=actor, now=now, held=held, document=known)
    return known


def put_into_quarantine(*, actor: User, now: datetime, held: Held, document: Document) -> None:
    """The act itself, inside an action that holds the case. Records DOCUMENT_QUARANTINED and TASK_ADDED."""
    case, known = held.case, document
    known.quarantined_at, known.quarantined_by = now, actor
    known.save(update_fields=["quarantined_at", "quarantined_by"])
    settle_due(case=case, subject_uid=known.uid, now=now)
    transaction.on_commit(lambda: files.discard_preview(known))
    add_line(
        case=case, matter=known.matter, section=known.section, kind=NOTICE_KIND, subject=known, author=actor, at=now,
        line=_("A document was put into quarantine, unopened"),
    )  # fmt: skip
    record(
        Verb.DOCUMENT_QUARANTINED, actor=actor, subject=known, held=held, sections=[known.section],
        detail={"reason": "SUSPECTED_CHILD_IMAGE"},
    )  # fmt: skip
    _tell_counsel(actor, now, held, known)


def _find(actor: User, case_uid: UUID, document_uid: UUID, matter_uid: UUID | None) -> tuple[Document, Case]:
    """The document, through the door, for whoever reads it."""
    case = access.get_matter_for(actor, matter_uid).case if matter_uid else access.get_for(actor, case_uid)
    return access.get_record(Document, case, document_uid), case


def _tell_counsel(actor: User, now: datetime, held: Held, document: Document) -> None:
    """Notices to counsel and supervisors on the case, and the task to one of them; without any, to who found it.

    The organisation's staff attorneys who are not on the case learn that something waits, and not of which case.
    """
    case = held.case
    on_case = access.who_could_see(case, READ_CARD, now)
    counsel = [person for role in _COUNSEL for person in on_case if person.holds_role(role, at=now)]
    for person in dict.fromkeys(counsel):
        if person.pk != actor.pk:
            notify(person=person, kind=NOTICE_KIND, about=document, case=case, now=now)
    others = User.objects.filter(organisation=case.organisation, is_active=True).exclude(
        pk__in=[one.pk for one in on_case]
    )
    for person in others:
        if person.holds_role(Role.STAFF_ATTORNEY, at=now):
            notify(person=person, kind=NOTICE_KIND, about=document, now=now)
    doer = next(iter(counsel), actor)
    holding = access.holdings(doer, [case.pk], at=now).get(case.pk)
    places = (Section.DUTIES, *TASK_SECTIONS)
    section = next((one for one in places if holding is not None and holding.writes(one)), Section.CARD)
    put_task(
        actor=actor, now=now, case=case, section=section, assigned_to=doer, held=held,
        title=_("Decide with counsel on the mandated report about a file in quarantine. Do not open it."),
        due_on=timezone.localdate(now + REPORT_WITHIN),
    )  # fmt: skip
