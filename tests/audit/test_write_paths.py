"""All eleven ways of writing: by the house's own word each leaves its version; past the house each is refused or found.

For tasks of the case room, in real transactions on either engine. Each proof is tried again with its mechanism switched
off, and must then fail.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from simple_history.models import HistoricalRecords

from audit import clock, history, net, protection
from audit.action import action
from audit.circumstances import Context, run_in
from audit.context import Source, audit_context
from audit.errors import UnauditedWrite
from audit.history import AuditedQuerySet, Version
from audit.log import record
from audit.models import Change, Event
from audit.verbs import Verb
from audit.verify import Report, verify_all, verify_history
from casemgmt.access.session import for_house
from cases import access
from cases.models import Task
from tests import make
from tests.audit import committed
from tests.cast import Cast

TABLE = Task._meta.db_table


@pytest.fixture(scope="module")
def cast(tmp_path_factory: Any, django_db_blocker: Any) -> Iterator[Cast]:
    with committed.databases(tmp_path_factory.mktemp("own"), django_db_blocker):
        Cast.make()
        yield Cast()


@pytest.fixture(scope="module")
def case(cast: Cast) -> Any:
    with audit_context("test", "write paths"):
        return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def task(cast: Cast, case: Any) -> Task:
    with audit_context("test", "write paths"):
        return write(actor=cast.amina, now=clock.now(), how=lambda: _added(new_task(case, cast.amina)))


def new_task(case: Any, person: Any) -> Task:
    return Task(
        case=case, section="ADVOCACY", title="Call the clinic", due_on=date(2026, 3, 4), assigned_to=person,
        created_by=person,
    )  # fmt: skip


def _added(task: Task) -> Task:
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
EVERY_PATH = pytest.mark.parametrize("name", PATHS)


# ---- What each path must show. Each is tried whole, and again with its mechanism off, when it must fail. ----


def newest_version() -> int:
    return Task.history.order_by("-history_id").values_list("history_id", flat=True).first() or 0


def leaves_its_version(path: Path, task: Task) -> None:
    """By the house's word: a version that its event names, the record as it says, a line of the net, nothing to find."""
    after, lines = newest_version(), Change.objects.count()
    person = task.created_by
    with audit_context("test", "write paths"):
        write(actor=person, now=clock.now(), how=lambda: path.house(task))
    versions = list(Task.history.filter(history_id__gt=after).order_by("history_id"))
    assert versions and {one.history_type for one in versions} == {path.kind}
    assert {one.history_user_id for one in versions} == {person.uid}
    named = [row[1] for row in Event.objects.latest("pk").history_rows if row[0] == Task.history.model._meta.db_table]
    assert named == [one.history_id for one in versions]
    assert Change.objects.filter(table_name=TABLE).count() > 0 and Change.objects.count() > lines
    keys = {str(one.id) for one in versions}
    assert not [line for line in net.lines_without_event() if line[0] == TABLE and line[3] in keys]
    with for_house():
        assert not [found for found in net.unlike_their_versions() if found.startswith(f"{TABLE} ")]
        ids = {one.history_id for one in versions}
        named = [found.split()[1] for found in verify_history(Report()).problems if "historicaltask" in found]
        assert not ids & {int(one) for one in named}
    if path.kind == "~":
        task.refresh_from_db()
        assert task.due_on == LATER == versions[-1].due_on


def is_refused_without_account(path: Path, task: Task) -> None:
    """On a page outside an action, and outside everything: the database says no and nothing changed."""
    before = (plain(task).values_list("due_on", flat=True).first(), models.QuerySet(Task).count(), newest_version())
    for around in (run_in(Context(source=Source.WEB)), for_house()):
        with around, for_house(), pytest.raises(DatabaseError), transaction.atomic():
            path.past(task)
    assert before == (
        plain(task).values_list("due_on", flat=True).first(), models.QuerySet(Task).count(), newest_version()
    )  # fmt: skip


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


def test_what_the_house_does_leaves_nothing_to_find(cast: Cast, case: Any) -> None:
    """First of all tests here: people, teams, roles, a case with all that belongs to it, by the real actions."""
    assert case.pk and Change.objects.exists()
    with audit_context("command", "verification"):
        assert verify_all().problems == []


@EVERY_PATH
def test_by_the_houses_own_word_it_leaves_its_version(name: str, task: Task) -> None:
    leaves_its_version(PATHS[name], task)


@EVERY_PATH
def test_without_history_that_proof_fails(name: str, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as off:
        off.setattr(history, "copy_into_history", lambda *_arguments: 0)
        off.setattr(HistoricalRecords, "create_historical_record", lambda *_arguments, **_options: None)
        last = key = models.QuerySet(Task).latest("pk").pk
        with pytest.raises(AssertionError):
            leaves_its_version(PATHS[name], task)
    made = models.QuerySet(Task).filter(pk__gt=last).values_list("pk", flat=True)
    for unknown in made if PATHS[name].kind == "+" else [key]:
        put_right(PATHS[name], str(unknown))


@pytest.mark.parametrize("name", [name for name, path in PATHS.items() if path.refused])
def test_djangos_word_on_the_houses_querysets_is_refused(name: str, task: Task) -> None:
    before = newest_version()
    with audit_context("test", "write paths"), pytest.raises(UnauditedWrite):
        PATHS[name].refused(task)  # type: ignore[misc]
    assert newest_version() == before and models.QuerySet(Task).get(pk=task.pk).due_on == date(2026, 3, 4)


@EVERY_PATH
def test_nobody_writes_without_an_account(name: str, task: Task) -> None:
    is_refused_without_account(PATHS[name], task)


@EVERY_PATH
def test_without_the_guards_that_proof_fails(name: str, task: Task) -> None:
    last = key = models.QuerySet(Task).latest("pk").pk
    with guards_off(), pytest.raises(pytest.fail.Exception):
        is_refused_without_account(PATHS[name], task)
    made = models.QuerySet(Task).filter(pk__gt=last).values_list("pk", flat=True)
    for unknown in made if PATHS[name].kind == "+" else [key]:
        if comparison_tells(str(unknown)):
            put_right(PATHS[name], str(unknown))


@EVERY_PATH
def test_past_the_house_it_is_found_twice(name: str, task: Task) -> None:
    key = past_the_house(PATHS[name], task)
    assert net_tells(key)
    if "delete" in name and name != "_raw_delete":
        assert unnamed_tells(key)
        return
    assert comparison_tells(key)
    put_right(PATHS[name], key)
    assert net_tells(key) and not comparison_tells(key), "the net remembers what the comparison sees no more"


@EVERY_PATH
def test_without_the_net_the_comparison_still_finds_it_and_the_guards_are_missed(name: str, task: Task) -> None:
    with guards_off():
        assert protection.check_protection()
        key = past_the_house(PATHS[name], task)
    assert not net_tells(key)
    if "delete" in name and name != "_raw_delete":
        assert unnamed_tells(key)
        return
    assert comparison_tells(key)
    put_right(PATHS[name], key)
    assert not comparison_tells(key)


class guards_off:
    """All of the database's guards taken off, as its owner could."""

    def __enter__(self) -> None:
        protection.remove()

    def __exit__(self, *_problem: object) -> None:
        protection.install()


# ---- Set-based, and without shortcuts ----


def test_a_bulk_change_of_many_is_three_statements(cast: Cast, case: Any) -> None:
    """Lock the keys, UPDATE, one INSERT of all versions: as many statements for two hundred as for two."""
    statements = []
    for number in (2, 200):
        with audit_context("test", "write paths"), transaction.atomic():
            made = access.within(Task, case).audited_bulk_create([new_task(case, cast.amina) for _ in range(number)])
            record(Verb.TASK_ADDED, actor=cast.amina)
            rows = access.within(Task, case).filter(pk__in=[one.pk for one in made])
            with CaptureQueriesContext(connection) as queries:
                assert rows.audited_update(assigned_to_id=F("created_by_id")) == number
            record(Verb.TASK_CHANGED, actor=cast.amina)
        said = [query["sql"] for query in queries]
        statements.append(len(said))
        assert sum(TABLE in one and one.startswith("UPDATE") for one in said) == 1
        assert sum("INSERT INTO" in one and "SELECT" in one and "historicaltask" in one for one in said) == 1
    assert statements[0] == statements[1]


def test_no_model_leaves_the_history_of_its_relations_to_the_library() -> None:
    """``m2m_fields`` doubles the cost of a save and crashes on a reverse add: tables between two others are models."""
    declared = [
        model._meta.label
        for model in net.models_with_history()
        if getattr(model, model._meta.simple_history_manager_attribute).model._history_m2m_fields
    ]
    assert declared == []
    many = [model._meta.label for model in net.models_with_history() if model._meta.local_many_to_many]
    assert many == ["accounts.User"], "Django's own groups and permissions, whose tables the net holds"


# ---- The net itself ----


def test_every_record_version_and_permission_is_in_the_net() -> None:
    caught = {
        guarded.table: set(guarded.once) for guarded in protection.manifest() if guarded.guard is protection.Guard.NET
    }
    every = {"INSERT", "UPDATE", "DELETE"}
    for model in apps.get_models(include_auto_created=True):
        table, label = model._meta.db_table, model._meta.label
        if issubclass(model, Version):
            assert caught[table] == {"UPDATE", "DELETE"}, label
        elif (
            hasattr(model._meta, "simple_history_manager_attribute")
            or model._meta.auto_created
            or label.endswith(("UserPermission", "GroupPermission", "ObjectPermission"))
        ):
            assert caught[table] == every, label
        elif model._meta.app_label in protection.ROOMS:
            assert label in WITHOUT_EVENTS, f"{label}: give it a history, or say why it needs none"
    assert protection.check_protection() == []


#: Tables of the rooms that have no history: made from other records, or one person's own paper.
WITHOUT_EVENTS = {
    "cases.BlindToken", "cases.DeclarationToken", "cases.SearchIndex",  # made from records, and made anew
    "cases.Draft", "cases.SavedView",  # what one person keeps for herself
    "cases.ImportRow", "cases.KnownQuestion", "cases.MatchQuestion",  # counted questions, rows on their way in
}  # fmt: skip


@pytest.mark.parametrize("name", [one.table for one in protection.manifest() if one.guard is protection.Guard.NET])
def test_the_lines_are_laid_in_the_database(cast: Cast, name: str) -> None:
    with connection.cursor() as cursor:
        laid = set(protection._dialect(connection).live(cursor))
    wanted = next(one for one in protection.manifest() if one.table == name and one.guard is protection.Guard.NET)
    is_sqlite = connection.vendor == "sqlite"
    for operation in wanted.once:
        word = operation.lower()
        assert (f"haven_net_{name}_{word}" if is_sqlite else f"{name}.haven_net_{word}") in laid


def test_a_permission_given_past_the_house_is_found(cast: Cast, case: Any) -> None:
    """Permissions have no versions; here the net is all there is."""
    table = "cases_caseuserpermission"
    with audit_context("job", "an insider"):
        sql(f"UPDATE {table} SET user_id = %s WHERE id = (SELECT min(id) FROM {table})", cast.dana.pk)
    (found,) = [line for line in net.lines_without_event() if line[0] == table]
    assert found[1:3] == ("UPDATE", "job:")


def test_a_deleted_record_that_is_put_back_has_no_version(cast: Cast, task: Task) -> None:
    again, key = models.QuerySet(Task).get(pk=task.pk), task.pk
    with audit_context("test", "write paths"):
        write(actor=cast.amina, now=clock.now(), how=lambda: task.delete())
        assert not comparison_tells(str(key))
        models.QuerySet(Task).bulk_create([again])
    with for_house():
        found = [one for one in net.unlike_their_versions() if one.startswith(f"{TABLE} ")]
    assert found == [f"{TABLE} {key} has no version."]
    put_right(PATHS["create"], str(key))
    assert not comparison_tells(str(key))


def test_verification_says_it_and_keeps_only_what_has_no_event(cast: Cast, task: Task) -> None:
    with audit_context("job", "an insider"):
        sql(f"UPDATE {TABLE} SET due_on = '2026-05-05' WHERE id = %s", task.pk)
    with audit_context("command", "verification"):
        problems = verify_all().problems
        assert any(found.startswith(TABLE) and "without an event" in found for found in problems)
        assert any(found.startswith(TABLE) and "is not what its last version says" in found for found in problems)
        net.tidy()
    left = set(Change.objects.values_list("table_name", flat=True))
    assert TABLE in left and Event._meta.db_table not in left
    assert net_tells(str(task.pk))
    put_right(PATHS["update"], str(task.pk))


def test_the_net_takes_no_line_away_and_none_by_hand(task: Task) -> None:
    with audit_context("job", "an insider"):
        for statement in ("UPDATE audit_change SET context = 'x'", "DELETE FROM audit_change"):
            with pytest.raises(DatabaseError), transaction.atomic():
                sql(statement)
        if connection.vendor == "postgresql":  # SQLite cannot tell a trigger's INSERT; there the comparison speaks
            with pytest.raises(DatabaseError), transaction.atomic():
                sql(
                    "INSERT INTO audit_change (transaction_id, table_name, row_key, operation, context) "
                    "SELECT pg_current_xact_id()::text, 'audit_event', '1', 'INSERT', 'x'"
                )


def test_a_rolled_back_savepoint_leaves_the_transaction_its_name(cast: Cast, task: Task) -> None:
    """Lines before, inside and after a savepoint that rolls back belong to one transaction, and the next to another."""
    with audit_context("test", "savepoints"):
        with transaction.atomic():
            try:
                with transaction.atomic():
                    plain(task).update(due_on=LATER)
                    raise ZeroDivisionError
            except ZeroDivisionError:
                pass
            within(task).audited_update(due_on=LATER)
            with transaction.atomic():
                record(Verb.TASK_CHANGED, actor=cast.amina)
        assert not net_tells(str(task.pk))
        plain(task).update(due_on=date(2026, 6, 6))
        assert net_tells(str(task.pk)), "the transaction after it has a name of its own"
        put_right(PATHS["update"], str(task.pk))


def test_the_querysets_of_all_records_refuse_by_name() -> None:
    for model in net.models_with_history():
        if issubclass(model, history.AuditedModel):
            assert isinstance(model._default_manager.all(), AuditedQuerySet), model._meta.label
