"""Queries that differ in nothing but their values: the ORM writes them once, later askings put their own values in.

Of a page of cases most of the time went into writing the same SQL again. The rules stay where they are, in querysets;
here is only their text, kept for as long as the process lives. PostgreSQL keeps its plans, too: Django puts values into
the text, so that each asking is another statement and is planned anew, and here they go beside it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from psycopg.sql import Literal

#: Stand-ins for what each asking brings. No row has such a key, so none of them is taken for a constant of the query.
READER, HOUSE, BEFORE, THESE = -1, -2, -3, "these keys"
MOMENT = datetime(1, 2, 3, 4, 5, 6, 7, tzinfo=UTC)
TODAY, UNTIL = date(1, 2, 3), date(1, 2, 4)
_FIRST_GROUP = -10
_kept: list[Any] = []
P = ParamSpec("P")
C = TypeVar("C", bound="Compiled")


def stand_in_groups(number: int) -> list[int]:
    """Stand-ins for so many groups."""
    return [_FIRST_GROUP - place for place in range(number)]


def in_place(group_ids: Sequence[int]) -> dict[Any, Any]:
    """These groups in place of their stand-ins."""
    return dict(zip(stand_in_groups(len(group_ids)), group_ids, strict=True))


def _adapted(value: Any) -> Any:
    """A moment or a day as this database takes it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


@dataclass(frozen=True)
class Compiled:
    """The text of a query of keys, and its values with stand-ins among them."""

    sql: str
    parameters: tuple[Any, ...]

    def keys(self, own: Mapping[Any, Any]) -> list[int]:
        """Ask it with these values in place of the stand-ins: keys of rows, in its order. One query."""
        return run(self.sql, self._with(own))

    def _with(self, own: Mapping[Any, Any]) -> list[Any]:
        values = {_adapted(one): _adapted(value) for one, value in own.items()}
        return [values.get(value, value) for value in self.parameters]


@dataclass(frozen=True)
class CompiledValues(Compiled):
    """The text of a query of columns, and what turns some of them into values."""

    converters: tuple[tuple[int, Sequence[Callable[..., Any]], Any], ...]

    def rows(self, own: Mapping[Any, Any]) -> list[list[Any]]:
        """Ask it with these values in place of the stand-ins: the columns of each row. One query."""
        with asking() as cursor:
            cursor.execute(self.sql, self._with(own))
            found = list(map(list, cursor.fetchall()))
            around = cursor.db
        for row in found:
            for place, converters, expression in self.converters:
                for convert in converters:
                    row[place] = convert(row[place], expression, around)
        return found


@dataclass(frozen=True)
class CompiledRecords(CompiledValues):
    """The text of a query of whole records, their columns, and the names of annotations."""

    model: type[Model]
    names: Sequence[str]
    annotations: Sequence[str]

    def records(self, own: Mapping[Any, Any]) -> list[Any]:
        """Ask it with these values in place of the stand-ins: records with their annotations. One query."""
        names, from_db = self.names, self.model.from_db
        found = []
        for row in self.rows(own):
            record = from_db(connection.alias, names, row[: len(names)])
            record.__dict__.update(zip(self.annotations, row[len(names) :], strict=True))
            found.append(record)
        return found


def kept(write: Callable[P, C]) -> Callable[P, C]:
    """Decorator: what a function has compiled for the same arguments is kept."""
    keeping = lru_cache(maxsize=256)(write)
    _kept.append(keeping)
    return cast("Callable[P, C]", keeping)


def forget() -> None:
    """Compile everything anew: for tests that change a rule."""
    for keeping in _kept:
        keeping.cache_clear()


def values(rows: QuerySet[Any]) -> CompiledValues:
    """A queryset of columns (``values_list``) as text."""
    return CompiledValues(*_written(rows.query.get_compiler(connection.alias)))


def records(rows: QuerySet[Any]) -> CompiledRecords:
    """A queryset of whole records of one model, with annotations and nothing else beside them, as text."""
    compiler = rows.query.get_compiler(connection.alias)
    written = _written(compiler)
    names = [field.attname for field in rows.model._meta.concrete_fields]
    return CompiledRecords(*written, rows.model, names, list(compiler.annotation_col_map))


def _written(compiler: SQLCompiler) -> tuple[str, tuple[Any, ...], tuple[Any, ...]]:
    sql, parameters = told(*compiler.as_sql())
    converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
    return sql, parameters, tuple((place, *way) for place, way in converters.items())


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
    return Compiled(*told(f"{between.join(parts)} {ending}" if parts else "", parameters))


def told(sql: str, parameters: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """On PostgreSQL: what is no stand-in is written into the text, so that whoever plans it once knows it.

    Planned without its words ("not one of these two states"), a query of a few dates read every case of the house.
    """
    if connection.vendor != "postgresql":
        return sql, tuple(parameters)
    waiting = iter(parameters)
    left: list[Any] = []

    def written(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        value = next(waiting)
        value = value.value if isinstance(value, Enum) else value
        if isinstance(value, str | int) and not _is_stand_in(value):
            return Literal(value).as_string().replace("%", "%%")
        left.append(value)
        return "%s"

    return re.sub("%[%s]", written, sql), tuple(left)


def _is_stand_in(value: str | int) -> bool:
    return value == THESE if isinstance(value, str) else value < 0


def run(sql: str, parameters: Sequence[Any]) -> list[int]:
    """The keys a query answers with; none where every part of it was narrowed to nothing."""
    if not sql:
        return []
    with asking() as cursor:
        cursor.execute(sql, list(parameters))
        return [key for (key,) in cursor.fetchall()]


def asking() -> AbstractContextManager[CursorWrapper]:
    """Django's cursor; on PostgreSQL one that leaves values to the server, which plans a text that comes again once.

    After its fifth time, as ``prepare_threshold`` of the settings says; None never, for old poolers of connections. Where
    statements are logged (DEBUG, tests that count), they are Django's own, because a log names values in their places.
    """
    if connection.vendor != "postgresql" or connection.queries_logged:
        return connection.cursor()
    connection.ensure_connection()
    bound: Any = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]
    return connection.make_cursor(bound)
