"""One keyed mark over all ciphertexts of a row, so that values of different times are not mixed in one row unseen.

Each ciphertext is bound to its field and record, but an older value of the same field of the same record opens as
well: whoever can write to the database could put last year's telephone number beside this year's safe-contact rule.
The mark (``epoch u16 | HMAC-SHA256``, key derived with the purpose ``rowmac`` from the CORE key of the case) covers
them together. Rows with one sealed value have nothing to mix and need none (check ``crypto.E013``).

What a mark cannot see is a row put back as a whole, mark and all; that is for the ledger.
"""

import hmac
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models, transaction

from casemgmt.crypto import keyring
from casemgmt.crypto.errors import ContentErased, RowMixed, VaultError
from casemgmt.crypto.sealed import Sealed
from casemgmt.crypto.sealing import ROW_MARK, sealed_fields_of, uid_of

#: Noted in a record whose columns were found to belong together, or cannot be compared any more.
LOOKED_AT = "_row_is_whole"
_EPOCH_BYTES = 2
_MARK_BYTES = _EPOCH_BYTES + 32
_UNKNOWN = b"\xff\xff\xff\xff"


class RowMac(models.BinaryField):
    """The column of the mark: ``row_mac = RowMac()``. Written by itself whenever a sealed value of the row is.

    NULL in rows that were written before the column was there, until ``mark_rows`` has gone over them; live rows
    without a mark are refused, versions in the history are read.

    ``later`` names sealed fields that came when rows had marks already. Where such a field is NULL it is not in the mark,
    so that those of before go on holding; a value that is put there or taken away is found all the same.
    """

    def __init__(self, *, later: Iterable[str] = (), **options: Any) -> None:
        super().__init__(**{**options, "null": True, "editable": False})
        self.later = frozenset(later)

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        """The mark of the row as it is about to be written; a version in the history keeps the one it was given."""
        if getattr(model_instance, "is_past_state", False):
            kept: bytes | None = getattr(model_instance, self.attname)
            return kept
        mark = mark_of(model_instance)
        setattr(model_instance, self.attname, mark)
        return mark


def mark_of(row: models.Model) -> bytes:
    """The mark of a row as it stands in memory, sealing what is not sealed yet. Needs no gate."""
    sealed = [field.sealed_for_storage(row) for field in sealed_fields_of(type(row))]
    epoch, authenticator = keyring.authenticator(uid_of(row.case_uid))  # type: ignore[attr-defined]
    return epoch.to_bytes(_EPOCH_BYTES, "big") + _digest(authenticator, row, sealed)


def demand_whole(row: models.Model) -> None:
    """Raise RowMixed where the ciphertexts of a loaded row do not belong together. Looks once at each loaded row.

    A row of which only some columns were loaded, or which was changed in memory, has been or will be looked at whole.
    """
    kept = row.__dict__
    if kept.get(LOOKED_AT) or ROW_MARK not in kept:
        return
    fields = sealed_fields_of(type(row))
    values = [kept.get(field.attname, row) for field in fields]
    if any(value is row or (value is not None and type(value) is not Sealed) for value in values):
        return
    mark = kept[ROW_MARK]
    if mark is None:
        if getattr(row, "is_past_state", False):
            return
        raise RowMixed(f"{row._meta.model_name}.{ROW_MARK}", row.uid)  # type: ignore[attr-defined]
    mark = bytes(mark)
    if len(mark) != _MARK_BYTES:
        raise RowMixed(f"{row._meta.model_name}.{ROW_MARK}", row.uid)  # type: ignore[attr-defined]
    epoch = int.from_bytes(mark[:_EPOCH_BYTES], "big")
    _epoch, authenticator = keyring.authenticator(uid_of(row.case_uid), epoch)  # type: ignore[attr-defined]
    if not hmac.compare_digest(_digest(authenticator, row, values), mark[_EPOCH_BYTES:]):
        raise RowMixed(f"{row._meta.model_name}.{ROW_MARK}", row.uid)  # type: ignore[attr-defined]
    kept[LOOKED_AT] = True


def demand_named(row: models.Model, names: set[str]) -> None:
    """Raise VaultError where a sealed value was changed in memory and is not among the columns to be written.

    The mark covers what the row will hold; it cannot be computed over a value that stays behind.
    """
    for field in sealed_fields_of(type(row)):
        value = row.__dict__.get(field.attname)
        if field.name not in names and value is not None and type(value) is not Sealed:
            raise VaultError(f"{field.fid} was changed as well: name it in update_fields.")


def _digest(authenticator: Any, row: models.Model, sealed: list[Any]) -> bytes:
    """HMAC over uid, case and each field's fid and ciphertext, each after its length.

    NULL is not an empty value; of a ``later`` field it is nothing. As each value follows its own fid, no two rows read alike.
    """
    later = getattr(row._meta.get_field(ROW_MARK), "later", ())
    mac = authenticator.copy()
    mac.update(uid_of(row.uid).bytes + uid_of(row.case_uid).bytes)  # type: ignore[attr-defined]
    for field, value in zip(sealed_fields_of(type(row)), sealed, strict=True):
        if value is None and field.name in later:
            continue
        mac.update(field._named)
        mac.update(_UNKNOWN if value is None else len(value).to_bytes(4, "big") + bytes(value))
    digest: bytes = mac.finalize()
    return digest


def has_marks(model: type[models.Model]) -> bool:
    """Whether any row of a model carries a mark."""
    rows: models.QuerySet[Any] = models.QuerySet(model, using=DEFAULT_DB_ALIAS)
    return rows.filter(**{f"{ROW_MARK}__isnull": False}).exists()


def mark_rows(model: type[models.Model], *, batch: int = 200) -> Iterator[int]:
    """Mark the rows of a model that were written before rows had marks; yields how many after each batch.

    For the time before anybody else writes (``prepare``). Commits batch by batch, so it may be stopped and called
    again. Needs no gate and opens nothing. Rows of a case that was erased as a whole stay without a mark.
    """
    rows: models.QuerySet[Any] = models.QuerySet(model, using=DEFAULT_DB_ALIAS).filter(**{f"{ROW_MARK}__isnull": True})
    last = 0
    while found := list(rows.filter(pk__gt=last).order_by("pk")[:batch]):
        last = found[-1].pk
        marked = 0
        with transaction.atomic(using=DEFAULT_DB_ALIAS):
            for row in found:
                try:
                    mark = mark_of(row)
                except ContentErased:
                    continue
                marked += rows.filter(pk=row.pk).update(**{ROW_MARK: mark})
        yield marked
