"""When the danger is looked at again: by its level, and at once where something has changed (domain.md §8.1)."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from audit.log import record
from audit.verbs import Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access
from cases.actions.trail import set_due
from cases.choices.casework import DueKind
from cases.choices.safety import REASSESS_AFTER_DAYS, RiskLevel
from cases.models import Case, SafetyPlan

#: So long before she has to be somewhere on a known day, her safety is looked at: there is time to plan the way there.
BEFORE_COURT = timedelta(days=7)


def look_soon(case: Case, *, actor: User, now: datetime) -> SafetyPlan | None:
    """Bring the next look at safety forward to tomorrow, inside an action that holds the case. A nearer day stays.

    None where there is no plan (its part was erased).
    """
    plan = _plan_of(case)
    return plan and _look_by(plan, _soon(actor, now), actor=actor)


def look_around_court(case: Case, *, day: date, actor: User, now: datetime) -> None:
    """Have safety looked at a week before the day on which she is in court, or tomorrow; with a day that was, tomorrow.

    Inside an action that holds the case, after it has recorded its own act: traffickers know where a court is, and who
    comes out of it. Records SAFETY_CHANGED where the day moved.
    """
    plan = _plan_of(case)
    before = plan.review_on if plan else None
    if plan is not None and _look_by(plan, max(day - BEFORE_COURT, _soon(actor, now)), actor=actor).review_on != before:
        record(Verb.SAFETY_CHANGED, actor=actor, subject=case, sections=[Section.SAFETY], fields=["safety.review_on"])


def _soon(actor: User, now: datetime) -> date:
    return now.astimezone(actor.zone).date() + timedelta(days=REASSESS_AFTER_DAYS[RiskLevel.IMMEDIATE])


def _plan_of(case: Case) -> SafetyPlan | None:
    plan = None if case.has_erased(Section.SAFETY) else access.within(SafetyPlan, case).first()
    if plan is not None:
        plan.case = case
    return plan


def _look_by(plan: SafetyPlan, day: date, *, actor: User) -> SafetyPlan:
    if plan.review_on > day:
        plan.review_on = day
        plan.save(update_fields=["review_on"])
        set_look_due(plan, assigned_to=actor)
    return plan


def set_look_due(plan: SafetyPlan, *, assigned_to: User) -> None:
    """Put the next look on the lists of whoever leads the case."""
    set_due(
        case=plan.case, section=Section.SAFETY, kind=DueKind.SAFETY_REVIEW, line=_("Look at the safety plan again"),
        subject=plan, due_on=plan.review_on, assigned_to=plan.case.lead or assigned_to,
    )  # fmt: skip
