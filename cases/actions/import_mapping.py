"""A sheet of another system: she says what its columns are, and what its words and days mean; then it is read as any.

What she chose is kept with the batch, sealed for her, and offered again for a sheet with the same headers: headers may
say much of an organisation's work, so no plain trace of them is kept, and nobody else is offered them unless she shares
them with her team (``import_sharing``).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from openpyxl.utils import column_index_from_string

from audit import clock
from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.accounts.models import User
from cases import access
from cases.actions import imports
from cases.actions.import_rows import empty_rows, ref_of, rows_of
from cases.actions.import_sharing import matching
from cases.errors.exchange import ImportIsOver
from cases.htcds.cells import Cell
from cases.htcds.columns import HEADER_WITHIN, Columns
from cases.htcds.fields import FIELDS
from cases.htcds.findings import BAD
from cases.htcds.mapping import is_asked, propose, with_header
from cases.htcds.places import folded
from cases.htcds.tables import KEPT_UNDER
from cases.htcds.understanding import match_codes
from cases.htcds.wording import codes_by_spelling
from cases.models import ImportBatch, ImportRow
from cases.opening import open_own

#: Values of a column that are shown beside it, and the rows below the header in which they are looked for.
SAMPLES, SAMPLED_ROWS = 3, 25
#: So many of her own last imports are looked through for an earlier choice.
_REMEMBERED = 30
#: So many rows are looked through for words to ask about; what she says counts for all rows.
ASKED_ROWS = 5_000
_State, _Row = ImportBatch.State, ImportRow.State


@dataclass
class Choice:
    """What the page of columns shows. ``heads``: the rows that may be the header; ``samples`` by column letter."""

    columns: Columns
    proposed: dict[str, str]
    heads: dict[int, str]
    samples: dict[str, list[str]]
    is_remembered: bool = False
    #: Who of her team shares the choice that is proposed; None where it is her own, or nobody's.
    shared_by: User | None = None


@dataclass
class Asked:
    """What is asked about a whole sheet: words that are no answer, with how often; days that can be read in two ways."""

    words: dict[tuple[str, str], int] = field(default_factory=dict)
    days: dict[str, str] = field(default_factory=dict)


def choice_of(actor: User, batch: ImportBatch, header_row: int | None = None) -> Choice:
    """The columns of a batch, inside ``open_own``, with what Haven proposes: as she chose before, else by the words."""
    columns, heads = _columns_under(actor, batch, header_row)
    below = rows_of(actor, batch).filter(state=_Row.WAITING, number__gt=columns.first_row).order_by("number")
    samples: dict[str, list[str]] = {}
    for row in below[:SAMPLED_ROWS]:
        for letter, kept in (row.cells or {}).items():
            text = Cell.of_json(kept).text[:60]
            if text not in (said := samples.setdefault(letter, [])) and len(said) < SAMPLES:
                said.append(text)
    before, sharer = _earlier(actor, batch, columns), None
    is_remembered = before is not None
    if before is None and (shared := matching(actor, clock.now(), columns)) is not None:
        before, sharer = shared.columns, shared.row.shared_by
    by_header = {folded(one.header): one.name for one in before.columns if one.header} if before else {}
    proposed: dict[str, str] = {}
    for column in columns.columns:
        name = by_header.get(folded(column.header), "") if before else column.name or propose(column.header)
        if name and name not in proposed.values():
            proposed[column.letter] = name
    return Choice(columns, proposed, heads, samples, is_remembered, sharer)


@action
def choose_columns(
    *, actor: User, now: datetime, batch_uid: UUID, header_row: int, names: Mapping[str, str]
) -> ImportBatch:
    """Keep what each column is (field by letter; what is missing is left out), and understand the rows below the header.

    Raises Hidden, ImportIsOver. Records IMPORT_PREVIEWED.
    """
    batch = imports.lock_own(actor, batch_uid)
    if batch.state != _State.MAPPING:
        raise ImportIsOver
    with open_own(actor):
        columns, _heads = _columns_under(actor, batch, header_row)
        before = _earlier(actor, batch, columns)
        if before is None and (shared := matching(actor, now, columns)) is not None:
            before = shared.columns
        remarks = [one for one in batch.remarks or [] if not one["code"].startswith(("COLUMN_", "HEADER_"))]
        for index, column in enumerate(columns.columns):
            name = names.get(column.letter, "")
            columns.columns[index] = replace(
                column, name=name, label_name=column.label_name if name == column.name else ""
            )
            if column.header and not name:
                remarks.append({"code": "COLUMN_NOT_CHOSEN", "column": column.letter, "said": column.header[:80]})
        columns.is_chosen = True
        chosen = {column.name for column in columns.known}
        if before is not None:
            columns.answers = {name: said for name, said in before.answers.items() if name in chosen}
            columns.orders = {name: order for name, order in before.orders.items() if name in chosen}
        batch.columns, batch.remarks = columns.as_json(), remarks
    head = rows_of(actor, batch).filter(number__lte=columns.first_row, state=_Row.WAITING)
    head.update(state=_Row.EMPTY)
    empty_rows(actor, batch, (_Row.EMPTY,))
    return _read_on(actor, now, batch, "MAPPED")


@action
def choose_answers(
    *, actor: User, now: datetime, batch_uid: UUID, answers: Mapping[str, Mapping[str, str]], orders: Mapping[str, str]
) -> ImportBatch:
    """Keep what words and days of this sheet mean, by field, and look at every row again that was wrong.

    Raises Hidden, ImportIsBusy, ColumnsAreOpen, ImportIsOver. Records IMPORT_PREVIEWED.
    """
    batch = imports.lock_ready(actor, batch_uid)
    with open_own(actor):
        columns = Columns.of_json(batch.columns or {})
        for name, said in answers.items():
            columns.answers[name] = columns.answers.get(name, {}) | dict(said)
        columns.orders |= dict(orders)
        batch.columns = columns.as_json()
    rows_of(actor, batch).filter(state=_Row.BAD).update(state=_Row.WAITING)
    return _read_on(actor, now, batch, "ANSWERED")


@action
def forget_choice(*, actor: User, now: datetime, batch_uid: UUID) -> ImportBatch:
    """Offer the earlier choice for sheets with these headers no more. Raises Hidden. Records IMPORT_PREVIEWED."""
    batch = imports.lock_own(actor, batch_uid)
    count = 0
    with open_own(actor):
        signature = Columns.of_json(batch.columns or {}).signature
        for other in _chosen_before(actor, batch):
            columns = Columns.of_json(other.columns or {})
            if columns.is_chosen and columns.signature == signature:
                other.columns = replace(columns, is_chosen=False).as_json()
                other.save(update_fields=["columns"])
                count += 1
    record(Verb.IMPORT_PREVIEWED, actor=actor, subject=ref_of(batch), detail={"rows": count, "status": "FORGOTTEN"})
    return batch


def asked_of(actor: User, batch: ImportBatch) -> Asked:
    """What can be asked once for many rows, inside ``open_own``: what is wrong with the rows that wait for correction."""
    columns = Columns.of_json(batch.columns or {})
    words: Counter[tuple[str, str]] = Counter()
    spelt: dict[tuple[str, str], str] = {}
    asked = Asked()
    for row in rows_of(actor, batch).filter(state=_Row.BAD).order_by("number")[:ASKED_ROWS]:
        cells = row.cells or {}
        for finding in row.findings or []:
            name, letter = finding.get("name", ""), finding.get("column", "")
            if finding["level"] != BAD or name not in FIELDS or letter not in cells:
                continue
            if finding["code"] == "DAY_TWO_READINGS":
                asked.days.setdefault(name, finding["said"])
            elif finding["code"].startswith(("UNKNOWN_", "NOT_YES_OR_NO")) and is_asked(name):
                for word in _unknown(name, Cell.of_json(cells[letter]).text, columns):
                    # "femme" and "Femme" are one question, in the spelling that came first.
                    words[name, spelt.setdefault((name, folded(word)), word)] += 1
    asked.words = dict(words.most_common())
    return asked


# ---- Inside ----


def _unknown(name: str, text: str, columns: Columns) -> list[str]:
    """The words of a cell that mean nothing."""
    about = FIELDS[name]
    if not about.is_coded:
        return [text[:200]] if folded(text) else []
    known = codes_by_spelling(about) | columns.answers.get(name, {})
    words = match_codes(text, known, several=about.takes_several)[1]
    return list(dict.fromkeys(word[:200] for word in words if folded(word)))


def _columns_under(actor: User, batch: ImportBatch, header_row: int | None) -> tuple[Columns, dict[int, str]]:
    """The columns under the header that was guessed, or chosen; and the rows that may be one, in short."""
    columns = Columns.of_json(batch.columns or {})
    kept = {row.number: row for row in rows_of(actor, batch).filter(number__lte=HEADER_WITHIN).order_by("number")}
    cells: list[list[Cell | None]] = []
    for number in range(1, max(kept, default=0) + 1):
        found = (kept[number].cells if number in kept else None) or {}
        row: list[Cell | None] = [None] * len(columns.columns)
        for letter, cell in found.items():
            if letter == KEPT_UNDER:
                continue
            index = column_index_from_string(letter) - 1
            row.extend([None] * (index + 1 - len(row)))
            row[index] = Cell.of_json(cell)
        cells.append(row)
    heads = {
        number: " · ".join(cell.text[:30] for cell in row if cell)[:90]
        for number, row in enumerate(cells, start=1)
        if any(row)
    }
    if header_row in heads and header_row != columns.first_row:
        return with_header(cells, header_row - 1), heads
    return columns, heads


def _chosen_before(actor: User, batch: ImportBatch) -> list[ImportBatch]:
    mine = access.own(ImportBatch, actor).exclude(pk=batch.pk).exclude(state=_State.MAPPING)
    return list(mine.order_by("-pk")[:_REMEMBERED])


def _earlier(actor: User, batch: ImportBatch, columns: Columns) -> Columns | None:
    """What she chose last for a sheet with the same headers, inside ``open_own``."""
    for other in _chosen_before(actor, batch):
        before = Columns.of_json(other.columns) if other.columns else None
        if before is not None and before.is_chosen and before.signature == columns.signature:
            return before
    return None


def _read_on(actor: User, now: datetime, batch: ImportBatch, status: str) -> ImportBatch:
    """Understand the rows that wait: now if they are few, else in the queue."""
    waiting = rows_of(actor, batch).filter(state=_Row.WAITING).count()
    batch.state, batch.rows_total, batch.rows_done = _State.READING, waiting, 0
    batch.save(update_fields=["state", "rows_total", "rows_done", "columns", "remarks"])
    detail: dict[str, Any] = {"rows": waiting, "status": status}
    record(Verb.IMPORT_PREVIEWED, actor=actor, subject=ref_of(batch), detail=detail)
    if waiting <= imports.INLINE_ROWS:
        return imports.understand_rows(actor=actor, now=now, batch_uid=batch.uid, limit=waiting)
    imports.go_on_in_queue(batch)
    return batch
