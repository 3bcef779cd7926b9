"""The product keeps the house rules, and each rule is seen to catch what it is for."""

import warnings

import pytest
from django.apps import apps

from tests.house import rules

pytestmark = pytest.mark.once


def case_models() -> frozenset[str]:
    """Names of the models of the case room and the workshops."""
    return frozenset(
        model.__name__ for model in apps.get_models() if model._meta.app_label in ("cases", "services")
    ) | {"Case"}


def relations() -> frozenset[str]:
    """Names by which a record leads to many records of the case room and the workshops."""
    return frozenset(
        relation.get_accessor_name()
        for model in apps.get_models()
        for relation in model._meta.related_objects
        if relation.related_model._meta.app_label in ("cases", "services") and not relation.one_to_one
        and relation.related_name and not relation.related_name.endswith("+")
    )  # fmt: skip


@pytest.mark.parametrize("path", rules.product_files(), ids=lambda path: str(path.relative_to(rules.ROOT)))
def test_module_keeps_the_rules(path):
    relative = str(path.relative_to(rules.ROOT))
    found = rules.faults_of(path.read_text(encoding="utf-8"), relative, case_models(), relations())
    assert not found, "\n".join(map(str, found))


#: What is planted, and the words by which its own rule finds it.
PLANTED = {
    "a manager of a case model": ("from cases.models import Case\ndef f(): return Case.objects.filter(pk=1)\n", "Case.objects"),
    "a manager by its module": ("from cases import models\ndef f(): return models.Case.objects.all()\n", "Case.objects"),
    "the base manager": ("def f(Note): return Note._base_manager.all()\n", "Note._base_manager"),
    "the default manager": ("def f(Note): return Note._default_manager.all()\n", "Note._default_manager"),
    "raw SQL": ("def f(rows): return rows.raw('SELECT 1')\n", ".raw()"),
    "extra SQL": ("def f(rows): return rows.extra(where=['1=1'])\n", ".extra()"),
    "a cursor": ("def f(connection): return connection.cursor()\n", "statement of its own"),
    "a reverse relation": ("def f(case): return case.note_set.all()\n", ".note_set"),
    "a reverse relation with a name": ("def f(case): return case.walls.all()\n", ".walls"),
    "guardian's shortcuts": ("from guardian.shortcuts import get_objects_for_user\n", "asks guardian"),
    "guardian itself": ("import guardian.core\n", "asks guardian"),
    "get_object_or_404": ("from django.shortcuts import get_object_or_404\n", "without the door"),
    "get_list_or_404": ("from django.shortcuts import get_list_or_404\n", "without the door"),
    "a page rendered later": ("from django.template.response import TemplateResponse\n", "renders later"),
    "admitting oneself": ("def f(rows): return rows.admitted_by_the_door()\n", "only the door"),
    "except Exception": ("try:\n    pass\nexcept Exception:\n    pass\n", "catches everything"),
    "except in a tuple": ("try:\n    pass\nexcept (ValueError, Exception):\n    pass\n", "catches everything"),
    "a bare except": ("try:\n    pass\nexcept:\n    pass\n", "catches everything"),
    "an import inside a function": ("def f():\n    import json\n", "imports inside f()"),
    "a role compared": ("def f(request):\n    return request.user.role == 'DIRECTOR'\n", "holds_role()"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "words"), PLANTED.values(), ids=PLANTED.keys())
def test_rule_catches(source, words):
    """By its own name, and nothing else."""
    models, relations = frozenset({"Case", "Note"}), frozenset({"walls"})
    [found] = rules.faults_of(source, "cases/views/planted.py", models, relations)
    assert words in found.what


def test_what_is_planted_into_the_rooms_is_found_where_it_stands(tmp_path, monkeypatch):
    """The rule reads the rooms as they are: a file that is there is a file that is read."""
    for room in rules.PRODUCT:
        (tmp_path / room).mkdir()
    (tmp_path / "services" / "planted.py").write_text("def f(Case):\n    return Case.objects.all()\n")
    monkeypatch.setattr(rules, "ROOT", tmp_path)
    [path] = rules.product_files()
    [found] = rules.faults_of(path.read_text(), "services/planted.py", case_models())
    assert str(found).startswith("services/planted.py:2 Case.objects")


def test_an_exception_that_nobody_needs_any_more_is_struck_out():
    """Each allowance still allows something."""
    sources = {str(path.relative_to(rules.ROOT)): path.read_text(encoding="utf-8") for path in rules.product_files()}
    for key in (*rules.OPEN_MANAGERS, *rules.LATE_IMPORTS):
        path, _colon, name = key.partition(":")
        assert f"{name}.objects" in sources[path] or f"def {name}(" in sources[path] or f"{name}._" in sources[path], (
            key
        )
    assert all(".cursor()" in sources[path] for path in rules.OPEN_CURSORS)


@pytest.mark.parametrize("name", ["cases/utils.py", "services/services.py", "audit/core/thing.py", "cases/manager.py"])
def test_empty_name_is_caught(name):
    assert rules.faults_of("", name, frozenset())


@pytest.mark.parametrize("name", ["services/urls.py", "cases/views/notes.py", "casemgmt/access/rules.py"])
def test_telling_name_is_fine(name):
    assert not rules.faults_of("", name, frozenset())


def test_tidying_up_and_raising_again_is_fine():
    source = "try:\n    pass\nexcept BaseException:\n    tidy()\n    raise\n"
    assert not rules.faults_of(source, "cases/actions/planted.py", frozenset())


def test_the_door_may_use_its_own_words():
    source = "def f(): return Case.objects.all().admitted_by_the_door()\n"
    assert not rules.faults_of(source, "cases/access/door.py", frozenset({"Case"}))


def test_long_files_are_a_question_not_a_fault():
    for path in rules.product_files():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > 400:
            warnings.warn(f"{path.relative_to(rules.ROOT)} has {lines} lines: is it two things?", stacklevel=1)
