"""What a locked office stops beside the pages: idle processes forget their keys, and jobs that would fetch them wait."""

import threading
import time

import pytest

from audit import clock
from casemgmt.accounts.actions import house
from casemgmt.crypto import keyring
from casemgmt.operations import forgetting, schedule
from casemgmt.operations.models import ScheduledJob
from tests import make


@pytest.mark.django_db(databases=["default", "keystore"])
def test_jobs_that_open_something_wait_until_the_office_is_open(cast):
    house.lock_office(actor=cast.omar, now=clock.now())
    schedule.run_what_is_due()
    ran = set(ScheduledJob.objects.filter(last_at__isnull=False).values_list("name", flat=True))
    assert ran == schedule.OPENS_NOTHING
    house.open_office(actor=cast.omar, now=clock.now())
    house.open_office(actor=cast.kemi, now=clock.now())
    schedule.run_what_is_due()
    assert "due_rows" in set(ScheduledJob.objects.filter(last_at__isnull=False).values_list("name", flat=True))


def test_every_name_is_that_of_a_job():
    assert {job.name for job in schedule.SCHEDULE} >= schedule.OPENS_NOTHING


def test_an_idle_process_forgets_what_it_was_told_to_forget(monkeypatch):
    """The thread alone does it: this process asks for nothing meanwhile."""
    asked = []
    monkeypatch.setattr(forgetting.keyring, "begin_request", lambda: asked.append(threading.current_thread().name))
    stopping = threading.Event()
    thread = threading.Thread(target=forgetting.watch, args=(stopping, 0.01), name="forgetting", daemon=True)
    thread.start()
    until = time.monotonic() + 5
    while len(asked) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    stopping.set()
    thread.join(5)
    assert len(asked) >= 3 and set(asked) == {"forgetting"} and not thread.is_alive()


def test_looking_after_the_version_moved_drops_opened_keys(cast):
    case = make.case(cast.amina, cast.team_of("amina"))
    keyring.fingerprint(case.uid, "CORE", "test", "x")
    assert len(keyring._opened) + len(keyring._authenticators) + len(keyring._wrapped) > 0
    keyring.move_version()
    keyring.begin_request()
    assert len(keyring._opened) + len(keyring._authenticators) + len(keyring._wrapped) == 0
