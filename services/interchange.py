"""The table of HTCDS that this room keeps: support plans (``spl_``), from and into the goals of her plan."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read
from casemgmt.accounts.models import User
from cases import access, codes
from cases.actions.trail import add_line
from cases.choices.configuration import ListName
from cases.choices.releases import InfoCategory
from cases.errors import CaseError
from cases.htcds.codes import SupportPlanType
from cases.htcds.fields import FieldType
from cases.htcds.tables import Row, Table, column, register
from cases.models import Case
from services.choices import GoalArea, Responsible
from services.models import Goal

_AREAS = {
    "Education": GoalArea.EDUCATION, "Financial": GoalArea.FINANCIAL, "Health": GoalArea.HEALTH, "Legal": GoalArea.LEGAL,
    "Livelihood": GoalArea.LIVELIHOOD, "SocialCare": GoalArea.SOCIAL,
}  # fmt: skip


def register_own() -> None:
    """Say which table this room keeps."""
    register(_PLANS)


def _read_plans(actor: User, cases: Sequence[Case], held: Mapping[int, Collection[str]]) -> dict[int, list[Row]]:
    mine = [case.pk for case in cases if Section.SERVICES in held[case.pk]]
    goals = access.visible(Goal, actor, read(Section.SERVICES)).filter(case__in=mine)
    found: dict[int, list[Row]] = {}
    for goal in goals.order_by("pk"):
        plan = goal.plan or {}
        found.setdefault(goal.case_id, []).append({
            "spl_Type": plan.get("htcds", ""), "spl_Objectives": plan.get("objective", ""),
            "spl_ActionPlan": plan.get("action", ""), "spl_PlannedEndDate": goal.target_on,
            "spl_ActualEndDate": goal.closed_on, "x_Goal": goal.title, "x_Area": goal.area,
            "x_Responsible": plan.get("responsible", ""), "x_Progress": goal.progress, "x_Latest": goal.latest,
        })  # fmt: skip
    return found


def _take_plans(actor: User, now: datetime, case: Case, rows: Sequence[Row]) -> int:
    """One goal for each row, as far as it was said; where a goal has no words of its own, its objective is one.

    Raises nothing: returns how many could not be kept. Records GOAL_SET for each.
    """
    try:
        held = access.lock_for_write(actor, case.uid, Section.SERVICES)
    except (Hidden, Refused, CaseError):
        return len(rows)
    left = 0
    for row in rows:
        title = (row.get("x_Goal") or row.get("spl_Objectives") or row.get("spl_ActionPlan", ""))[:200]
        if not title:
            left += 1
            continue
        has_plan = any(row.get(name) for name in ("spl_Type", "spl_Objectives", "spl_ActionPlan", "x_Responsible"))
        goal = Goal(
            case=held.case, title=title, latest=row.get("x_Latest", ""), progress=min(row.get("x_Progress", 0), 100),
            area=_area(row), plan=_plan(row) if has_plan else None,
            set_on=timezone.localdate(now, actor.zone), target_on=_day(row.get("spl_PlannedEndDate")),
            closed_on=_day(row.get("spl_ActualEndDate")),
        )  # fmt: skip
        goal.save()
        add_line(
            case=held.case, section=Section.SERVICES, kind=Verb.GOAL_SET, subject=goal, author=actor, at=now,
            line=_("Goal set: %s") % title,
        )  # fmt: skip
        record(Verb.GOAL_SET, actor=actor, subject=goal, held=held, sections=[Section.SERVICES])
    return left


def _plan(row: Row) -> dict[str, str]:
    return {
        "objective": row.get("spl_Objectives", ""), "action": row.get("spl_ActionPlan", ""),
        "responsible": row.get("x_Responsible", Responsible.WORKER.value), "htcds": row.get("spl_Type", ""),
    }  # fmt: skip


def _area(row: Row) -> str:
    """The area of the house's own list, else the one that the type means."""
    area = row.get("x_Area", "")
    if area and codes.is_known(ListName.AREA_OF_LIFE, area):
        return str(area)
    return str(_AREAS.get(row.get("spl_Type", ""), GoalArea.OTHER).value)


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


_T, _S, _PLAN = FieldType, Section.SERVICES, (InfoCategory.SERVICE_PLAN,)
# fmt: off
_PLANS = Table("spl_", "spl_ Support plans", (
    column("spl_Type", _T.CODE, _S, _PLAN, SupportPlanType),
    column("spl_Objectives", _T.LONG_TEXT, _S, _PLAN),
    column("spl_ActionPlan", _T.LONG_TEXT, _S, _PLAN),
    column("spl_PlannedEndDate", _T.DATE, _S, _PLAN),
    column("spl_ActualEndDate", _T.DATE, _S, _PLAN),
    column("x_Goal", _T.TEXT, _S, _PLAN),
    column("x_Area", _T.TEXT, _S, _PLAN),
    column("x_Responsible", _T.CODE, _S, _PLAN, Responsible),
    column("x_Progress", _T.NUMBER, _S, _PLAN),
    column("x_Latest", _T.LONG_TEXT, _S, _PLAN),
# What says of itself what happened to her stands in no plan, which more people read (services.forms.plan).
), _read_plans, _take_plans, no_codes=frozenset({
    SupportPlanType.LABOUR_EXPLOITATION_REHABILITATION.value, SupportPlanType.SEXUAL_EXPLOITATION_REHABILITATION.value,
}))
# fmt: on
