"""Streams: no gap whatever rolls back, a new one after a fork, and every tampering found."""

import os
import random
import secrets
from unittest import mock

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.test import TestCase

from audit import protection, streams
from audit.context import audit_context
from audit.log import record
from audit.models import Event, Stream
from audit.verbs import Verb
from audit.verify import verify_streams

from .kept.models import Folder
from .people import Person, events


class BrokenOff(Exception):
    pass


class StreamTests(TestCase):
    databases = {"default", "keystore"}

    def setUp(self) -> None:
        entered = audit_context("test", "testing")
        entered.__enter__()
        self.addCleanup(entered.__exit__, None, None, None)
        self.amina = Person("Amina")

    def note(self, **arguments) -> Event:
        return record(Verb.NOTE_ADDED, actor=self.amina, **arguments)

    def block(self, dice: random.Random, depth: int = 0) -> int:
        """Randomly nested savepoints; returns how many events must survive."""
        alive = 0
        for _ in range(dice.randrange(1, 4)):
            if depth < 4 and dice.random() < 0.5:
                try:
                    with transaction.atomic():
                        inner = self.block(dice, depth + 1)
                        if dice.random() < 0.4:
                            raise BrokenOff
                    alive += inner
                except BrokenOff:
                    pass
            else:
                self.note()
                alive += 1
        return alive

    def test_no_gap_whatever_rolls_back(self) -> None:
        dice = random.Random(5)
        alive = sum(self.block(dice) for _ in range(25))
        report = verify_streams()
        self.assertEqual(
            (report.problems, report.events, report.streams), ([], Event.objects.count(), Stream.objects.count())
        )
        self.assertEqual(events().count(), alive)

    def test_a_stream_has_its_row_even_if_its_first_event_rolled_back(self) -> None:
        try:
            with transaction.atomic():
                self.note()
                raise BrokenOff
        except BrokenOff:
            pass
        self.note()
        self.assertIn(events().get().stream, Stream.objects.values_list("uid", flat=True))
        self.assertEqual(verify_streams().problems, [])

    def test_it_stays_true_while_callbacks_run_after_the_commit(self) -> None:
        """Django empties its list first; an event of an earlier callback must not reuse a number."""
        first = self.note()
        chain = streams.chain_of_connection()
        with mock.patch.object(connection, "run_on_commit", []):
            second = self.note()
        self.assertEqual((first.number + 1, chain), (second.number, streams.chain_of_connection()))
        self.assertEqual(verify_streams().problems, [])

    def test_a_stream_that_lost_everything_is_found(self) -> None:
        self.note()
        connection.check_constraints()
        protection.remove()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM audit_eventdetail")
            cursor.execute("DELETE FROM audit_event")
        self.assertRegex(" ".join(verify_streams().problems), "has lost all its events")

    def test_a_fork_begins_a_new_stream(self) -> None:
        of_parent = self.note()
        with mock.patch("os.getpid", return_value=os.getpid() + 1):
            of_child = self.note()
        self.assertNotEqual(of_parent.stream, of_child.stream)
        self.assertEqual(verify_streams().problems, [])

    def test_each_mac_needs_the_ledgers_key(self) -> None:
        event = self.note()
        self.assertNotEqual(streams.mac_of(secrets.token_bytes(32), streams.FIRST, bytes(event.canonical)), event.mac)
        key = streams.first_key(event.stream)
        self.assertEqual(streams.mac_of(key, streams.FIRST, bytes(event.canonical)), event.mac)

    def test_the_mac_is_required(self) -> None:
        self.assertFalse(Event._meta.get_field("mac").null)

    def test_every_tampering_is_found(self) -> None:
        changes = {
            "actor": "UPDATE audit_event SET actor_uid = %s WHERE id = {second}",
            "was altered: week, at": "UPDATE audit_event SET at = '2020-01-01 00:00:00' WHERE id = {second}",
            "verb": "UPDATE audit_event SET verb = 'CASE_CLOSED' WHERE id = {second}",
            "sections": "UPDATE audit_event SET sections = ' CARD ' WHERE id = {second}",
            "not the one that was signed": "UPDATE audit_event SET mac ="
            " (SELECT mac FROM audit_event e WHERE e.id = {first}) WHERE id = {second}",
            "jumps": "DELETE FROM audit_event WHERE id = {second}",
            "detail": "DELETE FROM audit_eventdetail WHERE event_id = (SELECT id FROM audit_event WHERE id = {second})",
            "wrong index": "INSERT INTO audit_eventcase (event_id, case_uid)"
            " SELECT id, subject_uid FROM audit_event WHERE id = {second}",
            "reason": "UPDATE audit_eventdetail SET content = '{{}}'"
            " WHERE event_id = (SELECT id FROM audit_event WHERE id = {second})",
        }
        other = Person("Bea").uid
        for finding, statement in changes.items():
            with self.subTest(finding):
                try:
                    with transaction.atomic():
                        for _ in range(3):
                            self.note(subject=Folder())
                        self.assertEqual(verify_streams().problems, [])
                        first, second, _third = events().order_by("pk").values_list("pk", flat=True)
                        statement = statement.format(first=first, second=second)
                        protection.remove()
                        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                            if finding == "jumps":
                                cursor.execute("DELETE FROM audit_eventdetail WHERE event_id = %s", [second])
                            value = other if connection.features.has_native_uuid_field else other.hex
                            cursor.execute(statement, [value] if "%s" in statement else None)
                        problems = " ".join(verify_streams().problems)
                        self.assertIn(finding, problems)
                        raise BrokenOff
                except BrokenOff:
                    pass
