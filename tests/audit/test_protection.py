"""The database's own guards: what they stop, that a migration keeps them, and that a missing one is noticed."""

import uuid

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import DatabaseError, IntegrityError, connection, connections, models, transaction
from django.test import TestCase

from audit import authorizer, clock, context, protection
from audit.action import action
from audit.context import Context, Source, audit_context
from audit.log import record
from audit.models import EventCase, FormReceipt, Stream
from audit.protection import Guard, check_protection, manifest
from audit.verbs import Verb

from .kept.models import Folder
from .people import Person, events


@action
def write_folder(*, actor, now):
    folder = Folder()
    folder.save()
    record(Verb.CASE_CHANGED, actor=actor, subject=folder)
    return folder


class GuardTests(TestCase):
    databases = {"default", "keystore"}

    def setUp(self) -> None:
        with audit_context("test", "testing"):
            self.folder = write_folder(actor=Person("Amina"), now=clock.now())
            self.event = record(Verb.CASES_LISTED, actor=None, refs=[Folder(), Folder()])

    def refused(self, statement: str, parameters=()) -> None:
        with self.assertRaises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)

    def test_append_only_tables_refuse_change_and_deletion(self) -> None:
        before = (events().count(), Stream.objects.count(), EventCase.objects.count())
        for table, column in (
            ("audit_event", "verb"),
            ("audit_stream", "started_at"),
            ("audit_eventcase", "case_uid"),
            ("kept_historicalfolder", "status"),
        ):
            with self.subTest(table):
                self.refused(f"UPDATE {table} SET {column} = {column}")
                self.refused(f"DELETE FROM {table}")
        self.refused("DELETE FROM audit_eventdetail")
        self.assertEqual((events().count(), Stream.objects.count(), EventCase.objects.count()), before)
        self.assertTrue(all(before))

    def test_by_the_models_too(self) -> None:
        for write in (
            lambda: events().update(verb="X"),
            lambda: events().all().delete(),
            lambda: events().first().save(),
            lambda: Folder.history.update(status="X"),
            lambda: Folder.history.all().delete(),
        ):
            with self.assertRaises((IntegrityError, models.ProtectedError)), transaction.atomic():
                write()

    def test_truncate_and_replace(self) -> None:
        if connection.vendor == "postgresql":
            for table in ("audit_event", "kept_historicalfolder", "audit_eventdetail", "kept_folder"):
                with self.subTest(table):
                    self.refused(f"TRUNCATE {table} CASCADE")
        else:
            for table in ("audit_event", "kept_historicalfolder", "audit_stream", "audit_eventdetail"):
                with self.subTest(table):
                    self.refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
            self.refused(
                "INSERT INTO audit_event SELECT * FROM audit_event WHERE true ON CONFLICT DO UPDATE SET verb = 'X'"
            )

    def test_replica_mode_does_not_switch_them_off(self) -> None:
        if connection.vendor != "postgresql":
            self.skipTest("A mode of PostgreSQL.")
        self.refused("SET LOCAL session_replication_role = replica; DELETE FROM audit_event")

    def test_a_receipt_takes_its_result(self) -> None:
        FormReceipt.objects.create(key=uuid.uuid4(), action="x", at=clock.now())
        self.assertEqual(FormReceipt.objects.update(kind="folder"), 1)

    def test_a_write_without_context_is_refused_on_every_path(self) -> None:
        for write in (
            lambda: Folder().save(),
            lambda: self.folder.save(),
            lambda: self.folder.delete(),
            lambda: Folder.objects.all().audited_update(status="X"),
            lambda: Folder.objects.audited_bulk_create([Folder()]),
        ):
            with self.assertRaises(IntegrityError), transaction.atomic():
                write()
        self.refused("UPDATE kept_folder SET status = 'X'")
        self.refused("DELETE FROM kept_folder")
        with audit_context("test", "testing"), connection.cursor() as cursor:
            cursor.execute("UPDATE kept_folder SET status = 'ACCOUNTED'")
        self.refused("UPDATE kept_folder SET status = 'X'")

    def test_a_page_writes_by_actions_only(self) -> None:
        with context.run_in(Context(source=Source.WEB)):
            self.refused("UPDATE kept_folder SET status = 'X'")
            write_folder(actor=Person("Amina"), now=clock.now())
            self.refused("UPDATE kept_folder SET status = 'X'")
        self.assertEqual(Folder.objects.count(), 2)

    def test_a_context_still_holds_after_a_rolled_back_savepoint(self) -> None:
        with audit_context("test", "testing"):
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                Folder().save()
                raise ZeroDivisionError
            Folder().save()
            with transaction.atomic():
                Folder().save()
        self.refused("UPDATE kept_folder SET status = 'X'")
        self.assertEqual(Folder.objects.count(), 3)

    def test_a_connection_that_is_not_ours_cannot_write(self) -> None:
        if connection.vendor == "sqlite":
            connection.connection.create_function("haven_may_write", 0, None)
            with audit_context("test", "testing"):
                self.refused("UPDATE kept_folder SET status = 'X'")
            protection.prepare_connection(connection)
        else:
            with transaction.atomic(), connection.connection.cursor() as raw:
                raw.execute("SELECT set_config('haven.context', '|', true)")
                with pytest.raises(Exception, match="accounts for"):
                    raw.execute("SAVEPOINT s; UPDATE kept_folder SET status = 'X'")
                raw.execute("ROLLBACK TO s")


class ManifestTests(TestCase):
    databases = {"default", "keystore"}

    def test_the_live_guards_are_those_of_the_manifest(self) -> None:
        self.assertEqual(check_protection(), [])

    def test_it_covers_ledger_history_and_rooms(self) -> None:
        laid = {(guarded.table, guarded.guard) for guarded in manifest()}
        for expected in (
            ("audit_event", Guard.KEEP),
            ("audit_leaf", Guard.KEEP),
            ("audit_prunedevent", Guard.KEEP),
            ("audit_eventdetail", Guard.ERASE),
            ("kept_historicalfolder", Guard.KEEP),
            ("kept_folder", Guard.CONTEXT),
            ("kept_letter", Guard.CONTEXT),
            ("accounts_membership", Guard.CONTEXT),
            ("accounts_user", Guard.CONTEXT),
        ):
            self.assertIn(expected, laid)
        self.assertNotIn("audit_formreceipt", {table for table, _guard in laid})

    def test_every_named_table_of_reception_exists(self) -> None:
        for label in protection.RECEPTION:
            apps.get_model(label)

    def test_a_missing_foreign_or_altered_guard_is_noticed(self) -> None:
        on = "" if connection.vendor == "sqlite" else " ON audit_event"
        name = "haven_keep_audit_event_delete" if connection.vendor == "sqlite" else "haven_keep"
        with authorizer.lifted(connections["default"]), connection.cursor() as cursor:
            cursor.execute(f'DROP TRIGGER "{name}"{on}')
            self.assertRegex(" ".join(check_protection()), "is missing")
            if connection.vendor == "sqlite":
                cursor.execute(f'CREATE TRIGGER "{name}" BEFORE DELETE ON audit_event WHEN 0 BEGIN SELECT 1; END')
                self.assertRegex(" ".join(check_protection()), "not what the manifest says")
                cursor.execute("CREATE TRIGGER haven_odd BEFORE DELETE ON audit_event BEGIN SELECT 1; END")
                self.assertRegex(" ".join(check_protection()), "haven_odd is not in the manifest")
            else:
                protection.install()
                cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER haven_keep")
                self.assertRegex(" ".join(check_protection()), "not what the manifest says")
                cursor.execute(
                    "CREATE OR REPLACE FUNCTION haven_keep() RETURNS trigger LANGUAGE plpgsql AS"
                    " 'BEGIN RETURN NULL; END'"
                )
                self.assertRegex(" ".join(check_protection()), "haven_keep\\(\\) is not what")
        protection.install()
        self.assertEqual(check_protection(), [])

    def test_a_migration_takes_them_off_and_puts_them_back(self) -> None:
        self.assertEqual(check_protection(), [])
        for alias, findings in (("keystore", False), ("default", True)):
            emit_pre_migrate_signal(0, False, alias)
            self.assertEqual(bool(check_protection()), findings)
        for alias, findings in (("keystore", True), ("default", False)):
            emit_post_migrate_signal(0, False, alias)
            self.assertEqual(bool(check_protection()), findings)


def test_a_remade_table_keeps_its_guards(tmp_path) -> None:
    """Django remakes a table on SQLite and loses its triggers silently: a real migration must bring them back."""
    from .remake import run_in_a_fresh_home

    found = run_in_a_fresh_home(tmp_path)
    assert found == {
        "before": [],
        "lost by the remake of kept_folder": True,
        "lost by the remake of audit_event": True,
        "after": [],
        "rows": 1,
        "update": "refused",
    }


def test_migrate_is_what_lays_them(db) -> None:
    """The command itself, not only its signals."""
    call_command("migrate", verbosity=0, database="default")
    assert check_protection() == []
