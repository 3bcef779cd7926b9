"""One row of a table as plain JSON: columns as they are, sealed values opened, and in words where there is nothing to open."""

import base64
from collections import Counter
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import models

from casemgmt.access.sections import Section
from casemgmt.crypto.errors import ContentErased, ContentRemoved, DecryptionRefused, VaultError
from casemgmt.crypto.sealing import sealed_fields_of
from casemgmt.operations.way_out.tables import SECRETS


class BelongsToAnAttorney(VaultError):
    """A value of an outside attorney's own file: hers to take along, not the house's."""


class WholeHouseGate:
    """Admits every section of every case, for the way out; not the files of outside attorneys (matters ``outside``)."""

    def __init__(self, outside: Collection[UUID]) -> None:
        self.outside = frozenset(outside)
        self.sections: set[str] = set()

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Raise BelongsToAnAttorney for what is not the house's."""
        if section == Section.LEGAL_FILE and scope_uid in self.outside:
            raise BelongsToAnAttorney
        self.sections.add(str(section))


def plain(row: models.Model, told: Counter[str]) -> dict[str, Any] | None:
    """The row inside an open gate, ready for JSON; None where it is an attorney's. ``told`` counts what could not be opened.

    A sealed value that is gone or damaged is ``{"erased": true}``, ``{"removed": true}`` or ``{"unreadable": true}``.
    """
    sealed = {field.name for field in sealed_fields_of(type(row))}
    found: dict[str, Any] = {}
    for column in row._meta.concrete_fields:
        name = column.attname
        if column.name in SECRETS or column.name == "row_mac":
            continue
        if column.name in sealed:
            try:
                found[name] = _opened(row, name, told)
            except BelongsToAnAttorney:
                told["attorneys"] += 1
                return None
        else:
            value = getattr(row, name)
            found[name] = base64.b64encode(bytes(value)).decode() if isinstance(value, bytes | memoryview) else value
    return found


def _opened(row: models.Model, name: str, told: Counter[str]) -> Any:
    try:
        return getattr(row, name)
    except ContentErased:
        told["erased"] += 1
        return {"erased": True}
    except ContentRemoved:
        told["removed"] += 1
        return {"removed": True}
    except DecryptionRefused:
        told["unreadable"] += 1
        return {"unreadable": True}
