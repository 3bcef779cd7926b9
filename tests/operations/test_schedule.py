"""The schedule: each job in its time, by one worker, whatever another job does."""

from datetime import timedelta

import pytest

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.operations import schedule
from casemgmt.operations.models import ScheduledJob


@pytest.fixture
def ran(db, monkeypatch):
    """A schedule of two jobs, the first of which fails; a list of what ran."""
    done: list[str] = []

    def break_down() -> None:
        done.append("broken")
        raise LookupError("canary Marigold")

    every = timedelta(minutes=5)
    jobs = (
        schedule.Job("broken", every, break_down, "A test."),
        schedule.Job("sound", every, lambda: done.append("sound"), "A test."),
    )
    monkeypatch.setattr(schedule, "SCHEDULE", jobs)
    return done


def test_each_runs_once_in_its_time(ran):
    schedule.run_what_is_due()
    schedule.run_what_is_due()
    assert ran == ["broken", "sound"]
    ScheduledJob.objects.update(next_at=clock.now())
    schedule.run_what_is_due()
    assert ran == ["broken", "sound"] * 2


def test_failure_is_recorded_and_stops_nothing(ran):
    schedule.run_what_is_due()
    row = ScheduledJob.objects.get(name="broken")
    assert (row.outcome, row.failures) == ("FAILED", 1)
    assert ScheduledJob.objects.get(name="sound").outcome == "DONE"
    event = Event.objects.filter(verb=Verb.JOB_FAILED).latest("pk")
    assert "Marigold" not in str(event.__dict__)


def test_two_workers_run_it_once(ran, monkeypatch):
    job = schedule.SCHEDULE[1]
    assert schedule._take(job)
    assert not schedule._take(job)


def test_real_jobs_run(db):
    assert schedule.run_what_is_due() == len(schedule.SCHEDULE)
    assert set(ScheduledJob.objects.values_list("outcome", flat=True)) == {"DONE"}
