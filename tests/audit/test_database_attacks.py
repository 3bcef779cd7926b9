"""Every attack on the tables that the handbook names, on SQLite, by whoever holds a connection of ours.

On PostgreSQL the same is tried as the role of the application (``tests/operations/test_database_roles.py``); what its owner
may still do there is found by ``check_protection``, and what was changed by verification (``tests/audit/attacks``).
"""

import sqlite3
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from audit import authorizer, protection
from audit.context import audit_context
from audit.log import record
from audit.models import Event
from audit.protection import Guard, check_protection, manifest
from casemgmt.operations import prepare
from casemgmt.operations.errors import NotReady

from .kept.models import Folder
from .sealing.scene import note, seal

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="In the words of SQLite.")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="In the words of PostgreSQL.")

#: On every table that only grows. {key} is a column that is unique.
ON_EACH_TABLE = {
    "update": 'UPDATE "{table}" SET "{key}" = "{key}"',
    "rowid": 'UPDATE "{table}" SET rowid = rowid + 1000',
    "update or replace": 'UPDATE OR REPLACE "{table}" SET "{key}" = (SELECT min("{key}") FROM "{table}")',
    "delete": 'DELETE FROM "{table}"',
    "replace": 'REPLACE INTO "{table}" SELECT * FROM "{table}"',
    "insert or replace": 'INSERT OR REPLACE INTO "{table}" SELECT * FROM "{table}"',
    "upsert": 'INSERT INTO "{table}" SELECT * FROM "{table}" WHERE true ON CONFLICT DO UPDATE SET "{key}" = "{key}"',
    "drop table": 'DROP TABLE "{table}"',
    "rename": 'ALTER TABLE "{table}" RENAME TO mine',
    "rename column": 'ALTER TABLE "{table}" RENAME COLUMN "{key}" TO mine',
    "drop trigger": 'DROP TRIGGER "haven_keep_{table}_delete"',
    "own trigger": 'CREATE TRIGGER mine BEFORE INSERT ON "{table}" BEGIN SELECT RAISE(IGNORE); END',
    "temporary trigger": 'CREATE TEMP TRIGGER mine BEFORE INSERT ON "{table}" BEGIN SELECT RAISE(IGNORE); END',
    "temporary table": 'CREATE TEMP TABLE "{table}" (id)',
    "temporary view": 'CREATE TEMP VIEW "{table}" AS SELECT 1',
}
ONCE = {
    "attach": "ATTACH DATABASE ':memory:' AS other",
    "detach": "DETACH DATABASE main",
    "writable schema": "PRAGMA writable_schema = ON",
    "writable schema, other words": "PRAGMA writable_schema(1)",
    "schema version": "PRAGMA schema_version = 1",
    "journal off": "PRAGMA journal_mode = OFF",
    "journal in memory": "PRAGMA main.journal_mode = MEMORY",
    "no checks": "PRAGMA ignore_check_constraints = ON",
    "old alter": "PRAGMA legacy_alter_table = ON",
    "recursive triggers": "PRAGMA recursive_triggers = OFF",
    "schema as text": "UPDATE sqlite_master SET sql = '' WHERE type = 'trigger'",
    "schema rows": "DELETE FROM sqlite_master WHERE type = 'trigger'",
    "index": "DROP INDEX audit_event_at",
    "view": "CREATE VIEW mine AS SELECT 1",
    "virtual table": "CREATE VIRTUAL TABLE mine USING fts5(words)",
    "extension": "SELECT load_extension('mine')",
}


def refused(statement: str) -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as caught:
        return str(caught)
    return "nothing"


def rows_of(tables: list[str]) -> dict[str, Any]:
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM main."{table}" ORDER BY 1')
            found[table] = cursor.fetchall()
        return found


@pytest.fixture
def kept(db: None) -> list[protection.Guarded]:
    """Every table that only grows, those of the ledger and one history with a row."""
    with audit_context("test", "testing"):
        record("CASE_CHANGED", actor=None, subject=Folder.objects.create(), refs=[Folder(), Folder()])
    note(256)
    seal()
    return [one for one in manifest() if one.guard in (Guard.KEEP, Guard.ERASE, Guard.REKEY)]


@on_sqlite
def test_each_attack_on_each_table_is_refused_and_changes_nothing(kept: list[protection.Guarded]) -> None:
    tables = [one.table for one in kept]
    before = rows_of(tables)
    with_rows = {table for table in tables if before[table]}
    ledger = {f"audit_{name}" for name in ("event", "eventdetail", "eventcase", "stream", "leaf", "tile", "checkpoint")}
    assert with_rows >= ledger | {"kept_historicalfolder"}
    asks_rows = {"update", "rowid", "update or replace", "delete", "replace", "insert or replace", "upsert"}
    for one in kept:
        for name, statement in ON_EACH_TABLE.items():
            if name in asks_rows and one.table not in with_rows:
                continue  # a trigger of a row is asked for rows; tests of protection compare it with the manifest
            said = refused(statement.format(table=one.table, key=one.keys[0][0]))
            expected = "append-only" if name in asks_rows else "not authorized"
            assert expected in said, (one.table, name, said)
    assert rows_of(tables) == before
    assert check_protection() == []


@on_sqlite
@pytest.mark.parametrize("name", ONCE)
def test_what_would_go_round_the_triggers_is_refused(name: str, kept: list[protection.Guarded]) -> None:
    said = refused(ONCE[name])
    assert "not authorized" in said or "prohibited" in said or "may not be modified" in said, said
    assert check_protection() == []


@on_sqlite
def test_what_haven_says_itself_is_let_through(db: None) -> None:
    """Erasing for good, looking into tables, and making the table of the cache."""
    for statement in (
        "PRAGMA secure_delete = ON",
        "PRAGMA secure_delete = OFF",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA foreign_key_check",
        "PRAGMA table_info(audit_event)",
        "PRAGMA journal_mode",
        "CREATE TABLE mine (id INTEGER PRIMARY KEY)",
        "CREATE INDEX mine_index ON mine (id)",
    ):
        assert refused(statement) in ("nothing", "database table is locked"), statement


@on_sqlite
def test_the_authorizer_comes_with_every_connection_to_the_main_database() -> None:
    """A migration lifts it and puts it back, also where it is lifted twice; a new connection has it from the start."""
    real = connections["default"]
    with authorizer.lifted(real):
        assert "no such table" in refused("DROP TABLE not_there")
        with authorizer.lifted(real):
            pass
        assert "no such table" in refused("DROP TABLE not_there")
    assert "not authorized" in refused("DROP TABLE audit_event")
    kept = real.connection
    try:
        real.connection = sqlite3.connect(":memory:")
        protection.prepare_connection(real)
        with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
            real.connection.execute("ATTACH DATABASE ':memory:' AS other")
        real.connection.close()
    finally:
        real.connection = kept


@on_sqlite
def test_a_trigger_of_somebody_else_is_told_and_stops_the_start(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs a connection that is not ours. It swallows every event without a gap in any table of triggers of ours."""
    with authorizer.lifted(connections["default"]), connection.cursor() as cursor:
        cursor.execute("CREATE TRIGGER quiet BEFORE INSERT ON audit_leaf BEGIN SELECT RAISE(IGNORE); END")
        cursor.execute("CREATE TEMP TABLE audit_eventcase (id)")
    told = " ".join(check_protection())
    assert "The trigger quiet on audit_leaf is not ours" in told and "audit_eventcase" in told
    monkeypatch.setattr(prepare, "database_state", lambda _alias: "ok")
    with pytest.raises(NotReady, match="guards are not as they must be"):
        prepare.demand_good_order(lambda _said: None)
    with authorizer.lifted(connections["default"]), connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER quiet")
        cursor.execute("DROP TABLE temp.audit_eventcase")


@on_postgresql
def test_what_the_owner_lays_or_takes_off_is_told_and_stops_the_start(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for statement, words in (
        ("ALTER TABLE audit_event DISABLE TRIGGER haven_keep", "haven_keep is not what the manifest says"),
        ("ALTER TABLE audit_leaf ENABLE REPLICA TRIGGER haven_keep", "audit_leaf.haven_keep is not what"),
        ("DROP TRIGGER haven_keep_truncate ON audit_tile", "audit_tile.haven_keep_truncate is missing"),
        (
            "CREATE TRIGGER quiet BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "The trigger quiet on audit_event is not ours",
        ),
        ("CREATE RULE quiet AS ON INSERT TO audit_eventcase DO INSTEAD NOTHING", "The rule quiet on audit_eventcase"),
    ):
        connection.check_constraints()
        with connection.cursor() as cursor:
            cursor.execute(statement)
        assert words in " ".join(check_protection()), statement
    monkeypatch.setattr(prepare, "database_state", lambda _alias: "ok")
    with pytest.raises(NotReady, match="guards are not as they must be"):
        prepare.demand_good_order(lambda _said: None)


@on_postgresql
def test_triggers_hold_for_the_owner_too(kept: list[protection.Guarded]) -> None:
    """As long as they stand: in replica mode, against TRUNCATE, and against what a row becomes by a conflict."""
    connection.check_constraints()
    for one in kept:
        for statement in (
            'TRUNCATE "{table}" CASCADE',
            'SET LOCAL session_replication_role = replica; TRUNCATE "{table}" CASCADE',
            'SET LOCAL session_replication_role = replica; UPDATE "{table}" SET "{key}" = "{key}"',
            'SET LOCAL session_replication_role = replica; DELETE FROM "{table}"',
            'INSERT INTO "{table}" OVERRIDING SYSTEM VALUE SELECT * FROM "{table}" ON CONFLICT ("{key}") '
            'DO UPDATE SET "{key}" = EXCLUDED."{key}"',
        ):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f'SELECT count(*) FROM "{one.table}"')
                if not cursor.fetchone()[0] and "TRUNCATE" not in statement:
                    continue
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement.format(table=one.table, key=one.keys[0][0]))
            except DatabaseError as caught:
                # A history that TRUNCATE would take along may be asked first, by another of its guards.
                assert "append-only" in str(caught) or "accounts for" in str(caught), (
                    one.table,
                    statement,
                    str(caught),
                )
            else:
                pytest.fail(f"{one.table}: {statement} was let through")
    assert Event.objects.exists()
