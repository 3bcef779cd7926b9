"""Looking through what was restored: is it whole, and does it open? The same for a drill and for a real restore.

What is said about it is numbers and uids, never a value.
"""

import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import connections, models

from audit import rekeying
from audit.protection import check_protection
from audit.verify import verify_all
from casemgmt.crypto import shredding
from casemgmt.crypto.errors import ContentErased, VaultError
from casemgmt.crypto.gate import open_gate
from casemgmt.crypto.sealing import sealed_fields_of
from casemgmt.operations.backup import taking
from casemgmt.operations.health import ALIASES, database_state
from cases import access, files
from cases.models import Document

VALUES, FILES = 200, 20


@dataclass
class Found:
    """What was looked at, and what is wrong: one sentence each."""

    events: int = 0
    values: int = 0
    files: int = 0
    erased: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


class _Everything:
    """Admits what is opened to see whether it opens. Nobody sees it."""

    def admit(self, case_uid: Any, section: str, fid: str, scope_uid: Any = None) -> None:
        """Every section."""


def look_through(expected: dict[str, int], as_of: datetime, *, values: int = VALUES, pieces: int = FILES) -> Found:
    """Databases, guards, ledger, counts, random sealed values and random files. Reads only.

    ``as_of``: when the backup was taken. The newest events of a house that is used wait there to be sealed.
    """
    found = Found()
    for alias in ALIASES:
        state = database_state(alias)
        if state != "ok":
            found.problems.append(f"The database “{alias}” is not ready: {state}.")
    if found.problems:
        return found
    found.problems += check_protection()
    report = verify_all(as_of=as_of)
    found.events = report.events
    found.problems += [problem for problem in report.problems if problem not in found.problems]
    _compare_counts(expected, found)
    with open_gate(_Everything()):
        for row in _random_rows(values):
            _open_row(row, found)
        for document in _random(access.for_the_house(Document).filter(quarantined_at=None), pieces):
            _open_file(document, found)
    if expected.get("survivors") and not found.values:
        found.problems.append("No sealed value was found to open.")
    return found


def _compare_counts(expected: dict[str, int], found: Found) -> None:
    for alias, part in (("default", taking.MAIN), ("keystore", taking.KEYSTORE)):
        with connections[alias].cursor() as cursor:
            for key, app, model in taking.COUNTED[part]:
                cursor.execute(taking.select("COUNT(*)", app, model))
                found.counts[key] = cursor.fetchone()[0]
    for key, number in expected.items():
        if found.counts.get(key) != number:
            found.problems.append(f"There are {found.counts.get(key)} {key}, and the backup was made with {number}.")


def _random_rows(most: int) -> Iterator[models.Model]:
    """Some rows of every model with sealed values, live and past."""
    tables = [model for live in rekeying.sealed_models() for model in (live, rekeying.versions_of(live)) if model]
    each = max(2, most // max(1, len(tables)))
    for table in tables:
        yield from _random(table._base_manager.all(), each)


def _random(rows: Any, most: int) -> list[Any]:
    """Some rows, whichever: the first after random places of the primary key."""
    ends = rows.aggregate(models.Min("pk"), models.Max("pk"))
    first, last = ends["pk__min"], ends["pk__max"]
    if first is None:
        return []
    places = {first + secrets.randbelow(last - first + 1) for _ in range(most)}
    chosen = {row.pk: row for place in places for row in rows.filter(pk__gte=place).order_by("pk")[:1]}
    return list(chosen.values())


def _open_row(row: Any, found: Found) -> None:
    for sealed_field in sealed_fields_of(type(row)):
        try:
            if getattr(row, sealed_field.attname) is not None:
                found.values += 1
        except ContentErased as gone:
            _note_erased(gone, found)
        except VaultError as problem:
            found.problems.append(str(problem))


def _open_file(document: Document, found: Found) -> None:
    try:
        about = document.about
        if files.check(document) != about["sha256"]:
            found.problems.append(f"The file {document.uid} is not the one that was stored.")
        found.files += 1
    except ContentErased as gone:
        _note_erased(gone, found)
    except (VaultError, OSError) as problem:
        found.problems.append(f"The file {document.uid} does not open ({type(problem).__name__}).")


def _note_erased(gone: ContentErased, found: Found) -> None:
    """Erased by order is as it must be; a key that is missing without a tombstone was lost."""
    if shredding.tombstones([gone.case_uid], [gone.retention_class]):
        found.erased += 1
    else:
        found.problems.append(f"The {gone.retention_class} key of {gone.case_uid} is lost.")
