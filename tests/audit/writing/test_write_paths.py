"""All eleven ways of writing: by the house's own word each leaves its version; past the house each is refused or found.

For tasks of the case room, in real transactions on either engine. Each proof is tried again with its mechanism switched
off, and must then fail.
"""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from simple_history.models import HistoricalRecords

from audit import clock, history, net, protection
from audit.circumstances import Context, run_in
from audit.context import Source, audit_context
from audit.errors import UnauditedWrite
from audit.log import record
from audit.models import Change, Event
from audit.verbs import Verb
from audit.verify import Report, verify_all, verify_history
from casemgmt.access.session import for_house
from cases import access
from cases.models import Task
from tests.audit.writing.paths import (
    LATER,
    PATHS,
    TABLE,
    Path,
    comparison_tells,
    guards_off,
    net_tells,
    new_task,
    newest_version,
    past_the_house,
    plain,
    put_right,
    unnamed_tells,
    write,
)
from tests.cast import Cast

EVERY_PATH = pytest.mark.parametrize("name", PATHS)


# ---- What each path must show. Each is tried whole, and again with its mechanism off, when it must fail. ----


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
