"""Every plain column of the case rooms is named in docs/plain-columns.md with its reason, and every sealed one is listed."""

from pathlib import Path

from django.apps import apps
from django.db import models

from casemgmt.crypto import registry
from casemgmt.crypto.fields import SealedField
from casemgmt.crypto.history import SealedHistoryRow

ROOT = Path(__file__).resolve().parents[2]
LISTED = ROOT / "docs" / "plain-columns.md"
ROOMS = ("cases", "services")


def allowed() -> dict[str, dict[str, str]]:
    """Model → column → reason, as the page says. ``every`` holds for all models."""
    found: dict[str, dict[str, str]] = {}
    for line in LISTED.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 3 or cells[0] in ("model", "---"):
            continue
        model, columns, reason = cells
        for column in columns.split(","):
            assert column.strip() not in found.setdefault(model, {}), f"{model}.{column.strip()} stands there twice"
            found[model][column.strip()] = reason
    return found


def models_of_the_rooms() -> list[type[models.Model]]:
    return [
        model
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        if not issubclass(model, SealedHistoryRow)
    ]


def test_every_plain_column_has_a_reason():
    reasons = allowed()
    missing = [
        f"{model._meta.label_lower}.{column.name}"
        for model in models_of_the_rooms()
        for column in model._meta.concrete_fields
        if not isinstance(column, SealedField)
        and column.name not in {**reasons["every"], **reasons.get(model._meta.label_lower, {})}
    ]
    assert not missing, f"Seal these, or say in {LISTED.name} why they may be plain: {', '.join(missing)}"


def test_the_list_names_nothing_that_is_gone_and_no_empty_reason():
    plain = {
        model._meta.label_lower: {
            column.name for column in model._meta.concrete_fields if not isinstance(column, SealedField)
        }
        for model in models_of_the_rooms()
    }
    reasons = allowed()
    every = reasons.pop("every")
    gone = [f"{model}.{name}" for model, names in reasons.items() for name in names if name not in plain.get(model, ())]
    gone += [name for name in every if not any(name in names for names in plain.values())]
    assert gone == []
    assert all(len(reason) > 10 for names in reasons.values() for reason in names.values())


def test_no_plain_column_takes_free_text():
    free = [
        f"{model._meta.label_lower}.{column.name}"
        for model in models_of_the_rooms()
        for column in model._meta.concrete_fields
        if isinstance(column, models.TextField)
    ]
    assert free == []


def test_the_list_of_sealed_fields_is_up_to_date():
    assert registry.differences(ROOT / "docs" / "sealed-fields.txt") == [], (
        "manage.py list_sealed_fields --write it anew"
    )
