"""A new home takes the squashed migrations, one that grew took them one by one: both have the same tables."""

from typing import Any

import pytest
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ModelState
from django.test import override_settings

from casemgmt.migrating import CreateTogether

pytestmark = pytest.mark.once


def _models(*, is_new: bool) -> dict[tuple[str, str], ModelState]:
    with override_settings(MIGRATION_MODULES={}):
        loader = MigrationLoader(None, replace_migrations=is_new)
        return dict(loader.project_state().models)


def _described(model: ModelState) -> dict[str, Any]:
    """What a table is made of, in no order."""
    options = {name: value for name, value in model.options.items() if value}
    for several in ("indexes", "constraints"):
        options[several] = sorted(repr(one.deconstruct()) for one in options.get(several, ()))
    fields = {name: field.deconstruct()[1:] for name, field in model.fields.items()}
    return {"fields": fields, "options": options, "bases": [str(base) for base in model.bases]}


def test_a_new_home_has_the_tables_of_one_that_grew():
    new, grown = _models(is_new=True), _models(is_new=False)
    assert new.keys() == grown.keys()
    for key, model in new.items():
        assert _described(model) == _described(grown[key]), key


def test_what_is_created_together_moves_no_data():
    with override_settings(MIGRATION_MODULES={}):
        found = MigrationLoader(None).graph.nodes.values()
    together = [one for migration in found for one in migration.operations if isinstance(one, CreateTogether)]
    assert len(together) >= 6
    for one in together:
        assert sum(isinstance(part, CreateModel) for part in one.operations) >= 5
        assert {type(part).__name__ for part in one.operations} <= {
            "CreateModel", "AddField", "AddIndex", "AddConstraint",
        }  # fmt: skip
