"""The nightly verification, and who is told when the ledger was found not to be whole."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.template.loader import render_to_string
from django_tasks_db.models import DBTaskResult

from audit.context import audit_context
from audit.models import Change, Event
from audit.verbs import Outcome, Verb
from casemgmt.operations import schedule, tasks, verifying
from casemgmt.operations.backup.reminders import standing_lines
from casemgmt.operations.models import Reminder
from casemgmt.operations.verifying import keep_ledger_reminder, order_verification
from cases import access
from cases.choices.notices import NOTICE_LEDGER
from cases.models import Notice
from tests.audit.sealing.scene import note, seal, unguarded

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


@pytest.fixture(autouse=True)
def _in_context(db):
    with audit_context("job", "testing"):
        yield


def standing():
    return Reminder.objects.standing().filter(kind="LEDGER")


def work() -> None:
    """What the worker does with the queue."""
    while (row := tasks.claim("here")) is not None:
        tasks.run(row)


def last() -> Event:
    return Event.objects.filter(verb=Verb.LEDGER_VERIFIED).latest("pk")


def test_each_day_the_whole_ledger_is_verified_by_a_task(cast) -> None:
    jobs = {job.name: job for job in schedule.SCHEDULE}
    assert jobs["verify_ledger"].run is order_verification and jobs["verify_ledger"].every.days == 1
    assert {"verify_ledger", "ledger_watch", "anchors"} <= schedule.OPENS_NOTHING
    note(3)
    seal()
    assert Change.objects.exists()
    order_verification()
    assert DBTaskResult.objects.ready().count() == 1
    work()
    assert last().outcome == Outcome.OK and last().detail.shown()["codes"]["since"] == 0
    assert not Change.objects.exclude(transaction_id=Change.objects.latest("pk").transaction_id).exists(), "tidied"
    assert not standing().exists()


def test_whoever_watches_is_told_once_until_a_whole_verification_finds_nothing(cast) -> None:
    note(5)
    seal()
    with unguarded() as run:
        run("UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE position = 0) WHERE position = 3")
    order_verification()
    work()
    assert last().outcome == Outcome.FAILED and standing().count() == 1
    told = access.for_the_house(Notice).filter(kind=NOTICE_LEDGER)
    people = {one.person_id for one in told}
    assert people == {getattr(cast, name).pk for name in ("farid", "kemi", "elif")}
    assert keep_ledger_reminder() and told.count() == 3, "and not again"
    (line,) = [line for line in standing_lines() if line["kind"] == "LEDGER"]
    assert "The ledger was found not to be whole." in render_to_string(
        "operations/_reminders.html", {"reminders": [line]}
    )
    with unguarded() as run:
        run("UPDATE audit_leaf SET hash = %s WHERE position = 3", _hash_at(3))
    order_verification()
    work()
    assert last().outcome == Outcome.OK and not standing().exists()


def _hash_at(position: int) -> bytes:
    from audit.sealing.entries import leaf_of

    event = Event.objects.get(leaf__position=position)
    return leaf_of(bytes(event.canonical), bytes(event.mac))


def test_one_that_only_goes_on_from_a_head_takes_no_finding_back(cast) -> None:
    from audit.log import record

    record(Verb.LEDGER_VERIFIED, actor=None, outcome=Outcome.FAILED, detail={"problems": 1, "kind": "WITNESS"})
    assert keep_ledger_reminder()
    record(Verb.LEDGER_VERIFIED, actor=None, detail={"since": 12, "problems": 0})
    assert keep_ledger_reminder() and standing().exists()
    record(Verb.LEDGER_VERIFIED, actor=None, detail={"since": 0, "problems": 0})
    assert not keep_ledger_reminder() and not standing().exists()


def test_the_doors_drift_is_part_of_it(cast, monkeypatch) -> None:
    """After the ledger's own checks, and recorded with them."""
    seal()  # the world of this module may be older than an event may go unsealed
    monkeypatch.setattr(verifying.access, "drift", lambda: ["0f5c"])
    errors = StringIO()
    with pytest.raises(CommandError, match="1 problems"):
        call_command("audit_verify", stdout=StringIO(), stderr=errors)
    assert "The rows of access 0f5c are not what its ground gives." in errors.getvalue()
    assert last().detail.shown()["codes"]["problems"] == 1 and standing().exists()
