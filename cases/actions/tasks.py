"""Tasks: something to do by a day. A task stands in a section, so that only those who work on it see it."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, write
from casemgmt.accounts.models import User
from cases import access
from cases.access import Held, Holding
from cases.actions.trail import notify, set_due, settle_due
from cases.choices.casework import DueKind, Repeats
from cases.clocks import house_day, months_after
from cases.errors.casework import CaseIsClosed, NotOnThisPart
from cases.models import Case, Due, Matter, Notice, Task
from cases.opening import open_to_change

NEW_TASK_DRAFT = "task"
_WEEKS = {Repeats.WEEKLY: 1, Repeats.FORTNIGHTLY: 2}
_MONTHS = {Repeats.MONTHLY: 1, Repeats.QUARTERLY: 3}
#: Where a task may stand, the usual place first. The card, which everybody on the case reads, comes last.
TASK_SECTIONS = (
    Section.ADVOCACY, Section.SERVICES, Section.SHELTER_OPS, Section.HEALTH, Section.COUNSELLING, Section.LEGAL,
    Section.DUTIES, Section.CARD,
)  # fmt: skip


def section_for(writer: Holding, doer: Holding | None) -> Section | None:
    """The first section that both the writer of a task and the one who is to do it may write; None if there is none."""
    shared = (one for one in TASK_SECTIONS if writer.writes(one) and doer is not None and doer.writes(one))
    return next(shared, None)


def put_task(
    *, actor: User, now: datetime, case: Case, section: str, title: str, due_on: date, assigned_to: User,
    matter: Matter | None = None, held: Held | None = None, by_schedule: bool = False, repeats: str | None = None,
    repeats_until: date | None = None, made_from: Task | None = None, subject_uid: UUID | None = None,
) -> Task:  # fmt: skip
    """Write a task, its due row and its notice, inside an action that holds the case. Records TASK_ADDED.

    ``by_schedule``: nobody did it; ``actor`` is in whose name it stands. ``made_from``: the one of a series before it.
    """
    task = Task(
        case=case, section=section, matter=matter, title=title, due_on=due_on, assigned_to=assigned_to, created_by=actor,
        repeats=Repeats(repeats).value if repeats else None, repeats_until=repeats_until if repeats else None,
        made_from=made_from, subject_uid=subject_uid,
    )  # fmt: skip
    task.save()
    set_due(
        case=case, section=section, matter=matter, kind=DueKind.TASK, line=title, subject=task, due_on=due_on,
        assigned_to=assigned_to,
    )  # fmt: skip
    if by_schedule or assigned_to.pk != actor.pk:
        notify(person=assigned_to, kind=DueKind.TASK, about=task, case=case, now=now)
    record(
        Verb.TASK_ADDED,
        actor=None if by_schedule else actor,
        subject=task,
        held=held,
        refs=[assigned_to],
        sections=[section],
    )
    return task


@action
def add_task(
    *, actor: User, now: datetime, case_uid: UUID, title: str, due_on: date, assigned_to: User | None = None,
    section: str | None = None, matter_uid: UUID | None = None, repeats: str = "", repeats_until: date | None = None,
) -> Task:  # fmt: skip
    """Give oneself or a colleague something to do by a day (a local calendar date), once or again and again (``Repeats``).

    Without ``section`` it stands in the first of TASK_SECTIONS that both may write; with ``matter_uid`` in LEGAL.
    Raises Hidden, Refused, CaseIsClosed, NotOnThisPart. Records TASK_ADDED; the assignee finds a notice.
    """
    doer = assigned_to or actor
    if section is None:
        section = Section.LEGAL if matter_uid else _common_section(actor, case_uid, doer)
    held = access.lock_for_write(actor, case_uid, section, matter_uid=matter_uid)
    if doer.pk != actor.pk:
        demand_on_this_part(doer, held.case, section, matter_uid)
    return put_task(
        actor=actor, now=now, case=held.case, section=section, title=title, due_on=due_on, assigned_to=doer,
        matter=held.matter, held=held, repeats=repeats, repeats_until=repeats_until,
    )  # fmt: skip


@action
def change_task(
    *, actor: User, now: datetime, case_uid: UUID, task_uid: UUID, due_on: date | None = None,
    assigned_to: User | None = None, title: str | None = None, repeats: str | None = None,
    repeats_until: date | None = None,
) -> Task:  # fmt: skip
    """Move a task to another day or person, word it anew, or let it come again (``repeats``; "" ends that, None leaves it).

    Raises Hidden, Refused, CaseIsClosed, NotOnThisPart. Records TASK_CHANGED.
    """
    held, task = _lock_task(actor, case_uid, task_uid)
    changed = []
    if title is not None:
        task.title = title
        changed.append("title")
    if due_on is not None and due_on != task.due_on:
        task.due_on = due_on
        changed.append("due_on")
    is_handed_on = assigned_to is not None and assigned_to.pk != task.assigned_to_id
    if assigned_to is not None and is_handed_on:
        demand_on_this_part(assigned_to, held.case, task.section, task.matter_uid)
        task.assigned_to = assigned_to
        changed.append("assigned_to")
    if repeats is not None:
        rhythm = {
            "repeats": Repeats(repeats).value if repeats else None,
            "repeats_until": repeats_until if repeats else None,
        }
        for name, value in rhythm.items():
            if getattr(task, name) != value:
                setattr(task, name, value)
                changed.append(name)
    if not changed:
        return task
    task.save(update_fields=changed)
    if task.done_at is None:
        _follow(task, held.case, title=title)
    if assigned_to is not None and is_handed_on and assigned_to.pk != actor.pk:
        notify(person=assigned_to, kind=DueKind.TASK, about=task, case=held.case, now=now)
    record(
        Verb.TASK_CHANGED, actor=actor, subject=task, held=held, sections=[task.section],
        fields=[f"task.{name}" for name in changed], refs=[task.assigned_to],
    )  # fmt: skip
    return task


@action
def finish_task(*, actor: User, now: datetime, case_uid: UUID, task_uid: UUID) -> Task:
    """Say that a task is done; on a closed case too, because what is left must be tidied. Doing it twice changes nothing.

    The next one of a task that repeats is put on the list, unless the case is closed. Raises Hidden, Refused.
    Records TASK_DONE (and TASK_ADDED).
    """
    held, task = _lock_task(actor, case_uid, task_uid, even_closed=True)
    if task.done_at is None:
        task.done_at, task.done_by = now, actor
        task.save(update_fields=["done_at", "done_by"])
        settle_due(case=held.case, subject_uid=task.uid, now=now)
        record(Verb.TASK_DONE, actor=actor, subject=task, held=held, sections=[task.section])
        _put_next(actor, held, task, now)
    return task


def move_tasks_about(*, case: Case, subject_uids: Collection[UUID], to: date) -> None:
    """Let nobody do before that day (a local calendar date) what is about these records. Inside an action that records."""
    for task in access.within(Task, case).filter(subject_uid__in=subject_uids, done_at__isnull=True, due_on__lt=to):
        task.due_on = to
        task.save(update_fields=["due_on"])
        _follow(task, case)


def finish_tasks_about(*, actor: User, now: datetime, held: Held, subject_uids: Collection[UUID]) -> None:
    """What is about these records is done with them. Inside an action that holds the case. Records TASK_DONE."""
    for task in access.within(Task, held.case).filter(subject_uid__in=subject_uids, done_at__isnull=True):
        task.done_at, task.done_by = now, actor
        task.save(update_fields=["done_at", "done_by"])
        settle_due(case=held.case, subject_uid=task.uid, now=now)
        record(Verb.TASK_DONE, actor=actor, subject=task, held=held, sections=[task.section])


@action
def reopen_task(*, actor: User, now: datetime, case_uid: UUID, task_uid: UUID) -> Task:
    """Take "done" back. Raises Hidden, Refused, CaseIsClosed. Records TASK_REOPENED."""
    held, task = _lock_task(actor, case_uid, task_uid)
    if task.done_at is not None:
        task.done_at = task.done_by = None
        task.save(update_fields=["done_at", "done_by"])
        _follow(task, held.case)
        record(Verb.TASK_REOPENED, actor=actor, subject=task, held=held, sections=[task.section])
    return task


@action
def mark_notices_read(*, actor: User, now: datetime) -> int:
    """Note that the actor has seen her notices, and say how many. Records NOTICES_READ."""
    unread: Any = access.own(Notice, actor, "person").filter(read_at__isnull=True)
    count: int = unread.audited_update(read_at=now)
    if count:
        record(Verb.NOTICES_READ, actor=actor, subject=actor, detail={"count": count})
    return count


def next_day(due_on: date, repeats: str, today: date) -> date:
    """When a task that repeats comes next: in its own rhythm, and after today; days that were missed are not made up."""
    turn, day = 0, due_on
    while day <= max(due_on, today):
        turn += 1
        if repeats in _WEEKS:
            day = due_on + timedelta(weeks=_WEEKS[Repeats(repeats)] * turn)
        else:
            day = months_after(due_on, _MONTHS[Repeats(repeats)] * turn)
    return day


def _put_next(actor: User, held: Held, task: Task, now: datetime) -> None:
    """The next one of a series, once: for the same person, or the one who is done where she may no longer."""
    if task.repeats is None or held.case.is_closed or access.within(Task, held.case).filter(made_from=task).exists():
        return
    day = next_day(task.due_on, task.repeats, house_day(now))
    if task.repeats_until is not None and day > task.repeats_until:
        return
    doer = task.assigned_to
    holding = access.holdings(doer, [held.case]).get(held.case.pk)
    if holding is None or not holding.writes(task.section, task.matter_uid):
        doer = actor
    with open_to_change(actor, held, Section(task.section)):
        title = task.title
    put_task(
        actor=actor, now=now, case=held.case, section=task.section, title=title, due_on=day, assigned_to=doer,
        matter=task.matter, held=held, repeats=task.repeats, repeats_until=task.repeats_until, made_from=task,
        subject_uid=task.subject_uid,
    )  # fmt: skip


def _follow(task: Task, case: Case, *, title: str | None = None) -> None:
    """Let the task's due row say what the task says, and be open again. Its sealed line stays unread."""
    due = access.within(Due, case).filter(kind=DueKind.TASK, subject_uid=task.uid).order_by("-pk").first()
    if due is None:
        return
    due.due_on, due.assigned_to, due.done_at, due.noticed_at = task.due_on, task.assigned_to, None, None
    if title is not None:
        due.line = title
    due.save(update_fields=["due_on", "assigned_to", "done_at", "noticed_at", *(["line"] if title is not None else [])])


def _lock_task(actor: User, case_uid: UUID, task_uid: UUID, *, even_closed: bool = False) -> tuple[Held, Task]:
    """The locked case and the task, for somebody who writes its section."""
    hers = access.visible(Task, actor, None).filter(uid=task_uid, case__uid=case_uid)
    place = hers.values_list("section", "matter_uid").first()
    if place is None:
        raise Hidden
    held = access.lock_for_write(actor, case_uid, place[0], matter_uid=place[1], even_closed=even_closed)
    task = access.within(Task, held.case).select_related("assigned_to", "matter").get(uid=task_uid)
    return held, task


def _common_section(actor: User, case_uid: UUID, doer: User) -> Section:
    """Where a task of two people may stand. Raises Hidden, Refused, CaseIsClosed, NotOnThisPart."""
    case = access.get_for(actor, case_uid)
    assert case.holding is not None  # the door has set it
    if not any(case.holding.writes(section) for section in TASK_SECTIONS):
        raise Refused(write(TASK_SECTIONS[0]))
    if case.is_closed:
        raise CaseIsClosed
    section = section_for(case.holding, access.holdings(doer, [case]).get(case.pk))
    if section is None:
        raise NotOnThisPart
    return section


def demand_on_this_part(doer: User, case: Case, section: str, matter_uid: UUID | None = None) -> None:
    """Raise NotOnThisPart where somebody may not write a part of a case, and so could not finish a task there."""
    holding = access.holdings(doer, [case]).get(case.pk)
    if holding is None or not holding.writes(section, matter_uid):
        raise NotOnThisPart
