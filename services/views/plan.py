"""Her plan: how a goal is to be reached, a version put together, read, approved or sent back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from cases import access, codes
from cases.choices.configuration import ListName
from cases.guards import guarded
from cases.htcds.codes import SupportPlanType
from cases.models import Case
from cases.people import shown_name
from cases.views.shell import render_case
from services.actions.plan import decide_plan, plan_goal, write_plan
from services.choices import HerAnswer, NeedState, PlanState, Responsible
from services.forms.plan import GoalPlanForm, PlanDecisionForm, PlanForm
from services.models import Goal, Need, ServicePlan
from services.views.steps import name_choices, render_step


def planned(plan: dict[str, Any] | None) -> dict[str, str]:
    """How a goal is to be reached, in words; empty where nobody has planned it. Also a goal of a version's content."""
    if not plan or not plan["responsible"]:
        return {}
    return {
        "objective": plan["objective"], "action": plan["action"],
        "responsible": str(Responsible(plan["responsible"]).label),
        "htcds": str(SupportPlanType(plan["htcds"]).label) if plan["htcds"] else "",
    }  # fmt: skip


def versions_of(reader: User, case: Case) -> list[dict[str, Any]]:
    """The versions of her plan, the newest first; none for outsiders. Inside the open case. One query."""
    if reader.organisation_id != case.organisation_id:
        return []
    rows = access.records(ServicePlan, case).select_related("written_by", "decided_by").order_by("-version")
    return [_line(reader, case, row) for row in rows]


def _line(reader: User, case: Case, row: ServicePlan) -> dict[str, Any]:
    return {
        "row": row, "her_answer": HerAnswer(row.her_answer).label, "remark": row.remark,
        "written_by": shown_name(reader, case, row.written_by),
        "decided_by": shown_name(reader, case, row.decided_by) if row.decided_by else "",
        "may_decide": _may_decide(reader, case, row),
    }  # fmt: skip


def _may_decide(reader: User, case: Case, row: ServicePlan) -> bool:
    if row.status != PlanState.WAITING or row.written_by_id == reader.pk or case.is_closed:
        return False  # before the role is asked for: at most one version waits, so the list costs one query
    holding = case.holding
    return holding is not None and holding.may_write(Section.CARD) and reader.holds_role(Role.SUPERVISOR)


@require_http_methods(["GET", "POST"])
@guarded(write(Section.SERVICES))
def goal_plan(request: SignedInRequest, case: Case, goal_uid: UUID) -> HttpResponse:
    """Write down how a goal is to be reached."""
    goal = access.records(Goal, case).select_related("need").filter(uid=goal_uid).first()
    if goal is None:
        raise Hidden
    needs = list(access.records(Need, case).exclude(status=NeedState.NOT_WANTED).order_by("identified_on", "pk"))
    form = GoalPlanForm(request.POST if request.method == "POST" else None, needs=[str(need.uid) for need in needs])

    def open_form() -> None:
        former = goal.plan or {}
        form.initial = {
            **former, "action_words": former.get("action", ""), "target_on": goal.target_on,
            "need_uid": str(goal.need.uid) if goal.need else "",
        }  # fmt: skip
        name_choices(form, "need_uid", {str(need.uid): need.words for need in needs})

    return render_step(
        request, case, "reintegration", form, _("Plan this goal"),
        lambda facts: plan_goal(case_uid=case.uid, goal_uid=goal_uid, **facts), opened=open_form,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@guarded(write(Section.SERVICES))
def plan_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Put the open goals together as the next version, for a supervisor to look at."""
    form = PlanForm(request.POST if request.method == "POST" else None)
    return render_step(
        request, case, "reintegration", form, _("Put her plan together"),
        lambda facts: write_plan(case_uid=case.uid, **facts),
    )  # fmt: skip


@require_GET
@guarded(read(Section.SERVICES))
def plan(request: SignedInRequest, case: Case, service_plan_uid: UUID) -> HttpResponse:
    """One version, as it was put before the supervisor."""
    row = _plan(request.user, case, service_plan_uid)

    def build() -> dict[str, Any]:
        goals = [
            {
                **goal, **planned(goal), "area": codes.label(ListName.AREA_OF_LIFE, goal["area"]),
                "is_planned": bool(goal["responsible"]),
                "target": parse_date(goal["target"]) if goal["target"] else None,
            }
            for goal in row.content["goals"]
        ]  # fmt: skip
        return {"line": _line(request.user, case, row), "goals": goals}

    return render_case(request, case, "reintegration", "services/plan.html", build)


@require_http_methods(["GET", "POST"])
@guarded(read(Section.SERVICES))
def plan_decide(request: SignedInRequest, case: Case, service_plan_uid: UUID) -> HttpResponse:
    """Approve a version or send it back: a supervisor who did not write it."""
    row = _plan(request.user, case, service_plan_uid)
    holding = case.holding
    if holding is None or not holding.may_write(Section.CARD) or not request.user.holds_role(Role.SUPERVISOR):
        raise Refused(write(Section.CARD))
    form = PlanDecisionForm(request.POST if request.method == "POST" else None)
    return render_step(
        request, case, "reintegration", form, _("Your answer to her plan"), _deciding(case, row)
    )  # fmt: skip


def _deciding(case: Case, row: ServicePlan) -> Callable[[dict[str, Any]], Any]:
    def decide(facts: dict[str, Any]) -> ServicePlan:
        decision = facts.pop("decision")
        return decide_plan(case_uid=case.uid, plan_uid=row.uid, is_approved=decision == "APPROVE", **facts)

    return decide


def _plan(reader: User, case: Case, uid: UUID) -> ServicePlan:
    """A version of the case; hidden from outsiders, to whom the house's own talk about it does not belong."""
    rows = access.records(ServicePlan, case).select_related("written_by", "decided_by")
    row = rows.filter(uid=uid).first() if reader.organisation_id == case.organisation_id else None
    if row is None:
        raise Hidden
    return row
