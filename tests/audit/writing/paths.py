"""The eleven ways of writing, by the house and past it, and what tells of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, models, transaction
from django.db.models import F

from audit import history, net, protection
from audit.action import action
from audit.context import audit_context
from audit.log import record
from audit.verbs import Verb
from audit.verify import Report, verify_history
from casemgmt.access.session import for_house
from cases import access
from cases.models import Task

TABLE = Task._meta.db_table


def new_task(case: Any, person: Any) -> Task:
    return Task(
        case=case, section="ADVOCACY", title="Call the clinic", due_on=date(2026, 3, 4), assigned_to=person,
        created_by=person,
    )  # fmt: skip


def added(task: Task) -> Task:
    task.save()
    return task


@action
def write(*, actor: Any, now: Any, how: Callable[[], Any]) -> Any:
    """Any write, by an action that records it."""
    result = how()
    record(Verb.TASK_CHANGED, actor=actor)
    return result


def plain(task: Task) -> Any:
    """Django's own queryset, as code that does not know the house would use it."""
    return models.QuerySet(Task).filter(pk=task.pk)


def sql(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def within(task: Task) -> Any:
    return access.within(Task, task.case).filter(pk=task.pk)


def twin(task: Task) -> Task:
    return new_task(task.case, task.created_by)


@dataclass(frozen=True)
class Path:
    """``house``: the house's own word. ``refused``: Django's word on the house's querysets, which is not the house's.

    ``past``: the same past the house. ``kind`` of the version that it leaves, or would have to leave.
    """

    house: Callable[[Task], Any]
    past: Callable[[Task], Any]
    kind: str
    refused: Callable[[Task], Any] | None = None


LATER = date(2026, 4, 1)


def moved(task: Task) -> Task:
    task.due_on = LATER
    return task


def quietly(task: Task) -> None:
    """The library's own back door."""
    task.skip_history_when_saving = True  # type: ignore[attr-defined]
    task.save()


def hand_to_writer(rows: Any) -> Any:
    """A value that only the database knows."""
    return rows.update(assigned_to_id=F("created_by_id"), due_on=LATER)


PATHS: dict[str, Path] = {
    "save": Path(lambda task: moved(task).save(), lambda task: quietly(moved(task)), "~"),
    "create": Path(lambda task: twin(task).save(), lambda task: quietly(twin(task)), "+"),
    "delete": Path(lambda task: task.delete(), lambda task: plain(task).delete(), "-"),
    "update": Path(
        lambda task: within(task).audited_update(due_on=LATER), lambda task: plain(task).update(due_on=LATER), "~",
        refused=lambda task: within(task).update(due_on=LATER),
    ),
    "update with F()": Path(
        lambda task: within(task).audited_update(assigned_to_id=F("created_by_id"), due_on=LATER),
        lambda task: hand_to_writer(plain(task)), "~", refused=lambda task: hand_to_writer(within(task)),
    ),
    "bulk_create": Path(
        lambda task: within(task).audited_bulk_create([twin(task), twin(task)]),
        lambda task: models.QuerySet(Task).bulk_create([twin(task)]), "+",
        refused=lambda task: within(task).bulk_create([twin(task)]),
    ),
    "bulk_update": Path(
        lambda task: within(task).audited_update(due_on=LATER),
        lambda task: models.QuerySet(Task).bulk_update([moved(task)], ["due_on"]), "~",
        refused=lambda task: within(task).bulk_update([moved(task)], ["due_on"]),
    ),
    "queryset delete": Path(
        lambda task: task.delete(), lambda task: plain(task).delete(), "-",
        refused=lambda task: within(task).delete(),
    ),
    "_raw_delete": Path(
        lambda task: task.delete(), lambda task: plain(task)._raw_delete("default"), "-",
        refused=lambda task: within(task)._raw_delete("default"),
    ),
    "raw UPDATE": Path(
        lambda task: within(task).audited_update(due_on=LATER),
        lambda task: sql(f"UPDATE {TABLE} SET due_on = '2026-04-01' WHERE id = %s", task.pk), "~",
    ),
    "raw DELETE": Path(
        lambda task: task.delete(), lambda task: sql(f"DELETE FROM {TABLE} WHERE id = %s", task.pk), "-"
    ),
}  # fmt: skip


def newest_version() -> int:
    return Task.history.order_by("-history_id").values_list("history_id", flat=True).first() or 0


def past_the_house(path: Path, task: Task) -> str:
    """Write past the house, where the guards let it through; the key of what was written."""
    key = task.pk
    with audit_context("job", "somebody with the database in hand"):
        path.past(task)
    return str(models.QuerySet(Task).latest("pk").pk if path.kind == "+" else key)


def net_tells(key: str) -> bool:
    return any(line[0] == TABLE and line[3] == key for line in net.lines_without_event())


def comparison_tells(key: str) -> bool:
    with for_house():
        return any(
            found.startswith(f"{TABLE} ") and key in found.replace(",", "").split()
            for found in net.unlike_their_versions()
        )


def unnamed_tells(key: str) -> bool:
    """Django's own delete() sends signals, past the house too: a version without an event."""
    version = Task.history.filter(id=key).latest("history_id").pk
    table = Task.history.model._meta.db_table
    with for_house():
        return f"{table} {version} is named by no event." in verify_history(Report()).problems


def put_right(path: Path, key: str) -> None:
    """Give a record that was written past the house the version it lacks, so that the next test finds its own only."""
    with audit_context("test", "put right"), transaction.atomic():
        if path.kind == "-":
            last = Task.history.filter(id=key).latest("history_id")
            last.pk, last.history_type = None, "-"
            last.save(force_insert=True)
        else:
            history.copy_into_history(Task, [int(key)], path.kind)
        record(Verb.TASK_CHANGED, actor=None)


class guards_off:
    """All of the database's guards taken off, as its owner could."""

    def __enter__(self) -> None:
        protection.remove()

    def __exit__(self, *_problem: object) -> None:
        protection.install()
