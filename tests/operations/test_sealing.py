"""The sealer in the engine room: the commands, the loop, the metric, and who is told when nothing is sealed."""

import json
import threading
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.template.loader import render_to_string

from audit.context import audit_context
from audit.models import Checkpoint, Event, Leaf
from audit.sealing import keys
from audit.sealing.sealer import Sealer, SealRefused
from audit.verbs import Verb
from casemgmt.crypto.errors import KeystoreUnavailable
from casemgmt.operations import health, schedule, sealing, worker
from casemgmt.operations.backup import reminders
from casemgmt.operations.models import Reminder
from casemgmt.operations.sealing import SealingLoop, keep_sealing_reminder, sealing_state
from casemgmt.operations.worker import Worker
from cases import access
from cases.choices.notices import NOTICE_SEALING
from cases.models import Notice
from tests.audit.sealing.scene import demand_whole, note, seal, unguarded

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


@pytest.fixture(autouse=True)
def no_second_look(monkeypatch):
    monkeypatch.setattr(sealing, "SECOND_LOOK", 0)


@pytest.fixture
def stay_connected(monkeypatch):
    """The loop closes its connections; here it shares that of the test."""
    monkeypatch.setattr(sealing, "close_old_connections", lambda: None)
    monkeypatch.setattr(sealing.connections, "close_all", lambda: None)


def run(*words: str, **how) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=StringIO(), **how)
    return out.getvalue()


def test_once(db):
    note(3)
    everything = Event.objects.count()
    assert run("audit_seal", "--once") == f"{everything} events were sealed; the ledger has {everything}.\n"
    assert run("audit_seal", "--once") == f"0 events were sealed; the ledger has {everything}.\n"
    assert demand_whole() == everything


def test_once_says_what_it_found_and_what_it_refuses(db):
    events = note(3)
    with unguarded() as do:
        do("UPDATE audit_event SET mac = salt WHERE id = %s", events[-1].pk)
    with pytest.raises(CommandError, match="Run audit_verify"):
        run("audit_seal", "--once")
    assert Leaf.objects.count() == Event.objects.count() - 1, "the event that tells it comes next"
    with unguarded() as do:
        do("DELETE FROM audit_leaf WHERE position = (SELECT max(position) FROM audit_leaf)")
    with pytest.raises(CommandError, match="is missing"):
        run("audit_seal", "--once")


def test_the_key_file_and_a_rotation(db):
    note()
    seal()
    (line,) = [line for line in run("audit_keys").splitlines() if not line.startswith("#")]
    since, until, key = line.split(" ")
    assert (until, key) == ("-", str(keys.listed()[0].verifier)) and since.endswith("Z")
    with pytest.raises(CommandError, match="Say why"):
        run("audit_keys", "--rotate")
    lines = run("audit_keys", "--rotate", "--reason", "Somebody who could reach the keys left.").splitlines()[2:]
    assert [one.split(" ")[1] == "-" for one in lines] == [False, True] and lines[0].endswith(key)
    told = Event.objects.latest("pk")
    assert told.verb == Verb.KEY_ROTATED and told.detail.shown()["codes"] == {"key": "CHECKPOINT", "epoch": 2}
    seal()
    assert demand_whole() == Event.objects.count()


def test_the_loop_stops_when_it_is_told(db, stay_connected):
    note(3)
    stopping = threading.Event()
    loop = SealingLoop(stopping, interval=0.01)
    passes = []
    once = loop.once

    def counted():
        passes.append(once())
        if len(passes) == 2:
            note()
        if len(passes) == 4:
            stopping.set()

    loop.once = counted
    loop.run()
    assert len(passes) == 4 and Checkpoint.objects.count() == 2
    assert demand_whole() == Event.objects.count()


def test_many_events_are_not_kept_waiting(db, monkeypatch):
    monkeypatch.setattr(sealing, "MANY", 5)
    seal()
    loop = SealingLoop(threading.Event(), interval=2.0)
    note(5)
    start = time.monotonic()
    loop._wait()
    assert 0.4 < time.monotonic() - start < 1.5


def test_it_sweeps_at_first_and_once_an_hour(db, monkeypatch):
    asked = []
    monkeypatch.setattr(Sealer, "seal_all", lambda _self, sweep: asked.append(sweep) or sealing.Pass())
    loop = SealingLoop(threading.Event())
    loop.once()
    loop.once()
    loop.swept_at -= sealing.SWEEP_EVERY + 1
    loop.once()
    assert asked == [True, False, True]


def test_what_passes_by_itself_ends_no_loop(db, monkeypatch):
    def down(self, sweep):
        raise KeystoreUnavailable("The key store does not answer.")

    monkeypatch.setattr(Sealer, "seal_all", down)
    assert not SealingLoop(threading.Event()).turn()


def test_that_nothing_is_signed_is_told_once(db, monkeypatch):
    def refuse(self, sweep):
        raise SealRefused("A leaf is missing.")

    monkeypatch.setattr(Sealer, "seal_all", refuse)
    loop = SealingLoop(threading.Event())
    before = Event.objects.count()
    assert not loop.turn() and not loop.turn()
    told = Event.objects.latest("pk")
    assert (told.verb, told.outcome, Event.objects.count()) == (Verb.LEDGER_VERIFIED, "FAILED", before + 1)


def test_the_metric(db, client, monkeypatch, settings):
    monkeypatch.setattr(health, "database_state", lambda alias: "ok")
    seal()
    assert sealing_state() == sealing.SealingState(0, 0.0, False)
    note(4)
    state = sealing_state()
    assert (state.waiting, state.is_late) == (4, False) and 0 <= state.seconds < 60
    settings.SEALING_LATE_AFTER_MINUTES = 0
    told = json.loads(client.get("/healthz").content)
    assert (told["status"], told["sealing"]["late"], told["sealing"]["waiting"]) == ("ok", True, 4)
    seal()
    assert json.loads(client.get("/healthz").content)["sealing"] == {"late": False, "seconds": 0, "waiting": 0}


def test_the_administrators_are_told_while_it_is_late(cast, settings):
    seal()
    note()
    assert not keep_sealing_reminder() and not Reminder.objects.standing().exists()
    settings.SEALING_LATE_AFTER_MINUTES = 0
    with_context(keep_sealing_reminder)
    with_context(keep_sealing_reminder)
    (reminder,) = Reminder.objects.standing().filter(kind="SEALING")
    told = access.for_the_house(Notice).filter(kind=NOTICE_SEALING)
    assert [notice.person for notice in told] == [cast.farid] and told[0].case is None
    assert [line for line in reminders.standing_lines() if line["kind"] == "SEALING"] == [
        {"kind": "SEALING", "last": Checkpoint.objects.latest("size").sealed_at}
    ]
    seal()
    assert not with_context(keep_sealing_reminder)
    reminder.refresh_from_db()
    assert reminder.done_at is not None


def test_the_page_says_it(cast, settings):
    seal()
    note()
    settings.SEALING_LATE_AFTER_MINUTES = 0
    with_context(keep_sealing_reminder)
    shown = render_to_string("operations/_reminders.html", {"reminders": reminders.standing_lines()})
    assert "The ledger is not being sealed." in shown and "The last seal is of" in shown


def test_a_late_event_that_is_sealed_meanwhile_is_no_alarm(cast, monkeypatch, settings):
    """A long transaction has just ended: its events are old at once, and sealed a moment later."""
    (event,) = note()
    with unguarded() as do:
        seal_time = timedelta(hours=1)
        do("UPDATE audit_event SET recorded_at = %s WHERE id = %s", _stored(event.recorded_at - seal_time), event.pk)
    monkeypatch.setattr(sealing.time, "sleep", lambda _seconds: seal())
    assert not with_context(keep_sealing_reminder)
    assert not Reminder.objects.exists()


def test_the_watch_is_on_the_schedule_and_opens_nothing():
    assert "sealing_watch" in {job.name for job in schedule.SCHEDULE} & schedule.OPENS_NOTHING


@pytest.mark.parametrize("seals", [True, False])
def test_a_worker_that_runs_once_seals_unless_another_process_does(seals, db, settings, monkeypatch):
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)  # it shares the connection of the test
    settings.SEAL_IN_WORKER = seals
    note()
    Worker(settings.HAVEN_HOME).run_once()
    assert Leaf.objects.exists() is seals


def with_context(do):
    with audit_context("job", "testing"):
        return do()


def _stored(moment):
    return moment if connection.vendor == "postgresql" else moment.replace(tzinfo=None).isoformat(" ")
