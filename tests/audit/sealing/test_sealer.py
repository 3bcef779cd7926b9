"""The sealer: each event once, under a signed root, and nothing on top of what does not hold together."""

from unittest import mock

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import TestCase

from audit import protection
from audit.models import Checkpoint, Event, Leaf, Tile
from audit.sealing import keys, sealer
from audit.sealing.sealer import Sealer, SealRefused
from audit.verbs import Verb
from casemgmt.crypto import keyring, signing

from .scene import demand_whole, note, seal, unguarded


class SealerTests(TestCase):
    databases = {"default", "keystore"}

    def test_everything_is_sealed_once(self) -> None:
        note(3)
        first = seal()
        self.assertEqual(first.events, Event.objects.count())
        self.assertEqual((first.problems, demand_whole()), ([], first.size))
        again = seal()
        self.assertEqual((again.events, again.size, Checkpoint.objects.count()), (0, first.size, 1))
        note(2)
        self.assertEqual((seal().events, demand_whole()), (2, first.size + 2))

    def test_it_goes_on_where_it_stood_and_where_another_stood(self) -> None:
        one, other = Sealer(), Sealer()
        for number in range(6):
            note(100)
            self.assertEqual(seal((one, other, Sealer())[number % 3]).problems, [])
        self.assertGreaterEqual(demand_whole(), 600)
        self.assertEqual(Tile.objects.count(), demand_whole() // 256)

    def test_small_passes_make_the_same_tree(self) -> None:
        note(25)
        everything = Event.objects.count()
        with (
            mock.patch.object(sealer, "BATCH", 7),
            mock.patch.object(Sealer.seal, "__kwdefaults__", {"sweep": False, "limit": 7}),
        ):
            self.assertEqual(seal().events, everything)
        self.assertEqual(Checkpoint.objects.count(), -(-everything // 7))
        self.assertEqual(demand_whole(), everything)

    def test_nothing_to_seal_is_no_checkpoint_and_takes_no_lock(self) -> None:
        note()
        seal()
        with mock.patch.object(sealer, "_take_lock", side_effect=AssertionError):
            self.assertEqual(seal().events, 0)

    def test_a_pass_that_fails_leaves_nothing_and_is_made_again(self) -> None:
        note(5)
        one = Sealer()
        with mock.patch.object(sealer.keys, "sign", side_effect=KeyError("broken off")), pytest.raises(KeyError):
            seal(one)
        self.assertEqual((Leaf.objects.count(), Tile.objects.count(), Checkpoint.objects.count()), (0, 0, 0))
        self.assertEqual((seal(one).problems, demand_whole()), ([], Event.objects.count()))

    def test_whoever_comes_second_leaves_it_to_the_first(self) -> None:
        note()
        with mock.patch.object(sealer, "_take_lock", return_value=False):
            self.assertTrue(seal().is_busy)
        self.assertFalse(Leaf.objects.exists())

    def test_a_key_is_rotated_and_the_ones_before_stay_listed(self) -> None:
        note()
        seal()
        self.assertEqual(signing.rotate(), 2)
        note()
        seal()
        first, second = keys.listed()
        self.assertEqual((first.until, second.until, first.epoch), (second.since, None, 1))
        self.assertNotEqual(first.verifier.key_hash, second.verifier.key_hash)
        signed_by = [
            [key.epoch for key in (first, second) if key.verifier.signed(keys.notes.parse_note(one.note))]
            for one in Checkpoint.objects.order_by("size")
        ]
        self.assertEqual(signed_by, [[1], [2]])
        demand_whole()
        lines = keys.key_file().splitlines()[2:]
        self.assertEqual([line.split(" ")[2] for line in lines], [str(first.verifier), str(second.verifier)])
        self.assertEqual([line.split(" ")[1] == "-" for line in lines], [False, True])

    def test_the_name_of_the_ledger_stays(self) -> None:
        before = keys.origin()
        signing.rotate()
        keyring.forget()
        self.assertEqual(keys.origin(), before)
        self.assertRegex(before, r"^haven/ledger/[0-9a-f]{16}$")

    def test_a_broken_stream_is_sealed_as_it_is_and_told(self) -> None:
        _first, second, third = note(3)
        with unguarded() as run:
            run("UPDATE audit_event SET mac = canonical WHERE id = %s", second.pk)
        done = seal()
        self.assertEqual(
            done.problems,
            [
                f"Event {second.uid} is not the one that was signed.",
                f"Event {third.uid} is not the one that was signed.",
            ],
        )
        told = Event.objects.latest("pk")
        self.assertEqual((told.verb, told.outcome), (Verb.LEDGER_VERIFIED, "FAILED"))
        self.assertEqual(told.detail.shown()["codes"]["problems"], 2)
        self.assertEqual(seal().problems, [])
        demand_whole()

    def test_a_missing_event_is_told_and_the_rest_of_its_stream_goes_on(self) -> None:
        first, second, third = note(3)
        with unguarded() as run:
            run("DELETE FROM audit_eventdetail WHERE event_id = %s", second.pk)
            run("DELETE FROM audit_event WHERE id = %s", second.pk)
        self.assertEqual(seal().problems, [f"Stream {first.stream} jumps from {first.number} to {third.number}."])
        note(2)
        self.assertEqual(seal().problems, [])

    def test_an_event_that_slipped_below_is_brought_in_by_its_stream(self) -> None:
        note(2)
        seal()
        late, after = note(2)
        with unguarded() as run:
            run("UPDATE audit_checkpoint SET settled = %s, top = %s", late.pk, late.pk)
        done = seal()
        self.assertEqual((done.problems, done.events), ([], 2))
        demand_whole()
        self.assertLess(late.leaf.position, after.leaf.position)

    def test_an_event_that_slipped_below_is_brought_in_by_a_sweep(self) -> None:
        note(2)
        seal()
        (late,) = note()
        with unguarded() as run:
            run("UPDATE audit_checkpoint SET settled = %s, top = %s", late.pk, late.pk)
        self.assertEqual(seal().events, 0)
        self.assertEqual(seal(sweep=True).events, 1)
        demand_whole()

    def refused(self, statement: str) -> None:
        with (
            self.subTest(statement),
            self.assertRaises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    def test_the_seal_is_append_only(self) -> None:
        note(300)
        seal()
        for table, column in (("audit_leaf", "hash"), ("audit_tile", "data"), ("audit_checkpoint", "note")):
            for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
                self.refused(statement)
            replace = (
                f"TRUNCATE {table}"
                if connection.vendor == "postgresql"
                else f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
            )
            self.refused(replace)
        self.assertEqual(protection.check_protection(), [])
        demand_whole()


HURT = {
    "give the root": "UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE position = 0)"
    " WHERE position = (SELECT max(position) FROM audit_leaf)",
    "A leaf or a tile": "DELETE FROM audit_leaf WHERE position = (SELECT max(position) FROM audit_leaf)",
    "Leaves and tiles": "UPDATE audit_tile SET root = (SELECT hash FROM audit_leaf WHERE position = 0)",
    "a tile of the newest": "DELETE FROM audit_tile",
    "not what was signed": "UPDATE audit_checkpoint SET size = 256, root = (SELECT root FROM audit_tile)",
    "None of the known keys": "UPDATE audit_checkpoint SET note = replace(note, '\n256\n', '\n257\n')",
    "another log": "UPDATE audit_checkpoint SET note = replace(note, 'haven/', 'raven/')",
}


@pytest.mark.parametrize("words", HURT)
def test_it_signs_nothing_on_top_of_what_does_not_hold(words: str, db: None) -> None:
    note(300 - Event.objects.count())
    seal()
    with unguarded() as run:
        run(HURT[words].replace("256", "300").replace("257", "301") if "None" in words else HURT[words])
    note()
    with pytest.raises(SealRefused, match=words):
        seal()
    assert Checkpoint.objects.count() == 1
