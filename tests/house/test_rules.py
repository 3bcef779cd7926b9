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


@pytest.mark.parametrize("path", rules.product_files(), ids=lambda path: str(path.relative_to(rules.ROOT)))
def test_module_keeps_the_rules(path):
    relative = str(path.relative_to(rules.ROOT))
    found = rules.faults_of(path.read_text(encoding="utf-8"), relative, case_models())
    assert not found, "\n".join(map(str, found))


PLANTED = {
    "a manager of a case model": "from cases.models import Case\ndef f(): return Case.objects.filter(pk=1)\n",
    "the base manager": "def f(Note): return Note._base_manager.all()\n",
    "raw SQL": "def f(Case): return Case.objects.raw('SELECT 1')\n",
    "a reverse relation": "def f(case): return case.note_set.all()\n",
    "guardian itself": "from guardian.shortcuts import get_objects_for_user\n",
    "get_object_or_404": "from django.shortcuts import get_object_or_404\n",
    "a page rendered later": "from django.template.response import TemplateResponse\n",
    "admitting oneself": "def f(rows): return rows.admitted_by_the_door()\n",
    "except Exception": "try:\n    pass\nexcept Exception:\n    pass\n",
    "except in a tuple": "try:\n    pass\nexcept (ValueError, Exception):\n    pass\n",
    "a bare except": "try:\n    pass\nexcept:\n    pass\n",
    "an import inside a function": "def f():\n    import json\n",
    "a role compared": "def f(request):\n    return request.user.role == 'DIRECTOR'\n",
}


@pytest.mark.parametrize("source", PLANTED.values(), ids=PLANTED.keys())
def test_rule_catches(source):
    assert rules.faults_of(source, "cases/views/planted.py", frozenset({"Case", "Note"}))


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
