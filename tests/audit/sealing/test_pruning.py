"""Pruned events: their leaves, the streams around them, proofs and old heads hold; whatever else is taken away is found."""

import uuid
from contextlib import AbstractContextManager

import pytest
from django.db import DatabaseError, connection, transaction

from audit import protection, verify
from audit.canonical import mismatches
from audit.context import audit_context
from audit.models import Checkpoint, Event, EventDetail, Leaf, PrunedEvent
from audit.pruning import prunable, prune_batch
from audit.sealing import rows, tiles, tree
from audit.sealing.sealer import Sealer
from audit.verbs import Verb

from .scene import note, seal, unguarded

ORDER = uuid.UUID(int=9)


def prune(ids: list[int], batch: int = 1) -> int:
    with audit_context("test", "testing"), transaction.atomic():
        return prune_batch(ids, actor=None, order=ORDER, number="RT-TEST", batch=batch, approved_by=uuid.UUID(int=8))


@pytest.fixture
def sealed(db: None) -> list[Event]:
    """Three hundred events under one head, and the ten that were pruned of them: some in a row, and the last."""
    note(300 - Event.objects.count())
    seal()
    events = [Leaf.objects.get(position=position).event for position in (0, 7, *range(100, 107), 299)]
    assert prune([event.pk for event in events]) == 10
    return events


def test_everything_around_them_still_holds(sealed: list[Event]) -> None:
    head = rows.head()
    assert not Event.objects.filter(pk__in=[event.pk for event in sealed]).exists()
    assert not EventDetail.objects.filter(event_id__in=[event.pk for event in sealed]).exists()
    report = verify.verify_all()
    assert report.problems == []
    assert (report.pruned, report.leaves, report.prune_orders) == (10, 300, ["RT-TEST"])
    for position in (
        0,
        6,
        103,
        299,
    ):  # of the pruned, too: an auditor who kept an entry can still prove that it was there
        leaf = Leaf.objects.get(position=position)
        proof = tiles.prove_inclusion(rows.Rows(), position, head.size)
        assert tree.verify_inclusion(bytes(leaf.hash), position, head.size, proof, bytes(head.root))


def test_the_ledger_goes_on_after_the_last_of_a_stream_was_pruned(sealed: list[Event]) -> None:
    old = rows.head()
    note(20)
    assert seal(Sealer()).problems == []
    assert verify.verify_all().problems == []
    assert verify.verify_all(since=old).problems == []
    proof = tiles.prove_consistency(rows.Rows(), old.size, rows.head().size)
    assert tree.verify_consistency(old.size, rows.head().size, bytes(old.root), bytes(rows.head().root), proof)


def test_again_it_prunes_nothing_and_the_event_says_what_stayed(sealed: list[Event]) -> None:
    assert prune([event.pk for event in sealed], batch=2) == 0
    event = Event.objects.get(verb=Verb.EVENTS_PRUNED)
    assert (event.basis["count"], event.basis["number"]) == (10, "RT-TEST")
    assert mismatches(event, event.detail) == []
    assert not prunable(Event.objects.filter(pk=event.pk)).exists()


#: What somebody with the database in hand does then, and what verification says.
TAMPERED = {
    "UPDATE audit_prunedevent SET mac = (SELECT hash FROM audit_leaf WHERE position = 5) WHERE position = 7": (
        "is not what was recorded"
    ),
    "DELETE FROM audit_prunedevent WHERE position = 7": "The event of leaf 7 is gone",
    'UPDATE audit_prunedevent SET history_rows = \'[["cases_historicalcase", 1, "ab"]]\' WHERE position = 7': (
        "is not what was recorded"
    ),
    "UPDATE audit_prunedevent SET position = 50 WHERE position = 7": "states leaf 50, which is not its own",
}


@pytest.mark.parametrize("statement", TAMPERED)
def test_whatever_is_done_to_what_stayed_is_found(statement: str, sealed: list[Event]) -> None:
    with unguarded() as run:
        run(statement)
    found = " ".join(verify.verify_all().problems)
    assert TAMPERED[statement] in found, found


def test_an_event_that_is_taken_away_beside_an_order_is_found(sealed: list[Event]) -> None:
    """An insider deletes an event and makes it look pruned, in a batch of its own and in the order's."""
    victim = Leaf.objects.get(position=20).event
    forged = PrunedEvent(
        position=20, event_id=victim.pk, uid=victim.uid, stream=victim.stream, number=victim.number, mac=bytes(victim.mac),
        order=ORDER, batch=2,
    )  # fmt: skip
    for batch, words in ((2, "was pruned without an event"), (1, "is not what was recorded")):
        with transaction.atomic():
            forged.batch = batch
            with unguarded() as run:
                forged.save(force_insert=True)
                for table, column in (("eventcase", "event_id"), ("eventdetail", "event_id"), ("event", "id")):
                    run(f"DELETE FROM audit_{table} WHERE {column} = %s", victim.pk)
            found = " ".join(verify.verify_all().problems)
            transaction.set_rollback(True)
        assert words in found, found


def path(name: str) -> AbstractContextManager[None]:
    return getattr(protection, name)()


@pytest.mark.parametrize("name", ["erasing", "rekeying", "correcting", "tidying", "pruning"])
def test_no_path_takes_away_an_event_that_left_nothing(name: str, sealed: list[Event]) -> None:
    """The guard lets an event go only beside its leaf and what stays of it; and what stays is written by that path alone."""
    victim = Leaf.objects.get(position=20).event
    for statement in (
        f"DELETE FROM audit_eventdetail WHERE event_id = {victim.pk}",
        f"DELETE FROM audit_event WHERE id = {victim.pk}",
        "DELETE FROM audit_prunedevent",
        "UPDATE audit_prunedevent SET number = 1",
        "DELETE FROM audit_leaf WHERE position = 7",
        f"UPDATE audit_event SET verb = 'X' WHERE id = {victim.pk}",
    ):
        with (
            path(name),
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    if name != "pruning":
        row = PrunedEvent.objects.get(position=7)
        row.pk, row.event_id, row.uid, row.number = 20, victim.pk, victim.uid, victim.number
        with path(name), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            row.save(force_insert=True)


def test_what_is_not_sealed_yet_stays(db: None) -> None:
    (event,) = note(1)
    assert prune([event.pk]) == 0
    assert Event.objects.filter(pk=event.pk).exists()
    assert Checkpoint.objects.count() == 0
