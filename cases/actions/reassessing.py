"""When the danger is looked at again: by its level, and at once where something has changed (domain.md §8.1)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access
from cases.actions.trail import set_due
from cases.choices.casework import DueKind
from cases.choices.safety import REASSESS_AFTER_DAYS, RiskLevel
from cases.models import Case, SafetyPlan


def look_soon(case: Case, *, actor: User, now: datetime) -> SafetyPlan | None:
    """Bring the next look at safety forward to tomorrow, inside an action that holds the case. A nearer day stays.

    None where there is no plan (its part was erased).
    """
    plan = None if case.has_erased(Section.SAFETY) else access.within(SafetyPlan, case).first()
    if plan is None:
        return None
    plan.case = case
    soon = now.astimezone(actor.zone).date() + timedelta(days=REASSESS_AFTER_DAYS[RiskLevel.IMMEDIATE])
    if plan.review_on > soon:
        plan.review_on = soon
        plan.save(update_fields=["review_on"])
        set_look_due(plan, assigned_to=actor)
    return plan


def set_look_due(plan: SafetyPlan, *, assigned_to: User) -> None:
    """Put the next look on the lists of whoever leads the case."""
    set_due(
        case=plan.case, section=Section.SAFETY, kind=DueKind.SAFETY_REVIEW, line=_("Look at the safety plan again"),
        subject=plan, due_on=plan.review_on, assigned_to=plan.case.lead or assigned_to,
    )  # fmt: skip
