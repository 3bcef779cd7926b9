"""Tasks: given, done, handed on, and seen only by those who work on that part."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from cases import access
from cases.actions.tasks import add_task, change_task, finish_task, reopen_task
from cases.choices.casework import DueKind
from cases.errors.casework import CaseIsClosed, NotOnThisPart
from cases.models import Due, Notice, Task
from tests import make
from tests.cases import stored

CANARY = "Fetch the turquoise ladder"


def given(case, actor, title=CANARY, days=3, **more):
    due_on = timezone.localdate() + timedelta(days=days)
    return add_task(actor=actor, now=clock.now(), case_uid=case.uid, title=title, due_on=due_on, **more)


def page_of(case):
    return reverse("case-tasks", args=[case.uid])


def act(name, case, task):
    return reverse(name, args=[case.uid, task.uid])


def open_dues(case):
    return list(access.for_the_house(Due).filter(case__uid=case.uid, kind=DueKind.TASK, done_at__isnull=True))


def test_a_task_is_written_listed_and_recorded(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    form = {"title": CANARY, "due_on": str(timezone.localdate()), "assigned_to": str(cast.amina.uid)}
    assert client.post(page_of(case), form).status_code == 302
    for url in (page_of(case), reverse("tasks"), reverse("day"), reverse("case-overview", args=[case.uid])):
        assert CANARY in client.get(url).text, url
    [event] = events("TASK_ADDED", case.uid)
    assert event.actor_uid == cast.amina.uid and event.section_codes == ["ADVOCACY"]
    assert CANARY.encode() not in stored.dump()


def test_a_stranger_gets_404_and_a_colleague_without_the_section_403(cast, case, clinician, sign_in):
    task = given(case, cast.amina)
    assert sign_in(cast.dana).get(page_of(case)).status_code == 404
    assert sign_in(cast.dana).post(act("case-task-done", case, task)).status_code == 404
    for name in ("case-task-done", "case-task-reopen", "case-task"):
        assert sign_in(clinician).post(act(name, case, task)).status_code == 403, name
    assert CANARY not in sign_in(clinician).get(page_of(case)).text


def test_wrong_method(cast, case, sign_in):
    task = given(case, cast.amina)
    client = sign_in(cast.amina)
    assert client.get(act("case-task-done", case, task)).status_code == 405
    assert client.get(act("case-task-reopen", case, task)).status_code == 405
    assert client.delete(page_of(case)).status_code == 405
    assert client.post(reverse("tasks")).status_code == 405


def test_done_and_not_done_after_all(cast, case, sign_in, events):
    task = given(case, cast.amina)
    client = sign_in(cast.amina)
    assert client.post(act("case-task-done", case, task), {"back": "tasks"}).url == reverse("tasks")
    assert open_dues(case) == [] and len(events("TASK_DONE", case.uid)) == 1
    client.post(act("case-task-done", case, task))
    assert len(events("TASK_DONE", case.uid)) == 1
    client.post(act("case-task-reopen", case, task), {"back": "https://evil.example/"})
    [due] = open_dues(case)
    assert due.subject_uid == task.uid and len(events("TASK_REOPENED", case.uid)) == 1
    assert CANARY in client.get(reverse("day")).text


def test_a_task_for_a_colleague_stands_where_both_write_and_leaves_a_notice(cast, case):
    task = given(case, cast.amina, assigned_to=cast.bea)
    assert task.section == "DUTIES"
    [notice] = access.own(Notice, cast.bea, "person")
    assert notice.about_uid == task.uid and notice.kind == DueKind.TASK
    assert not access.own(Notice, cast.amina, "person").filter(about_uid=task.uid).exists()


def test_nobody_is_given_what_she_could_not_see(cast, case, clinician):
    with pytest.raises(NotOnThisPart):
        given(case, cast.amina, assigned_to=cast.dana)
    with pytest.raises(NotOnThisPart):
        given(case, cast.amina, assigned_to=clinician)
    with pytest.raises(NotOnThisPart):
        given(case, cast.amina, section="ADVOCACY", assigned_to=cast.bea)
    with pytest.raises(Hidden):
        given(case, cast.dana)
    with pytest.raises(Refused):
        given(case, clinician, section="ADVOCACY")


def test_a_task_moves_to_another_day_and_person(cast, case, events):
    task = given(case, cast.amina, section="DUTIES")
    later = timezone.localdate() + timedelta(days=30)
    change_task(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, task_uid=task.uid, due_on=later, assigned_to=cast.bea
    )
    [due] = open_dues(case)
    assert due.due_on == later and due.assigned_to_id == cast.bea.pk
    [event] = events("TASK_CHANGED", case.uid)
    assert event.detail.content["fields"] == ["task.assigned_to", "task.due_on"]
    same = change_task(actor=cast.amina, now=clock.now(), case_uid=case.uid, task_uid=task.uid, due_on=later)
    assert same.due_on == later and len(events("TASK_CHANGED", case.uid)) == 1


def test_the_page_changes_a_task_in_one_go(cast, case, sign_in):
    task = given(case, cast.amina)
    client = sign_in(cast.amina)
    assert CANARY in client.get(act("case-task", case, task)).text
    form = {"title": "Fetch the ladder", "due_on": "2031-05-06", "assigned_to": str(cast.amina.uid)}
    assert client.post(act("case-task", case, task), form).status_code == 302
    page = client.get(page_of(case)).text
    assert "Fetch the ladder" in page and "6 May 2031" in page
    assert "Fetch the ladder" in client.get(reverse("case-overview", args=[case.uid])).text


def test_on_a_closed_case_tasks_can_be_finished_but_not_added(cast, case, sign_in):
    task = given(case, cast.amina)
    make.closed(case, cast.amina)
    with pytest.raises(CaseIsClosed):
        given(case, cast.amina)
    finish_task(actor=cast.amina, now=clock.now(), case_uid=case.uid, task_uid=task.uid)
    with pytest.raises(CaseIsClosed):
        reopen_task(actor=cast.amina, now=clock.now(), case_uid=case.uid, task_uid=task.uid)
    answer = sign_in(cast.amina).post(act("case-task-reopen", case, task), follow=True)
    assert "closed" in answer.text


@pytest.mark.sql
def test_a_form_sent_twice_makes_one_task(cast, case, sign_in):
    client = sign_in(cast.amina)
    form = {
        "title": "Once", "due_on": str(timezone.localdate()), "assigned_to": str(cast.amina.uid), "form_key": str(uuid4()),
    }  # fmt: skip
    client.post(page_of(case), form)
    client.post(page_of(case), form)
    assert access.for_the_house(Task).filter(case__uid=case.uid).count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", "nul\x00byte", "cannot be kept"),
        ("title", "", "Say what"),
        ("due_on", "2001-01-01", "already passed"),
        ("due_on", "soon", "year-month-day"),
        ("assigned_to", "00000000-0000-4000-8000-000000000001", "Choose one"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(cast, case, sign_in, field, value, words):
    form = {"title": "x y", "due_on": str(timezone.localdate()), "assigned_to": str(cast.amina.uid), field: value}
    page = sign_in(cast.amina).post(page_of(case), form)
    assert page.status_code == 422 and words in page.text


@pytest.mark.parametrize("number", ["A123456789", "123456789", "12345678"])
def test_r14_no_official_number_stands_in_a_title(cast, case, sign_in, number):
    form = {"title": f"Renew {number}", "due_on": str(timezone.localdate()), "assigned_to": str(cast.amina.uid)}
    page = sign_in(cast.amina).post(page_of(case), form)
    assert page.status_code == 422 and "Leave official numbers out of the title" in page.text
    assert not access.for_the_house(Task).exists()


@pytest.mark.sql
def test_my_tasks_cost_the_same_for_three_and_thirty(cast, case, sign_in):
    client = sign_in(cast.amina)
    for number in range(3):
        given(case, cast.amina, title=f"Task {number}")
    client.get(reverse("tasks"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("tasks"))
    few_queries = len(few)
    other = make.case(cast.amina, cast.team_of("amina"))
    for number in range(27):
        given(other, cast.amina, title=f"Task {number}")
    client.get(reverse("tasks"))
    with CaptureQueriesContext(connection) as many:
        page = client.get(reverse("tasks"))
    assert page.text.count("Task ") >= 30
    assert len(many) == few_queries > 0
