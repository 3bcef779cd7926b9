"""One cell as it stood in a file: its text, and what kind of thing it was. Nothing is interpreted yet."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

TEXT, DATE, NUMBER, FORMULA, BROKEN = "text", "date", "number", "formula", "broken"


@dataclass(frozen=True)
class Cell:
    """``text`` of a date is ISO, of a formula its source (never evaluated), of a broken cell its error (``#REF!``)."""

    text: str
    kind: str = TEXT

    def as_json(self) -> Any:
        """As it is kept in ``ImportRow.cells``: plain text, or a pair."""
        return self.text if self.kind == TEXT else [self.kind, self.text]

    @classmethod
    def of_json(cls, kept: Any) -> "Cell":
        """The cell that ``as_json`` kept."""
        return cls(kept) if isinstance(kept, str) else cls(text=kept[1], kind=kept[0])


def of_text(text: str | None) -> Cell | None:
    """A cell of a CSV file, or a text cell of a workbook; None if it holds nothing that can be seen."""
    if text is None:
        return None
    # Non-breaking spaces come with the official drop-downs.
    stripped = text.replace("\u00a0", " ").replace("\ufeff", "").strip(" \t\r\n\u200b")
    if not stripped:
        return None
    if stripped.startswith("="):
        return Cell(stripped, FORMULA)
    # Our own export writes an apostrophe before what a spreadsheet would take for a formula.
    if len(stripped) > 1 and stripped[0] == "'" and stripped[1] in "=+-@":
        stripped = stripped[1:]
    return Cell(stripped)


def of_value(value: Any, data_type: str) -> Cell | None:
    """A cell of a workbook. ``data_type`` as openpyxl names it."""
    if value is None:
        return None
    if data_type == "f":
        return Cell(str(getattr(value, "text", value))[:500], FORMULA)
    if data_type == "e":
        return Cell(str(value), BROKEN)
    if isinstance(value, bool):
        return Cell("TRUE" if value else "FALSE")
    if isinstance(value, dt.datetime):
        return Cell(value.date().isoformat(), DATE)
    if isinstance(value, dt.date):
        return Cell(value.isoformat(), DATE)
    if isinstance(value, int):
        return Cell(str(value), NUMBER)
    if isinstance(value, float):
        return Cell(str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value), NUMBER)
    return of_text(str(value))
