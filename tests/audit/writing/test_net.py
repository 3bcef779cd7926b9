"""The net under the records: what is in it, who is caught, and what becomes of its lines."""

import sqlite3
from contextlib import closing
from datetime import date
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from audit import clock, history, net, protection
from audit.context import audit_context
from audit.history import AuditedQuerySet, Version
from audit.log import record
from audit.models import Change, Event
from audit.verbs import Verb
from audit.verify import verify_all
from casemgmt.access.session import for_house
from cases.models import Task
from tests.audit.writing.paths import (
    LATER,
    PATHS,
    TABLE,
    comparison_tells,
    net_tells,
    plain,
    put_right,
    sql,
    within,
    write,
)
from tests.cast import Cast


def test_every_record_version_and_permission_is_in_the_net(cast: Cast) -> None:
    caught = {
        guarded.table: set(guarded.once) for guarded in protection.manifest() if guarded.guard is protection.Guard.NET
    }
    every = {"INSERT", "UPDATE", "DELETE"}
    for model in apps.get_models(include_auto_created=True):
        table, label = model._meta.db_table, model._meta.label
        if issubclass(model, Version):
            assert caught[table] == {"UPDATE", "DELETE"}, label
        elif (
            hasattr(model._meta, "simple_history_manager_attribute")
            or model._meta.auto_created
            or label.endswith(("UserPermission", "GroupPermission", "ObjectPermission"))
        ):
            assert caught[table] == every, label
        elif model._meta.app_label in protection.ROOMS:
            assert label in WITHOUT_EVENTS, f"{label}: give it a history, or say why it needs none"
    assert protection.check_protection() == []


#: Tables of the rooms that have no history: made from other records, or one person's own paper.
WITHOUT_EVENTS = {
    "cases.BlindToken", "cases.DeclarationToken", "cases.LikenessCard", "cases.ReleaseCheck",
    "cases.OtherPersonToken", "cases.SearchIndex",  # made from records, and made anew
    "cases.Draft", "cases.SavedView",  # what one person keeps for herself
    "cases.Contact", "cases.Inquiry", "cases.HouseCount",  # nobody's clients: after 90 days only a number stays
    "cases.MorningLetter",  # that a letter went on a morning, so that none goes twice
    "cases.ImportRow", "cases.KnownQuestion", "cases.MatchQuestion",  # counted questions, rows on their way in
}  # fmt: skip


@pytest.mark.parametrize("name", [one.table for one in protection.manifest() if one.guard is protection.Guard.NET])
def test_the_lines_are_laid_in_the_database(cast: Cast, name: str) -> None:
    with connection.cursor() as cursor:
        laid = set(protection._dialect(connection).live(cursor))
    wanted = next(one for one in protection.manifest() if one.table == name and one.guard is protection.Guard.NET)
    is_sqlite = connection.vendor == "sqlite"
    for operation in wanted.once:
        word = operation.lower()
        assert (f"haven_net_{name}_{word}" if is_sqlite else f"{name}.haven_net_{word}") in laid


def test_an_insider_on_a_connection_of_his_own(task: Task) -> None:
    """Not Haven's code at all: the file, or the database's owner, who knows what the guards ask for and says it."""
    statement = f"UPDATE {TABLE} SET due_on = '2026-07-07' WHERE id = {task.pk}"
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as own:
            with pytest.raises(sqlite3.OperationalError, match="no such function"):
                own.execute(statement)
            own.create_function("haven_may_write", 0, lambda: 1)
            own.create_function("haven_context", 0, lambda: "web:somebody")
            # The worst he can do: the name of a transaction that has its event.
            (known,) = own.execute(
                "SELECT transaction_id FROM audit_change WHERE table_name = 'audit_event'"
            ).fetchone()
            for name, is_told in ((known, False), ("another", True)):
                own.create_function("haven_transaction", 0, lambda name=name: name)
                own.execute(statement)
                own.commit()
                assert net_tells(str(task.pk)) == is_told
    else:
        made = {"dbname": connection.settings_dict["NAME"], "autocommit": True}
        names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
        made |= {key: connection.settings_dict[name] for key, name in names.items() if connection.settings_dict[name]}
        with psycopg.connect(**made) as own:
            with pytest.raises(psycopg.errors.IntegrityError):
                own.execute(statement)
            own.execute("SET haven.context = 'web:somebody|'")
            own.execute(statement)
        assert net_tells(str(task.pk))
    assert comparison_tells(str(task.pk))
    put_right(PATHS["update"], str(task.pk))


def test_a_permission_given_past_the_house_is_found(cast: Cast, case: Any) -> None:
    """Permissions have no versions; here the net is all there is."""
    table = "cases_caseuserpermission"
    with audit_context("job", "an insider"):
        sql(f"UPDATE {table} SET user_id = %s WHERE id = (SELECT min(id) FROM {table})", cast.dana.pk)
    (found,) = [line for line in net.lines_without_event() if line[0] == table]
    assert found[1:3] == ("UPDATE", "job:")


def test_a_deleted_record_that_is_put_back_has_no_version(cast: Cast, task: Task) -> None:
    again, key = models.QuerySet(Task).get(pk=task.pk), task.pk
    with audit_context("test", "write paths"):
        write(actor=cast.amina, now=clock.now(), how=lambda: task.delete())
        assert not comparison_tells(str(key))
        models.QuerySet(Task).bulk_create([again])
    with for_house():
        found = [one for one in net.unlike_their_versions() if one.startswith(f"{TABLE} ")]
    assert found == [f"{TABLE} {key} has no version."]
    put_right(PATHS["create"], str(key))
    assert not comparison_tells(str(key))


def test_verification_says_it_and_keeps_only_what_has_no_event(cast: Cast, task: Task) -> None:
    with audit_context("job", "an insider"):
        sql(f"UPDATE {TABLE} SET due_on = '2026-05-05' WHERE id = %s", task.pk)
    with audit_context("command", "verification"):
        problems = verify_all().problems
        assert any(found.startswith(TABLE) and "without an event" in found for found in problems)
        assert any(found.startswith(TABLE) and "is not what its last version says" in found for found in problems)
        net.tidy()
    left = set(Change.objects.values_list("table_name", flat=True))
    assert TABLE in left and Event._meta.db_table not in left
    assert net_tells(str(task.pk))
    put_right(PATHS["update"], str(task.pk))


def test_the_net_takes_no_line_away_and_none_by_hand(task: Task) -> None:
    with audit_context("job", "an insider"):
        for statement in ("UPDATE audit_change SET context = 'x'", "DELETE FROM audit_change"):
            with pytest.raises(DatabaseError), transaction.atomic():
                sql(statement)
        if connection.vendor == "postgresql":  # SQLite cannot tell a trigger's INSERT; there the comparison speaks
            with pytest.raises(DatabaseError), transaction.atomic():
                sql(
                    "INSERT INTO audit_change (transaction_id, table_name, row_key, operation, context) "
                    "SELECT pg_current_xact_id()::text, 'audit_event', '1', 'INSERT', 'x'"
                )


def test_a_rolled_back_savepoint_leaves_the_transaction_its_name(cast: Cast, task: Task) -> None:
    """Lines before, inside and after a savepoint that rolls back belong to one transaction, and the next to another."""
    with audit_context("test", "savepoints"):
        with transaction.atomic():
            try:
                with transaction.atomic():
                    plain(task).update(due_on=LATER)
                    raise ZeroDivisionError
            except ZeroDivisionError:
                pass
            within(task).audited_update(due_on=LATER)
            with transaction.atomic():
                record(Verb.TASK_CHANGED, actor=cast.amina)
        assert not net_tells(str(task.pk))
        plain(task).update(due_on=date(2026, 6, 6))
        assert net_tells(str(task.pk)), "the transaction after it has a name of its own"
        put_right(PATHS["update"], str(task.pk))


def test_the_querysets_of_all_records_refuse_by_name() -> None:
    for model in net.models_with_history():
        if issubclass(model, history.AuditedModel):
            assert isinstance(model._default_manager.all(), AuditedQuerySet), model._meta.label
