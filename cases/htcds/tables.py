"""The tables of HTCDS beside the case sheet (domain.md §1.1): people who did something, events, support plans, organisations.

The standard has no identifier of a case, so their rows name the row of the case sheet by our ``x_CaseRef``, random in each
file. A table belongs to the room that keeps its rows (``register``). What a sheet says and no table keeps is said, too.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases.htcds.cells import BROKEN, FORMULA, Cell
from cases.htcds.days import read_day
from cases.htcds.fields import Field, FieldType, Home
from cases.htcds.findings import Finding, note
from cases.htcds.places import folded
from cases.htcds.understanding import match_codes
from cases.htcds.wording import codes_by_spelling
from cases.models import Case

#: The column by which a row of a table names its row of the case sheet.
CASE_REF = "x_CaseRef"
#: Where an imported row keeps the rows of tables that belong to it: no letter of a sheet.
KEPT_UNDER = "@"
#: No release lets these out: what is said of somebody else is not hers alone to release.
NOBODY_RELEASES: frozenset[str] = frozenset({"NOT_FOR_OUTSIDE"})
#: Rows of one table that one case may have.
MOST_ROWS = 200
_LONGEST = {FieldType.LONG_TEXT: 30_000}

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """One table. ``read``: the rows of some cases by key, inside an opening, with the sections held on each.

    ``take``: keep the rows of one imported case, returns how many could not be kept. ``no_home``: columns of the standard
    that Haven keeps nowhere; ``no_codes``: codes that it does not keep in this part of a record.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    read: Callable[[User, Sequence[Case], Mapping[int, Collection[str]]], Mapping[int, list[Row]]]
    take: Callable[..., int]
    no_home: tuple[str, ...] = ()
    no_codes: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        """The header of its sheet."""
        return (CASE_REF, *(one.name for one in self.fields))

    def key(self, field: Field) -> str:
        """The column by a name that no column of another table has."""
        return f"{self.name}/{field.name}"


_TABLES: dict[str, Table] = {}


def register(table: Table) -> None:
    """Let a room say which table it keeps. Called when the house starts."""
    _TABLES[table.name] = table


def tables() -> list[Table]:
    """Every table, by name."""
    return [_TABLES[name] for name in sorted(_TABLES)]


def needs() -> dict[str, tuple[Section, frozenset[str]]]:
    """By key of a column: the section it is read from, and the categories a release must name for it."""
    return {table.key(one): (one.section, one.categories) for table in tables() for one in table.fields}


def column(
    name: str, type_: FieldType, section: Section, categories: Collection[str] = NOBODY_RELEASES, codes: Any = None
) -> Field:
    """One column of a table; its name is its label, as the tables are made for other systems."""
    return Field(
        name=name, label=name, type=type_, home=Home.NOWHERE, section=section, codes=codes,
        categories=frozenset(categories),
    )  # fmt: skip


def written(field: Field, value: Any) -> str:
    """A value as its cell holds it: days as ISO, several codes divided by ``;``."""
    if value is None or value == "" or value == []:
        return ""
    return ";".join(value) if field.takes_several else str(value)


# ---- Reading ----


def table_of(header: Collection[str]) -> Table | None:
    """The table that a header belongs to: it names its case, and two columns of the table or more."""
    names = {folded(text) for text in header if text}
    if folded(CASE_REF) not in names:
        return None
    found = [(len({folded(name) for name in _named(table)} & names), table) for table in tables()]
    score, best = max(found, key=lambda one: one[0], default=(0, None))
    return best if score >= 2 else None


def _named(table: Table) -> list[str]:
    own = [*(one.name for one in table.fields), *table.no_home]
    return [name for name in own if name.startswith((table.name, "x_"))]


def understood(kept: Mapping[str, list[Mapping[str, Any]]]) -> tuple[dict[str, list[Row]], list[Finding]]:
    """By table, the rows that stood there as values, with what is worth saying: what came along, and what was left out."""
    found: dict[str, list[Row]] = {}
    said: list[Finding] = []
    for table in tables():
        rows = kept.get(table.name) or []
        for cells in rows[:MOST_ROWS]:
            row = _row(table, {name: Cell.of_json(cell) for name, cell in cells.items()}, said)
            if row:
                found.setdefault(table.name, []).append(row)
        if rows:
            said.append(note("TABLE_ROWS", "", "", said=table.title, count=len(found.get(table.name, []))))
        if len(rows) > MOST_ROWS:
            said.append(note("TABLE_TOO_LONG", "", "", said=table.title, count=len(rows) - MOST_ROWS))
    return found, said


def _row(table: Table, cells: Mapping[str, Cell], said: list[Finding]) -> Row:
    by_name = {folded(one.name): one for one in table.fields}
    row: Row = {}
    for header, cell in cells.items():
        field = by_name.get(folded(header))
        value = _value(table, field, cell) if field is not None else None
        if field is None or value is None:
            said.append(note("TABLE_LEFT_OUT", "", "", said=f"{table.title}, {header[:60]}: {cell.text[:120]}"))
        elif value != []:
            row[field.name] = value
    return row


def _value(table: Table, field: Field, cell: Cell) -> Any:
    """What one cell means; None where it means nothing that this column can keep."""
    if cell.kind in (FORMULA, BROKEN) or len(cell.text) > _LONGEST.get(field.type, 200):
        return None
    if field.type == FieldType.DATE:
        day: dt.date | None = read_day(cell).day
        return day.isoformat() if day is not None else None
    if field.type == FieldType.NUMBER:
        return int(cell.text) if cell.text.isdecimal() and len(cell.text) < 4 else None
    if field.is_coded:
        chosen, unknown = match_codes(cell.text, codes_by_spelling(field), several=field.takes_several)
        if unknown or set(chosen) & table.no_codes:
            return None
        return chosen if field.takes_several else chosen[0]
    return cell.text
