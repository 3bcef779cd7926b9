"""The committed list of all sealed fields (``docs/sealed-fields.txt``): what is sealed, under which name and section.

A fid is part of every ciphertext, so a line that disappears or changes is data that no longer opens.
"""

from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

from casemgmt.crypto.history import SealedHistoryRow
from casemgmt.crypto.sealing import SealedField, sealed_fields_of

HEADING = "# Sealed fields: fid, section (or in lower case its column), scope, column. Written by list_sealed_fields."


def live_sealed_fields() -> Iterator[SealedField]:
    """Every sealed field of every live (not historical) model."""
    for model in apps.get_models():
        if not issubclass(model, SealedHistoryRow):
            yield from sealed_fields_of(model)


def registry_lines() -> list[str]:
    """One line a sealed field of the product, sorted by fid. Test apps are left out."""
    return sorted(
        f"{field.fid}  {field.section}  {field.scope or '-'}  {field.model._meta.label_lower}.{field.name}"
        for field in live_sealed_fields()
        if not field.model.__module__.startswith("tests.")
    )


def write_registry(path: Path) -> None:
    """Write the list anew."""
    path.write_text("\n".join([HEADING, *registry_lines()]) + "\n", encoding="utf-8")


def differences(path: Path) -> list[str]:
    """Lines that the list lacks (``+``) or has too many (``-``). Empty where it is up to date."""
    listed = set(path.read_text(encoding="utf-8").splitlines()) - {HEADING, ""} if path.exists() else set()
    actual = set(registry_lines())
    return sorted([f"+ {line}" for line in actual - listed] + [f"- {line}" for line in listed - actual])
