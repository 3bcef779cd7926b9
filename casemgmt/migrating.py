"""Making the tables of a whole room at once, so that a first start takes seconds.

Django's migrations render every model that is related to a new one anew, and here all of them are related through the
people who write: a hundred and sixty tables took most of a minute. Squashed migrations create theirs together.
"""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateTogether(Operation):
    """The models of one room and what is added to them, from nothing: tables as they are in the end.

    ``operations`` are what a squashed migration has: ``CreateModel`` and whatever adds fields, indexes and
    constraints to these models. Nothing else belongs here, least of all what moves data.
    """

    serialization_expand_args = ["operations"]

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = list(operations)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """As a migration writes it."""
        return self.__class__.__qualname__, (), {"operations": self.operations}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """All models are named first; they are rendered once, when somebody asks for them."""
        state.__dict__.pop("apps", None)
        for one in self.operations:
            one.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Create each table with all that was added to it; keys between them are set when all are there."""
        for model in self._models(app_label, schema_editor, to_state):
            schema_editor.create_model(model)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop them, the last one first."""
        for model in reversed(self._models(app_label, schema_editor, from_state)):
            schema_editor.delete_model(model)

    def describe(self) -> str:
        """What ``migrate --plan`` says."""
        return f"Create {sum(isinstance(one, CreateModel) for one in self.operations)} models together"

    def _models(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, state: ProjectState) -> list[Any]:
        created = [one for one in self.operations if isinstance(one, CreateModel)]
        models = [state.apps.get_model(app_label, one.name) for one in created]
        alias = schema_editor.connection.alias
        return [model for model in models if self.allow_migrate_model(alias, model)]
