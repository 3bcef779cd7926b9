"""Events: written with the act, by the right person, with codes only."""

import datetime
import json
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.test import TestCase

from audit import canonical, circumstances, clock
from audit.context import Source, audit_context, demo_context
from audit.errors import ActorMismatch, BasisMissing, LedgerError, NoContext, NotACode, UnknownVerb
from audit.log import Ref, erase_detail, record
from audit.models import ActorKind, Event, EventDetail
from audit.verbs import Verb
from audit.verify import verify_streams

from .kept.models import Folder
from .people import Held, Person, events

BOTH = {"default", "keystore"}


class RecordTests(TestCase):
    databases = BOTH

    def setUp(self) -> None:
        self.amina = Person("Amina")
        entered = audit_context("test", "testing")
        entered.__enter__()
        self.addCleanup(entered.__exit__, None, None, None)

    def test_it_holds_who_what_where_and_why(self) -> None:
        folder = Folder(case_uid=uuid.uuid4())
        until = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)
        grant = uuid.uuid4()
        event = record(
            Verb.CASE_VIEWED,
            actor=self.amina,
            subject=folder,
            sections=["IDENTITY", "CARD"],
            fields=["letter.body"],
            purpose="CASEWORK",
            reason="She called back",
            basis={"kind": "ASSIGNMENT", "grant": grant, "until": until},
        )
        kept = events().get(pk=event.pk)
        self.assertEqual(
            (kept.actor_uid, kept.actor_kind, kept.subject_kind, kept.subject_uid, kept.case_uid),
            (self.amina.uid, ActorKind.PERSON, "folder", folder.uid, folder.case_uid),
        )
        self.assertEqual(kept.section_codes, ["CARD", "IDENTITY"])
        self.assertEqual(
            kept.basis, {"kind": "ASSIGNMENT", "grant": str(grant), "until": "2027-01-01T00:00:00.000000+00:00"}
        )
        self.assertEqual((kept.basis_kind, kept.purpose, kept.source), ("ASSIGNMENT", "CASEWORK", Source.TEST))
        self.assertEqual(kept.detail.shown()["reason"], "She called back")
        self.assertEqual(kept.detail.shown()["fields"], ["letter.body"])

    def test_held_gives_subject_and_basis(self) -> None:
        folder = Folder(case_uid=uuid.uuid4())
        event = record(Verb.NOTE_ADDED, actor=self.amina, held=Held(folder, {"kind": "SUPERVISION"}))
        self.assertEqual((event.case_uid, event.basis_kind), (folder.case_uid, "SUPERVISION"))

    def test_a_list_is_one_event_found_from_each_of_its_cases(self) -> None:
        shown = [Folder(case_uid=uuid.uuid4()) for _ in range(3)]
        event = record(Verb.CASES_LISTED, actor=self.amina, refs=shown, detail={"count": 3})
        for folder in shown:
            self.assertEqual(list(events().about_case(folder.case_uid)), [event])
        self.assertEqual(list(events().about_case(uuid.uuid4())), [])

    def test_a_case_is_its_own_case(self) -> None:
        uid = uuid.uuid4()
        event = record(Verb.CASE_OPENED, actor=self.amina, subject=Ref("case", uid, uid))
        self.assertEqual(list(events().about_case(uid)), [event])

    def test_unknown_verb_key_section_and_outcome_raise(self) -> None:
        for error, arguments in (
            (UnknownVerb, {"verb": "CASE_EATEN"}),
            (UnknownVerb, {"verb": Verb.NOTE_ADDED, "detail": {"text": "A"}}),
            (ValueError, {"verb": Verb.NOTE_ADDED, "sections": ["KITCHEN"]}),
            (ValueError, {"verb": Verb.NOTE_ADDED, "outcome": "FINE"}),
        ):
            with self.subTest(arguments), self.assertRaises(error):
                record(arguments.pop("verb"), actor=self.amina, **arguments)
        self.assertEqual(events().count(), 0)

    def test_text_is_refused_where_codes_belong_and_not_repeated(self) -> None:
        for arguments in (
            {"detail": {"status": "her name is Layla"}},
            {"detail": {"status": "ليلى"}},
            {"detail": {"status": 1.5}},
            {"basis": {"kind": "ASSIGN MENT"}},
            {"purpose": "because I like to"},
            {"fields": ["She said"]},
        ):
            with self.subTest(arguments), self.assertRaises(NotACode) as caught:
                record(Verb.CASE_CHANGED, actor=self.amina, **arguments)
            self.assertNotIn("Layla", str(caught.exception))

    def test_a_reading_without_a_right_is_refused(self) -> None:
        with self.assertRaises(BasisMissing):
            record(Verb.CASE_VIEWED, actor=self.amina, subject=Folder())

    def test_no_context_no_event(self) -> None:
        token = circumstances._current.set(None)
        try:
            with self.assertRaises(NoContext):
                record(Verb.JOB_RUN, actor=None)
        finally:
            circumstances._current.reset(token)

    def test_it_rolls_back_with_the_act(self) -> None:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            record(Verb.NOTE_ADDED, actor=self.amina)
            raise ZeroDivisionError
        self.assertEqual(events().count(), 0)

    def test_the_privileged_part_is_marked(self) -> None:
        only = record(Verb.CASE_CHANGED, actor=self.amina, sections=["LEGAL_FILE"])
        mixed = record(Verb.CASE_CHANGED, actor=self.amina, sections=["LEGAL_FILE", "CARD"])
        self.assertEqual((only.is_privileged, mixed.is_privileged), (True, False))
        self.assertEqual(list(events().open_to_auditors()), [mixed])
        self.assertEqual(list(events().in_section("CARD")), [mixed])

    def test_the_system_and_an_operator(self) -> None:
        with audit_context("job", "nightly"):
            self.assertEqual(record(Verb.JOB_RUN, actor=None).actor_kind, ActorKind.SYSTEM)
        with audit_context("command", "paper files", on_behalf_of=self.amina):
            event = record(Verb.IMPORT_TAKEN, actor=self.amina)
            self.assertEqual((event.actor_kind, event.actor_uid), (ActorKind.OPERATOR, None))
            self.assertEqual(event.on_behalf_of, self.amina.uid)
            with self.assertRaises(ActorMismatch):
                record(Verb.IMPORT_TAKEN, actor=Person("Bea"))
        self.assertEqual(list(events().by_person(self.amina.uid)), [event])

    def test_only_a_command_acts_on_behalf_and_every_context_has_a_reason(self) -> None:
        for arguments in (("job", "x", self.amina), ("test", "x", self.amina), ("command", " ", None)):
            with self.subTest(arguments), self.assertRaises(LedgerError), audit_context(*arguments):
                pass
        for source in ("web", "demo"):
            with self.assertRaises(LedgerError), audit_context(source, "sneaking in"):
                pass

    def test_the_demo_says_so_and_keeps_the_true_time(self) -> None:
        with demo_context():
            event = record(Verb.DEMO_MADE, actor=None)
        self.assertEqual(event.source, "demo")
        self.assertLess(clock.now() - event.recorded_at, datetime.timedelta(seconds=5))

    def test_nothing_in_clear_but_the_week(self) -> None:
        event = record(
            Verb.CASE_VIEWED,
            actor=self.amina,
            subject=Folder(case_uid=uuid.uuid4()),
            sections=["HEALTH"],
            purpose="CASEWORK",
            basis={"kind": "CLINICAL"},
            reason="words",
        )
        text = bytes(event.canonical).decode()
        for hidden in (str(self.amina.uid), str(event.case_uid), "HEALTH", "CASEWORK", "CLINICAL", "words", "T"):
            if hidden == "T":
                self.assertNotIn(canonical.moment(event.at), text)
            else:
                self.assertNotIn(hidden, text)
        self.assertEqual(
            set(json.loads(text)),
            {"v", "id", "week", "verb", "outcome", "source", "stream", "number", "commitments"},
        )

    def test_equal_values_have_different_commitments(self) -> None:
        first, second = (record(Verb.NOTE_ADDED, actor=self.amina, purpose="CASEWORK") for _ in range(2))
        stated = [json.loads(bytes(event.canonical))["commitments"] for event in (first, second)]
        self.assertNotEqual(stated[0]["purpose"], stated[1]["purpose"])
        self.assertNotEqual(stated[0]["actor"], stated[1]["actor"])

    def test_a_detail_is_erased_by_its_named_path_only_and_the_chain_stays_whole(self) -> None:
        event = record(Verb.ACCESS_GRANTED, actor=self.amina, reason="a reason of a person")
        other = record(Verb.NOTE_ADDED, actor=self.amina, reason="stays")
        with self.assertRaises(IntegrityError), transaction.atomic():
            EventDetail.objects.filter(event=event).update(salt=None, content=None, erased_at=clock.now())
        with self.assertRaises(IntegrityError), transaction.atomic():
            EventDetail.objects.filter(event=event).update(content={"reason": "another"})
        with self.assertRaises(IntegrityError), transaction.atomic():
            EventDetail.objects.filter(event=event).delete()
        erase_detail(actor=self.amina, now=clock.now(), event_uid=event.uid, reason="ORDER 7")
        detail = EventDetail.objects.get(event=event)
        self.assertEqual((detail.salt, detail.content, detail.shown()), (None, None, {}))
        self.assertEqual(EventDetail.objects.get(event=other).shown()["reason"], "stays")
        report = verify_streams()
        self.assertEqual((report.problems, report.erased, report.events), ([], 1, Event.objects.count()))
        self.assertEqual(events().count(), 3)
        with self.assertRaises(LedgerError):
            erase_detail(actor=self.amina, now=clock.now(), event_uid=event.uid, reason="again")
