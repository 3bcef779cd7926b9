"""Queries that differ in nothing but their values: the ORM writes them once, later askings put their own values in.

Of a page of cases most of the time went into writing the same SQL again. The rules stay where they are, in querysets;
here is only their text, kept for as long as the process lives.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ParamSpec, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

#: Stand-ins for what each asking brings. No row has such a key, so none of them is taken for a constant of the query.
READER, HOUSE, BEFORE = -1, -2, -3
MOMENT = datetime(1, 2, 3, 4, 5, 6, 7, tzinfo=UTC)
_FIRST_GROUP = -10
_kept: list[Any] = []
P = ParamSpec("P")


def stand_in_groups(number: int) -> list[int]:
    """Stand-ins for so many groups."""
    return [_FIRST_GROUP - place for place in range(number)]


@dataclass(frozen=True)
class Compiled:
    """The text of a query of keys, and its values with stand-ins among them."""

    sql: str
    parameters: tuple[Any, ...]

    def keys(self, own: Mapping[Any, Any]) -> list[int]:
        """Ask it with these values in place of the stand-ins: keys of rows, in its order. One query."""
        values = {_for_driver(stand_in): _for_driver(value) for stand_in, value in own.items()}
        return run(self.sql, [values.get(value, value) for value in self.parameters])


def kept(write: Callable[P, Compiled]) -> Callable[P, Compiled]:
    """Decorator: what a function has compiled for the same arguments is kept."""
    keeping = lru_cache(maxsize=256)(write)
    _kept.append(keeping)
    return cast("Callable[P, Compiled]", keeping)


def forget() -> None:
    """Compile everything anew: for tests that change a rule."""
    for keeping in _kept:
        keeping.cache_clear()


def union(ranges: Iterable[QuerySet[Any]], ending: str = "", *, everything: bool = False) -> Compiled:
    """Limited ranges of keys as one query. Written out, because Django refuses to limit the parts of a union on SQLite.

    ``everything`` keeps a key that comes from two of them twice.
    """
    parts: list[str] = []
    parameters: list[Any] = []
    for number, keys in enumerate(ranges):
        try:
            sql, values = keys.query.sql_with_params()
        except EmptyResultSet:  # narrowed to nothing
            continue
        parts.append(f"SELECT * FROM ({sql}) AS range_{number}")  # noqa: S608  our own queries, with parameters
        parameters += values
    between = " UNION ALL " if everything else " UNION "
    return Compiled(f"{between.join(parts)} {ending}" if parts else "", tuple(parameters))


def run(sql: str, parameters: Sequence[Any]) -> list[int]:
    """The keys a query answers with; none where every part of it was narrowed to nothing."""
    if not sql:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return [key for (key,) in cursor.fetchall()]


def _for_driver(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
