"""For tests: the policies on the tables of the test's own database, and its connection as a role that they bind."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connection, connections

from casemgmt.access import session
from casemgmt.operations import database_grants, row_security

#: One for each process of the tests: a role belongs to the whole cluster, and whoever makes the same one has to wait.
ROLE = f"haven_bound_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


def lay_policies() -> None:
    """Harden inside the test's transaction, and give the bound role what its work needs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [ROLE])
        if not cursor.fetchone()[0]:
            cursor.execute(f"CREATE ROLE {ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS")
        # What waits for the end of the transaction would keep the tables from being changed.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        row_security.lay()
    database_grants.give(ROLE, database_grants.APPLICATION)


@contextmanager
def as_bound_role() -> Iterator[None]:
    """Be neither owner nor superuser until the block ends; the policies are laid.

    What the connection knows of itself lies on the connection, not on Django's stand-in for it.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
    session.forget(connections[DEFAULT_DB_ALIAS])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        session.forget(connections[DEFAULT_DB_ALIAS])


@contextmanager
def bound_by_policies() -> Iterator[None]:
    """Harden inside the test's transaction, and be bound until the block ends."""
    lay_policies()
    with as_bound_role():
        yield
