"""The rows of a case sheet: what they mean, which came before, how one becomes a case, how they are emptied."""

import json
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from cases import access
from cases.actions.intake import take_in
from cases.actions.matching import ask_if_known
from cases.actions.trail import add_line
from cases.choices.casework import DueKind
from cases.htcds import tables
from cases.htcds.cells import Cell
from cases.htcds.columns import Columns
from cases.htcds.findings import Finding, note
from cases.htcds.tables import KEPT_UNDER
from cases.htcds.taking import SECTION_OF_GAP, Gap, prepare
from cases.htcds.understanding import understand
from cases.interchange import places_of
from cases.models import Case, Due, ImportBatch, ImportRow, Task

#: Days until the questions that a sheet leaves open should have been asked.
ASK_WITHIN_DAYS = 14

_Row = ImportRow.State


def ref_of(batch: ImportBatch) -> Ref:
    """What events keep of a batch. Its pseudo-case is the uploader, who must not look like a case."""
    return Ref("importbatch", batch.uid)


def today_of(actor: User, now: datetime) -> date:
    """The day it is where the actor works."""
    return timezone.localdate(now, actor.zone)


def rows_of(actor: User, batch: ImportBatch) -> QuerySet[ImportRow]:
    """The rows of the actor's own batch."""
    return access.own(ImportRow, actor, "batch__owner").filter(batch=batch)


def understand_row(row: ImportRow, columns: Columns, today: date) -> None:
    """What a row means, its state, and its fingerprint. The same row has the same fingerprint in every format."""
    cells = {letter: Cell.of_json(cell) for letter, cell in (row.cells or {}).items()}
    found = understand(cells, columns, today=today)
    row.fingerprint, row.case = None, None
    if found.is_empty:
        row.state, row.cells, row.understood, row.findings = _Row.EMPTY, None, None, None
        return
    row.state = _Row.BAD if found.is_bad else _Row.GOOD
    rows, said = tables_of(row)
    said += [
        note("TABLE_LEFT_OUT", "", "", said=f"{name}: {text[:120]}")
        for name, text in places_of(rows.get("hte_", ())).items()
        if found.values.get(name, text) != text
    ]
    row.understood, row.findings = found.values, [*found.findings, *said]
    if not found.is_bad:
        row.fingerprint = keyring.index_fingerprint("import_row", found.canonical())


def tables_of(row: ImportRow) -> tuple[dict[str, list[dict[str, Any]]], list[Finding]]:
    """What other tables of the workbook say of this row, understood. Inside ``open_own``."""
    kept = (row.cells or {}).get(KEPT_UNDER)
    return tables.understood(json.loads(Cell.of_json(kept).text)) if kept else ({}, [])


def mark_known(actor: User, batch: ImportBatch, rows: Collection[ImportRow]) -> None:
    """Good rows that came before: in this sheet, or into a case that the actor may open. Three queries."""
    good = [(row, bytes(row.fingerprint)) for row in rows if row.state == _Row.GOOD and row.fingerprint is not None]
    prints = {found for _row, found in good}
    cases = _cases_of(actor, prints)
    # A row counts as repeated only behind the one that stands first.
    first: dict[bytes, int] = {}
    here = rows_of(actor, batch).filter(fingerprint__in=prints, state__in=(_Row.GOOD, _Row.TAKEN))
    places = [(bytes(found or b""), number) for found, number in here.values_list("fingerprint", "number")]
    places += [(found, row.number) for row, found in good]
    for found, number in places:
        first[found] = min(number, first.get(found, number))
    for row, found in good:
        if found in cases or first[found] < row.number:
            row.state, row.case_id = _Row.KNOWN, cases.get(found)


def _cases_of(actor: User, prints: Collection[bytes]) -> dict[bytes, int]:
    """The cases that these rows became before, whoever brought them, as far as the actor may open them."""
    before = access.for_the_house(ImportRow).filter(fingerprint__in=prints, state=_Row.TAKEN)
    rows = before.values_list("fingerprint", "case_id")
    cases = {bytes(found): case_id for found, case_id in rows if found is not None and case_id is not None}
    open_to_her = set(access.visible(Case, actor).filter(pk__in=cases.values()).values_list("pk", flat=True))
    return {found: case_id for found, case_id in cases.items() if case_id in open_to_her}


def take_row(actor: User, now: datetime, batch: ImportBatch, row: ImportRow) -> Case:
    """Make the case of one row, with what is to be asked, and ask whether the person is known."""
    today = today_of(actor, now)
    beside, _said = tables_of(row)
    taking = prepare(places_of(beside.get("hte_", ())) | (row.understood or {}), today=today)
    case = take_in(actor=actor, now=now, team=batch.team, intake=taking.intake)
    organisation = taking.intake.referral.get("cas_ReferringOrganisation", "")
    if organisation:
        add_line(
            case=case, section=Section.SERVICES, kind=Verb.IMPORT_ROW_TAKEN, author=actor, at=now, subject=case,
            line=_("Referred by %(organisation)s, as reported in the case sheet") % {"organisation": organisation},
        )  # fmt: skip
    ask_if_known(actor=actor, now=now, case=case)
    # People come last: one of them may be somebody from whom the writer herself is kept.
    left = [table.take(actor, now, case, beside.get(table.name, ())) for table in _in_order() if table.name in beside]
    gaps = [*taking.gaps, Gap.TABLES] if any(left) else taking.gaps
    _set_tasks(actor, case, gaps, today + timedelta(days=ASK_WITHIN_DAYS))
    record(Verb.IMPORT_ROW_TAKEN, actor=actor, subject=case, refs=[ref_of(batch)], sections=[Section.CARD])
    return case


def _in_order() -> list[tables.Table]:
    return sorted(tables.tables(), key=lambda table: table.name == "per_")


def _set_tasks(actor: User, case: Case, gaps: Collection[Gap], due_on: date) -> None:
    """One task, and its line on the lists, for everything that the sheet leaves open."""
    tasks = [
        Task(
            case=case, section=SECTION_OF_GAP.get(gap, Section.ADVOCACY), title=str(gap.label), due_on=due_on,
            assigned_to=actor, created_by=actor,
        )
        for gap in gaps
    ]  # fmt: skip
    if not tasks:
        return
    access.within(Task, case).audited_bulk_create(tasks)  # type: ignore[attr-defined]
    access.within(Due, case).audited_bulk_create(  # type: ignore[attr-defined]
        [
            Due(
                case=case, section=one.section, kind=DueKind.TASK, subject_kind="task", subject_uid=one.uid,
                line=str(gap.label), due_on=due_on, assigned_to=actor,
            )
            for one, gap in zip(tasks, gaps, strict=True)
        ]
    )  # fmt: skip


def empty_rows(actor: User, batch: ImportBatch, states: Collection[str], *, state: str | None = None) -> None:
    """Take everything out of these rows; what they said is kept nowhere else than in cases."""
    rows = list(rows_of(actor, batch).filter(state__in=states))
    for row in rows:
        row.cells = row.understood = row.findings = None
        row.state = state or row.state
        if state == _Row.DISCARDED:
            row.fingerprint = None
    written = ["state", "cells", "understood", "findings", "fingerprint"]
    rows_of(actor, batch).bulk_update(rows, written, batch_size=200)
