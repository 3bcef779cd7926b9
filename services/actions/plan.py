"""Her plan: how each goal is to be reached, versions put before a supervisor, and what the supervisor said."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Membership, User
from cases import access
from cases.access import Held
from cases.actions.trail import add_line, notify, set_due, settle_due
from cases.choices.casework import DueKind
from cases.choices.notices import NOTICE_PLAN, NOTICE_PLAN_DECIDED
from cases.htcds.codes import SupportPlanType
from cases.models import Due
from cases.opening import open_to_change
from services.choices import HerAnswer, PlanState, Responsible
from services.errors import AlreadyDecided, NoGoalYet, OwnPlan, WordsAreAsked
from services.models import Goal, Need, ServicePlan

#: A plan is looked at again after so many days at the latest (domain.md §4.3; a policy, not a law).
REVIEW_DAYS = 90


@action
def plan_goal(
    *, actor: User, now: datetime, case_uid: UUID, goal_uid: UUID, objective: str, action_words: str, responsible: str,
    target_on: date | None = None, htcds: str = "", need_uid: UUID | None = None,
) -> Goal:  # fmt: skip
    """Write down how a goal is to be reached, by whom and by when, and which need it answers.

    ``htcds`` is a code of ``SupportPlanType`` or empty. Raises Hidden, Refused, CaseIsClosed. Records GOAL_PLANNED.
    """
    held = access.lock_for_write(actor, case_uid, Section.SERVICES)
    goal = access.within(Goal, held.case).filter(uid=goal_uid).first()
    need = access.within(Need, held.case).filter(uid=need_uid).first() if need_uid else None
    if goal is None or (need_uid and need is None):
        raise Hidden
    goal.plan = {
        "objective": objective, "action": action_words, "responsible": Responsible(responsible).value,
        "htcds": SupportPlanType(htcds).value if htcds else "",
    }  # fmt: skip
    goal.target_on, goal.need = target_on, need
    goal.save(update_fields=["plan", "target_on", "need"])
    record(
        Verb.GOAL_PLANNED, actor=actor, subject=goal, held=held, sections=[Section.SERVICES],
        fields=["goal.plan", "goal.target_on", "goal.need"],
    )  # fmt: skip
    return goal


@action
def write_plan(
    *, actor: User, now: datetime, case_uid: UUID, her_answer: str, answered_on: date | None = None
) -> ServicePlan:
    """Put her open goals together as the next version, with what she said to it, before the team's supervisors.

    A version that still waited is replaced; an approved one stands until this one is approved. ``answered_on`` is a local
    calendar date, today where she has answered and no day is said. Raises Hidden, Refused, CaseIsClosed, NoGoalYet.
    Records PLAN_WRITTEN.
    """
    held = access.lock_for_write(actor, case_uid, Section.SERVICES)
    content = _content(actor, held)
    answer = HerAnswer(her_answer)
    on = None if answer == HerAnswer.NOT_YET else answered_on or _today(actor, now)
    earlier = access.within(ServicePlan, held.case)
    for waiting in earlier.filter(status=PlanState.WAITING):
        waiting.status = PlanState.REPLACED
        waiting.save(update_fields=["status"])
    last = earlier.order_by("-version").values_list("version", flat=True).first() or 0
    plan = ServicePlan(
        case=held.case, version=last + 1, content=content, her_answer=answer.value, answered_on=on, written_by=actor,
        written_at=now,
    )  # fmt: skip
    plan.save()
    for asked in access.within(Due, held.case).filter(
        kind=DueKind.PLAN, subject_uid=held.case.uid, done_at__isnull=True
    ):
        asked.done_at = now
        asked.save(update_fields=["done_at"])
    supervisors = Membership.objects.of_team(held.case.team).supervising().live(now).exclude(user=actor)
    for membership in supervisors.select_related("user"):
        holding = access.holdings(membership.user, [held.case]).get(held.case.pk)
        if holding is not None and holding.reads(Section.SERVICES):
            notify(person=membership.user, kind=NOTICE_PLAN, about=plan, now=now, case=held.case)
    _tell(held, plan, actor, now, Verb.PLAN_WRITTEN, _("Plan, version %s: written") % plan.version)
    record(
        Verb.PLAN_WRITTEN, actor=actor, subject=plan, held=held, sections=[Section.SERVICES],
        detail={"count": len(content["goals"])},
    )  # fmt: skip
    return plan


@action
def decide_plan(
    *, actor: User, now: datetime, case_uid: UUID, plan_uid: UUID, is_approved: bool, remark: str = ""
) -> ServicePlan:
    """Approve a version, or send it back with words; for a supervisor of the case, never for whoever wrote it.

    An approved version replaces the one before and is looked at again after 90 days. Raises Hidden, Refused, CaseIsClosed,
    AlreadyDecided, OwnPlan, WordsAreAsked. Records PLAN_APPROVED or PLAN_SENT_BACK.
    """
    held = access.lock_for_write(actor, case_uid, Section.CARD)
    if not actor.holds_role(Role.SUPERVISOR, at=now):
        raise Refused(write(Section.CARD))
    if not held.holding.reads(Section.SERVICES):
        raise Refused(read(Section.SERVICES))
    plan = access.within(ServicePlan, held.case).select_related("written_by").filter(uid=plan_uid).first()
    if plan is None:
        raise Hidden
    if plan.written_by_id == actor.pk:
        raise OwnPlan
    if plan.status != PlanState.WAITING:
        raise AlreadyDecided
    if not is_approved and not remark:
        raise WordsAreAsked
    if is_approved:
        for former in access.within(ServicePlan, held.case).filter(status=PlanState.APPROVED):
            former.status = PlanState.REPLACED
            former.save(update_fields=["status"])
            settle_due(case=held.case, subject_uid=former.uid, now=now)
        plan.review_on = _today(actor, now) + timedelta(days=REVIEW_DAYS)
        set_due(
            case=held.case, section=Section.SERVICES, kind=DueKind.PLAN, subject=plan, due_on=plan.review_on,
            line=_("Look at her plan again, with her"),
        )  # fmt: skip
    plan.status = PlanState.APPROVED if is_approved else PlanState.SENT_BACK
    plan.remark, plan.decided_by, plan.decided_at = remark, actor, now
    plan.save(update_fields=["status", "remark", "decided_by", "decided_at", "review_on"])
    notify(person=plan.written_by, kind=NOTICE_PLAN_DECIDED, about=plan, now=now, case=held.case)
    verb = Verb.PLAN_APPROVED if is_approved else Verb.PLAN_SENT_BACK
    words = _("Plan, version %s: approved") if is_approved else _("Plan, version %s: sent back")
    _tell(held, plan, actor, now, verb, words % plan.version)
    record(verb, actor=actor, subject=plan, held=held, sections=[Section.SERVICES], refs=[plan.written_by])
    return plan


def _content(actor: User, held: Held) -> dict[str, Any]:
    """The open goals as they stand at this moment. Raises NoGoalYet."""
    goals = (
        access.within(Goal, held.case).filter(closed_on__isnull=True).select_related("need").order_by("set_on", "pk")
    )
    with open_to_change(actor, held, Section.SERVICES):
        lines = [
            {
                "uid": str(goal.uid), "title": goal.title, "area": goal.area,
                "target": goal.target_on.isoformat() if goal.target_on else "",
                "objective": "", "action": "", "responsible": "", "htcds": "", **(goal.plan or {}),
                "need": goal.need.words if goal.need else "",
            }
            for goal in goals
        ]  # fmt: skip
    if not lines:
        raise NoGoalYet
    return {"goals": lines}


def _tell(held: Held, plan: ServicePlan, actor: User, now: datetime, kind: str, line: str) -> None:
    add_line(case=held.case, section=Section.SERVICES, kind=kind, subject=plan, author=actor, at=now, line=line)


def _today(actor: User, now: datetime) -> date:
    return timezone.localdate(now, actor.zone)
