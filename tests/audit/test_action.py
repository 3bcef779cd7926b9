"""Actions: one transaction, one actor, one moment, one event, one form."""

import datetime
import uuid

from django.contrib.auth.models import AnonymousUser
from django.test import TestCase

from audit import circumstances, clock
from audit.action import Repeated, action
from audit.context import audit_context, demo_context
from audit.errors import ActorMismatch, FormKeyMisused, LedgerError, NoContext, OddMoment, UnrecordedChange
from audit.log import record
from audit.models import FormReceipt
from audit.verbs import Verb
from casemgmt.access.errors import Refused

from .kept.models import Folder
from .people import Person, events

runs: list[str] = []


@action
def open_folder(*, actor, now, status="OPEN", recorded=True):
    """Open a folder."""
    runs.append(status)
    folder = Folder(status=status)
    folder.save()
    if recorded:
        record(Verb.CASE_CHANGED, actor=actor, subject=folder)
    return folder


@action
def open_two(*, actor, now, second_actor=None):
    """Open one folder by itself and one by an inner action."""
    first = open_folder(actor=actor, now=now, status="FIRST")
    open_folder(actor=second_actor or actor, now=now, status="SECOND")
    return first


@action
def say_another(*, actor, now, other):
    """Try to record somebody else's name."""
    record(Verb.CASE_CHANGED, actor=other)


@action
def fail(*, actor, now):
    """Write, record, and fail."""
    folder = Folder()
    folder.save()
    record(Verb.CASE_CHANGED, actor=actor, subject=folder)
    raise Refused("write_card")


class ActionTests(TestCase):
    databases = {"default", "keystore"}

    def setUp(self) -> None:
        runs.clear()
        self.amina, self.bea = Person("Amina"), Person("Bea")
        entered = audit_context("test", "testing")
        entered.__enter__()
        self.addCleanup(entered.__exit__, None, None, None)

    def test_actor_and_moment_reach_history_and_event(self) -> None:
        now = clock.now() - datetime.timedelta(minutes=1)
        folder = open_folder(actor=self.amina, now=now)
        version = Folder.history.get()
        event = events().get()
        self.assertEqual((version.history_user_id, version.history_date), (self.amina.uid, now))
        self.assertEqual((event.actor_uid, event.at, event.subject_uid), (self.amina.uid, now, folder.uid))
        self.assertGreater(event.recorded_at, now)
        self.assertEqual([row[:2] for row in event.history_rows], [["kept_historicalfolder", version.history_id]])

    def test_actor_and_moment_are_gone_afterwards(self) -> None:
        open_folder(actor=self.amina, now=clock.now())
        with self.assertRaises(Refused):
            fail(actor=self.amina, now=clock.now())
        running = circumstances.require()
        self.assertEqual((running.actor_uid, running.moment, running.in_action), (None, None, False))

    def test_a_failed_action_leaves_nothing(self) -> None:
        with self.assertRaises(Refused):
            fail(actor=self.amina, now=clock.now(), form_key=uuid.uuid4())
        self.assertEqual((Folder.objects.count(), events().count(), FormReceipt.objects.count()), (0, 0, 0))

    def test_no_context_no_action(self) -> None:
        token = circumstances._current.set(None)
        try:
            with self.assertRaises(NoContext):
                open_folder(actor=self.amina, now=clock.now())
        finally:
            circumstances._current.reset(token)

    def test_only_the_demo_acts_at_another_moment(self) -> None:
        long_ago = datetime.datetime(2024, 5, 1, 9, tzinfo=datetime.UTC)
        for odd in (long_ago, clock.now() + datetime.timedelta(minutes=6), datetime.datetime(2026, 1, 1)):
            with self.subTest(odd), self.assertRaises(OddMoment):
                open_folder(actor=self.amina, now=odd)
        with demo_context():
            open_folder(actor=self.amina, now=long_ago)
        event = events().get()
        self.assertEqual((event.at, event.source), (long_ago, "demo"))
        self.assertEqual(Folder.history.get().history_date, long_ago)

    def test_the_demo_is_refused_outside_a_demo(self) -> None:
        with (
            self.settings(HAVEN_DEMO=False, HAVEN_MAY_BACKDATE=False),
            self.assertRaises(LedgerError) as caught,
            demo_context(),
        ):
            pass
        self.assertIn("Only the demo", str(caught.exception))

    def test_inner_actions_share_transaction_and_actor(self) -> None:
        open_two(actor=self.amina, now=clock.now())
        self.assertEqual(events().count(), 2)
        with self.assertRaises(ActorMismatch):
            open_two(actor=self.amina, now=clock.now(), second_actor=self.bea)
        self.assertEqual(events().count(), 2)

    def test_another_person_in_record_raises(self) -> None:
        for other in (self.bea, None, AnonymousUser()):
            with self.subTest(other), self.assertRaises(ActorMismatch):
                say_another(actor=self.amina, now=clock.now(), other=other)

    def test_a_change_that_no_event_names_is_refused(self) -> None:
        with self.assertRaises(UnrecordedChange):
            open_folder(actor=self.amina, now=clock.now(), recorded=False)
        self.assertEqual(Folder.objects.count(), 0)

    def test_an_operator_acts_for_one_person(self) -> None:
        with audit_context("command", "paper files", on_behalf_of=self.amina):
            open_folder(actor=self.amina, now=clock.now())
            with self.assertRaises(ActorMismatch):
                open_folder(actor=self.bea, now=clock.now())
        self.assertEqual(Folder.history.get().history_user_id, self.amina.uid)

    def test_a_form_counts_once(self) -> None:
        key = uuid.uuid4()
        first = open_folder(actor=self.amina, now=clock.now(), form_key=key)
        again = open_folder(actor=self.amina, now=clock.now(), form_key=key)
        self.assertEqual(again, Repeated("folder", first.uid))
        self.assertTrue(again.is_repeat)
        self.assertEqual((runs, Folder.objects.count(), events().count()), (["OPEN"], 1, 1))

    def test_another_persons_or_forms_key_is_refused(self) -> None:
        key = uuid.uuid4()
        open_folder(actor=self.amina, now=clock.now(), form_key=key)
        with self.assertRaises(FormKeyMisused):
            open_folder(actor=self.bea, now=clock.now(), form_key=key)
        with self.assertRaises(FormKeyMisused):
            open_two(actor=self.amina, now=clock.now(), form_key=key)
        self.assertTrue(issubclass(FormKeyMisused, Refused))

    def test_a_use_case_without_actor_or_now_is_no_action(self) -> None:
        with self.assertRaises(TypeError):
            action(lambda actor, now: None)
        self.assertTrue(open_folder.is_action)
