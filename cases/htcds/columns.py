"""Which column of a sheet is which field: by code name, by label, and where the official sheet slips by position."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from openpyxl.utils import get_column_letter

from cases.htcds.cells import Cell
from cases.htcds.fields import CORE_ORDER
from cases.htcds.places import folded
from cases.htcds.wording import fields_by_label, fields_by_name

#: So many rows from the top a header may stand (titles and logos come before it).
HEADER_WITHIN = 12
#: Fewer columns than this make no case sheet.
LEAST_KNOWN = 2
#: How days like 05/07/1990 are meant in a column.
DAY_FIRST, MONTH_FIRST = "DAY_FIRST", "MONTH_FIRST"

#: Columns that Kobo and ODK add by themselves: of the form, not of the person.
_FORM_COLUMNS = frozenset(
    """
    start end today deviceid subscriberid simserial phonenumber username version id uuid submissiontime
    validationstatus notes status submittedby tags index parenttablename parentindex instanceid instancename
    formid formversion key metainstanceid no nr number row
    """.split()  # noqa: SIM905
)

#: In the code row of the official sheet, and in its label row, the same five columns are called differently.
MAILING = ("prs_MailingCity", "prs_MailingCountry", "prs_MailingState", "prs_MailingStreet", "prs_MailingPostalCode")


@dataclass(frozen=True)
class Column:
    """One column: its letter, what its header said, the field it is, and the other field its label names (mailing)."""

    letter: str
    header: str
    name: str = ""
    label_name: str = ""


@dataclass
class Columns:
    """All columns of a sheet, remarks on them (codes with parameters), and where the rows begin (0-based)."""

    columns: list[Column]
    remarks: list[dict[str, Any]] = field(default_factory=list)
    first_row: int = 0
    #: "codes" or "labels": which of the two header rows the mailing columns follow; "" if nobody can tell.
    mailing: str = ""
    #: Whether a person chose the columns; such a choice is offered again for a sheet with the same headers.
    is_chosen: bool = False
    #: By field: what a person said that words of the sheet mean. Folded word → code; "" leaves the cell empty.
    answers: dict[str, dict[str, str]] = field(default_factory=dict)
    #: By date field: DAY_FIRST or MONTH_FIRST, where a person said so.
    orders: dict[str, str] = field(default_factory=dict)

    @property
    def known(self) -> list[Column]:
        """Those that are a field of the standard."""
        return [column for column in self.columns if column.name]

    @property
    def has_two_mailing_layouts(self) -> bool:
        """Whether code row and label row disagree on the mailing columns."""
        return any(column.label_name for column in self.columns)

    def letter_of(self, name: str) -> str:
        """The column of a field, by the code row; empty if the sheet has none."""
        return next((column.letter for column in self.columns if column.name == name), "")

    def as_json(self) -> dict[str, Any]:
        """As ``ImportBatch.columns`` keeps it."""
        return {
            "columns": [asdict(column) for column in self.columns], "mailing": self.mailing, "first_row": self.first_row,
            "is_chosen": self.is_chosen, "answers": self.answers, "orders": self.orders,
        }  # fmt: skip

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "Columns":
        """What ``as_json`` kept. Imports of before people could choose columns hold less."""
        return cls(
            columns=[Column(**column) for column in kept["columns"]], mailing=kept["mailing"],
            first_row=kept.get("first_row", 0), is_chosen=kept.get("is_chosen", False),
            answers={name: dict(said) for name, said in kept.get("answers", {}).items()}, orders=dict(kept.get("orders", {})),
        )  # fmt: skip

    @property
    def signature(self) -> tuple[str, ...]:
        """By what a sheet from the same source is known again: its headers, in whatever order they stand."""
        return tuple(sorted(folded(column.header) for column in self.columns if column.header))


def _named(text: str) -> str:
    """The field that a code name means; "" if none. Kobo writes ``group/name``."""
    return fields_by_name().get(folded(text.rpartition("/")[2]), "")


def _labelled(text: str) -> str:
    # Kobo's own columns begin with an underscore: its _status is not the status of a case.
    return "" if text.startswith("_") else fields_by_label().get(folded(text), "")


def count_known(row: Sequence[str | None]) -> int:
    """How many cells of a row name a field, by code or label."""
    return len({name for text in row if text and (name := _named(text) or _labelled(text))})


def recognise(rows: Sequence[Sequence[Cell | None]]) -> Columns | None:
    """The columns of a sheet from its first rows, or None if no row names at least two of them."""
    texts = [[cell.text if cell else "" for cell in row] for row in rows[:HEADER_WITHIN]]
    scores = [count_known(row) for row in texts]
    if not scores or max(scores) < LEAST_KNOWN:
        return None
    first = next(number for number, score in enumerate(scores) if score >= max(LEAST_KNOWN, max(scores) // 2))
    has_second = first + 1 < len(texts) and scores[first + 1] >= max(LEAST_KNOWN, scores[first] // 2)
    second = first + 1 if has_second else None
    codes, labels = texts[first], texts[second] if second is not None else []
    if second is not None and sum(bool(_named(text)) for text in labels) > sum(bool(_named(text)) for text in codes):
        codes, labels = labels, codes
    found = _pair(codes, labels)
    found.first_row = (second if second is not None else first) + 1
    _fill_blank_headers(found)
    _drop_repeats(found)
    return found


def _pair(codes: Sequence[str], labels: Sequence[str]) -> Columns:
    """Each column by its code name first, by its label where that is blank or unknown."""
    found = Columns([])
    for index in range(max(len(codes), len(labels))):
        code = codes[index] if index < len(codes) else ""
        label = labels[index] if index < len(labels) else ""
        letter = get_column_letter(index + 1)
        by_code, by_label = _named(code) or _labelled(code), _labelled(label) or _named(label)
        column = Column(letter, code or label, by_code or by_label)
        if by_code and _named(code) and folded(code.rpartition("/")[2]) != folded(by_code):
            found.remarks.append({"code": "HEADER_MISSPELT", "column": letter, "said": code, "name": by_code})
        if not by_code and by_label and labels:
            found.remarks.append({"code": "HEADER_FROM_LABEL", "column": letter, "said": label, "name": by_label})
        if by_code and by_label and by_code != by_label:
            if by_code in MAILING and by_label in MAILING:
                column = replace(column, label_name=by_label)
            else:
                found.remarks.append({"code": "HEADER_CODE_WINS", "column": letter, "said": label, "name": by_code})
        found.columns.append(column)
    return found


def _fill_blank_headers(found: Columns) -> None:
    """A column without any header between two neighbours of the official order is the field between them."""
    present = {column.name for column in found.columns}
    for index in range(1, len(found.columns) - 1):
        before, here, after = found.columns[index - 1 : index + 2]
        if here.header or before.name not in CORE_ORDER:
            continue
        place = CORE_ORDER.index(before.name)
        if place + 2 < len(CORE_ORDER) and after.name == CORE_ORDER[place + 2] and CORE_ORDER[place + 1] not in present:
            name = CORE_ORDER[place + 1]
            found.columns[index] = replace(here, name=name)
            found.remarks.append({"code": "HEADER_FROM_POSITION", "column": here.letter, "said": "", "name": name})


def _drop_repeats(found: Columns) -> None:
    """Of two columns with one name the first counts; the second "Second Name" is the form's mislabelled Title."""
    seen: set[str] = set()
    for index, column in enumerate(found.columns):
        name = column.name
        if name in seen and name == "prs_SecondName" and "prs_Title" not in {one.name for one in found.columns}:
            name = "prs_Title"
            found.remarks.append(_remark("HEADER_MISLABELLED", column, name))
            found.columns[index] = replace(column, name=name)
        elif name and name in seen:
            found.remarks.append(_remark("HEADER_REPEATED", column, name))
            found.columns[index] = replace(column, name="", label_name="")
        seen.add(name)


def _remark(code: str, column: Column, name: str) -> dict[str, Any]:
    return {"code": code, "column": column.letter, "said": column.header, "name": name}


def is_of_the_form(column: Column) -> bool:
    """Whether a column without a field is a form's own (start, _uuid …), a tick of a split list, or has no header."""
    header = column.header
    return not header or folded(header) in _FORM_COLUMNS or bool(_named(header.partition("/")[0]))
