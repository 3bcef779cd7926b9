"""The history rows of the running transaction, on their way to the event that names them."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, connections, models

from . import canonical

if TYPE_CHECKING:
    from .circumstances import Context

BATCH = 500


def note(running: "Context | None", history_model: type[models.Model], history_ids: list[int]) -> None:
    """Remember rows just written. Without a context there is nothing to hand them to; the triggers refuse those."""
    if running is not None:
        running.unrecorded.extend((history_model, history_id) for history_id in history_ids)


def note_rekeyed(running: "Context", history_model: type[models.Model], before: dict[int, str]) -> None:
    """Remember rows whose ciphertexts were put under a newer key, by history id with the digest each had before."""
    running.rekeyed.setdefault(history_model, {}).update(before)


def take(running: "Context") -> list[list[Any]]:
    """``[[table, history id, digest], …]`` of the noted rows that are still there, and forget them.

    A row that was put under a newer key has a fourth part, the digest before: so verification can follow it.

    Rows of a savepoint that rolled back are gone from the database and drop out here. Digests are made of what
    the database holds, read back with one query for each kind.
    """
    noted: dict[type[models.Model], set[int]] = {}
    for history_model, history_id in running.unrecorded:
        noted.setdefault(history_model, set()).add(history_id)
    running.unrecorded.clear()
    rows: list[list[Any]] = []
    for history_model, ids in noted.items():
        table = history_model._meta.db_table
        rows.extend([table, history_id, digest] for history_id, digest in digests(history_model, sorted(ids)))
    for history_model, before in running.rekeyed.items():
        table = history_model._meta.db_table
        rows.extend(
            [table, history_id, digest, before[history_id]]
            for history_id, digest in digests(history_model, sorted(before))
        )
    running.rekeyed.clear()
    return sorted(rows)


def digests(
    history_model: type[models.Model], ids: list[int], *, of: Callable[[dict[str, Any]], str] | None = None
) -> list[tuple[int, str]]:
    """SHA-256 of each row as the database holds it: names and raw values of its columns, ciphertext included.

    ``of`` makes the digest of one row (``digest``, if none is given).
    """
    of = of or digest
    connection = connections[DEFAULT_DB_ALIAS]
    quote = connection.ops.quote_name
    columns = sorted(str(field.column) for field in history_model._meta.concrete_fields)
    key = str(history_model._meta.pk.column)
    found: list[tuple[int, str]] = []
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        marks = ", ".join(["%s"] * len(batch))
        statement = (
            f"SELECT {', '.join(map(quote, columns))} FROM {quote(history_model._meta.db_table)} "  # noqa: S608
            f"WHERE {quote(key)} IN ({marks})"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, batch)
            for row in cursor.fetchall():
                values = dict(zip(columns, row, strict=True))
                found.append((values[key], of(values)))
    return found


#: Columns that tables were given after the first digests were made, which counted NULL as well.
_LATER = frozenset({"row_mac", "erased", "likeness", "quarantined_at", "quarantined_by_id"})


def first_digest(values: dict[str, Any]) -> str:
    """The digest of a row as events of the very first homes state it: over all columns of that time, NULL or not."""
    plain = {column: _plain(value) for column, value in values.items() if column not in _LATER}
    return hashlib.sha256(canonical.encode(plain)).hexdigest()


def digest(values: dict[str, Any]) -> str:
    """SHA-256 of one row, given as raw values by column. NULL is left out: a table may be given a new column later."""
    plain = {column: _plain(value) for column, value in values.items() if value is not None}
    return hashlib.sha256(canonical.encode(plain)).hexdigest()


def _plain(value: Any) -> Any:
    """A raw value of a column, as JSON."""
    if isinstance(value, bytes | bytearray | memoryview):
        return ["bytes", bytes(value).hex()]
    if value is None or isinstance(value, bool | int | str):
        return value
    return [type(value).__name__, str(value)]
