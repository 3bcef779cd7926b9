"""Bringing a case sheet in: read, understand, correct, take, throw away. Nothing is lost, and nothing comes twice.

A batch and its rows are sealed for the person who brought the sheet, until a row becomes a case. Large sheets go on
in the queue, some rows a transaction: a job that was killed goes on where it stopped, and whoever presses a button
twice finds nothing left to do.
"""

import time
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django_tasks import task

from audit import clock
from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, write
from casemgmt.accounts.models import Team, User
from casemgmt.crypto import keyring
from cases import access
from cases.actions.import_rows import empty_rows, mark_known, ref_of, rows_of, take_row, today_of, understand_row
from cases.actions.import_undoing import take_back
from cases.actions.intake import OPENING_ROLES
from cases.errors.exchange import ColumnsAreOpen, ImportIsBusy, ImportIsOver, UndoIsTooLate
from cases.htcds.cells import of_text
from cases.htcds.columns import Columns
from cases.htcds.sheet import Sheet
from cases.models import ImportBatch, ImportRow
from cases.opening import open_own

#: Up to so many rows are understood, and so many cases made, while the person waits; more goes on in the queue.
INLINE_ROWS, INLINE_CASES = 300, 60
#: Rows of one transaction. A transaction that makes cases is short, because on SQLite nobody else writes meanwhile.
UNDERSTOOD_AT_ONCE, TAKEN_AT_ONCE = 500, 25
#: Between two transactions of a job, in seconds: others who wait to write come in.
PAUSE = 0.1
#: So long a whole import can be taken back.
UNDO_WITHIN = timedelta(days=30)

_State, _Row = ImportBatch.State, ImportRow.State
#: States in which a job works on a batch.
BUSY = (_State.READING, _State.TAKING, _State.UNDOING)
_MADE = (_Row.TAKEN, _Row.UNDONE)
_HELD = (_Row.WAITING, _Row.GOOD, _Row.BAD, _Row.KNOWN, _Row.EMPTY)


def may_import(actor: User, team: Team, at: datetime) -> bool:
    """Whether the actor opens cases, and in this team."""
    return actor.holds_role(*OPENING_ROLES, at=at) and team.group_id in actor.team_group_ids(at)


@action
def begin_import(
    *, actor: User, now: datetime, team: Team, file_name: str, sheet: Sheet, at_once: bool = False
) -> ImportBatch:
    """Keep the rows of a sheet, sealed for the actor, and understand them: now if they are few (or ``at_once``).

    A sheet with columns that are not understood waits for ``cases.actions.import_mapping``, unless ``at_once``.
    ``sheet`` is what ``cases.htcds.sheet.read_sheet`` read. Raises Refused. Records IMPORT_PREVIEWED.
    """
    if not may_import(actor, team, now):
        raise Refused(write(Section.CARD))
    keyring.ensure_own_keys(actor.uid)
    asks = sheet.asks_for_columns and not at_once
    batch = ImportBatch(
        case_uid=actor.uid, owner=actor, team=team, file_name=file_name[:200], rows_total=len(sheet.rows),
        columns=sheet.columns.as_json(), remarks=sheet.remarks, created_at=now,
        state=_State.MAPPING if asks else _State.READING,
    )  # fmt: skip
    batch.save()
    rows = [
        ImportRow(
            batch=batch, case_uid=actor.uid, number=row.number, state=_Row.WAITING,
            cells={letter: cell.as_json() for letter, cell in row.cells.items()},
        )
        for row in [*(sheet.head if asks else ()), *sheet.rows]
    ]  # fmt: skip
    rows_of(actor, batch).bulk_create(rows, batch_size=500)
    record(
        Verb.IMPORT_PREVIEWED, actor=actor, subject=ref_of(batch), refs=[team],
        detail={"rows": len(sheet.rows), "status": "BEGUN"},
    )  # fmt: skip
    if asks:
        return batch
    if at_once or len(rows) <= INLINE_ROWS:
        return understand_rows(actor=actor, now=now, batch_uid=batch.uid, limit=len(rows))
    go_on_in_queue(batch)
    return batch


@action
def understand_rows(*, actor: User, now: datetime, batch_uid: UUID, limit: int = UNDERSTOOD_AT_ONCE) -> ImportBatch:
    """Understand the next rows that wait; after the last one the batch is ready. Raises Hidden.

    Records IMPORT_PREVIEWED.
    """
    batch = lock_own(actor, batch_uid)
    if batch.state != _State.READING:
        return batch
    rows = list(rows_of(actor, batch).filter(state=_Row.WAITING).order_by("number")[:limit])
    with open_own(actor):
        columns = Columns.of_json(batch.columns or {})
        for row in rows:
            understand_row(row, columns, today_of(actor, now))
    mark_known(actor, batch, rows)
    rows_of(actor, batch).bulk_update(
        rows, ["state", "cells", "understood", "findings", "fingerprint", "case"], batch_size=100
    )
    waits = rows_of(actor, batch).filter(state=_Row.WAITING).exists()
    batch.rows_done = batch.rows_total if not waits else batch.rows_done + len(rows)
    batch.state = _State.READING if waits else _State.READY
    batch.save(update_fields=["rows_done", "state"])
    record(
        Verb.IMPORT_PREVIEWED, actor=actor, subject=ref_of(batch),
        detail={"rows": len(rows), "rejected": sum(row.state == _Row.BAD for row in rows), "status": str(batch.state)},
    )  # fmt: skip
    return batch


@action
def correct_row(*, actor: User, now: datetime, batch_uid: UUID, row_uid: UUID, texts: dict[str, str]) -> ImportRow:
    """Write other texts into cells of a row that could not be understood, by column letter, and look at it again.

    An empty text empties the cell. Raises Hidden, ImportIsBusy, ImportIsOver. Records IMPORT_ROW_CORRECTED.
    """
    batch = lock_ready(actor, batch_uid)
    row = _one_row(actor, batch, row_uid)
    with open_own(actor):
        columns = Columns.of_json(batch.columns or {})
        written = {letter: of_text(text) for letter, text in texts.items()}
        kept = {letter: cell for letter, cell in (row.cells or {}).items() if letter not in texts}
        row.cells = kept | {letter: cell.as_json() for letter, cell in written.items() if cell is not None}
        understand_row(row, columns, today_of(actor, now))
    mark_known(actor, batch, [row])
    row.save(update_fields=["state", "cells", "understood", "findings", "fingerprint", "case"])
    record(Verb.IMPORT_ROW_CORRECTED, actor=actor, subject=ref_of(batch), detail={"status": str(row.state)})
    return row


@action
def take_good_rows(*, actor: User, now: datetime, batch_uid: UUID, at_once: bool = False) -> ImportBatch:
    """Make cases of all rows that are good: now if they are few (or ``at_once``: a first part), else in the queue.

    Rows that are wrong stay for correction. Raises Hidden, ImportIsBusy, ImportIsOver, Refused. Records IMPORT_TAKEN.
    """
    batch = lock_ready(actor, batch_uid)
    if not may_import(actor, batch.team, now):
        raise Refused(write(Section.CARD))
    good = rows_of(actor, batch).filter(state=_Row.GOOD).count()
    batch.state, batch.rows_total, batch.rows_done = _State.TAKING, good, 0
    batch.save(update_fields=["state", "rows_total", "rows_done"])
    record(Verb.IMPORT_TAKEN, actor=actor, subject=ref_of(batch), detail={"rows": good, "status": "BEGUN"})
    if at_once or good <= INLINE_CASES:
        return take_rows(actor=actor, now=now, batch_uid=batch.uid, limit=INLINE_CASES)
    go_on_in_queue(batch)
    return batch


@action
def take_rows(*, actor: User, now: datetime, batch_uid: UUID, limit: int = TAKEN_AT_ONCE) -> ImportBatch:
    """Make cases of the next good rows. After the last one the batch waits for corrections, or is done.

    Raises Hidden, Refused. Records IMPORT_ROW_TAKEN for each case and IMPORT_TAKEN for the part.
    """
    batch = lock_own(actor, batch_uid)
    if batch.state != _State.TAKING:
        return batch
    rows = list(rows_of(actor, batch).filter(state=_Row.GOOD).order_by("number")[:limit])
    mark_known(actor, batch, rows)
    taken = [row for row in rows if row.state == _Row.GOOD]
    with open_own(actor):
        for row in taken:
            row.case = take_row(actor, now, batch, row)
            row.state = _Row.TAKEN
    for row in taken:
        row.cells = row.understood = row.findings = None
    rows_of(actor, batch).bulk_update(rows, ["state", "cells", "understood", "findings", "case"], batch_size=100)
    batch.rows_done += len(rows)
    batch.state = _next_state(actor, batch)
    batch.taken_at = now if taken else batch.taken_at
    batch.save(update_fields=["rows_done", "state", "taken_at"])
    if batch.state == _State.DONE:
        empty_rows(actor, batch, (_Row.KNOWN, _Row.EMPTY))
    record(
        Verb.IMPORT_TAKEN, actor=actor, subject=ref_of(batch),
        detail={"imported": len(taken), "known": len(rows) - len(taken), "status": str(batch.state)},
    )  # fmt: skip
    return batch


@action
def discard_row(*, actor: User, now: datetime, batch_uid: UUID, row_uid: UUID) -> ImportBatch:
    """Throw one row away. Nothing of it stays. Raises Hidden, ImportIsBusy, ImportIsOver. Records IMPORT_DISCARDED."""
    batch = lock_ready(actor, batch_uid)
    row = _one_row(actor, batch, row_uid)
    row.state, row.cells, row.understood, row.findings, row.fingerprint = _Row.DISCARDED, None, None, None, None
    row.save(update_fields=["state", "cells", "understood", "findings", "fingerprint"])
    _finish_if_nothing_waits(actor, batch)
    record(Verb.IMPORT_DISCARDED, actor=actor, subject=ref_of(batch), detail={"count": 1, "status": str(batch.state)})
    return batch


@action
def discard_rest(*, actor: User, now: datetime, batch_uid: UUID) -> ImportBatch:
    """Throw away every row that was not taken. Raises Hidden, ImportIsBusy, ImportIsOver. Records IMPORT_DISCARDED."""
    batch = lock_own(actor, batch_uid)
    if batch.state in (_State.TAKING, _State.UNDOING):
        raise ImportIsBusy
    if batch.state == _State.DONE:
        raise ImportIsOver
    count = rows_of(actor, batch).filter(state__in=_HELD).count()
    empty_rows(actor, batch, _HELD, state=_Row.DISCARDED)
    batch.state = _State.DONE
    batch.save(update_fields=["state"])
    record(
        Verb.IMPORT_DISCARDED, actor=actor, subject=ref_of(batch), detail={"count": count, "status": str(batch.state)}
    )
    return batch


@action
def give_up(*, actor: User, now: datetime, batch_uid: UUID, problem: str) -> ImportBatch:
    """Note that a job could not go on, with the reason as a code; the rows stay. Records IMPORT_TAKEN."""
    batch = lock_own(actor, batch_uid)
    batch.state, batch.problem = _State.FAILED, problem
    batch.save(update_fields=["state", "problem"])
    record(Verb.IMPORT_TAKEN, actor=actor, subject=ref_of(batch), detail={"status": problem})
    return batch


@action
def undo_import(*, actor: User, now: datetime, batch_uid: UUID) -> ImportBatch:
    """Take a whole import back within UNDO_WITHIN: now if it made few cases, else in the queue.

    Raises Hidden, ImportIsBusy, UndoIsTooLate. Records IMPORT_UNDONE.
    """
    batch = lock_own(actor, batch_uid)
    if batch.state in BUSY:
        raise ImportIsBusy
    if not may_undo(actor, batch, now):
        raise UndoIsTooLate
    batch.state, batch.rows_done = _State.UNDOING, 0
    batch.rows_total = rows_of(actor, batch).filter(state__in=_MADE).count()
    batch.save(update_fields=["state", "rows_total", "rows_done"])
    record(Verb.IMPORT_UNDONE, actor=actor, subject=ref_of(batch), detail={"rows": batch.rows_total, "status": "BEGUN"})
    if batch.rows_total <= INLINE_CASES:
        return undo_rows(actor=actor, now=now, batch_uid=batch.uid, limit=INLINE_CASES)
    go_on_in_queue(batch)
    return batch


@action
def undo_rows(*, actor: User, now: datetime, batch_uid: UUID, limit: int = TAKEN_AT_ONCE) -> ImportBatch:
    """Take the next cases of an import back; one on which somebody has worked since stays, and is counted.

    Raises Hidden. Records CASE_CLOSED for each case and IMPORT_UNDONE for the part.
    """
    batch = lock_own(actor, batch_uid)
    if batch.state != _State.UNDOING:
        return batch
    # Rows whose case stays keep their state, so those that are undone are counted along.
    made = rows_of(actor, batch).filter(state__in=_MADE).select_related("case").order_by("number")
    rows = list(made[batch.rows_done : batch.rows_done + limit])
    undone, kept = take_back(actor, now, [row for row in rows if row.state == _Row.TAKEN])
    rows_of(actor, batch).bulk_update(undone, ["state", "fingerprint"], batch_size=100)
    batch.rows_done += len(rows)
    batch.state = _State.UNDOING if batch.rows_done < batch.rows_total else _after_undoing(actor, batch)
    batch.save(update_fields=["rows_done", "state"])
    record(
        Verb.IMPORT_UNDONE, actor=actor, subject=ref_of(batch),
        detail={"count": len(undone), "left_out": len(kept), "status": str(batch.state)},
    )  # fmt: skip
    return batch


def may_undo(actor: User, batch: ImportBatch, now: datetime) -> bool:
    """Whether cases of this import can still be taken back. One query, where its days are not over."""
    taken_at = batch.taken_at or batch.created_at
    is_in_time = batch.state in (_State.READY, _State.DONE) and now < taken_at + UNDO_WITHIN
    return is_in_time and rows_of(actor, batch).filter(state=_Row.TAKEN).exists()


def tally(actor: User, batch: ImportBatch) -> dict[str, int]:
    """How many rows of a batch are in each state, by its code. One query."""
    counts = rows_of(actor, batch).values_list("state").annotate(number=Count("pk"))
    return dict.fromkeys(_Row.values, 0) | dict(counts.order_by())


# ---- The queue ----


@task()
def continue_import(batch_uid: str, owner_uid: str) -> None:
    """Go on with a batch until nothing is left to do by itself. Idempotent: it only takes what still waits."""
    actor = User.objects.get(uid=UUID(owner_uid))
    uid = UUID(batch_uid)
    while True:
        batch = access.own(ImportBatch, actor).filter(uid=uid).first()
        if batch is None or batch.state not in BUSY:
            return
        try:
            _next_part(actor, batch)
        except Refused:
            # She lost the role or the team meanwhile: trying again would not help.
            give_up(actor=actor, now=clock.now(), batch_uid=uid, problem="NO_LONGER_ALLOWED")
        time.sleep(PAUSE)


def _next_part(actor: User, batch: ImportBatch) -> ImportBatch:
    if batch.state == _State.READING:
        return understand_rows(actor=actor, now=clock.now(), batch_uid=batch.uid)
    if batch.state == _State.TAKING:
        return take_rows(actor=actor, now=clock.now(), batch_uid=batch.uid)
    return undo_rows(actor=actor, now=clock.now(), batch_uid=batch.uid)


def go_on(batch: ImportBatch) -> None:
    """Put a batch into the queue again, where its job seems lost. Harmless where it is not."""
    continue_import.enqueue(str(batch.uid), str(batch.owner.uid))


def go_on_in_queue(batch: ImportBatch) -> None:
    """Put a batch into the queue once this transaction is through."""
    transaction.on_commit(lambda: go_on(batch))


# ---- Inside ----


def lock_own(actor: User, batch_uid: UUID) -> ImportBatch:
    """The actor's own batch, locked. Anybody else's does not exist."""
    batch = access.own(ImportBatch, actor).select_for_update(of=("self",)).filter(uid=batch_uid).first()
    if batch is None:
        raise Hidden
    return batch


def lock_ready(actor: User, batch_uid: UUID) -> ImportBatch:
    """The actor's own batch, where its rows wait for her. Raises Hidden, ImportIsBusy, ColumnsAreOpen, ImportIsOver."""
    batch = lock_own(actor, batch_uid)
    if batch.state in BUSY:
        raise ImportIsBusy
    if batch.state == _State.MAPPING:
        raise ColumnsAreOpen
    if batch.state != _State.READY:
        raise ImportIsOver
    return batch


def _one_row(actor: User, batch: ImportBatch, row_uid: UUID) -> ImportRow:
    """A row that waits for correction or decision."""
    row = rows_of(actor, batch).filter(uid=row_uid, state__in=_HELD).first()
    if row is None:
        raise Hidden
    return row


def _next_state(actor: User, batch: ImportBatch) -> str:
    undecided = rows_of(actor, batch).filter(state__in=(_Row.GOOD, _Row.BAD))
    waiting = set(undecided.values_list("state", flat=True).distinct())
    if _Row.GOOD in waiting:
        return _State.TAKING
    return _State.READY if _Row.BAD in waiting else _State.DONE


def _after_undoing(actor: User, batch: ImportBatch) -> str:
    undecided = rows_of(actor, batch).filter(state__in=(_Row.GOOD, _Row.BAD)).exists()
    return _State.READY if undecided else _State.DONE


def _finish_if_nothing_waits(actor: User, batch: ImportBatch) -> None:
    if not rows_of(actor, batch).filter(state__in=(_Row.GOOD, _Row.BAD)).exists():
        batch.state = _State.DONE
        batch.save(update_fields=["state"])
        empty_rows(actor, batch, (_Row.KNOWN, _Row.EMPTY))
