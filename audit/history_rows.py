"""The history rows of the running transaction, on their way to the event that names them."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections, models

from . import canonical

if TYPE_CHECKING:
    from .circumstances import Context

BATCH = 500


class Noted(NamedTuple):
    """Rows of one history written by one statement, by id: the values of ``columns_of``, where the database said them.

    ``mark`` stands in Django's list of callbacks for after the commit as long as their savepoint does; a rolled back one
    takes it out.
    """

    history_model: type[models.Model]
    rows: Mapping[int, Sequence[Any] | None]
    mark: Callable[[], None]


def note(
    running: "Context | None", history_model: type[models.Model], rows: Mapping[int, Sequence[Any] | None]
) -> None:
    """Remember rows just written. Without a context there is nothing to hand them to; the triggers refuse those."""
    if running is None or not rows:
        return

    def mark() -> None:
        """Nothing to do after the commit."""

    connections[DEFAULT_DB_ALIAS].on_commit(mark)
    running.unrecorded.append(Noted(history_model, rows, mark))


def note_rekeyed(running: "Context", history_model: type[models.Model], before: dict[int, str]) -> None:
    """Remember rows whose ciphertexts were put under a newer key, by history id with the digest each had before."""
    running.rekeyed.setdefault(history_model, {}).update(before)


def take(running: "Context") -> list[list[Any]]:
    """``[[table, history id, digest], …]`` of the noted rows that are still there, and forget them.

    A row that was put under a newer key has a fourth part, the digest before: so verification can follow it.

    Rows of a savepoint that rolled back are gone from the database and drop out here. Digests are made of what the
    database holds: as it said when it wrote a row, else read back with one query for each kind.
    """
    standing = {id(entry[1]) for entry in connections[DEFAULT_DB_ALIAS].run_on_commit}
    found: dict[type[models.Model], dict[int, str]] = {}
    asked: dict[type[models.Model], set[int]] = {}
    for noted in running.unrecorded:
        changed, columns = running.rekeyed.get(noted.history_model, {}), columns_of(noted.history_model)
        for history_id, values in noted.rows.items():
            if values is None or id(noted.mark) not in standing or history_id in changed:
                asked.setdefault(noted.history_model, set()).add(history_id)
            else:
                said = digest(dict(zip(columns, values, strict=True)))
                found.setdefault(noted.history_model, {})[history_id] = said
    running.unrecorded.clear()
    for history_model, ids in asked.items():
        found.setdefault(history_model, {}).update(digests(history_model, sorted(ids)))
    rows: list[list[Any]] = [
        [history_model._meta.db_table, history_id, digest_found]
        for history_model, by_id in found.items()
        for history_id, digest_found in by_id.items()
    ]
    for history_model, before in running.rekeyed.items():
        table = history_model._meta.db_table
        rows.extend(
            [table, history_id, digest, before[history_id]]
            for history_id, digest in digests(history_model, sorted(before))
        )
    running.rekeyed.clear()
    return sorted(rows)


def columns_of(history_model: type[models.Model]) -> list[str]:
    """The columns a digest is made of, in its order."""
    return sorted(str(field.column) for field in history_model._meta.concrete_fields)


def digests(
    history_model: type[models.Model], ids: list[int], *, of: Callable[[dict[str, Any]], str] | None = None
) -> list[tuple[int, str]]:
    """SHA-256 of each row as the database holds it: names and raw values of its columns, ciphertext included.

    ``of`` makes the digest of one row (``digest``, if none is given).
    """
    of = of or digest
    connection = connections[DEFAULT_DB_ALIAS]
    quote = connection.ops.quote_name
    columns = columns_of(history_model)
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
