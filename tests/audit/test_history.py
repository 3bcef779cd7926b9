"""History: every way of writing leaves a version or is refused, ciphertext is copied, the event knows the rows."""

import uuid
from unittest import mock

from django.db import connection, transaction
from django.db.models import F
from django.test import TestCase

from audit import clock, history_rows, protection
from audit.context import audit_context, require
from audit.errors import UnauditedWrite
from audit.history import AuditedModel, CaseHistory, SealedCaseModel
from audit.log import record
from audit.verbs import Verb
from audit.verify import Report, verify_history
from casemgmt.crypto import keyring

from .kept.models import Folder, Letter
from .people import Person
from .sealing.scene import unguarded
from .test_action import action, open_folder


@action
def raise_risk(*, actor, now, folders):
    changed = folders.audited_update(risk=F("risk") + 1, status="RAISED")
    record(Verb.CASE_CHANGED, actor=actor, detail={"count": changed})
    return changed


class HistoryTests(TestCase):
    databases = {"default", "keystore"}

    def setUp(self) -> None:
        entered = audit_context("test", "testing")
        entered.__enter__()
        self.addCleanup(entered.__exit__, None, None, None)
        self.amina = Person("Amina")

    def versions(self, record_) -> list[str]:
        return list(type(record_).history.filter(uid=record_.uid).order_by("pk").values_list("history_type", flat=True))

    def test_save_and_delete_leave_versions(self) -> None:
        folder = Folder.objects.create()
        folder.status = "CLOSED"
        folder.save(update_fields=["status"])
        folder.delete()
        self.assertEqual(self.versions(folder), ["+", "~", "-"])

    def test_unnamed_bulk_writes_are_refused_and_change_nothing(self) -> None:
        folder = Folder.objects.create()
        for write in (
            lambda: Folder.objects.update(status="X"),
            lambda: Folder.objects.all().update(status="X"),
            lambda: Folder.objects.bulk_create([Folder()]),
            lambda: Folder.objects.bulk_update([folder], ["status"]),
            lambda: Folder.objects.all().delete(),
            lambda: Folder.objects.all()._raw_delete("default"),
            lambda: Letter.objects.update(status="X"),
            lambda: Letter.objects.bulk_create([Letter()]),
            lambda: folder.letter_set.update(status="X"),
        ):
            with self.assertRaises(UnauditedWrite):
                write()
        self.assertEqual(list(Folder.objects.values_list("status", flat=True)), ["OPEN"])

    def test_audited_update_works_with_expressions_and_names_its_rows(self) -> None:
        folders = Folder.objects.audited_bulk_create([Folder(risk=number) for number in range(3)])
        record(Verb.CASE_CHANGED, actor=self.amina)
        now = clock.now()
        self.assertEqual(raise_risk(actor=self.amina, now=now, folders=Folder.objects.filter(risk__gte=1)), 2)
        self.assertEqual(
            list(Folder.objects.order_by("risk").values_list("risk", "status")),
            [(0, "OPEN"), (2, "RAISED"), (3, "RAISED")],
        )
        self.assertEqual([self.versions(folder) for folder in folders], [["+"], ["+", "~"], ["+", "~"]])
        for folder in folders:
            folder.refresh_from_db()
            last = Folder.history.filter(uid=folder.uid).latest("pk")
            for field in Folder._meta.concrete_fields:
                self.assertEqual(getattr(last, field.attname), getattr(folder, field.attname))
        self.assertEqual((last.history_user_id, last.history_date), (self.amina.uid, now))
        self.assertEqual(verify_history(Report()).problems, [])

    def test_more_than_one_batch(self) -> None:
        Folder.objects.audited_bulk_create([Folder() for _ in range(1100)])
        with self.assertNumQueries(9):  # the keys, and three batches of UPDATE and INSERT; two savepoints
            self.assertEqual(Folder.objects.all().audited_update(risk=F("risk") + 5), 1100)
        self.assertEqual(Folder.history.filter(history_type="~", risk=5).count(), 1100)

    def test_sealed_records_are_copied_as_ciphertext_on_every_path(self) -> None:
        case_uid = uuid.uuid4()
        keyring.create_case_keys(case_uid)
        letter = Letter(case_uid=case_uid, body="the canary sings")
        letter.save()
        more = Letter.objects.audited_bulk_create([Letter(case_uid=case_uid, body="another canary")])
        Letter.objects.filter(pk__in=[letter.pk, more[0].pk]).audited_update(status="SENT")
        for record_ in (letter, more[0]):
            live = Letter.objects.filter(pk=record_.pk).values_list("body", flat=True).get()
            past = list(Letter.history.filter(id=record_.pk).values_list("body", "history_type"))
            self.assertEqual(len(past), 2)
            for ciphertext, _kind in past:
                self.assertEqual(repr(ciphertext), repr(live))
                self.assertNotIn("canary", repr(ciphertext))

    def test_versions_of_a_rolled_back_savepoint_are_not_named(self) -> None:
        kept = Folder.objects.create()
        try:
            with transaction.atomic():
                Folder.objects.create()
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        event = record(Verb.CASE_CHANGED, actor=self.amina, subject=kept)
        self.assertEqual(event.changed_rows, 1)
        self.assertEqual(require().unrecorded, [])

    def test_a_version_that_was_put_under_a_newer_key_meanwhile_is_read_again(self) -> None:
        folder = Folder.objects.create()
        versions = Folder.history.model
        (noted,) = require().unrecorded
        (history_id,) = noted.rows
        with unguarded() as execute:
            execute("UPDATE kept_historicalfolder SET risk = 9 WHERE history_id = %s", history_id)
        history_rows.note_rekeyed(require(), versions, {history_id: "before"})
        event = record(Verb.CASE_CHANGED, actor=self.amina, subject=folder)
        ((_id, digest),) = history_rows.digests(versions, [history_id])
        named = [["kept_historicalfolder", history_id, digest], ["kept_historicalfolder", history_id, digest, "before"]]
        self.assertEqual(event.history_rows, named)

    def test_a_change_of_one_version_is_found(self) -> None:
        folder = Folder.objects.create()
        event = record(Verb.CASE_CHANGED, actor=self.amina, subject=folder)
        table, history_id, digest = event.history_rows[0]
        self.assertEqual(history_rows.digests(Folder.history.model, [history_id]), [(history_id, digest)])
        self.assertEqual(table, "kept_historicalfolder")
        Folder.objects.create()
        self.assertIn("named by no event", " ".join(verify_history(Report()).problems))

    def test_bases_and_options(self) -> None:
        self.assertTrue(issubclass(Letter, SealedCaseModel) and issubclass(Folder, AuditedModel))
        self.assertEqual(Letter._meta.default_permissions, ())
        self.assertFalse(hasattr(Folder, "save_without_historical_record"))
        self.assertEqual(Folder.history.model._meta.get_field("history_user_id").get_internal_type(), "UUIDField")
        self.assertIsInstance(CaseHistory(), CaseHistory)
        with self.assertRaises(UnauditedWrite):
            Folder.objects.create().history.get().delete()

    def test_a_version_that_is_gone_is_found(self) -> None:
        event = record(Verb.CASE_CHANGED, actor=self.amina, subject=Folder.objects.create())
        connection.check_constraints()
        protection.remove()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM kept_historicalfolder")
        self.assertEqual(
            verify_history(Report()).problems, [f"kept_historicalfolder {event.history_rows[0][1]} is gone."]
        )

    def test_a_column_that_came_later_alters_no_version(self) -> None:
        row = {"id": 1, "status": "OPEN", "body": b"\x01", "ended_at": None}
        self.assertEqual(history_rows.digest(row), history_rows.digest({**row, "came_later": None}))
        self.assertNotEqual(history_rows.digest(row), history_rows.digest({**row, "came_later": 0}))
        self.assertNotEqual(history_rows.digest(row), history_rows.digest({**row, "body": None}))

    def test_versions_of_the_very_first_homes_are_still_proved_and_still_guarded(self) -> None:
        """Their events state digests that counted NULL: those hold, and a change is found as ever."""
        with mock.patch.object(history_rows, "digest", history_rows.first_digest):
            open_folder(actor=self.amina, now=clock.now())
        self.assertEqual(verify_history(Report()).problems, [])
        connection.check_constraints()  # PostgreSQL alters no table that waits for a deferred check
        protection.remove()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE kept_historicalfolder SET status = 'ODD'")
        protection.install()
        self.assertEqual([one.split()[-1] for one in verify_history(Report()).problems], ["altered."])
