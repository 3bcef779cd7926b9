"""What the role that this connection signed in with may do: on PostgreSQL an auditor's may read the ledger and no more."""

from collections.abc import Iterable

from django.db import DEFAULT_DB_ALIAS, connections


def may(privilege: str, tables: Iterable[str]) -> bool:
    """Whether it has this privilege (SELECT, DELETE …) on all of these tables. On SQLite everybody has."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(has_table_privilege(name, %s)) FROM unnest(%s::text[]) AS name", [privilege, list(tables)]
        )
        return bool(cursor.fetchone()[0])


def may_add_to(tables: Iterable[str]) -> bool:
    """Whether it may add rows to all of these tables, be it without choosing every column. On SQLite everybody may."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(has_any_column_privilege(name, 'INSERT')) FROM unnest(%s::text[]) AS name", [list(tables)]
        )
        return bool(cursor.fetchone()[0])
