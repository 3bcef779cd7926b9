"""Tasks: one's own by date, and those of a case."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from casemgmt.access.errors import Refused
from casemgmt.access.rules import listing
from casemgmt.access.sections import READ_CARD, Section, write
from casemgmt.accounts.requests import SignedInRequest
from cases import access, opening
from cases.actions.tasks import NEW_TASK_DRAFT, TASK_SECTIONS, add_task, change_task, finish_task, reopen_task
from cases.drafts import kept_draft
from cases.errors import CaseError
from cases.forms.tasks import TaskForm
from cases.guards import guarded
from cases.listing import shown_alias, take_hold
from cases.models import Case, Task
from cases.people import colleagues_on
from cases.views.shell import render_case, viewers_of, visible_names

MOST = 100
DONE_SHOWN = 20
#: Where a button leads back to, by the code it sends. Never an address from outside.
BACK = {"tasks": "tasks", "day": "day", "team": "team", "week": "week", "team-week": "team-week"}


@listing(READ_CARD)
@require_safe
def tasks(request: SignedInRequest) -> HttpResponse:
    """What I have to do, by date, in every case I may open."""
    reader = request.user
    mine = (
        access.visible(Task, reader, None).filter(assigned_to=reader).select_related("case", "case__team", "case__lead")
    )
    todo = list(mine.filter(done_at__isnull=True).order_by("due_on", "pk")[:MOST])
    done = list(mine.filter(done_at__isnull=False).order_by("-done_at", "-pk")[:DONE_SHOWN])
    cases = {task.case_id: task.case for task in [*todo, *done]}
    take_hold(reader, list(cases.values()))
    for task in [*todo, *done]:
        task.case = cases[task.case_id]
    with opening.open_list(reader, list(cases.values()), sections=Section):
        today = timezone.localdate()
        context = {
            "late": [line_of(task) for task in todo if task.due_on < today],
            "today": [line_of(task) for task in todo if task.due_on == today],
            "later": [line_of(task) for task in todo if task.due_on > today],
            "done": [line_of(task) for task in done],
            "back": "tasks",
        }
        return render(request, "cases/tasks.html", context)


@guarded(READ_CARD)
@require_http_methods(["GET", "POST"])
def case_tasks(request: SignedInRequest, case: Case) -> HttpResponse:
    """The tasks of a case, and a form for a new one."""
    assert case.holding is not None  # the door has set it
    may_add = not case.is_closed and any(case.holding.writes(section) for section in TASK_SECTIONS)
    if request.method == "POST" and not may_add and not case.is_closed:
        raise Refused(write(Section.ADVOCACY))
    people = colleagues_on(request.user, case, viewers_of(case))
    form = TaskForm(request.POST if request.method == "POST" else None, people=people, is_new=True)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            add_task(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, title=facts["title"],
                due_on=facts["due_on"], assigned_to=form.doer, **form.rhythm,
            )  # fmt: skip
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The task is on the list."))
            return redirect("case-tasks", uid=case.uid)

    def build() -> dict[str, Any]:
        kept = None if form.is_bound else kept_draft(request.user, NEW_TASK_DRAFT, case.uid)
        if kept is not None:
            form.initial = kept.initial
        rows = access.records(Task, case).select_related("assigned_to")
        todo = rows.filter(done_at__isnull=True).order_by("due_on", "pk")[:MOST]
        done = rows.filter(done_at__isnull=False).order_by("-done_at", "-pk")[:DONE_SHOWN]
        return {
            "form": form,
            "kept": kept,
            "may_add": may_add,
            "todo": [line_in_case(request, case, task) for task in todo],
            "done": [line_in_case(request, case, task) for task in done],
            "back": "case",
        }

    return render_case(request, case, "overview", "cases/tasks_of_case.html", build, status=422 if form.errors else 200)


@guarded(READ_CARD)
@require_http_methods(["GET", "POST"])
def task_edit(request: SignedInRequest, case: Case, task_uid: UUID) -> HttpResponse:
    """Another day, another person, other words."""
    task = access.get_record(Task, case, task_uid)
    assert case.holding is not None  # the door has set it
    if not case.holding.writes(task.section, task.matter_uid):
        raise Refused(write(Section(task.section)) if task.section != Section.LEGAL_FILE else "write_matter")
    people = colleagues_on(request.user, case, viewers_of(case))
    if request.user.organisation_id != case.organisation_id and task.assigned_to_id != request.user.pk:
        # The form would name a colleague of the organisation; a task of theirs is theirs.
        raise Refused(write(Section(task.section)))
    if task.assigned_to_id not in {person.pk for person in people}:
        people.append(task.assigned_to)
    form = TaskForm(request.POST if request.method == "POST" else None, people=people)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            change_task(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, task_uid=task_uid,
                title=facts["title"], due_on=facts["due_on"], assigned_to=form.doer, **form.rhythm,
            )  # fmt: skip
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The task is changed."))
            return redirect("case-tasks", uid=case.uid)

    def build() -> dict[str, Any]:
        if not form.is_bound:
            form.initial = {
                "title": task.title, "due_on": task.due_on, "assigned_to": str(task.assigned_to.uid),
                "repeats": task.repeats or "", "repeats_until": task.repeats_until,
            }  # fmt: skip
        names = visible_names(request.user, case, viewers_of(case), task.section, task.matter_uid)
        return {"form": form, "task": task, "names": names}

    return render_case(request, case, "overview", "cases/task_form.html", build, status=422 if form.errors else 200)


@guarded(READ_CARD)
@require_POST
def task_done(request: SignedInRequest, case: Case, task_uid: UUID) -> HttpResponse:
    """One click: done."""
    access.get_record(Task, case, task_uid)
    finish_task(actor=request.user, now=clock.now(), case_uid=case.uid, task_uid=task_uid)
    messages.success(request, _("Done."))
    return _back(request, case)


@guarded(READ_CARD)
@require_POST
def task_reopen(request: SignedInRequest, case: Case, task_uid: UUID) -> HttpResponse:
    """Not done after all."""
    access.get_record(Task, case, task_uid)
    try:
        reopen_task(actor=request.user, now=clock.now(), case_uid=case.uid, task_uid=task_uid)
    except CaseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The task is open again."))
    return _back(request, case)


def line_of(task: Task) -> dict[str, Any]:
    """One task as a list shows it. Read inside an opening of its case."""
    holding = task.case.holding
    return {
        "task": task,
        "case": task.case,
        "title": task.title,
        "alias": shown_alias(task.case),
        "may_finish": holding is not None and holding.writes(task.section, task.matter_uid),
    }


def line_in_case(request: SignedInRequest, case: Case, task: Task) -> dict[str, Any]:
    """One task as a page of its case shows it. Read while the case is open."""
    assert case.holding is not None  # the door has set it
    return {
        "task": task,
        "case": case,
        "title": task.title,
        "who": task.assigned_to.name if request.user.organisation_id == case.organisation_id else "",
        "may_finish": case.holding.writes(task.section, task.matter_uid),
        "may_change": case.holding.writes(task.section, task.matter_uid) and not case.is_closed,
        "names": visible_names(request.user, case, viewers_of(case), task.section, task.matter_uid),
    }


def _back(request: SignedInRequest, case: Case) -> HttpResponse:
    back = BACK.get(request.POST.get("back", ""))
    if back:
        return redirect(back)
    return redirect("case-reintegration" if request.POST.get("back") == "goals" else "case-tasks", uid=case.uid)
