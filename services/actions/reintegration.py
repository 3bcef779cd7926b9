"""Reintegration: goals in her own words, progress, and the schedule of follow-ups."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access, codes
from cases.actions.tasks import demand_on_this_part, put_task
from cases.actions.trail import add_line, set_due, settle_due
from cases.choices.casework import DueKind
from cases.choices.configuration import ListName
from cases.models import Task
from services.choices import FollowUpState
from services.errors import GoalIsReached
from services.models import FollowUp, Goal

#: Contacts after the exit, in days (domain.md §5.4).
SCHEDULE = {"30 d": 30, "90 d": 90, "6 m": 182, "12 m": 365}


@action
def set_goal(
    *, actor: User, now: datetime, case_uid: UUID, title: str, area: str, target_on: date | None = None
) -> Goal:
    """Write down a goal in her own words. Raises Hidden, Refused, CaseIsClosed. Records GOAL_SET."""
    held = access.lock_for_write(actor, case_uid, Section.SERVICES)
    listed = codes.known(ListName.AREA_OF_LIFE, area)
    goal = Goal(case=held.case, title=title, area=listed, set_on=_today(actor, now), target_on=target_on)
    goal.save()
    add_line(
        case=held.case, section=Section.SERVICES, kind=Verb.GOAL_SET, subject=goal, author=actor, at=now,
        line=_("Goal set: %s") % title,
    )  # fmt: skip
    record(Verb.GOAL_SET, actor=actor, subject=goal, held=held, sections=[Section.SERVICES])
    return goal


@action
def add_step(
    *, actor: User, now: datetime, case_uid: UUID, goal_uid: UUID, title: str, due_on: date, assigned_to: User,
    repeats: str = "", repeats_until: date | None = None,
) -> Task:  # fmt: skip
    """Put a step towards an open goal on somebody's list: a task by a day (a local calendar date) that counts for the goal.

    Raises Hidden, Refused, CaseIsClosed, NotOnThisPart, GoalIsReached. Records TASK_ADDED.
    """
    held = access.lock_for_write(actor, case_uid, Section.SERVICES)
    goal = access.within(Goal, held.case).filter(uid=goal_uid).first()
    if goal is None:
        raise Hidden
    if goal.closed_on is not None:
        raise GoalIsReached
    if assigned_to.pk != actor.pk:
        demand_on_this_part(assigned_to, held.case, Section.SERVICES)
    return put_task(
        actor=actor, now=now, case=held.case, section=Section.SERVICES, title=title, due_on=due_on,
        assigned_to=assigned_to, held=held, repeats=repeats, repeats_until=repeats_until, subject_uid=goal.uid,
    )  # fmt: skip


@action
def note_progress(
    *, actor: User, now: datetime, case_uid: UUID, goal_uid: UUID, progress: int, words: str = ""
) -> Goal:
    """Write down how far a goal has come (0–100), as she and the caseworker see it. At 100 it is reached and closes.

    Raises Hidden, Refused, CaseIsClosed. Records GOAL_PROGRESS.
    """
    held = access.lock_for_write(actor, case_uid, Section.SERVICES)
    goal = access.within(Goal, held.case).filter(uid=goal_uid).first()
    if goal is None:
        raise Hidden
    goal.progress = progress
    goal.closed_on = _today(actor, now) if progress == 100 else None
    goal.latest = words
    goal.save(update_fields=["progress", "closed_on", "latest"])
    line = _("Goal at %(progress)s %%") % {"progress": progress}
    add_line(
        case=held.case, section=Section.SERVICES, kind=Verb.GOAL_PROGRESS, subject=goal, author=actor, at=now,
        line=f"{line}: {words}" if words else line,
    )  # fmt: skip
    record(Verb.GOAL_PROGRESS, actor=actor, subject=goal, held=held, sections=[Section.SERVICES], fields=["progress"])
    return goal


@action
def plan_follow_ups(*, actor: User, now: datetime, case_uid: UUID, exit_on: date) -> FollowUp:
    """Plan the contacts after her exit: 30 days, 90 days, 6 and 12 months. Planning again moves those still open.

    It goes on after the case is closed (R10). Returns the first. Raises Hidden, Refused. Records FOLLOW_UP_PLANNED.
    """
    held = access.lock_for_write(actor, case_uid, Section.SERVICES, even_closed=True)
    existing = {row.label: row for row in access.within(FollowUp, held.case)}
    planned = []
    for label, days in SCHEDULE.items():
        follow_up = existing.get(label) or FollowUp(case=held.case, label=label, planned_on=exit_on)
        if follow_up.done_on is not None:
            continue
        follow_up.planned_on = exit_on + timedelta(days=days)
        follow_up.save()
        set_due(
            case=held.case, section=Section.SERVICES, kind=DueKind.FOLLOW_UP, subject=follow_up, due_on=follow_up.planned_on,
            line=_("Follow-up after %s") % label, assigned_to=held.case.lead or actor,
        )  # fmt: skip
        planned.append(follow_up)
    add_line(
        case=held.case, section=Section.SERVICES, kind=Verb.FOLLOW_UP_PLANNED, subject=held.case, author=actor, at=now,
        line=_("Follow-ups planned"),
    )  # fmt: skip
    first = planned[0] if planned else next(iter(existing.values()))
    record(
        Verb.FOLLOW_UP_PLANNED,
        actor=actor,
        subject=first,
        held=held,
        sections=[Section.SERVICES],
        detail={"count": len(planned)},
    )
    return first


@action
def finish_follow_up(
    *, actor: User, now: datetime, case_uid: UUID, follow_up_uid: UUID, state: str, done_on: date, words: str = ""
) -> FollowUp:
    """Write down how a follow-up went, also after the case is closed (R10). Raises Hidden, Refused.

    Records FOLLOW_UP_DONE.
    """
    held = access.lock_for_write(actor, case_uid, Section.SERVICES, even_closed=True)
    follow_up = access.within(FollowUp, held.case).filter(uid=follow_up_uid).first()
    if follow_up is None:
        raise Hidden
    follow_up.done_on, follow_up.done_by = done_on, actor
    follow_up.result = {"state": FollowUpState(state).value, "words": words}
    follow_up.save(update_fields=["done_on", "done_by", "result"])
    settle_due(case=held.case, subject_uid=follow_up.uid, now=now)
    add_line(
        case=held.case, section=Section.SERVICES, kind=Verb.FOLLOW_UP_DONE, subject=follow_up, author=actor, at=now,
        line=_("Follow-up: %s") % FollowUpState(state).label,
    )  # fmt: skip
    record(Verb.FOLLOW_UP_DONE, actor=actor, subject=follow_up, held=held, sections=[Section.SERVICES])
    return follow_up


def _today(actor: User, now: datetime) -> date:
    return timezone.localdate(now, actor.zone)
