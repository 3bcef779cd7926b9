"""Changes that nobody accounts for: what the net caught without an event, and records that differ from their last version.

Two looks that do not depend on each other. The net (``audit.protection``, NET) is laid in the database and sees every
change, one that was taken back too, as long as its triggers stand. The comparison needs no trigger: a record is what its
last version says, or somebody changed it past the house. Findings name tables and keys, never values.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models

from casemgmt.crypto.sealing import ROW_MARK

from . import protection
from .history import Version, history_model_of
from .models import Event

#: So many keys of one kind are named; of more it is said how many.
NAMED = 20
_HAS_NO_EVENT = (
    "SELECT transaction_id FROM audit_change GROUP BY transaction_id "
    "HAVING sum(CASE WHEN table_name = %s THEN 1 ELSE 0 END) = 0"
)
_DONE = {"INSERT": "added", "UPDATE": "changed", "DELETE": "deleted"}


def lines_without_event() -> list[tuple[str, str, str, str]]:
    """(table, operation, context, key) of each change that was made in a transaction without an event, in order."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT table_name, operation, context, row_key FROM audit_change "  # noqa: S608  a constant
            f"WHERE transaction_id IN ({_HAS_NO_EVENT}) ORDER BY id",
            [Event._meta.db_table],
        )
        return [(table, operation, context, str(key)) for table, operation, context, key in cursor.fetchall()]


def unattributed() -> list[str]:
    """The same in sentences, one for each table, kind of change and context."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for table, operation, context, key in lines_without_event():
        found.setdefault((table, operation, context), []).append(key)
    return [
        f"{table} {_some(keys)} {_DONE[operation]} without an event ({context or 'nobody accounts for it'})."
        for (table, operation, context), keys in sorted(found.items())
    ]


def tidy() -> int:
    """Take the lines of all transactions that have their event out of the net; say how many. The others stay for good.

    One statement looks and deletes, so that a line which comes meanwhile is neither missed nor taken.
    """
    with protection.tidying(), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "DELETE FROM audit_change WHERE transaction_id IN (SELECT transaction_id FROM audit_change "
            "GROUP BY transaction_id HAVING sum(CASE WHEN table_name = %s THEN 1 ELSE 0 END) > 0)",
            [Event._meta.db_table],
        )
        return int(cursor.rowcount)


def unlike_their_versions() -> Iterator[str]:
    """Each record that is not what its last version says: altered, added or deleted past the house. Three queries a table."""
    for model in models_with_history():
        table = model._meta.db_table
        for words, statement in _comparisons(model):
            with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                cursor.execute(statement)
                keys = [str(row[0]) for row in cursor.fetchall()]
            if keys:
                yield f"{table} {_some(keys)} {words}."


def models_with_history() -> list[type[models.Model]]:
    """Every live model whose versions are Haven's."""
    return [
        model
        for model in apps.get_models()
        if hasattr(model._meta, "simple_history_manager_attribute") and issubclass(history_model_of(model), Version)
    ]


def _comparisons(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """What is wrong with the rows that a statement finds, and the statement."""
    connection = connections[DEFAULT_DB_ALIAS]
    quote = connection.ops.quote_name
    history_model: Any = history_model_of(model)
    live, past, key = (
        quote(model._meta.db_table),
        quote(history_model._meta.db_table),
        quote(str(model._meta.pk.column)),
    )
    last = f"(SELECT max(x.history_id) FROM {past} x WHERE x.{key} = l.{key})"  # noqa: S608  names of tables only
    differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
    columns = [str(field.column) for field in history_model.tracked_fields]
    unlike = " OR ".join(_unlike(quote(column), column, differs) for column in columns)
    yield (
        "is not what its last version says",
        f"SELECT l.{key} FROM {live} l JOIN {past} h ON h.history_id = {last} "  # noqa: S608
        f"WHERE h.history_type <> '-' AND ({unlike}) ORDER BY 1",
    )
    yield (
        "has no version",
        f"SELECT l.{key} FROM {live} l LEFT JOIN {past} h ON h.history_id = {last} "  # noqa: S608
        "WHERE h.history_id IS NULL OR h.history_type = '-' ORDER BY 1",
    )
    yield (
        "was deleted without a version",
        f"SELECT h.{key} FROM {past} h WHERE NOT EXISTS (SELECT 1 FROM {live} l WHERE l.{key} = h.{key}) "  # noqa: S608
        f"GROUP BY h.{key} HAVING max(h.history_id) <> "
        "coalesce(max(CASE WHEN h.history_type = '-' THEN h.history_id END), 0) ORDER BY 1",
    )


def _unlike(quoted: str, column: str, differs: str) -> str:
    """A column is compared as it is stored. A mark may have been given to the record alone (``rowmac.mark_rows``)."""
    condition = f"l.{quoted} {differs} h.{quoted}"
    return f"(h.{quoted} IS NOT NULL AND {condition})" if column == ROW_MARK else f"({condition})"


def _some(keys: Iterable[str]) -> str:
    """The first keys, and how many more there are."""
    named = list(dict.fromkeys(keys))
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    return ", ".join(named[:NAMED]) + more
