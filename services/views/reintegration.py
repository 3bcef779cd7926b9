"""The reintegration tab: goals with progress, and the follow-ups after she has left."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.requests import SignedInRequest
from cases import access, codes
from cases.choices.configuration import ListName
from cases.forms.tasks import TaskForm
from cases.guards import guarded
from cases.models import Case, Task
from cases.people import colleagues_on
from cases.views.shell import render_case, viewers_of
from cases.views.tasks import line_in_case
from services.actions.reintegration import add_step, finish_follow_up, note_progress, plan_follow_ups, set_goal
from services.choices import COUNTING, FollowUpState
from services.forms.aftercare import FollowUpForm, FollowUpPlanForm, GoalForm, ProgressForm
from services.models import FollowUp, Goal, ServiceRecord
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
        given, steps = given_towards(case), _steps(request, case)
        follow_ups = access.records(FollowUp, case).select_related("done_by").order_by("planned_on")
        return {
            **lines_of(case),
            "plans": versions_of(request.user, case),
            "is_outsider": request.user.organisation_id != case.organisation_id,
            "goals": [_goal(goal, given.get(goal.pk), steps.get(goal.uid, [])) for goal in goals],
            "back": "goals",
            "follow_ups": [_follow_up(row) for row in follow_ups],
            "may_write": holding.writes(Section.SERVICES) and not case.is_closed,
            # The one kind of help that goes on after a case is closed (domain.md R10).
            "may_follow_up": holding.writes(Section.SERVICES),
        }

    return render_case(request, case, "reintegration", "services/reintegration_tab.html", build)


@dataclass
class Given:
    """What was given towards a goal: how many services, and the local calendar date of the last."""

    number: int
    last_on: date


def _goal(row: Goal, given: Given | None, steps: list[dict[str, Any]]) -> dict[str, Any]:
    """One goal in words, with what was given towards it and its steps. Read while the case is open."""
    done = sum(1 for line in steps if line["task"].done_at is not None)
    return {
        "row": row, "title": row.title, "area": codes.label(ListName.AREA_OF_LIFE, row.area), "latest": row.latest,
        "planned": planned(row.plan), "given": given, "steps": steps, "steps_done": done,
    }  # fmt: skip


def given_towards(case: Case) -> dict[int, Given]:
    """By the goal's key, what was given towards it. Only what was provided counts, in part too (domain.md §4.2).

    Read while the case is open. One query.
    """
    found: dict[int, Given] = {}
    rows = access.records(ServiceRecord, case).filter(goal__isnull=False).order_by("-given_on", "-pk")
    for row in rows:
        if row.goal_id is not None and row.facts["outcome"] in COUNTING:
            given = found.setdefault(row.goal_id, Given(0, row.given_on))
            given.number += 1
    return found


def _steps(request: SignedInRequest, case: Case) -> dict[UUID, list[dict[str, Any]]]:
    """The tasks that are steps of a goal, what is still to be done first. Read while the case is open."""
    found: dict[UUID, list[dict[str, Any]]] = {}
    rows = (
        access.records(Task, case)
        .filter(section=Section.SERVICES, subject_uid__isnull=False)
        .select_related("assigned_to")
    )
    for task in rows.order_by(F("done_at").desc(nulls_first=True), "due_on", "pk"):
        assert task.subject_uid is not None  # as asked
        found.setdefault(task.subject_uid, []).append(line_in_case(request, case, task))
    return found


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
def goal_step(request: SignedInRequest, case: Case, goal_uid: UUID) -> HttpResponse:
    """A step towards a goal: a task of one's own or a colleague's."""
    if not access.records(Goal, case).filter(uid=goal_uid).exists():
        raise Hidden
    people = colleagues_on(request.user, case, viewers_of(case))
    form = TaskForm(request.POST if request.method == "POST" else None, people=people, is_new=True)
    return render_step(
        request, case, "reintegration", form, _("A step towards this goal"),
        lambda facts: add_step(case_uid=case.uid, goal_uid=goal_uid, **{**facts, "assigned_to": form.doer}),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@guarded(write(Section.SERVICES))
def goal_progress(request: SignedInRequest, case: Case, goal_uid: UUID) -> HttpResponse:
    """Write down how far a goal has come."""
    goal = access.records(Goal, case).filter(uid=goal_uid).first()
    if goal is None:
        raise Hidden
    form = ProgressForm(request.POST if request.method == "POST" else None, initial={"progress": goal.progress})

    def tell_what_was_done() -> None:
        steps = access.records(Task, case).filter(subject_uid=goal_uid)
        given = given_towards(case).get(goal.pk)
        form.tell_what_was_done(
            steps=len(steps), done=sum(1 for task in steps if task.done_at is not None),
            services=given.number if given else 0,
        )  # fmt: skip

    return render_step(
        request, case, "reintegration", form, _("Note progress"),
        lambda facts: note_progress(case_uid=case.uid, goal_uid=goal_uid, **facts), opened=tell_what_was_done,
    )  # fmt: skip


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
