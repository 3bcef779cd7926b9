"""The badge tells the truth: every state from a ledger in that state."""

from datetime import timedelta

import pytest

from audit import clock
from audit.log import record
from audit.models import Checkpoint, Event
from audit.sealing import lag
from audit.verbs import Outcome, Verb
from audit.verify import verify_and_record
from audit.workspace import badge as badges
from audit.workspace.badge import State, badge
from tests.audit.sealing.scene import note, seal, unguarded

pytestmark = [
    pytest.mark.sql,
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
]


def test_never_then_whole() -> None:
    note(3)
    assert (badge().state, badge().size) == (State.NEVER, 0)
    seal()
    verify_and_record(None)
    note(2)
    now = badge()
    head = Checkpoint.objects.latest("size")
    assert (now.state, now.size, now.root) == (State.WHOLE, head.size, bytes(head.root).hex())
    assert (now.since, now.waiting, now.problems) == (2, 3, 0)
    assert now.events >= 3 and now.verified_at is not None


def test_found_problems() -> None:
    record(Verb.LEDGER_VERIFIED, actor=None, outcome=Outcome.FAILED, detail={"problems": 2})
    assert (badge().state, badge().problems, badge().tone) == (State.PROBLEMS, 2, "bad")


def test_too_old(settings) -> None:
    note()
    seal()
    verify_and_record(None)
    settings.AUDIT_VERIFIED_WITHIN_HOURS = 0
    assert badge().state == State.OLD


def test_not_sealed_in_time(monkeypatch) -> None:
    seal()
    verify_and_record(None)
    late = lag.Lag(4, clock.now() - timedelta(minutes=6), 1)
    monkeypatch.setattr(badges.lag, "lag", lambda: late)
    assert (badge().state, badge().waiting) == (State.LATE, 4)
    assert badge().lag_seconds >= 360


def test_a_lie_is_not_believed() -> None:
    """FAILED made OK in the column; and a ledger cut back below the head that was verified."""
    note(3)
    seal()
    verify_and_record(None)
    note(3)
    seal()
    last = Event.objects.filter(verb=Verb.LEDGER_VERIFIED).latest("pk")
    record(Verb.LEDGER_VERIFIED, actor=None, outcome=Outcome.FAILED, detail={"problems": 2})
    with unguarded():
        Event.objects.filter(verb=Verb.LEDGER_VERIFIED).exclude(pk=last.pk).update(outcome="OK")
    assert badge().state == State.DOUBTFUL
    with unguarded():
        Event.objects.filter(verb=Verb.LEDGER_VERIFIED).exclude(pk=last.pk).update(verb=Verb.LEDGER_READ)
    assert badge().state == State.WHOLE
    with unguarded():
        Checkpoint.objects.filter(size=last.detail.content["codes"]["size"]).delete()
    assert badge().state == State.DOUBTFUL


def test_the_number_of_queries_stays(django_assert_num_queries) -> None:
    note(3)
    seal()
    verify_and_record(None)
    seal()
    counts = []
    for _ in range(2):
        note(30)
        with django_assert_num_queries(8) as found:
            badge()
        counts.append(len(found))
    assert counts[0] == counts[1]
