"""Tasks that come again: the next one when one is done, once, in its own rhythm, and until somebody ends it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from cases import access
from cases.actions.grants import revoke_access
from cases.actions.tasks import add_task, change_task, finish_task, next_day, reopen_task
from cases.choices.casework import DueKind, Repeats
from cases.models import Due, Task
from tests import make
from tests.cases import stored

LADDER = "Fetch the turquoise ladder"
MONDAY = date(2026, 3, 2)


def every_week(case, actor, **more):
    facts = {"title": LADDER, "due_on": timezone.localdate() + timedelta(days=3), "repeats": Repeats.WEEKLY, **more}
    return add_task(actor=actor, now=clock.now(), case_uid=case.uid, **facts)


def finish(case, actor, task):
    return finish_task(actor=actor, now=clock.now(), case_uid=case.uid, task_uid=task.uid)


def open_tasks(case):
    return list(access.for_the_house(Task).filter(case=case, done_at__isnull=True))


@pytest.mark.parametrize(
    ("first", "repeats", "today", "wanted"),
    [
        (MONDAY, Repeats.WEEKLY, MONDAY, date(2026, 3, 9)),
        (MONDAY, Repeats.WEEKLY, date(2026, 2, 20), date(2026, 3, 9)),  # done early: not twice for one Monday
        (MONDAY, Repeats.WEEKLY, date(2026, 3, 16), date(2026, 3, 23)),  # done late: what was missed is not made up
        (MONDAY, Repeats.FORTNIGHTLY, date(2026, 3, 20), date(2026, 3, 30)),
        (date(2026, 1, 31), Repeats.MONTHLY, date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 1, 31), Repeats.MONTHLY, date(2026, 3, 1), date(2026, 3, 31)),
        (date(2026, 11, 30), Repeats.QUARTERLY, date(2026, 11, 30), date(2027, 2, 28)),
    ],
)
def test_the_next_day_keeps_the_rhythm_and_lies_ahead(first, repeats, today, wanted):
    assert next_day(first, repeats, today) == wanted


def test_the_next_one_is_on_the_list_as_soon_as_one_is_done_and_only_once(cast, case, events):
    task = every_week(case, cast.amina)
    finish(case, cast.amina, task)
    finish(case, cast.amina, task)  # a second click
    [after] = open_tasks(case)
    assert (after.due_on, after.made_from_id, after.repeats) == (task.due_on + timedelta(days=7), task.pk, "WEEKLY")
    reopen_task(actor=cast.amina, now=clock.now(), case_uid=case.uid, task_uid=task.uid)
    finish(case, cast.amina, task)
    assert open_tasks(case) == [after]
    dues = access.for_the_house(Due).filter(case=case, kind=DueKind.TASK, done_at__isnull=True)
    assert [due.subject_uid for due in dues] == [after.uid]
    assert len(events("TASK_ADDED", case.uid)) == 2
    assert LADDER.encode() not in stored.dump()


def test_the_series_ends_with_its_last_day_with_the_case_and_when_somebody_ends_it(cast, case):
    until = timezone.localdate() + timedelta(days=9)
    task = every_week(case, cast.amina, repeats_until=until)
    finish(case, cast.amina, task)
    assert open_tasks(case) == []
    ended = every_week(case, cast.amina)
    change_task(actor=cast.amina, now=clock.now(), case_uid=case.uid, task_uid=ended.uid, repeats="")
    finish(case, cast.amina, ended)
    assert open_tasks(case) == []
    left = every_week(case, cast.amina)
    make.closed(case, cast.amina)
    finish(case, cast.amina, left)
    assert open_tasks(case) == []


def test_where_its_doer_has_left_the_case_the_next_one_is_hers_who_is_done(cast, case):
    assigned = make.colleague(case, cast.bea, cast.dana, "ASSIGNMENT")
    task = every_week(case, cast.amina, assigned_to=cast.dana)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=assigned.uid, reason="ROLE_CHANGED")
    finish(case, cast.amina, task)
    assert [after.assigned_to for after in open_tasks(case)] == [cast.amina]


def test_the_page_asks_how_often_and_says_so_on_the_list(cast, case, sign_in):
    client, page = sign_in(cast.amina), reverse("case-tasks", args=[case.uid])
    today = timezone.localdate()
    form = {
        "title": LADDER, "due_on": str(today + timedelta(days=1)), "assigned_to": str(cast.amina.uid),
        "repeats": "MONTHLY", "repeats_until": str(today),
    }  # fmt: skip
    refused = client.post(page, form)
    assert refused.status_code == 422 and "before the first day" in refused.text and LADDER in refused.text
    unsaid = client.post(page, {**form, "repeats": ""})
    assert unsaid.status_code == 422 and "Say how often it comes again" in unsaid.text
    assert client.post(page, {**form, "repeats_until": ""}).status_code == 302
    assert "Every month" in client.get(page).text
    [task] = open_tasks(case)
    change = reverse("case-task", args=[case.uid, task.uid])
    assert client.post(change, {**form, "repeats": "", "repeats_until": ""}).status_code == 302
    assert open_tasks(case)[0].repeats is None
