"""Tasks of the queue: claimed once, tried again with growing pauses, swept when their worker was killed.

django-tasks-db keeps the rows; its own worker would leave a task RUNNING for ever after a ``kill -9``, never try
again, and store whole tracebacks. So Haven takes, runs and settles the rows itself. The number of attempts is
the number of workers that claimed the row. Tasks are idempotent, and their arguments are uids only.
"""

import traceback
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from django.db import transaction
from django_tasks_db.compat import TaskContext, TaskResultStatus, normalize_json
from django_tasks_db.models import DBTaskResult

from audit import clock
from audit.context import audit_context
from audit.log import record
from audit.verbs import Verb
from casemgmt.logs import get_logger
from casemgmt.operations.errors import TaskGone
from casemgmt.operations.models import WorkerBeat

ATTEMPTS = 5
FIRST_PAUSE = timedelta(seconds=20)
#: A worker on another machine that was not heard of for this long is dead.
SILENCE = timedelta(minutes=2)
#: How long the rows of finished tasks stay.
KEPT = timedelta(days=14)


def pause_after(attempt: int) -> timedelta:
    """How long to wait after the nth failed attempt: 20, 40, 80, 160 seconds."""
    return FIRST_PAUSE * 2 ** (attempt - 1)


def claim(worker: str) -> DBTaskResult | None:
    """Take the next task that is ready, or None. Two workers never take the same one."""
    ready = DBTaskResult.objects.ready()
    if not ready.exists():
        return None  # so that a worker with nothing to do takes no lock
    with transaction.atomic():
        row = ready.get_locked()
        if row is not None:
            row.claim(worker)
    return row


def run(row: DBTaskResult) -> None:
    """Run one claimed task and settle its row: done, to be tried again, or failed for good. Raises nothing of the task's."""
    with Attempt(row) as attempt, audit_context("job", f"Task {row.task_name}."):
        task, result = row.task, row.task_result
        arguments: list[Any] = [TaskContext(task_result=result)] if task.takes_context else []
        attempt.value = normalize_json(task.call(*arguments, *result.args, **result.kwargs))


class Attempt:
    """One attempt at a task. Whatever the task raises ends here, because its row and the ledger must hear of it."""

    def __init__(self, row: DBTaskResult) -> None:
        self.row, self.number = row, len(row.worker_ids)
        self.value: Any = None

    def __enter__(self) -> "Attempt":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if error is not None and not isinstance(error, Exception):
            return False  # the process itself is ending: the sweeper finds the row
        now = clock.now()
        with audit_context("job", f"Task {self.row.task_name}."), transaction.atomic():
            if error is None:
                self._settle(status=TaskResultStatus.SUCCESSFUL, finished_at=now, return_value=self.value)
                record(Verb.JOB_RUN, actor=None, detail=_told(self.row, self.number))
            else:
                self._fail(error, now)
        return True

    def _fail(self, error: BaseException, now: datetime) -> None:
        named = {"exception_class_path": class_path(error), "traceback": place_of(error)}
        if self.number < ATTEMPTS:
            again = now + pause_after(self.number)
            self._settle(status=TaskResultStatus.READY, run_after=again, **named)
        else:
            self._settle(status=TaskResultStatus.FAILED, finished_at=now, return_value=None, **named)
        tell_failure(self.row, self.number, class_path(error))

    def _settle(self, **values: Any) -> None:
        """Only the row as it was claimed: a worker that was thought dead must not overwrite its successor."""
        mine = DBTaskResult.objects.filter(
            pk=self.row.pk, status=TaskResultStatus.RUNNING, started_at=self.row.started_at
        )
        mine.update(**{"exception_class_path": "", "traceback": "", **values})


def tell_failure(row: DBTaskResult, attempt: int, error: str) -> None:
    """Record and log that an attempt failed: the task, the attempt, the kind of error; no argument and no message."""
    record(Verb.JOB_FAILED, actor=None, detail={**_told(row, attempt), "error": error[-80:]})
    get_logger().error("job_failed", job=_short(row), attempt=attempt, error=error)


def class_path(error: BaseException) -> str:
    """``package.module.Error``."""
    return f"{type(error).__module__}.{type(error).__qualname__}"


def place_of(error: BaseException) -> str:
    """Where it was raised, line by line: files and functions only, for messages may quote what a person typed."""
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)


def sweep(place: str, own: str) -> int:
    """Give back what dead workers left RUNNING, or fail it for good after its last attempt; say how many there were.

    Dead is a worker of this machine and home that is not ``own`` (only one runs at a time, and it sweeps when it
    starts), and any worker that has been silent for two minutes.
    """
    now = clock.now()
    heard = WorkerBeat.objects.filter(seen_at__gt=now - SILENCE).exclude(place=place).values_list("name", flat=True)
    living = {own, *heard}
    swept = 0
    for row in DBTaskResult.objects.running():
        if row.worker_ids and row.worker_ids[-1] in living:
            continue
        with audit_context("job", "Sweeping tasks that a worker left behind."), transaction.atomic():
            swept += _give_back(row, now)
    WorkerBeat.objects.filter(seen_at__lt=now - SILENCE).delete()
    return swept


def _give_back(row: DBTaskResult, now: datetime) -> int:
    """One row left behind: ready again, or failed. 0 where somebody else was faster."""
    last = len(row.worker_ids) >= ATTEMPTS
    values: dict[str, Any] = {"status": TaskResultStatus.READY}
    if last:
        values = {"status": TaskResultStatus.FAILED, "finished_at": now, "exception_class_path": class_path(TaskGone())}
    changed = DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.RUNNING, started_at=row.started_at).update(
        **values
    )
    if changed:
        tell_failure(row, len(row.worker_ids), class_path(TaskGone()))
    return changed


def forget_finished() -> int:
    """Delete the rows of tasks that ended more than two weeks ago."""
    return DBTaskResult.objects.finished().filter(finished_at__lt=clock.now() - KEPT).delete()[0]


def _told(row: DBTaskResult, attempt: int) -> dict[str, Any]:
    return {"job": _short(row), "attempt": attempt}


def _short(row: DBTaskResult) -> str:
    """The name of a task as an event may hold it."""
    return row.task_path.rpartition(".")[2][:80]
