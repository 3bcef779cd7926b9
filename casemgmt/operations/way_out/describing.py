"""What the tables mean, for whoever reads them without us: made from the models, so that it cannot grow old."""

import inspect
from typing import Any

from django.utils.translation import override

from casemgmt.crypto.sealing import sealed_fields_of
from casemgmt.operations.way_out.tables import LEFT_OUT, ROOMS_LEFT_OUT, SECRETS, Table, tables


def description() -> dict[str, Any]:
    """Tables with their columns and codes, and what was left out with the reason. In English."""
    with override("en"):
        return {
            "tables": {table.label: _table(table) for table in tables()},
            "left_out": {**{label.lower(): why for label, why in LEFT_OUT.items()}, **ROOMS_LEFT_OUT},
        }


def _table(table: Table) -> dict[str, Any]:
    sealed = {field.name for field in sealed_fields_of(table.model)}
    return {
        "what": inspect.cleandoc(table.model.__doc__ or ""),
        "has_versions": table.versions is not None,
        "columns": {
            column.attname: _column(column, sealed)
            for column in table.model._meta.concrete_fields
            if column.name not in SECRETS and column.name != "row_mac"
        },
    }


def _column(column: Any, sealed: set[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"type": column.get_internal_type(), "was_sealed": column.name in sealed}
    if column.is_relation:
        told["table"] = column.related_model._meta.label_lower
    if column.choices:
        told["codes"] = {str(code): str(label) for code, label in column.flatchoices}
    if column.help_text:
        told["what"] = str(column.help_text)
    return told
