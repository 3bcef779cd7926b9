"""What follows a duty of law: counsel is told, she is told, it is answered, what was withheld; and who is reminded of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Membership, User
from cases import access, clocks, desk
from cases.actions.holds import lock_for_desk
from cases.actions.tasks import finish_tasks_about
from cases.actions.trail import add_line, set_house_dues, settle_due, settle_house_dues
from cases.choices.casework import DueKind
from cases.choices.releases import Privilege, ProcessResponse, ToldHow, WithheldKind
from cases.errors.erasing import PartIsErased
from cases.errors.releases import DisclosureLacks, NotAJudge, ProcessIsOver, TellingIsPutOff
from cases.models import Case, LegalProcess
from cases.opening import open_to_change


def lock_for_duty(actor: User, case_uid: UUID, now: datetime) -> Case:
    """The case, for counsel on it or a privacy officer of its organisation. Raises Hidden, PartIsErased."""
    case, standing = lock_for_desk(actor, case_uid, now=now)
    if not standing.may_record_duty:
        raise Hidden
    if case.has_erased(Section.DUTIES):
        raise PartIsErased(case, Section.DUTIES)
    return case


def one_of(model: Any, case: Case, uid: UUID | None) -> Any:
    """One record of this case. Raises Hidden."""
    row = access.within(model, case).filter(uid=uid).first()
    if row is None:
        raise Hidden
    return row


def who_tells(case: Case, actor: User) -> User:
    """Who has her trust: the lead, if she may read what it is about; else whoever recorded it."""
    lead = case.lead
    holding = access.holdings(lead, [case]).get(case.pk) if lead is not None and lead.is_active else None
    return lead if lead is not None and holding is not None and holding.writes(Section.DUTIES) else actor


def remind_officers(
    *, case: Case, row: Any, due_on: date | None, now: datetime, kind: str = DueKind.DUTY
) -> None:  # fmt: skip
    """Put a duty on the lists of the privacy officers and the team's supervisors, without a word of it; None takes it off.

    Whoever a wall keeps from the case hears nothing. Inside an action that records.
    """
    if due_on is None:
        settle_house_dues(subject_uid=row.uid, now=now, kind=kind)
        return
    set_house_dues(people=officers_of(case, now), kind=kind, subject=row, due_on=due_on, now=now)


def officers_of(case: Case, now: datetime) -> list[User]:
    """The privacy officers of its organisation and the supervisors of its team, but for whom a wall keeps from it."""
    people = {one.pk: one for one in User.objects.holding(Role.PRIVACY_OFFICER, at=now).filter(
        organisation=case.organisation_id
    )}  # fmt: skip
    for member in Membership.objects.of_team(case.team).supervising().live(now).select_related("user"):
        people[member.user.pk] = member.user
    return [one for one in people.values() if not access.walled_cases(one).filter(case_id=case.pk).exists()]


def _open_process(actor: User, now: datetime, case_uid: UUID, process_uid: UUID) -> tuple[Case, LegalProcess]:
    case = lock_for_duty(actor, case_uid, now)
    process = one_of(LegalProcess, case, process_uid)
    if process.over_at is not None:
        raise ProcessIsOver
    return case, process


def _followed(actor: User, process: LegalProcess, kind: str) -> None:
    record(Verb.LEGAL_PROCESS_FOLLOWED, actor=actor, subject=process, sections=[Section.DUTIES], detail={"kind": kind})


@action
def note_counsel_told(*, actor: User, now: datetime, case_uid: UUID, process_uid: UUID) -> LegalProcess:
    """Counsel was told of a process. Repeating it changes nothing. Raises Hidden, ProcessIsOver, PartIsErased.

    Records LEGAL_PROCESS_FOLLOWED.
    """
    _case, process = _open_process(actor, now, case_uid, process_uid)
    if process.counsel_told_at is None:
        process.counsel_told_at = now
        process.save(update_fields=["counsel_told_at"])
        _followed(actor, process, "COUNSEL_TOLD")
    return process


@action
def answer_process(
    *, actor: User, now: datetime, case_uid: UUID, process_uid: UUID, response: str, is_over: bool = False
) -> LegalProcess:  # fmt: skip
    """Note how a process was answered, and whether it is over; until then the case stays held. A later answer replaces one.

    The least is given on a judge's order alone. Raises Hidden, NotAJudge, ProcessIsOver, PartIsErased.
    Records LEGAL_PROCESS_FOLLOWED.
    """
    case, process = _open_process(actor, now, case_uid, process_uid)
    if response == ProcessResponse.COMPLIED_MIN and not process.is_judicial:
        raise NotAJudge
    set_answer(actor, now, case, process, response, is_over=is_over)
    return process


def set_answer(
    actor: User, now: datetime, case: Case, process: LegalProcess, response: str, *, is_over: bool = False
) -> None:  # fmt: skip
    """Set the answer of a process, and take it off the lists. Inside an action. Records LEGAL_PROCESS_FOLLOWED."""
    with desk.reading_own(process):
        facts = dict(process.facts)
    process.facts = {**facts, "response": ProcessResponse(response).value}
    process.answered_at = process.answered_at or now
    process.over_at = now if is_over else None
    process.save(update_fields=["facts", "answered_at", "over_at"])
    settle_due(case=case, subject_uid=process.uid, now=now, kind=DueKind.DUTY)
    remind_officers(case=case, row=process, due_on=None, now=now)
    _followed(actor, process, "OVER" if is_over else "ANSWERED")


@dataclass
class Withheld:
    """A line of the privilege log: how many records of which kind, of which days, by which right. Never what they say."""

    what: str
    privilege: str
    number: int
    dated_from: date
    dated_until: date


@action
def withhold(
    *, actor: User, now: datetime, case_uid: UUID, process_uid: UUID, withheld: Withheld
) -> LegalProcess:  # fmt: skip
    """Add a line to the privilege log of a process. Raises Hidden, DisclosureLacks, ProcessIsOver, PartIsErased.

    Records LEGAL_PROCESS_FOLLOWED.
    """
    _case, process = _open_process(actor, now, case_uid, process_uid)
    if withheld.number < 1 or withheld.dated_until < withheld.dated_from:
        raise DisclosureLacks("withheld")
    with desk.reading_own(process):
        facts = dict(process.facts)
    line = {
        "what": WithheldKind(withheld.what).value, "privilege": Privilege(withheld.privilege).value,
        "number": withheld.number, "dated": [withheld.dated_from.isoformat(), withheld.dated_until.isoformat()],
    }  # fmt: skip
    process.facts = {**facts, "withheld": [*facts.get("withheld", []), line]}
    process.save(update_fields=["facts"])
    _followed(actor, process, "WITHHELD")
    return process


@action
def note_process_told(
    *, actor: User, now: datetime, case_uid: UUID, process_uid: UUID, how: str, wishes: str
) -> LegalProcess:  # fmt: skip
    """She was told of a process, safely, and said what she wishes. For whoever keeps her duties. Repeatable.

    Raises Hidden, Refused, DisclosureLacks, TellingIsPutOff. Records SURVIVOR_NOTIFIED.
    """
    held = access.lock_for_write(actor, case_uid, Section.DUTIES, even_closed=True)
    process = one_of(LegalProcess, held.case, process_uid)
    if clocks.is_put_off(process, now):
        raise TellingIsPutOff
    if not wishes.strip():
        raise DisclosureLacks("told")
    with open_to_change(actor, held, Section.DUTIES):
        facts = dict(process.facts)
    process.facts = {**facts, "told_how": ToldHow(how).value, "wishes": wishes.strip()}
    process.told_at = process.told_at or now
    process.save(update_fields=["facts", "told_at"])
    finish_tasks_about(actor=actor, now=now, held=held, subject_uids=[process.uid])
    settle_due(case=held.case, subject_uid=process.uid, now=now, kind=DueKind.TELL_HER)
    remind_officers(case=held.case, row=process, due_on=None, now=now, kind=DueKind.TELL_HER)
    record(
        Verb.SURVIVOR_NOTIFIED, actor=actor, subject=process, held=held, sections=[Section.DUTIES],
        detail={"kind": "LEGAL_PROCESS"},
    )  # fmt: skip
    return process


@action
def note_limits_told(*, actor: User, now: datetime, case_uid: UUID) -> Case:
    """The limits of confidentiality were said to her, before she was asked for anything that may have to be reported.

    Raises Hidden, Refused. Records LIMITS_TOLD, and leaves a line on the timeline.
    """
    held = access.lock_for_write(actor, case_uid, Section.DUTIES)
    add_line(
        case=held.case, section=Section.DUTIES, kind=Verb.LIMITS_TOLD, subject=held.case, author=actor, at=now,
        line=_("She was told what must be reported, before she was asked"),
    )  # fmt: skip
    record(Verb.LIMITS_TOLD, actor=actor, subject=held.case, held=held, sections=[Section.DUTIES])
    return held.case
