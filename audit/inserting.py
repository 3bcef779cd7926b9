"""Inserting rows of the ledger by a statement that is made once.

Every page writes an event. Django composes the INSERT anew for each row, which costs more than the row itself; here
its fields still prepare the values, and nothing listens to the signals of the ledger's models.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

from casemgmt.access.compiled import asking


@lru_cache(maxsize=64)
def _statement(model: type[models.Model]) -> tuple[str, tuple[models.Field, ...], bool]:
    """The INSERT, the fields whose values it takes, and whether the database gives the key."""
    quote, key = connections[DEFAULT_DB_ALIAS].ops.quote_name, model._meta.pk
    is_numbered = isinstance(key, models.AutoField | models.BigAutoField)
    fields = tuple(field for field in model._meta.concrete_fields if not (is_numbered and field is key))
    columns = ", ".join(quote(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    returning = f" RETURNING {quote(str(key.column))}" if is_numbered else ""
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks}){returning}"  # noqa: S608
    return statement, fields, is_numbered


def insert(row: models.Model) -> None:
    """Insert a new row in the running transaction and give it its key, as ``save(force_insert=True)`` would."""
    connection = connections[DEFAULT_DB_ALIAS]
    statement, fields, is_numbered = _statement(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS), asking() as cursor:
        cursor.execute(statement, values)
        if is_numbered:
            row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def insert_many(model: type[models.Model], types: dict[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows by one statement. ``types``: the columns in the order of each row, with PostgreSQL's type for each.

    Values are given as the database takes them (numbers, text, bytes, aware moments on PostgreSQL alone).
    """
    if not rows:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    quote = connection.ops.quote_name
    columns = ", ".join(map(quote, types))
    begin = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) "
    with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            lists = ", ".join(f"%s::{kind}[]" for kind in types.values())
            statement = f"{begin}SELECT * FROM unnest({lists})"  # noqa: S608
            cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        else:
            cursor.executemany(f"{begin}VALUES ({', '.join(['%s'] * len(types))})", rows)
