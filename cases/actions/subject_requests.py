"""What she asks for by data protection law: recorded, extended once, decided, put into her hands (domain.md §2.9)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import clocks, desk
from cases.actions.duties import lock_for_duty, one_of, remind_officers, who_tells
from cases.actions.tasks import put_task
from cases.actions.trail import add_line, set_due, settle_due
from cases.choices.casework import DueKind
from cases.choices.duties import HANDED_OVER, DeliveredVia, RefusalGround, RequestDecision, RequestKind, VerifiedHow
from cases.errors.duties import RequestIsDecided, RequestLacks
from cases.models import Case, SubjectRequest


def _on_lists(case: Case, row: SubjectRequest, actor: User, now: datetime) -> None:
    due_on = row.extended_to or row.due_on
    set_due(
        case=case, section=Section.DUTIES, kind=DueKind.DUTY, subject=row, due_on=due_on, assigned_to=case.lead or actor,
        line=_("What she asked for by data protection law is due"),
    )  # fmt: skip
    remind_officers(case=case, row=row, due_on=due_on, now=now)


def _off_lists(case: Case, row: SubjectRequest, now: datetime) -> None:
    settle_due(case=case, subject_uid=row.uid, now=now)
    remind_officers(case=case, row=row, due_on=None, now=now)


def _noted(verb: Verb, actor: User, row: SubjectRequest, kind: str) -> None:
    record(verb, actor=actor, subject=row, sections=[Section.DUTIES], detail={"kind": kind})


@action
def record_request(
    *, actor: User, now: datetime, case_uid: UUID, kind: str, words: str, received_on: date
) -> SubjectRequest:  # fmt: skip
    """Record what she asks for: due one calendar month later (GDPR article 12(3)); the case is held until it is over.

    For counsel on the case or a privacy officer; opens no case. Whoever has her trust gets a task. Raises Hidden,
    RequestLacks, PartIsErased. Records SUBJECT_REQUEST_RECORDED and TASK_ADDED.
    """
    case = lock_for_duty(actor, case_uid, now)
    if received_on > clocks.house_day(now):
        raise RequestLacks("received_on")
    row = SubjectRequest(
        case=case, facts={"kind": RequestKind(kind).value, "words": words}, received_on=received_on,
        due_on=clocks.months_after(received_on, 1), recorded_by=actor, recorded_at=now,
    )  # fmt: skip
    row.save()
    add_line(
        case=case, section=Section.DUTIES, kind=Verb.SUBJECT_REQUEST_RECORDED, subject=row, author=actor, at=now,
        line=_("A duty of law was recorded"),
    )  # fmt: skip
    _on_lists(case, row, actor, now)
    _noted(Verb.SUBJECT_REQUEST_RECORDED, actor, row, "RECORDED")
    put_task(
        actor=actor, now=now, case=case, section=Section.DUTIES, assigned_to=who_tells(case, actor),
        title=_("She asked for something by data protection law: see Disclosures, and speak with her alone."),
        due_on=clocks.house_day(now + clocks.TELL_HER_WITHIN),
    )  # fmt: skip
    return row


def _open_request(actor: User, now: datetime, case_uid: UUID, request_uid: UUID) -> tuple[Case, SubjectRequest]:
    case = lock_for_duty(actor, case_uid, now)
    row = one_of(SubjectRequest, case, request_uid)
    if row.decided_at is not None:
        raise RequestIsDecided
    return case, row


@action
def extend_request(*, actor: User, now: datetime, case_uid: UUID, request_uid: UUID, why: str) -> SubjectRequest:
    """Take two months more, once, while the first month runs; she is told why (GDPR article 12(3)).

    Raises Hidden, RequestIsDecided, RequestLacks, PartIsErased. Records SUBJECT_REQUEST_FOLLOWED.
    """
    case, row = _open_request(actor, now, case_uid, request_uid)
    if row.extended_to is not None or clocks.house_day(now) > row.due_on:
        raise RequestLacks("extended")
    row.extended_to = clocks.months_after(row.received_on, 3)
    row.decision = {"extended_why": why}
    row.save(update_fields=["extended_to", "decision"])
    _on_lists(case, row, actor, now)
    _noted(Verb.SUBJECT_REQUEST_FOLLOWED, actor, row, "EXTENDED")
    return row


@dataclass
class Decided:
    """What was decided, how it was made sure that it is she, and on what a refusal rests."""

    decision: str
    verified: str
    ground: str = ""
    words: str = ""
    is_redacted: bool = False


@action
def decide_request(
    *, actor: User, now: datetime, case_uid: UUID, request_uid: UUID, decided: Decided
) -> SubjectRequest:  # fmt: skip
    """Decide. Without knowing that it is she, only a refusal; a refusal needs a ground; what she gets names nobody else.

    What is to be put into her hands stays open until it was. An erasure or a correction is asked for at its own desk.
    Raises Hidden, RequestIsDecided, RequestLacks, PartIsErased. Records SUBJECT_REQUEST_FOLLOWED.
    """
    case, row = _open_request(actor, now, case_uid, request_uid)
    with desk.reading_own(row):
        kind, earlier = row.facts["kind"], dict(row.decision or {})
    is_refused = decided.decision == RequestDecision.REFUSED
    if decided.verified == VerifiedHow.NOT_SURE and not is_refused:
        raise RequestLacks("verified")
    if decided.decision != RequestDecision.GRANTED and not decided.ground:
        raise RequestLacks("ground")
    is_handed_over = kind in HANDED_OVER and not is_refused
    if is_handed_over and not decided.is_redacted:
        raise RequestLacks("is_redacted")
    row.decision = {
        **earlier, "decision": RequestDecision(decided.decision).value, "verified": VerifiedHow(decided.verified).value,
        "ground": RefusalGround(decided.ground).value if decided.ground else "", "words": decided.words,
    }  # fmt: skip
    row.decided_by, row.decided_at, row.is_redacted = actor, now, decided.is_redacted
    row.over_at = None if is_handed_over else now
    row.save(update_fields=["decision", "decided_by", "decided_at", "is_redacted", "over_at"])
    if not is_handed_over:
        _off_lists(case, row, now)
    _noted(Verb.SUBJECT_REQUEST_FOLLOWED, actor, row, "DECIDED")
    return row


@action
def note_delivered(*, actor: User, now: datetime, case_uid: UUID, request_uid: UUID, via: str) -> SubjectRequest:
    """It came into her hands by a safe way, and is over. Repeating it changes nothing.

    Raises Hidden, RequestLacks, PartIsErased. Records SUBJECT_REQUEST_FOLLOWED.
    """
    case = lock_for_duty(actor, case_uid, now)
    row: Any = one_of(SubjectRequest, case, request_uid)
    if row.decided_at is None:
        raise RequestLacks("undecided")
    if row.over_at is None:
        with desk.reading_own(row):
            facts = dict(row.decision)
        row.decision = {**facts, "via": DeliveredVia(via).value}
        row.delivered_at = row.over_at = now
        row.save(update_fields=["decision", "delivered_at", "over_at"])
        _off_lists(case, row, now)
        _noted(Verb.SUBJECT_REQUEST_FOLLOWED, actor, row, "DELIVERED")
    return row
