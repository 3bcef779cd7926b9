"""The reintegration tab: goals with progress, and the follow-ups after she has left."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.requests import SignedInRequest
from cases import access, codes
from cases.choices.configuration import ListName
from cases.guards import guarded
from cases.models import Case
from cases.views.shell import render_case
from services.actions.reintegration import finish_follow_up, note_progress, plan_follow_ups, set_goal
from services.choices import FollowUpState
from services.forms.aftercare import FollowUpForm, FollowUpPlanForm, GoalForm, ProgressForm
from services.models import FollowUp, Goal
from services.views.needs import lines_of
from services.views.plan import planned, versions_of
from services.views.steps import render_step


@require_GET
@guarded(read(Section.SERVICES))
def reintegration_tab(request: SignedInRequest, case: Case) -> HttpResponse:
    """Her goals, how far each has come, and the contacts planned after the exit."""
    holding = case.holding
    assert holding is not None

    def build() -> dict[str, Any]:
        goals = access.records(Goal, case).order_by("closed_on", "-set_on", "-pk")
        follow_ups = access.records(FollowUp, case).select_related("done_by").order_by("planned_on")
        return {
            **lines_of(case),
            "plans": versions_of(request.user, case),
            "is_outsider": request.user.organisation_id != case.organisation_id,
            "goals": [_goal(goal) for goal in goals],
            "follow_ups": [_follow_up(row) for row in follow_ups],
            "may_write": holding.writes(Section.SERVICES) and not case.is_closed,
            # The one kind of help that goes on after a case is closed (domain.md R10).
            "may_follow_up": holding.writes(Section.SERVICES),
        }

    return render_case(request, case, "reintegration", "services/reintegration_tab.html", build)


def _goal(row: Goal) -> dict[str, Any]:
    """One goal in words. Read while the case is open."""
    return {
        "row": row, "title": row.title, "area": codes.label(ListName.AREA_OF_LIFE, row.area), "latest": row.latest,
        "planned": planned(row.plan),
    }  # fmt: skip


def _follow_up(row: FollowUp) -> dict[str, Any]:
    """One follow-up in words. Read while the case is open."""
    result = row.result or {}
    state = FollowUpState(result["state"]).label if result else ""
    return {"row": row, "state": state, "words": result.get("words", "")}


@require_http_methods(["GET", "POST"])
@guarded(write(Section.SERVICES))
def goal_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Write down a goal."""
    form = GoalForm(request.POST if request.method == "POST" else None)
    return render_step(
        request, case, "reintegration", form, _("Set a goal"), lambda facts: set_goal(case_uid=case.uid, **facts)
    )


@require_http_methods(["GET", "POST"])
@guarded(write(Section.SERVICES))
def goal_progress(request: SignedInRequest, case: Case, goal_uid: UUID) -> HttpResponse:
    """Write down how far a goal has come."""
    goal = access.records(Goal, case).filter(uid=goal_uid).first()
    if goal is None:
        raise Hidden
    form = ProgressForm(request.POST if request.method == "POST" else None, initial={"progress": goal.progress})
    return render_step(
        request,
        case,
        "reintegration",
        form,
        _("Note progress"),
        lambda facts: note_progress(case_uid=case.uid, goal_uid=goal_uid, **facts),
    )


@require_http_methods(["GET", "POST"])
@guarded(write(Section.SERVICES))
def follow_ups_plan(request: SignedInRequest, case: Case) -> HttpResponse:
    """Plan the contacts after she has left."""
    form = FollowUpPlanForm(request.POST if request.method == "POST" else None)
    return render_step(
        request,
        case,
        "reintegration",
        form,
        _("Plan the follow-ups"),
        lambda facts: plan_follow_ups(case_uid=case.uid, **facts),
    )


@require_http_methods(["GET", "POST"])
@guarded(write(Section.SERVICES))
def follow_up_done(request: SignedInRequest, case: Case, follow_up_uid: UUID) -> HttpResponse:
    """Write down how a follow-up went."""
    if not access.records(FollowUp, case).filter(uid=follow_up_uid).exists():
        raise Hidden
    form = FollowUpForm(request.POST if request.method == "POST" else None)
    return render_step(
        request, case, "reintegration", form, _("How the follow-up went"),
        lambda facts: finish_follow_up(case_uid=case.uid, follow_up_uid=follow_up_uid, **facts),
    )  # fmt: skip
