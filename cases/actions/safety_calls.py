"""Somebody has to look within the hour: who is asked, that she says she does, and what happens when nobody does (R19)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from audit import clock
from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from cases import access
from cases.actions.rota import alert
from cases.actions.trail import add_line, notify, set_due, settle_due
from cases.choices.casework import DueKind
from cases.choices.safety import CallCause
from cases.models import Case, SafetyCall

#: Policy (domain.md R19): so long may it take until somebody says that she looks.
ANSWER_WITHIN = timedelta(hours=1)
#: To the supervisors: that something waits; and that nobody has said in time that she looks.
NOTICE_IMMEDIATE, NOTICE_CALL_LATE = "RISK_IMMEDIATE", "SAFETY_CALL_LATE"


def standing_call(case: Case) -> SafetyCall | None:
    """The call of a locked case that nobody has taken yet."""
    return access.within(SafetyCall, case).filter(taken_at__isnull=True).order_by("-pk").first()


def call_somebody(case: Case, *, cause: CallCause, by: User, now: datetime) -> SafetyCall:
    """Ask whoever is on duty, else a supervisor, to look within the hour. Inside an action that holds the case.

    Everybody on duty is woken and can open the case; the supervisors of the team are told that something waits, without
    a word of what. A call that stands already goes on: its hour does not begin anew. Records SAFETY_CALLED, and
    ACCESS_GRANTED for each who is woken.
    """
    standing = standing_call(case)
    if standing is not None:
        return standing
    woken = [grant.person for grant in alert(case, by=by, now=now) if grant.person is not None]
    supervisors = supervisors_of(case, now=now, but=by)
    asked = next(iter([*woken, *supervisors]), None) or case.lead or by
    call = SafetyCall(
        case=case, why=CallCause(cause).value, asked=asked, called_at=now, answer_by=now + ANSWER_WITHIN
    )  # fmt: skip
    call.save()
    set_due(
        case=case, section=Section.SAFETY, kind=DueKind.SAFETY_CALL, line=_("Look at this case, and say that you do"),
        subject=call, due_on=call.answer_by.astimezone(asked.zone).date(), due_at=call.answer_by, assigned_to=asked,
    )  # fmt: skip
    for person in supervisors:
        notify(person=person, kind=NOTICE_IMMEDIATE, about=call, now=now, case=case)
    record(Verb.SAFETY_CALLED, actor=by, subject=call, sections=[Section.SAFETY], refs=[case, asked])
    return call


def supervisors_of(case: Case, *, now: datetime, but: User | None = None) -> list[User]:
    """Who supervises the case's team now, by name; without somebody who knows already."""
    members = case.team.memberships.live(now).supervising().select_related("user").order_by("user__name")
    people = [one.user for one in members if but is None or one.user_id != but.pk]
    return [person for person in people if person.is_active and person.holds_role(Role.SUPERVISOR, at=now)]


@action
def take_call(*, actor: User, now: datetime, case_uid: UUID, call_uid: UUID) -> SafetyCall:
    """Say that one looks now. By anybody of the house who reads her safety; the first counts, a second changes nothing.

    Raises Hidden, Refused. Records SAFETY_CALL_TAKEN.
    """
    held = access.lock_as_reader(actor, case_uid, Section.SAFETY)
    case = held.case
    if actor.organisation_id != case.organisation_id:
        raise Hidden
    call = access.within(SafetyCall, case).filter(uid=call_uid).first()
    if call is None:
        raise Hidden
    if call.taken_at is not None:
        return call
    call.taken_at, call.taken_by = now, actor
    call.save(update_fields=["taken_at", "taken_by"])
    settle_due(case=case, subject_uid=call.uid, now=now)
    add_line(
        case=case, section=Section.SAFETY, kind=Verb.SAFETY_CALL_TAKEN, subject=call, author=actor, at=now,
        line=_("%(who)s looks at it") % {"who": actor.name},
    )  # fmt: skip
    record(Verb.SAFETY_CALL_TAKEN, actor=actor, subject=call, held=held, sections=[Section.SAFETY])
    return call


def escalate_calls() -> int:
    """Turn to the supervisors where nobody said in time that she looks. For the schedule; says how many."""
    late = access.for_the_house(SafetyCall).filter(
        taken_at__isnull=True, escalated_at__isnull=True, answer_by__lte=clock.now()
    )
    found = list(late.values_list("case_uid", "uid"))
    for case_uid, uid in found:
        escalate_call(actor=None, now=clock.now(), case_uid=case_uid, call_uid=uid)
    return len(found)


@action
def escalate_call(*, actor: None, now: datetime, case_uid: UUID, call_uid: UUID) -> SafetyCall | None:
    """Put one call that is late on a supervisor's list and tell every supervisor of the team, once.

    None where somebody took it meanwhile. Records SAFETY_CALL_ESCALATED.
    """
    case = access.lock_case(case_uid)
    late = access.within(SafetyCall, case).filter(uid=call_uid, taken_at__isnull=True, escalated_at__isnull=True)
    call = late.first()
    if call is None:
        return None
    supervisors = supervisors_of(case, now=now)
    others = [person for person in supervisors if person.pk != call.asked_id]
    call.escalated_at = now
    call.asked = next(iter([*others, *supervisors]), None) or case.lead or call.asked
    call.save(update_fields=["escalated_at", "asked"])
    set_due(
        case=case, section=Section.SAFETY, kind=DueKind.SAFETY_CALL, line=_("Nobody looks yet: look at this case"),
        subject=call, due_on=call.answer_by.astimezone(call.asked.zone).date(), due_at=call.answer_by,
        assigned_to=call.asked,
    )  # fmt: skip
    for person in supervisors or [call.asked]:
        notify(person=person, kind=NOTICE_CALL_LATE, about=call, now=now, case=case)
    record(Verb.SAFETY_CALL_ESCALATED, actor=None, subject=call, sections=[Section.SAFETY], refs=[case, call.asked])
    return call
