"""Hardening while others work in the tables: nobody and the command wait for each other, or the command tries again."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.core.management.base import CommandError
from django.db import connections, transaction

from casemgmt.operations import database_grants, row_security
from casemgmt.operations.database_grants import AUDITOR
from tests.cast import Cast
from tests.operations.hardened import Roles, committed_cast, roles  # noqa: F401  fixtures

pytestmark = pytest.mark.postgresql


@contextmanager
def another() -> Iterator[psycopg.Connection]:
    """A session of its own, each statement a transaction."""
    options = connections["default"].settings_dict
    with psycopg.connect(
        host=options["HOST"], port=options["PORT"], user=options["USER"], password=options["PASSWORD"],
        dbname=options["NAME"], autocommit=True,
    ) as session:  # fmt: skip
        yield session


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 600
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def waits(asking: psycopg.Connection, session: int) -> bool:
    """Whether the session of this number waits for another."""
    row = asking.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", [session]).fetchone()
    return row is not None and row[0] == "Lock"


class Running(threading.Thread):
    """Statements in another session; what became of them."""

    def __init__(self, session: psycopg.Connection, *statements: str) -> None:
        super().__init__()
        self.session, self.statements, self.error = session, statements, ""

    def run(self) -> None:
        try:
            for statement in self.statements:
                self.session.execute(statement)
        except psycopg.Error as error:
            self.error = type(error).__name__


def test_cleaning_up_between_two_changes_is_no_deadlock(committed_cast: Cast, roles: Roles) -> None:  # noqa: F811
    """Rights are given, a VACUUM of the same table begins, and then the table is spoken of once more."""
    roles.harden()
    with another() as cleaner, another() as asking:
        vacuum = Running(cleaner, "VACUUM ANALYZE audit_event")
        with transaction.atomic():
            with connections["default"].cursor() as cursor:
                cursor.execute(f"GRANT UPDATE ON audit_leaf TO {roles.auditor}")
            assert database_grants.give(roles.auditor, AUDITOR)
            vacuum.start()
            until(lambda: waits(asking, cleaner.info.backend_pid))
            database_grants.remember(database_grants.roles(), "default")
        vacuum.join()
    assert not vacuum.error and database_grants.problems() == []


def test_after_a_deadlock_it_is_done_again(committed_cast: Cast, roles: Roles) -> None:  # noqa: F811
    """A page reads two tables in another order than the policies are laid in."""
    roles.harden()
    tables = [guarded.table for guarded in row_security.guarded_tables()]
    first, last = tables[0], tables[-1]
    row_security.remove()
    with another() as page, another() as asking:
        page.execute("BEGIN")
        page.execute(f'SELECT 1 FROM "{last}"')
        ours = connections["default"].connection.info.backend_pid
        reading = Running(page, f'SELECT 1 FROM "{first}"', "COMMIT")

        def read_on() -> None:
            until(lambda: waits(asking, ours))
            reading.run()

        thread = threading.Thread(target=read_on)
        tried: list[str] = []
        with connections["default"].execute_wrapper(_noting(tried)):
            thread.start()
            said = roles.harden()
        thread.join()
    assert not reading.error, "the page goes on, the command gives way"
    assert len(tried) == 2, "the first try ended in the deadlock"
    assert "Laid the policies" in said and database_grants.problems() == row_security.problems() == []


def test_where_it_does_not_end_it_says_so(committed_cast: Cast, roles: Roles, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    roles.harden()
    with connections["default"].cursor() as cursor:
        cursor.execute(f"GRANT UPDATE ON audit_leaf TO {roles.auditor}")
    monkeypatch.setattr(database_grants, "RESTS", ())
    with pytest.raises(CommandError, match="Nothing was changed"):
        roles.harden()
    monkeypatch.undo()
    roles.harden()
    assert database_grants.problems() == []


def _noting(tried: list[str]) -> Callable:
    """Notes each try: each begins by asking whose the tables are."""

    def note(execute, statement, parameters, many, context):
        if "FILTER (WHERE NOT pg_has_role" in str(statement):
            tried.append("")
        return execute(statement, parameters, many, context)

    return note
