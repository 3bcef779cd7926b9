"""Renewing the data keys of one case: a new epoch for what is written from now on, and everything old resealed by it.

``begin`` gives each retention class a new epoch; every process seals by it within ``keyring.FRESH_SECONDS``. Then
whoever owns the records (the case room) reads all ciphertexts of the case and stores what ``Renewal.resealed`` makes
of them, files too, until ``Renewal.is_old`` finds nothing any more; then ``finish`` deletes the old epochs. A reader
takes the epoch from the ciphertext, so every value opens at every moment in between, whoever stopped where.

The vault reads and writes no record here. Ciphertexts are moved from key to key as they are: same field, record,
section and scope, same format, same length.
"""

import hashlib
import os
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.files.storage import Storage
from django.db import models, transaction
from django.db.models import Count, Max

from casemgmt.crypto import classes as retention
from casemgmt.crypto import envelope, files, keks, keyring, rowmac
from casemgmt.crypto.errors import ContentErased, DecryptionRefused, OddCiphertext, VaultError
from casemgmt.crypto.router import KEYSTORE
from casemgmt.crypto.sealed import Binding
from casemgmt.crypto.sealing import ROW_MARK, SealedField


class RenewalRefused(VaultError):
    """The keys of this case cannot be renewed. The message is for the person at the terminal."""


class RenewalUnderWay(RenewalRefused):
    """Another process renews the keys of this case, or its people write faster than it reseals."""

    def __init__(self) -> None:
        super().__init__("Another process is renewing keys. Wait until it is done, then try again.")


@dataclass
class Renewal:
    """A renewal under way. ``targets`` names for each class the epoch that everything shall have."""

    case_uid: UUID
    targets: dict[str, int]
    #: When this process began, on its own clock: earlier ciphertexts of others may still be on their way.
    began: float = field(default_factory=time.monotonic)

    def target_of(self, section: str) -> int | None:
        """The epoch that a value of this section shall have; None where its class is not renewed."""
        return self.targets.get(retention.class_of(section))

    def is_old(self, sealed_field: SealedField, bound: Binding, raw: bytes) -> bool:
        """Whether a ciphertext is still under a key that is to go. Raises OddCiphertext."""
        target = self.target_of(bound.section)
        return target is not None and envelope.epoch_of(raw, sealed_field.fid, bound.record_uid) < target

    def resealed(self, sealed_field: SealedField, bound: Binding, raw: bytes) -> bytes:
        """The same value under the new key; the same bytes where that is so already. Asks no gate, shows nothing.

        Raises DecryptionRefused where the ciphertext does not open, ContentErased where the class was erased.
        """
        if not self.is_old(sealed_field, bound, raw):
            return raw
        return sealed_field._seal_typed(bound, sealed_field._open_typed(bound, raw)).raw

    def is_old_mark(self, row: models.Model) -> bool:
        """Whether the mark of a row (``crypto.rowmac``) is still under a key that is to go."""
        target, mark = self.targets.get(retention.CORE), row.__dict__.get(ROW_MARK)
        return target is not None and mark is not None and int.from_bytes(bytes(mark)[:2], "big") < target

    def may_touch(self, row: models.Model) -> bool:
        """True where a row's ciphertexts belong together, or it has no mark that could tell. Raises RowMixed.

        Of a mixed row nothing is resealed: a new mark would vouch for it.
        """
        if row.__dict__.get(ROW_MARK) is not None:
            try:
                rowmac.demand_whole(row)
            except ContentErased:
                return True  # the key of the mark was erased; the rest of the row is not of its class
        return True

    def marked(self, row: models.Model, *, was_resealed: bool) -> bytes | None:
        """The mark of a row whose new ciphertexts are in memory; None where the key of marks was erased."""
        if not (was_resealed or self.is_old_mark(row)):
            return bytes(row.__dict__[ROW_MARK])
        try:
            return rowmac.mark_of(row)
        except ContentErased:
            return None

    def wait_for_writers(self) -> None:
        """Wait until every process has learned of the new epoch. What it sealed before, it sealed under a lock."""
        time.sleep(max(0.0, self.began + 2 * keyring.FRESH_SECONDS - time.monotonic()))


def with_keys(uids: Iterable[UUID]) -> set[UUID]:
    """Those of these cases, people or organisations that have keys. Raises KeystoreUnavailable."""
    with keks.reaching_keystore():
        return set(keks.rows("CaseKey").filter(case_uid__in=list(uids)).values_list("case_uid", flat=True))


def begin(case_uid: UUID, classes: Iterable[str] | None = None) -> Renewal:
    """Give the named classes of a case (all by default) a new epoch, or go on with a renewal that was interrupted.

    Commits in the key store at once. A class of which older epochs are still there is not given another one: its
    renewal goes on. Classes that were erased are left out. Raises RenewalRefused, KeystoreUnavailable.
    """
    wanted = sorted(map(str.__str__, classes)) if classes is not None else retention.registered_classes()
    unknown = set(wanted) - set(retention.registered_classes())
    if unknown:
        raise RenewalRefused(f"There is no retention class {', '.join(sorted(unknown))}.")
    keks.store_wrapped(lambda: _add_epochs(case_uid, wanted))
    keyring.forget()
    targets = {name: max(epochs) for name, epochs in epochs_of(case_uid, wanted).items()}
    if not targets:
        raise RenewalRefused("This case has no keys that could be renewed: its content was erased.")
    return Renewal(case_uid, targets)


def epochs_of(case_uid: UUID, classes: Collection[str] | None = None) -> dict[str, list[int]]:
    """The epochs of each class of a case that has keys, oldest first. One query."""
    with keks.reaching_keystore():
        rows = keks.rows("CaseKey").filter(case_uid=case_uid, mode="KEK")
        if classes is not None:
            rows = rows.filter(retention_class__in=list(classes))
        found: dict[str, list[int]] = {}
        for name, epoch in rows.order_by("retention_class", "epoch").values_list("retention_class", "epoch"):
            found.setdefault(name, []).append(epoch)
    return found


def finish(renewal: Renewal) -> int:
    """Delete the epochs older than the renewal's, and say how many keys that were. Idempotent.

    The caller has looked, under the lock that its writers take, and found nothing under them: whatever still is, is
    lost. The newest epoch of a class always stays.
    """
    deleted = 0
    with keks.reaching_keystore(), transaction.atomic(using=KEYSTORE, durable=True):
        keyring.move_version()
        for name, target in renewal.targets.items():
            rows = keks.rows("CaseKey").filter(case_uid=renewal.case_uid, retention_class=name)
            if rows.filter(epoch__gte=target).exists():
                deleted += rows.filter(epoch__lt=target).delete()[0]
    keyring.forget()
    return deleted


def _add_epochs(case_uid: UUID, wanted: Collection[str]) -> None:
    """A new epoch for each class that has one key only. Two processes at once make one epoch."""
    # First, because it is a lock as well: nobody erases a class, or renews it, at the same time.
    keyring.move_version()
    erased = keks.rows("ErasedClass").filter(case_uid=case_uid).values_list("retention_class", flat=True)
    keys = keks.rows("CaseKey").filter(case_uid=case_uid, retention_class__in=set(wanted) - set(erased))
    if keys.exclude(mode="KEK").exists():
        raise RenewalRefused("This case is sealed to its members; this server holds no key to it.")
    case_key = apps.get_model("crypto", "CaseKey")
    made = []
    for name, newest, count in keys.values_list("retention_class").annotate(Max("epoch"), Count("pk")).order_by():
        if count > 1:
            continue  # a renewal that was interrupted: it goes on
        if newest >= envelope.LARGEST_EPOCH:
            raise RenewalRefused(f"The {name} key of this case was renewed as often as the format allows.")
        made.append(_new_key(case_key, case_uid, name, newest + 1))
    keks.rows("CaseKey").bulk_create(made, ignore_conflicts=True)
    for used in {row.kek_id for row in made if row.kek_id}:
        keks.demand_primary(used)


def _new_key(case_key: Any, case_uid: UUID, name: str, epoch: int) -> Any:
    """The row of a new epoch. It carries the root of the class's fingerprints over, so that they keep comparing."""
    key = bytearray(os.urandom(keks.KEY_BYTES))
    number, wrapped = keks.wrap(key, keyring.key_context(case_uid, name, epoch))
    keks.wipe(key)
    root = keyring.fingerprint_root(case_uid, name)
    root_number, wrapped_root = keks.wrap(root, keyring.root_context(case_uid, name, epoch))
    keks.wipe(root)
    if root_number != number:
        raise keks.NotPrimaryAnyMore(f"Key-encryption key {number} is not the one in use any more.")
    named = {"case_uid": case_uid, "retention_class": name, "epoch": epoch}
    return case_key(**named, kek_id=number, wrapped=wrapped, fingerprint_root=wrapped_root)


# ---- Files ----


def is_old_file(renewal: Renewal, storage: Storage, name: str, *, section: str, file_uid: UUID) -> bool:
    """Whether a stored file is still under a key that is to go; read from its first bytes. Raises OddCiphertext, OSError."""
    target = renewal.target_of(section)
    if target is None:
        return False
    with storage.open(name) as reader:
        header = reader.read(envelope.HEADER.size)
    if len(header) < envelope.HEADER.size:
        raise OddCiphertext(files.FID, file_uid)
    return int(envelope.HEADER.unpack(header)[1]) < target


def reseal_file(storage: Storage, old: str, new: str, **bound_to: Any) -> None:
    """Seal a stored file anew under another name, in a stream. The old one stays; nothing unsealed touches the disk.

    The new one is read back to its end and compared before this returns. A leftover under that name, of an attempt
    that was interrupted, goes first. Raises DecryptionRefused, ContentErased, OSError; then no new file stays.
    """
    storage.delete(new)
    receipt = files.store_sealed(storage, new, _Pieces(files.open_stream(storage.open(old), **bound_to)), **bound_to)
    try:
        found = hashlib.sha256()
        for piece in files.open_stream(storage.open(new), **bound_to):
            found.update(piece)
        if found.digest() != receipt.sha256:
            raise DecryptionRefused(files.FID, bound_to["file_uid"])
    except BaseException:
        storage.delete(new)
        raise


class _Pieces:
    """Pieces of a stream, read as a file is."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes; nothing at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        if size < 0 or size >= len(self._rest):
            piece, self._rest = self._rest, b""
            return piece
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece
