"""Contacts before cases, and inquiries by third parties: written down, decided, kept where the law asks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.action import action
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, write
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.crypto import classes as retention
from casemgmt.crypto import keyring
from cases.actions.intake import OPENING_ROLES
from cases.actions.numbers import tell_of_call
from cases.actions.trail import notify
from cases.callers import KEEPERS, STAFF_ROLES, contacts_for, inquiries_for
from cases.choices.callers import NOTICE_INQUIRY, CallerOutcome, DeclineReason, InquirerKind, SafetyConcern
from cases.errors.callers import ContactIsDecided, ReasonMissing
from cases.models import Contact, Inquiry

#: What somebody may say of a contact; that she was taken in follows from the intake.
SAID_OUTCOMES = (CallerOutcome.OPEN, CallerOutcome.HELPED, CallerOutcome.DECLINED)


@action
def record_contact(
    *, actor: User, now: datetime, at: datetime, facts: Mapping[str, Any], words: str = "", outcome: str,
    reason: str = "",
) -> Contact:  # fmt: skip
    """Write an anonymous contact down. ``facts`` as ``Contact`` says; ``reason`` where it was declined.

    The keys come first, in a transaction of the key store. Raises Refused, ReasonMissing. Records CALLER_RECORDED.
    """
    if not actor.holds_role(*OPENING_ROLES, at=now):
        raise Refused(write(Section.CARD))
    made = Contact(organisation=actor.organisation, recorded_by=actor, at=at, recorded_at=now)
    _decide(made, now, outcome, reason)
    keyring.create_case_keys(made.uid, [retention.CORE])
    made.facts, made.words = dict(facts), words or None
    made.save()
    record(Verb.CALLER_RECORDED, actor=actor, subject=Ref("contact", made.uid), detail={"kind": made.outcome})
    return made


@action
def decide_contact(*, actor: User, now: datetime, contact_uid: UUID, outcome: str, reason: str = "") -> Contact:
    """Say what came of a contact that was open. Raises Hidden, ContactIsDecided, ReasonMissing. Records CALLER_DECIDED."""
    made = _locked(contacts_for(actor, at=now), contact_uid)
    if made.outcome != CallerOutcome.OPEN:
        raise ContactIsDecided
    _decide(made, now, outcome, reason)
    made.save(update_fields=["outcome", "decline_reason", "decided_at"])
    record(
        Verb.CALLER_DECIDED, actor=actor, subject=Ref("contact", made.uid),
        detail={"before": CallerOutcome.OPEN.value, "after": made.outcome},
    )  # fmt: skip
    return made


def take_contact_in(*, actor: User, now: datetime, contact_uid: UUID) -> None:
    """Inside the action that opened a case: the contact from which the intake began, if it began from one, was taken in.

    Whose case it became is written nowhere. Records CALLER_DECIDED.
    """
    made = contacts_for(actor, at=now).select_for_update(of=("self",)).filter(uid=contact_uid).first()
    if made is None or made.outcome == CallerOutcome.INTAKE:
        return
    before = made.outcome
    made.outcome, made.decline_reason, made.decided_at = CallerOutcome.INTAKE.value, "", now
    made.save(update_fields=["outcome", "decline_reason", "decided_at"])
    record(
        Verb.CALLER_DECIDED, actor=actor, subject=Ref("contact", made.uid),
        detail={"before": before, "after": made.outcome},
    )  # fmt: skip


def _decide(made: Contact, now: datetime, outcome: str, reason: str) -> None:
    said = CallerOutcome(outcome)
    if said not in SAID_OUTCOMES:
        raise ValueError("That somebody was taken in follows from her intake.")
    if (said == CallerOutcome.DECLINED) != bool(reason):
        raise ReasonMissing
    made.outcome, made.decline_reason = said.value, DeclineReason(reason).value if reason else ""
    made.decided_at = None if said == CallerOutcome.OPEN else now


@action
def record_inquiry(
    *, actor: User, now: datetime, at: datetime, kind: str, facts: Mapping[str, Any], words: str = ""
) -> Inquiry:
    """Write down that somebody asked whether a person is helped here. Looks nothing up, whoever they asked about.

    ``facts`` as ``Inquiry`` says. Where it may mean danger, the supervisors of the house get a notice without content; a
    number of somebody with whom nobody speaks means danger (``actions.numbers``). Raises Refused. Records
    INQUIRY_RECORDED, and TASK_ADDED for each case that lists the number.
    """
    if not actor.holds_role(*STAFF_ROLES, at=now):
        raise Refused(write(Section.CARD))
    made = Inquiry(
        organisation=actor.organisation, recorded_by=actor, at=at, recorded_at=now, kind=InquirerKind(kind).value
    )
    keyring.create_case_keys(made.uid, [retention.CORE])
    is_listed = bool(facts.get("number")) and tell_of_call(actor, number=facts["number"], now=now)
    said = {**facts, "safety": SafetyConcern.YES.value} if is_listed else dict(facts)
    made.facts, made.words = said, words or None
    made.save()
    if said.get("safety") == SafetyConcern.YES:
        for person in _supervisors(actor, now):
            notify(person=person, kind=NOTICE_INQUIRY, about=made, now=now)
    record(Verb.INQUIRY_RECORDED, actor=actor, subject=Ref("inquiry", made.uid), detail={"kind": made.kind})
    return made


def _supervisors(actor: User, now: datetime) -> list[User]:
    """Everybody who supervises in the house of whoever wrote it down, but herself."""
    people = User.objects.holding(Role.SUPERVISOR, at=now).filter(organisation=actor.organisation_id, is_active=True)
    return list(people.exclude(pk=actor.pk).order_by("pk"))


@action
def hold_contact(*, actor: User, now: datetime, contact_uid: UUID, is_held: bool) -> Contact:
    """Keep a contact past its time because the law asks for it, or no longer. Raises Hidden, Refused. Records CALLER_HELD."""
    return _hold(actor, now, _locked(contacts_for(actor, at=now), contact_uid), is_held)


@action
def hold_inquiry(*, actor: User, now: datetime, inquiry_uid: UUID, is_held: bool) -> Inquiry:
    """As ``hold_contact``, for an inquiry. Raises Hidden, Refused. Records CALLER_HELD."""
    return _hold(actor, now, _locked(inquiries_for(actor, at=now), inquiry_uid), is_held)


def _hold(actor: User, now: datetime, made: Any, is_held: bool) -> Any:
    if not actor.holds_role(*KEEPERS, at=now):
        raise Refused(write(Section.CARD))
    if (made.held_at is not None) == is_held:
        return made
    made.held_at, made.held_by = (now, actor) if is_held else (None, None)
    made.save(update_fields=["held_at", "held_by"])
    record(
        Verb.CALLER_HELD, actor=actor, subject=Ref(made._meta.model_name, made.uid),
        detail={"after": "HELD" if is_held else "LET_GO"},
    )  # fmt: skip
    return made


def _locked(rows: Any, uid: UUID) -> Any:
    made = rows.select_for_update(of=("self",)).filter(uid=uid).first()
    if made is None:
        raise Hidden
    return made
