"""Tasks of the queue: once, again after a pause, swept after a kill; and never a value in what is written about them."""

from datetime import timedelta

import pytest
from django.conf import settings
from django_tasks_db.models import DBTaskResult

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.operations import tasks
from casemgmt.operations.models import WorkerBeat
from tests.operations import jobs

PLACE, OWN = "here", "here-1"


@pytest.fixture
def queue(db):
    """An empty queue."""
    DBTaskResult.objects.all().delete()


def enqueue(task, *arguments) -> DBTaskResult:
    return DBTaskResult.objects.get(pk=task.enqueue(*arguments).id)


def beat(name: str, place: str, *, ago: timedelta = timedelta(0)) -> None:
    WorkerBeat.objects.create(name=name, place=place, seen_at=clock.now() - ago)


def test_runs_and_settles(queue):
    row = enqueue(jobs.leave_mark, "mark-settles")
    claimed = tasks.claim(OWN)
    assert claimed.pk == row.pk
    tasks.run(claimed)
    row.refresh_from_db()
    assert (row.status, row.return_value) == ("SUCCESSFUL", "left")
    assert (settings.HAVEN_HOME / "mark-settles").read_text() == "done\n"
    event = Event.objects.filter(verb=Verb.JOB_RUN).latest("pk")
    assert (event.source, event.actor_uid) == ("job", None)


def test_claimed_only_once(queue):
    enqueue(jobs.leave_mark, "mark-once")
    assert tasks.claim("one") is not None
    assert tasks.claim("two") is None


def test_failure_comes_again_after_growing_pauses_then_stays(queue):
    row = enqueue(jobs.fail, "Sunflower")
    pauses = []
    for attempt in range(1, tasks.ATTEMPTS + 1):
        DBTaskResult.objects.filter(pk=row.pk).update(run_after=clock.now())
        before = clock.now()
        tasks.run(tasks.claim(OWN))
        row.refresh_from_db()
        assert len(row.worker_ids) == attempt
        if attempt < tasks.ATTEMPTS:
            assert row.status == "READY"
            assert tasks.claim(OWN) is None, "it must wait first"
            pauses.append(round((row.run_after - before).total_seconds() / 20))
    assert pauses == [1, 2, 4, 8]
    assert row.status == "FAILED"
    assert Event.objects.filter(verb=Verb.JOB_FAILED).count() == tasks.ATTEMPTS


def test_failure_keeps_kind_and_place_but_no_message(queue):
    row = enqueue(jobs.fail, "Sunflower")
    tasks.run(tasks.claim(OWN))
    row.refresh_from_db()
    assert row.exception_class_path == "builtins.ValueError"
    assert "jobs.py" in row.traceback
    assert "canary" not in row.traceback and "Sunflower" not in row.traceback


def test_left_behind_by_a_dead_worker_of_this_home_is_swept_at_once(queue):
    row = enqueue(jobs.leave_mark, "mark-swept")
    beat("here-0", PLACE)
    tasks.claim("here-0")
    assert tasks.sweep(PLACE, OWN) == 1
    tasks.run(tasks.claim(OWN))
    row.refresh_from_db()
    assert row.status == "SUCCESSFUL"
    assert row.worker_ids == ["here-0", OWN]


def test_what_this_worker_runs_now_is_left_alone(queue):
    enqueue(jobs.leave_mark, "mark-own")
    beat(OWN, PLACE)
    tasks.claim(OWN)
    assert tasks.sweep(PLACE, OWN) == 0


@pytest.mark.parametrize(("ago", "swept"), [(timedelta(seconds=100), 0), (timedelta(seconds=121), 1)])
def test_worker_of_another_machine_is_believed_in_for_two_minutes(queue, ago, swept):
    enqueue(jobs.leave_mark, "mark-far")
    beat("there-1", "there", ago=ago)
    tasks.claim("there-1")
    assert tasks.sweep(PLACE, OWN) == swept


def test_task_that_kills_its_workers_ends(queue):
    row = enqueue(jobs.leave_mark, "mark-killer")
    for number in range(tasks.ATTEMPTS):
        tasks.claim(f"here-dead-{number}")
        tasks.sweep(PLACE, OWN)
    row.refresh_from_db()
    assert row.status == "FAILED"
    assert row.exception_class_path.endswith("TaskGone")


def test_worker_thought_dead_does_not_overwrite_its_successor(queue):
    row = enqueue(jobs.leave_mark, "mark-late")
    late = tasks.claim("there-1")
    tasks.sweep(PLACE, OWN)
    second = tasks.claim(OWN)
    tasks.run(late)
    row.refresh_from_db()
    assert row.status == "RUNNING"
    tasks.run(second)
    row.refresh_from_db()
    assert row.status == "SUCCESSFUL"


def test_finished_rows_go_after_two_weeks(queue):
    row = enqueue(jobs.leave_mark, "mark-old")
    tasks.run(tasks.claim(OWN))
    assert tasks.forget_finished() == 0
    DBTaskResult.objects.filter(pk=row.pk).update(finished_at=clock.now() - timedelta(days=15))
    assert tasks.forget_finished() == 1
