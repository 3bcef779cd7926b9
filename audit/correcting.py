"""The one way to destroy what was written into the wrong record: a marker in the place of its bytes, in every version.

The database lets a marker through in the place of a ciphertext, in sealed columns only, while this module has the path
open. The event of the same transaction names each version with its digest before and after, so that verification says
"corrected", and "altered" of anything else.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

from casemgmt.crypto import rowmac
from casemgmt.crypto.models import SealedQuerySet
from casemgmt.crypto.sealed import Removed, Sealed, removal_in
from casemgmt.crypto.sealing import ROW_MARK, has_mark, sealed_fields_of

from . import circumstances, history_rows, protection


def remove(history_model: type[models.Model], record_id: int, ciphertexts: dict[str, bytes], removal: Removed) -> int:
    """Destroy these ciphertexts (by the name of their field) in all versions of one record; say in how many versions.

    Equal bytes are one value that later versions carried on. Runs in the caller's transaction, which records the event.
    Raises nothing where a version holds none of them.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    changes = {}
    rows: SealedQuerySet[Any] = SealedQuerySet(history_model, using=DEFAULT_DB_ALIAS)
    for row in rows.filter(id=record_id).order_by("pk"):
        columns = _columns_of(row, ciphertexts, removal)
        if columns:
            changes[row.pk] = columns
    if not changes:
        return 0
    before = dict(history_rows.digests(history_model, sorted(changes)))
    quote = connection.ops.quote_name
    with protection.correcting(), connection.cursor() as cursor:
        for key, columns in changes.items():
            named = ", ".join(f"{quote(name)} = %s" for name in columns)
            statement = (
                f"UPDATE {quote(history_model._meta.db_table)} SET {named} "  # noqa: S608  names of columns only
                f"WHERE {quote(str(history_model._meta.pk.column))} = %s"
            )
            cursor.execute(statement, [*map(connection.Database.Binary, columns.values()), key])  # type: ignore[attr-defined]
    history_rows.note_rekeyed(circumstances.require(), history_model, before)
    return len(changes)


def _columns_of(row: Any, ciphertexts: dict[str, bytes], removal: Removed) -> dict[str, bytes]:
    """What becomes of one version, by column: markers, and the mark of a row that covers them."""
    columns = {}
    for field in sealed_fields_of(type(row)):
        raw = row.__dict__[field.attname]
        if raw is None or removal_in(raw) is not None or field.name not in ciphertexts:
            continue
        if bytes(raw) == ciphertexts[field.name]:
            columns[str(field.column)] = removal.marker
            row.__dict__[field.attname] = Sealed.bound_to(removal.marker, field.binding_of(row))
    if columns and has_mark(type(row)) and row.__dict__[ROW_MARK] is not None:
        columns[ROW_MARK] = rowmac.mark_of(row)
    return columns


def thoroughly(*tables: type[models.Model]) -> None:
    """What this transaction overwrites shall not stay beside the tables either. First of all in it.

    SQLite overwrites freed pages with zeros, and its log is emptied after the commit, unless somebody reads it now.
    PostgreSQL is told to reclaim the old rows; it overwrites their place as it is used again.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    is_sqlite = connection.vendor == "sqlite"
    names = ", ".join(connection.ops.quote_name(table._meta.db_table) for table in tables)
    if is_sqlite:
        _say(connection, "PRAGMA secure_delete = ON")

    def afterwards() -> None:
        if connection.in_atomic_block:
            return  # a test plays the callbacks inside its own transaction
        if is_sqlite:
            _say(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
            _say(connection, "PRAGMA secure_delete = OFF")
        else:
            _say(connection, f"VACUUM {names}")

    transaction.on_commit(afterwards, using=DEFAULT_DB_ALIAS, robust=True)


def _say(connection: Any, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
