"""Bringing a case sheet in: read, understand, correct, take, throw away. Nothing is lost, and nothing comes twice.

A batch and its rows are sealed for the person who brought the sheet, until a row becomes a case. Large sheets go on
in the queue, some rows a transaction: a job that was killed goes on where it stopped, and whoever presses a button
twice finds nothing left to do.
"""

import time
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from audit import clock
from audit.action import action
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, write
from casemgmt.accounts.models import Team, User
from casemgmt.crypto import keyring
from cases import access
from cases.actions.intake import OPENING_ROLES, take_in
from cases.actions.matching import ask_if_known
from cases.actions.trail import add_line
from cases.choices.casework import DueKind
from cases.errors.exchange import ImportIsBusy, ImportIsOver
from cases.htcds.cells import Cell, of_text
from cases.htcds.columns import Columns
from cases.htcds.sheet import Sheet
from cases.htcds.taking import SECTION_OF_GAP, Gap, prepare
from cases.htcds.understanding import understand
from cases.models import Case, Due, ImportBatch, ImportRow, Task
from cases.opening import open_own

#: Up to so many rows are understood, and so many cases made, while the person waits; more goes on in the queue.
INLINE_ROWS, INLINE_CASES = 300, 60
#: Rows of one transaction. A transaction that makes cases is short, because on SQLite nobody else writes meanwhile.
UNDERSTOOD_AT_ONCE, TAKEN_AT_ONCE = 500, 25
#: Between two transactions of a job, in seconds: others who wait to write come in.
PAUSE = 0.1
#: Days until the questions that a sheet leaves open should have been asked.
ASK_WITHIN_DAYS = 14

_State, _Row = ImportBatch.State, ImportRow.State
_HELD = (_Row.WAITING, _Row.GOOD, _Row.BAD, _Row.KNOWN, _Row.EMPTY)


def may_import(actor: User, team: Team, at: datetime) -> bool:
    """Whether the actor opens cases, and in this team."""
    return actor.holds_role(*OPENING_ROLES, at=at) and team.group_id in actor.team_group_ids(at)


@action
def begin_import(
    *, actor: User, now: datetime, team: Team, file_name: str, sheet: Sheet, at_once: bool = False
) -> ImportBatch:
    """Keep the rows of a sheet, sealed for the actor, and understand them: now if they are few (or ``at_once``).

    ``sheet`` is what ``cases.htcds.sheet.read_sheet`` read. Raises Refused. Records IMPORT_PREVIEWED.
    """
    if not may_import(actor, team, now):
        raise Refused(write(Section.CARD))
    keyring.ensure_own_keys(actor.uid)
    batch = ImportBatch(
        case_uid=actor.uid, owner=actor, team=team, file_name=file_name[:200], rows_total=len(sheet.rows),
        columns=sheet.columns.as_json(), remarks=sheet.remarks, created_at=now,
    )  # fmt: skip
    batch.save()
    rows = [
        ImportRow(
            batch=batch, case_uid=actor.uid, number=row.number, state=_Row.WAITING,
            cells={letter: cell.as_json() for letter, cell in row.cells.items()},
        )
        for row in sheet.rows
    ]  # fmt: skip
    _rows_of(actor, batch).bulk_create(rows, batch_size=500)
    record(
        Verb.IMPORT_PREVIEWED, actor=actor, subject=_ref(batch), refs=[team],
        detail={"rows": len(rows), "status": "BEGUN"},
    )  # fmt: skip
    if at_once or len(rows) <= INLINE_ROWS:
        return understand_rows(actor=actor, now=now, batch_uid=batch.uid, limit=len(rows))
    _go_on_in_queue(batch)
    return batch


@action
def understand_rows(*, actor: User, now: datetime, batch_uid: UUID, limit: int = UNDERSTOOD_AT_ONCE) -> ImportBatch:
    """Understand the next rows that wait; after the last one the batch is ready. Raises Hidden.

    Records IMPORT_PREVIEWED.
    """
    batch = _lock(actor, batch_uid)
    if batch.state != _State.READING:
        return batch
    rows = list(_rows_of(actor, batch).filter(state=_Row.WAITING).order_by("number")[:limit])
    with open_own(actor):
        columns = Columns.of_json(batch.columns or {})
        for row in rows:
            _understand(row, columns, _today(actor, now))
    _mark_known(actor, batch, rows)
    _rows_of(actor, batch).bulk_update(
        rows, ["state", "cells", "understood", "findings", "fingerprint", "case"], batch_size=100
    )
    waits = _rows_of(actor, batch).filter(state=_Row.WAITING).exists()
    batch.rows_done = batch.rows_total if not waits else batch.rows_done + len(rows)
    batch.state = _State.READING if waits else _State.READY
    batch.save(update_fields=["rows_done", "state"])
    record(
        Verb.IMPORT_PREVIEWED, actor=actor, subject=_ref(batch),
        detail={"rows": len(rows), "rejected": sum(row.state == _Row.BAD for row in rows), "status": str(batch.state)},
    )  # fmt: skip
    return batch


@action
def correct_row(*, actor: User, now: datetime, batch_uid: UUID, row_uid: UUID, texts: dict[str, str]) -> ImportRow:
    """Write other texts into cells of a row that could not be understood, by column letter, and look at it again.

    An empty text empties the cell. Raises Hidden, ImportIsBusy, ImportIsOver. Records IMPORT_ROW_CORRECTED.
    """
    batch = _lock_ready(actor, batch_uid)
    row = _one_row(actor, batch, row_uid)
    with open_own(actor):
        columns = Columns.of_json(batch.columns or {})
        written = {letter: of_text(text) for letter, text in texts.items()}
        kept = {letter: cell for letter, cell in (row.cells or {}).items() if letter not in texts}
        row.cells = kept | {letter: cell.as_json() for letter, cell in written.items() if cell is not None}
        _understand(row, columns, _today(actor, now))
    _mark_known(actor, batch, [row])
    row.save(update_fields=["state", "cells", "understood", "findings", "fingerprint", "case"])
    record(Verb.IMPORT_ROW_CORRECTED, actor=actor, subject=_ref(batch), detail={"status": str(row.state)})
    return row


@action
def take_good_rows(*, actor: User, now: datetime, batch_uid: UUID, at_once: bool = False) -> ImportBatch:
    """Make cases of all rows that are good: now if they are few (or ``at_once``: a first part), else in the queue.

    Rows that are wrong stay for correction. Raises Hidden, ImportIsBusy, ImportIsOver, Refused. Records IMPORT_TAKEN.
    """
    batch = _lock_ready(actor, batch_uid)
    if not may_import(actor, batch.team, now):
        raise Refused(write(Section.CARD))
    good = _rows_of(actor, batch).filter(state=_Row.GOOD).count()
    batch.state, batch.rows_total, batch.rows_done = _State.TAKING, good, 0
    batch.save(update_fields=["state", "rows_total", "rows_done"])
    record(Verb.IMPORT_TAKEN, actor=actor, subject=_ref(batch), detail={"rows": good, "status": "BEGUN"})
    if at_once or good <= INLINE_CASES:
        return take_rows(actor=actor, now=now, batch_uid=batch.uid, limit=INLINE_CASES)
    _go_on_in_queue(batch)
    return batch


@action
def take_rows(*, actor: User, now: datetime, batch_uid: UUID, limit: int = TAKEN_AT_ONCE) -> ImportBatch:
    """Make cases of the next good rows. After the last one the batch waits for corrections, or is done.

    Raises Hidden, Refused. Records IMPORT_ROW_TAKEN for each case and IMPORT_TAKEN for the part.
    """
    batch = _lock(actor, batch_uid)
    if batch.state != _State.TAKING:
        return batch
    rows = list(_rows_of(actor, batch).filter(state=_Row.GOOD).order_by("number")[:limit])
    _mark_known(actor, batch, rows)
    taken = [row for row in rows if row.state == _Row.GOOD]
    with open_own(actor):
        for row in taken:
            row.case = _take(actor, now, batch, row)
            row.state = _Row.TAKEN
    for row in taken:
        row.cells = row.understood = row.findings = None
    _rows_of(actor, batch).bulk_update(rows, ["state", "cells", "understood", "findings", "case"], batch_size=100)
    batch.rows_done += len(rows)
    batch.state = _next_state(actor, batch)
    batch.save(update_fields=["rows_done", "state"])
    if batch.state == _State.DONE:
        _empty(actor, batch, (_Row.KNOWN, _Row.EMPTY))
    record(
        Verb.IMPORT_TAKEN, actor=actor, subject=_ref(batch),
        detail={"imported": len(taken), "known": len(rows) - len(taken), "status": str(batch.state)},
    )  # fmt: skip
    return batch


@action
def discard_row(*, actor: User, now: datetime, batch_uid: UUID, row_uid: UUID) -> ImportBatch:
    """Throw one row away. Nothing of it stays. Raises Hidden, ImportIsBusy, ImportIsOver. Records IMPORT_DISCARDED."""
    batch = _lock_ready(actor, batch_uid)
    row = _one_row(actor, batch, row_uid)
    row.state, row.cells, row.understood, row.findings, row.fingerprint = _Row.DISCARDED, None, None, None, None
    row.save(update_fields=["state", "cells", "understood", "findings", "fingerprint"])
    _finish_if_nothing_waits(actor, batch)
    record(Verb.IMPORT_DISCARDED, actor=actor, subject=_ref(batch), detail={"count": 1, "status": str(batch.state)})
    return batch


@action
def discard_rest(*, actor: User, now: datetime, batch_uid: UUID) -> ImportBatch:
    """Throw away every row that was not taken. Raises Hidden, ImportIsBusy, ImportIsOver. Records IMPORT_DISCARDED."""
    batch = _lock(actor, batch_uid)
    if batch.state == _State.TAKING:
        raise ImportIsBusy
    if batch.state == _State.DONE:
        raise ImportIsOver
    count = _rows_of(actor, batch).filter(state__in=_HELD).count()
    _empty(actor, batch, _HELD, state=_Row.DISCARDED)
    batch.state = _State.DONE
    batch.save(update_fields=["state"])
    record(Verb.IMPORT_DISCARDED, actor=actor, subject=_ref(batch), detail={"count": count, "status": str(batch.state)})
    return batch


@action
def give_up(*, actor: User, now: datetime, batch_uid: UUID, problem: str) -> ImportBatch:
    """Note that a job could not go on, with the reason as a code; the rows stay. Records IMPORT_TAKEN."""
    batch = _lock(actor, batch_uid)
    batch.state, batch.problem = _State.FAILED, problem
    batch.save(update_fields=["state", "problem"])
    record(Verb.IMPORT_TAKEN, actor=actor, subject=_ref(batch), detail={"status": problem})
    return batch


def tally(actor: User, batch: ImportBatch) -> dict[str, int]:
    """How many rows of a batch are in each state, by its code. One query."""
    counts = _rows_of(actor, batch).values_list("state").annotate(number=Count("pk"))
    return dict.fromkeys(_Row.values, 0) | dict(counts.order_by())


# ---- The queue ----


@task()
def continue_import(batch_uid: str, owner_uid: str) -> None:
    """Go on with a batch until nothing is left to do by itself. Idempotent: it only takes what still waits."""
    actor = User.objects.get(uid=UUID(owner_uid))
    uid = UUID(batch_uid)
    while True:
        batch = access.own(ImportBatch, actor).filter(uid=uid).first()
        if batch is None or batch.state not in (_State.READING, _State.TAKING):
            return
        step = understand_rows if batch.state == _State.READING else take_rows
        try:
            step(actor=actor, now=clock.now(), batch_uid=uid)
        except Refused:
            # She lost the role or the team meanwhile: trying again would not help.
            give_up(actor=actor, now=clock.now(), batch_uid=uid, problem="NO_LONGER_ALLOWED")
        time.sleep(PAUSE)


def go_on(batch: ImportBatch) -> None:
    """Put a batch into the queue again, where its job seems lost. Harmless where it is not."""
    continue_import.enqueue(str(batch.uid), str(batch.owner.uid))


def _go_on_in_queue(batch: ImportBatch) -> None:
    transaction.on_commit(lambda: go_on(batch))


# ---- Inside ----


def _ref(batch: ImportBatch) -> Ref:
    """What events keep of a batch. Its pseudo-case is the uploader, who must not look like a case."""
    return Ref("importbatch", batch.uid)


def _today(actor: User, now: datetime) -> date:
    return timezone.localdate(now, actor.zone)


def _lock(actor: User, batch_uid: UUID) -> ImportBatch:
    """The actor's own batch, locked. Anybody else's does not exist."""
    batch = access.own(ImportBatch, actor).select_for_update(of=("self",)).filter(uid=batch_uid).first()
    if batch is None:
        raise Hidden
    return batch


def _lock_ready(actor: User, batch_uid: UUID) -> ImportBatch:
    batch = _lock(actor, batch_uid)
    if batch.state in (_State.READING, _State.TAKING):
        raise ImportIsBusy
    if batch.state != _State.READY:
        raise ImportIsOver
    return batch


def _rows_of(actor: User, batch: ImportBatch) -> Any:
    return access.own(ImportRow, actor, "batch__owner").filter(batch=batch)


def _one_row(actor: User, batch: ImportBatch, row_uid: UUID) -> ImportRow:
    """A row that waits for correction or decision."""
    row = _rows_of(actor, batch).filter(uid=row_uid, state__in=_HELD).first()
    if row is None:
        raise Hidden
    return row


def _understand(row: ImportRow, columns: Columns, today: date) -> None:
    """What a row means, its state, and its fingerprint. The same row has the same fingerprint in every format."""
    cells = {letter: Cell.of_json(cell) for letter, cell in (row.cells or {}).items()}
    found = understand(cells, columns, today=today)
    row.fingerprint, row.case = None, None
    if found.is_empty:
        row.state, row.cells, row.understood, row.findings = _Row.EMPTY, None, None, None
        return
    row.state = _Row.BAD if found.is_bad else _Row.GOOD
    row.understood, row.findings = found.values, found.findings
    if not found.is_bad:
        row.fingerprint = keyring.index_fingerprint("import_row", found.canonical())


def _mark_known(actor: User, batch: ImportBatch, rows: Collection[ImportRow]) -> None:
    """Good rows that came before: in this sheet, or into a case that the actor may open. Three queries."""
    good = [(row, bytes(row.fingerprint)) for row in rows if row.state == _Row.GOOD and row.fingerprint is not None]
    prints = {found for _row, found in good}
    cases = _cases_of(actor, prints)
    # A row counts as repeated only behind the one that stands first.
    first: dict[bytes, int] = {}
    here = _rows_of(actor, batch).filter(fingerprint__in=prints, state__in=(_Row.GOOD, _Row.TAKEN))
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


def _take(actor: User, now: datetime, batch: ImportBatch, row: ImportRow) -> Case:
    """Make the case of one row, with what is to be asked, and ask whether the person is known."""
    today = _today(actor, now)
    taking = prepare(row.understood or {}, today=today)
    case = take_in(actor=actor, now=now, team=batch.team, intake=taking.intake)
    organisation = taking.intake.referral.get("cas_ReferringOrganisation", "")
    if organisation:
        add_line(
            case=case, section=Section.SERVICES, kind=Verb.IMPORT_ROW_TAKEN, author=actor, at=now, subject=case,
            line=_("Referred by %(organisation)s, as reported in the case sheet") % {"organisation": organisation},
        )  # fmt: skip
    _set_tasks(actor, case, taking.gaps, today + timedelta(days=ASK_WITHIN_DAYS))
    ask_if_known(actor=actor, now=now, case=case)
    record(Verb.IMPORT_ROW_TAKEN, actor=actor, subject=case, refs=[_ref(batch)], sections=[Section.CARD])
    return case


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


def _next_state(actor: User, batch: ImportBatch) -> str:
    undecided = _rows_of(actor, batch).filter(state__in=(_Row.GOOD, _Row.BAD))
    waiting = set(undecided.values_list("state", flat=True).distinct())
    if _Row.GOOD in waiting:
        return _State.TAKING
    return _State.READY if _Row.BAD in waiting else _State.DONE


def _finish_if_nothing_waits(actor: User, batch: ImportBatch) -> None:
    if not _rows_of(actor, batch).filter(state__in=(_Row.GOOD, _Row.BAD)).exists():
        batch.state = _State.DONE
        batch.save(update_fields=["state"])
        _empty(actor, batch, (_Row.KNOWN, _Row.EMPTY))


def _empty(actor: User, batch: ImportBatch, states: Collection[str], *, state: str | None = None) -> None:
    """Take everything out of these rows; what they said is kept nowhere else than in cases."""
    rows = list(_rows_of(actor, batch).filter(state__in=states))
    for row in rows:
        row.cells = row.understood = row.findings = None
        row.state = state or row.state
        if state == _Row.DISCARDED:
            row.fingerprint = None
    written = ["state", "cells", "understood", "findings", "fingerprint"]
    _rows_of(actor, batch).bulk_update(rows, written, batch_size=200)
