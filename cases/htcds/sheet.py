"""Reading a file as a case sheet: what it is by its content, which sheet of a workbook, which columns, its rows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from openpyxl.utils import get_column_letter

from cases.htcds import delimited, workbook
from cases.htcds.cells import Cell
from cases.htcds.columns import HEADER_WITHIN, LEAST_KNOWN, Columns, is_of_the_form, recognise
from cases.htcds.errors import ROW_LIMIT, FormDefinition, NoHeader, NoRows, TooManyRows
from cases.htcds.mapping import guessed
from cases.htcds.places import folded
from cases.htcds.tables import CASE_REF, KEPT_UNDER, table_of
from cases.htcds.understanding import mailing_votes

Row = list[Cell | None]
_FORM_SHEETS = {"survey", "choices"}


@dataclass
class SheetRow:
    """One row with its number in the file (1-based, as a spreadsheet shows it) and its cells by column letter."""

    number: int
    cells: dict[str, Cell]


@dataclass
class Sheet:
    """A case sheet, read: columns, the rows that hold anything, and remarks on the whole (codes with parameters)."""

    columns: Columns
    rows: list[SheetRow]
    remarks: list[dict[str, Any]] = field(default_factory=list)
    #: The rows down to the header, for her who says that another one is the header.
    head: list[SheetRow] = field(default_factory=list)

    @property
    def asks_for_columns(self) -> bool:
        """Whether something stands in columns that nobody understood: a person should say what they are."""
        unclear = ("COLUMN_LEFT_OUT", "COLUMN_WITHOUT_NAME")
        said = [str(one.get("said", "")) for one in self.remarks if one["code"] in unclear]
        # Columns of our own export (x_…) are known, and left out on purpose.
        return len(self.columns.known) < LEAST_KNOWN or any(not header.startswith("x_") for header in said)


def read_sheet(content: bytes, *, any_header: bool = False) -> Sheet:
    """Read a whole file. Nothing is understood yet, and no formula is evaluated. Raises SheetRefused.

    ``any_header``: a person can be asked what the columns are, so a header that nobody understands is no reason to refuse.
    Reads about 100,000 cells a second; the number of rows and the size it unpacks to are looked at before.
    """
    columns, head, rows, remarks, beside = _find(content, any_header)
    read = Sheet(columns, [], [*columns.remarks, *remarks], head)
    ref = next((column.letter for column in columns.columns if folded(column.header) == folded(CASE_REF)), "")
    left_out: dict[str, int] = {}
    votes = 0
    for number, row in rows:
        cells = {columns.columns[index].letter: cell for index, cell in enumerate(row[: len(columns.columns)]) if cell}
        known = {column.letter for column in columns.known}
        for letter in cells.keys() - known:
            left_out[letter] = left_out.get(letter, 0) + 1
        if not cells:
            continue
        votes += mailing_votes(cells, columns)
        # The number that the official sheet writes into column A says nothing, but tells an empty row from no row.
        read.rows.append(SheetRow(number, cells))
        if len(read.rows) > ROW_LIMIT:
            raise TooManyRows
    if not read.rows:
        raise NoRows
    _join(read, ref, beside)
    _say_what_was_left_out(read, left_out)
    _decide_mailing(read, votes)
    return read


Rows = Iterator[tuple[int, Row]]


#: By the reference of the case and the table: rows of cells by header.
Beside = dict[str, dict[str, list[dict[str, Any]]]]
_Found = tuple[Columns, list[SheetRow], Rows, list[dict[str, Any]], Beside]


def _find(content: bytes, any_header: bool) -> _Found:
    """Columns, head, numbered rows below the header, and remarks of the sheet that looks most like a case sheet.

    And of a workbook the other tables of the standard that stand in it.
    """
    if content.startswith((workbook.ZIP, workbook.OLE)):
        return _find_in_workbook(content, any_header)
    rows, was_guessed = delimited.read(content)
    columns, head, below = _below_header(rows, any_header)
    if columns is None:
        raise NoHeader
    return columns, head, below, [{"code": "ENCODING_GUESSED"}] if was_guessed else [], {}


def _find_in_workbook(content: bytes, any_header: bool) -> _Found:
    names: set[str] = set()
    beside: Beside = {}
    joined: set[str] = set()
    best: tuple[Columns, list[SheetRow], Rows, str] | None = None
    for name, rows in workbook.read(content):
        names.add(folded(name))
        start = list(islice(rows, 1))
        table = table_of([cell.text for cell in start[0] if cell]) if start else None
        if table is not None:
            joined.add(folded(name))
            _read_table(table.name, start[0], rows, beside)
            continue
        rows = chain(start, rows)
        columns, head, below = _below_header(rows, any_header)
        if columns is not None and (best is None or len(columns.known) > len(best[0].known)):
            best = (columns, head, below, name)
    if names >= _FORM_SHEETS:
        raise FormDefinition
    if best is None:
        raise NoHeader
    others = names - {folded(best[3]), "about", "validation"} - joined
    return *best[:3], [{"code": "OTHER_SHEETS", "said": best[3]}] if others else [], beside


def _read_table(name: str, header: Row, rows: Iterator[Row], beside: Beside) -> None:
    """Every row of a table by the case that it names; one that names none is kept beside the others, to be said."""
    heads = [cell.text if cell else "" for cell in header]
    kept = 0
    for row in rows:
        cells = {head: cell for head, cell in zip(heads, row, strict=False) if head and cell}
        ref = next((cell.text for head, cell in cells.items() if folded(head) == folded(CASE_REF)), "")
        said = {head: cell.as_json() for head, cell in cells.items() if folded(head) != folded(CASE_REF)}
        if said:
            beside.setdefault(ref, {}).setdefault(name, []).append(said)
            kept += 1
        if kept > ROW_LIMIT:
            raise TooManyRows


def _join(read: Sheet, ref: str, beside: Beside) -> None:
    """Give each row of the case sheet its rows of the tables; of those that belong to none it is said how many."""
    waiting = dict(beside)
    for row in read.rows:
        mine = waiting.pop(row.cells[ref].text, None) if ref in row.cells else None
        if mine:
            row.cells[KEPT_UNDER] = Cell(json.dumps(mine, ensure_ascii=False))
    left = sum(len(rows) for mine in waiting.values() for rows in mine.values())
    if left:
        read.remarks.append({"code": "TABLE_WITHOUT_CASE", "count": left})


def _below_header(rows: Iterator[Row], any_header: bool) -> tuple[Columns | None, list[SheetRow], Rows]:
    """The columns that the first rows name, the head, and the rows below, numbered as in the file."""
    first = list(islice(rows, HEADER_WITHIN))
    columns = recognise(first) or (guessed(first) if any_header else None)
    if columns is None:
        return None, [], iter(())
    head = [
        SheetRow(number, {get_column_letter(place): cell for place, cell in enumerate(row, start=1) if cell})
        for number, row in enumerate(first[: columns.first_row], start=1)
    ]
    below = islice(enumerate(chain(first, rows), start=1), columns.first_row, None)
    return columns, head, below


def _say_what_was_left_out(read: Sheet, left_out: dict[str, int]) -> None:
    by_letter = {column.letter: column for column in read.columns.columns}
    for letter in sorted(left_out, key=lambda one: (len(one), one)):
        column = by_letter[letter]
        if not column.header and letter != "A":
            read.remarks.append({"code": "COLUMN_WITHOUT_NAME", "column": letter})
        elif not is_of_the_form(column):
            read.remarks.append({"code": "COLUMN_LEFT_OUT", "column": letter, "said": column.header[:80]})


def _decide_mailing(read: Sheet, votes: int) -> None:
    """Which header row the address columns follow, by the values of all rows; said only where one is filled in."""
    two_names = {column.letter for column in read.columns.known if column.label_name}
    if not any(two_names & row.cells.keys() for row in read.rows):
        return
    read.columns.mailing = "codes" if votes > 0 else "labels" if votes < 0 else ""
    code = {"codes": "MAILING_CODES", "labels": "MAILING_LABELS", "": "MAILING_UNSURE"}[read.columns.mailing]
    read.remarks.append({"code": code})
