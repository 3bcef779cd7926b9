"""Verification of the seal: whatever is changed is found, and named by the place where it was changed."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import TestCase

from audit import clock, verify
from audit.models import Checkpoint, Event, Leaf
from audit.report import Report
from audit.sealing import notes, rows, tree, verifying
from audit.sealing.sealer import SealRefused
from audit.verbs import Verb
from casemgmt.crypto import keks, keyring, signing

from .scene import note, seal, unguarded

#: What an insider changes, by the words in which it must be told.
TAMPERED = {
    r"Event {event} is not what was sealed at leaf 100\.": "UPDATE audit_event SET canonical = mac WHERE id = {id}",
    r"Event {event} is not the one that was signed\.": "UPDATE audit_event SET mac = salt WHERE id = {id}",
    r"The event of leaf 100 is gone\.": "DELETE FROM audit_event WHERE id = {id}",
    r"Leaf 100 is missing, so no root": "DELETE FROM audit_leaf WHERE position = 100",
    r"Event {event} is not what was sealed at leaf 100\..*Tile 0/0 is not what its leaves give\..*"
    r"Checkpoint 300 has another root": "UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE position = 7)"
    " WHERE position = 100",
    r"Tile 0/0 is not what its leaves give\.": "UPDATE audit_tile SET data = root",
    r"Tile 0/0 is missing": "DELETE FROM audit_tile",
    r"Tile 0/0 is not what": "UPDATE audit_tile SET root = (SELECT hash FROM audit_leaf WHERE position = 0)",
    r"Tiles of level 0 stand beyond": 'UPDATE audit_tile SET "index" = 1',
    r"Tiles of level 3 stand beyond": "UPDATE audit_tile SET level = 3",
    r"Checkpoint 300 does not hold: None of the known keys": "UPDATE audit_checkpoint SET"
    " note = replace(note, '\n300\n', '\n299\n') WHERE size = 300",
    r"Checkpoint 300 does not hold: This is no signed note": "UPDATE audit_checkpoint SET note = 'x' WHERE size = 300",
    r"Checkpoint 299 is not what was signed.*Checkpoint 299 has another root": "UPDATE audit_checkpoint SET size = 299"
    " WHERE size = 300",
    r"Checkpoint 300 is not what was signed": "UPDATE audit_checkpoint SET root = (SELECT root FROM audit_checkpoint c"
    " WHERE c.size = 310) WHERE size = 300",
    r"Checkpoint 310 has another edge than its leaves give": "UPDATE audit_checkpoint SET edge = (SELECT edge FROM"
    " audit_checkpoint c WHERE c.size = 300) WHERE size = 310",
    r"Leaves stand beyond the newest checkpoint, which covers 300": "DELETE FROM audit_checkpoint WHERE size = 310",
    r"Checkpoint 310 does not hold: This checkpoint is of another log": "UPDATE audit_checkpoint SET"
    " note = replace(note, 'haven/', 'raven/') WHERE size = 310",
}


def looked(**how) -> str:
    """What verification of the seal finds, in one line."""
    return " ".join(verifying.verify_seal(Report(), patience=0, **how).problems)


@pytest.fixture
def sealed(db: None) -> Event:
    """Two checkpoints, at 300 and 310 events; the event of leaf 100."""
    note(300 - Event.objects.count())
    seal()
    note(10)
    seal()
    assert looked() == ""
    return Leaf.objects.get(position=100).event


@pytest.mark.parametrize("words", TAMPERED)
def test_every_change_is_found_and_named(words: str, sealed: Event) -> None:
    with unguarded() as run:
        if TAMPERED[words].startswith("DELETE FROM audit_event "):
            run("DELETE FROM audit_eventcase WHERE event_id = %s", sealed.pk)
            run("DELETE FROM audit_eventdetail WHERE event_id = %s", sealed.pk)
        run(TAMPERED[words].format(id=sealed.pk))
    assert_told(words.format(event=sealed.uid))


def assert_told(words: str) -> None:
    import re

    found = looked()
    assert re.search(words, found), found


def test_two_leaves_that_changed_places(sealed: Event) -> None:
    """The hashes go along with their events, so only the order of a stream and the roots can tell."""
    with unguarded() as run:
        for here, there in ((100, -1), (101, 100), (-1, 101)):
            run("UPDATE audit_leaf SET position = %s WHERE position = %s", there, here)
    assert_told(r"Leaf 100 has event \d+ of stream .* Tile 0/0 is not what .* Checkpoint 300 has another root")


def test_a_ledger_that_was_cut_off_at_an_older_checkpoint_holds_by_itself(sealed: Event) -> None:
    """Truncation to a state that was signed is what anchors are for: an outsider's later head convicts it."""
    later = rows.head()
    with unguarded() as run:
        run("DELETE FROM audit_leaf WHERE position >= 300")
        run("DELETE FROM audit_checkpoint WHERE size = 310")
    assert looked() == ""
    assert not tree.verify_consistency(310, 300, bytes(later.root), bytes(rows.head().root), [])


def test_a_head_signed_by_a_retired_key(sealed: Event) -> None:
    signing.rotate()
    note()
    seal()
    old = keks.shared(keks.CHECKPOINT, "checkpoint/ed25519/1", 1)
    newest = rows.head()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    told = notes.parse_note(newest.note)
    forged = str(notes.sign(told.text, told.signatures[0].name, Ed25519PrivateKey.from_private_bytes(old)))
    assert looked() == ""
    note()
    seal()
    with unguarded() as run:
        text = notes.parse_note(rows.head().note).text
        forged = str(notes.sign(text, told.signatures[0].name, Ed25519PrivateKey.from_private_bytes(old)))
        run("UPDATE audit_checkpoint SET note = %s WHERE size = %s", forged, rows.head().size)
    assert_told(r"was signed by a key that was retired before")


def test_events_that_nobody_sealed(db: None, settings) -> None:
    (event,) = note()
    assert looked() == ""
    with unguarded() as run:
        run(
            "UPDATE audit_event SET recorded_at = %s WHERE id = %s",
            stored(clock.now() - timedelta(minutes=6)),
            event.pk,
        )
    assert looked() == f"Event {event.uid} is not sealed."
    with unguarded() as run:
        run("UPDATE audit_event SET recorded_at = %s", stored(clock.now() - timedelta(minutes=6)))
    note(30)
    with unguarded() as run:
        run("UPDATE audit_event SET recorded_at = %s", stored(clock.now() - timedelta(minutes=6)))
    assert f"{Event.objects.count() - 20} more events are not sealed" in looked()


def test_what_waited_when_a_copy_was_made_was_not_forgotten(db: None) -> None:
    """A copy may lie for years before somebody looks; nobody seals in it meanwhile."""
    (event,) = note()
    with unguarded() as run:
        run(
            "UPDATE audit_event SET recorded_at = %s WHERE id = %s", stored(clock.now() - timedelta(days=900)), event.pk
        )
    recorded_at = Event.objects.get(pk=event.pk).recorded_at
    assert looked(as_of=recorded_at + timedelta(minutes=4)) == ""
    assert looked(as_of=recorded_at + timedelta(minutes=6)) == looked() == f"Event {event.uid} is not sealed."


def test_an_event_that_was_committed_late_is_no_false_alarm(db: None, monkeypatch) -> None:
    """Its transaction took long, so it is old when it is first seen; while verification waits, it is sealed."""
    (event,) = note()
    with unguarded() as run:
        run("UPDATE audit_event SET recorded_at = %s WHERE id = %s", stored(clock.now() - timedelta(hours=1)), event.pk)
    monkeypatch.setattr(verifying.time, "sleep", lambda _seconds: seal())
    assert verifying.verify_seal(Report()).problems == []


def stored(moment):
    """A moment as the database keeps it."""
    return moment if connection.vendor == "postgresql" else moment.replace(tzinfo=None).isoformat(" ")


class IncrementalTests(TestCase):
    databases = {"default", "keystore"}

    def run_command(self, *words: str) -> str:
        out = StringIO()
        call_command("audit_verify", *words, stdout=out, stderr=StringIO())
        return out.getvalue()

    def test_it_goes_on_from_the_last_verified_head(self) -> None:
        note(5)
        seal()
        self.assertIsNone(verify.last_verified())
        first = rows.head()
        self.assertIn(f"The head is {first.size} {bytes(first.root).hex()}.", self.run_command())
        self.assertEqual(verify.last_verified(), first)
        note(3)
        seal()
        note(2)
        said = self.run_command("--incremental")
        self.assertIn(f"6 events after the {first.size} that were verified before are whole", said)
        self.assertIn("4 leaves, 0 tiles and 2 checkpoints hold", said)
        self.assertEqual(verify.last_verified(), rows.head())

    def test_it_finds_what_was_changed_after_that_head(self) -> None:
        note(3)
        seal()
        self.run_command()
        _first, second = note(2)
        seal()
        with unguarded() as run:
            run("UPDATE audit_event SET verb = 'CASE_CLOSED' WHERE id = %s", second.pk)
        with self.assertRaises(CommandError):
            self.run_command("--incremental")
        self.assertEqual(Event.objects.filter(verb=Verb.LEDGER_VERIFIED).latest("pk").outcome, "FAILED")
        self.assertLess(verify.last_verified().size, rows.head().size)

    def test_what_was_changed_before_it_shows_at_its_edge(self) -> None:
        note(3)
        seal()
        self.run_command()
        head = verify.last_verified()
        with unguarded() as run:
            run("UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE position = 0) WHERE position = 1")
        self.assertIn("leaves changed since they were verified", looked(since=head))
        with unguarded() as run:
            run("DELETE FROM audit_leaf WHERE position = 1")
        self.assertIn("Verify the whole ledger", looked(since=head))

    def test_without_a_whole_verification_it_reads_everything(self) -> None:
        note(3)
        seal()
        self.assertIn("history rows are whole", self.run_command("--incremental"))

    def test_a_forged_word_that_all_was_well_is_not_believed(self) -> None:
        note(3)
        seal()
        self.run_command()
        asked = Event.objects.latest("pk")
        with unguarded() as run:
            run("UPDATE audit_eventdetail SET content = '{}' WHERE event_id = %s", asked.pk)
        self.assertIsNone(verify.last_verified())

    def test_keys_that_are_gone_are_told(self) -> None:
        note(3)
        seal()
        keks.rows("SharedKey").filter(name=keks.CHECKPOINT).delete()
        keyring.forget()
        self.assertIn("None of the known keys", looked())
        note()
        with self.assertRaisesRegex(SealRefused, "None of the known keys"):
            seal()

    def test_an_empty_seal_holds(self) -> None:
        report = verifying.verify_seal(Report(), patience=0)
        self.assertEqual((report.problems, report.size, Checkpoint.objects.count()), ([], 0, 0))
