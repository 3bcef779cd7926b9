"""The one way to change a version that was written: its ciphertexts are put under a newer key of the same case.

Erasing by destroying keys works only if keys can be renewed, and a renewed key must reach the history, or the old one
would have to stay. So this path exists; it is as narrow as it can be. The database lets through a ciphertext of the
same format and length under a later epoch, in sealed columns only, while this module has the path open; the event of
the same transaction names each version with its digest before and after, and verification follows those steps.
"""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, connections, models

from casemgmt.crypto.models import SealedQuerySet
from casemgmt.crypto.registry import live_sealed_fields
from casemgmt.crypto.sealed import Binding, Sealed, removal_in
from casemgmt.crypto.sealing import ROW_MARK, SealedField, has_mark, sealed_fields_of

from . import circumstances, history_rows, protection
from .history import Version, history_model_of


class Renewal(Protocol):
    """What the vault (``crypto.rekeying``) knows of the keys. Everything may raise; nothing is caught here."""

    def resealed(self, sealed_field: SealedField, bound: Binding, raw: bytes) -> bytes:
        """What a ciphertext becomes: other bytes, or the same where there is nothing to do."""

    def may_touch(self, row: models.Model) -> bool:
        """Whether a row's ciphertexts belong together. One that does not is left as it is."""

    def marked(self, row: models.Model, *, was_resealed: bool) -> bytes | None:
        """The mark of a row whose new ciphertexts are in memory; what it holds, where it needs no other."""


@dataclass
class Tally:
    """What was put under the new key, and what another writer was faster with: that is for the next look."""

    values: int = 0
    rows: int = 0
    missed: int = 0


def sealed_models() -> list[type[models.Model]]:
    """Every live model with sealed fields, by its label."""
    return sorted({field.model for field in live_sealed_fields()}, key=lambda model: model._meta.label)


def versions_of(model: type[models.Model]) -> type[models.Model] | None:
    """The model of a model's versions, where it keeps any."""
    return history_model_of(model) if hasattr(model._meta, "simple_history_manager_attribute") else None


def records_of(model: type[models.Model], case_uid: uuid.UUID) -> list[uuid.UUID]:
    """The uids of all records of a case, those of which only versions are left too."""
    found: set[uuid.UUID] = set()
    for table in filter(None, (model, versions_of(model))):
        found.update(_rows(table).filter(case_uid=case_uid).order_by().values_list("uid", flat=True).distinct())
    return sorted(found)


def rows_of(
    model: type[models.Model], case_uid: uuid.UUID, uids: Collection[uuid.UUID] | None = None
) -> Iterator[models.Model]:
    """Every row of a case in one model, live and past, ciphertext as it is. Two queries."""
    for table in filter(None, (model, versions_of(model))):
        yield from _read(table, case_uid, uids)


def ciphertexts_in(row: models.Model) -> Iterator[tuple[SealedField, Binding, Sealed]]:
    """The ciphertexts of one row, each with what it is bound to. What was removed is none."""
    for field in sealed_fields_of(type(row)):
        raw = row.__dict__[field.attname]
        if raw is not None and removal_in(raw) is None:
            yield field, field.binding_of(row), raw


def rekey(model: type[models.Model], case_uid: uuid.UUID, uids: Collection[uuid.UUID], renewal: Renewal) -> Tally:
    """Put what the renewal changes in these records and all their versions under the newer key, by compare-and-set.

    Runs in the caller's transaction, which records the event. A record and its versions stay together: equal
    ciphertexts stay equal, so that what changed between two versions can still be told without a key. Writes no
    new version, for nothing that a person wrote has changed. Raises what the renewal raises.
    """
    tally = Tally()
    memory: dict[tuple[str, Binding, bytes], bytes] = {}
    _rekey_table(model, case_uid, uids, renewal, memory, tally)
    versions = versions_of(model)
    if versions is not None:
        with protection.rekeying():
            _rekey_table(versions, case_uid, uids, renewal, memory, tally)
    return tally


def _rekey_table(
    table: type[models.Model],
    case_uid: uuid.UUID,
    uids: Collection[uuid.UUID],
    renewal: Renewal,
    memory: dict[tuple[str, Binding, bytes], bytes],
    tally: Tally,
) -> None:
    changes = {}
    for row in _read(table, case_uid, uids):
        columns = _changes_in(row, renewal, memory)
        if columns:
            changes[row.pk] = columns
    if not changes:
        return
    is_version = issubclass(table, Version)
    before = dict(history_rows.digests(table, sorted(changes))) if is_version else {}
    written = [key for key, columns in changes.items() if _compare_and_set(table, key, columns)]
    tally.rows += len(written)
    tally.values += sum(len(changes[key]) for key in written)
    tally.missed += len(changes) - len(written)
    if is_version:
        noted = {key: before[key] for key in written}
        history_rows.note_rekeyed(circumstances.require(), table, noted)


def _changes_in(
    row: models.Model, renewal: Renewal, memory: dict[tuple[str, Binding, bytes], bytes]
) -> dict[str, tuple[bytes, bytes]]:
    """What becomes of one row, by column: the new bytes and the old ones."""
    if not renewal.may_touch(row):
        return {}
    changes = {}
    for field, bound, raw in list(ciphertexts_in(row)):
        key = (field.fid, bound, raw.raw)
        becomes = memory.get(key)
        if becomes is None:
            becomes = memory[key] = renewal.resealed(field, bound, raw.raw)
        if becomes != raw.raw:
            changes[str(field.column)] = (becomes, raw.raw)
            row.__dict__[field.attname] = Sealed.bound_to(becomes, bound)
    if has_mark(type(row)) and row.__dict__[ROW_MARK] is not None:
        old = bytes(row.__dict__[ROW_MARK])
        mark = renewal.marked(row, was_resealed=bool(changes))
        if mark is not None and mark != old:
            changes[ROW_MARK] = (mark, old)
    return changes


def _rows(table: type[models.Model]) -> SealedQuerySet[Any]:
    """All rows of a table, past every manager: nothing here is shown to anybody."""
    return SealedQuerySet(table, using=DEFAULT_DB_ALIAS)


def _read(table: type[models.Model], case_uid: uuid.UUID, uids: Collection[uuid.UUID] | None) -> Iterator[models.Model]:
    """The rows as they are stored; by key, so that two processes lock in one order."""
    rows = _rows(table).filter(case_uid=case_uid)
    if uids is not None:
        rows = rows.filter(uid__in=list(uids))
    return rows.order_by("pk").iterator(chunk_size=500)


def _compare_and_set(table: type[models.Model], key: Any, columns: dict[str, tuple[bytes, bytes]]) -> bool:
    """Write the new ciphertexts of one row, if it still holds the old ones."""
    connection = connections[DEFAULT_DB_ALIAS]
    quote = connection.ops.quote_name
    binary = connection.Database.Binary  # type: ignore[attr-defined]
    statement = (
        f"UPDATE {quote(table._meta.db_table)} SET {', '.join(f'{quote(name)} = %s' for name in columns)} "  # noqa: S608
        f"WHERE {quote(str(table._meta.pk.column))} = %s "
        f"AND {' AND '.join(f'{quote(name)} = %s' for name in columns)}"
    )
    new = [binary(becomes) for becomes, _was in columns.values()]
    old = [binary(was) for _becomes, was in columns.values()]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*new, key, *old])
        return bool(cursor.rowcount)
