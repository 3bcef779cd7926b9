"""The data keys of cases: one per case, retention class and epoch, so that a class of a case can be erased.

Wrapped keys come from the key store, all classes of a case at once; opened ones stay as cipher objects in a bounded
memory that is emptied when the key store's version moves (``begin_request``) and after a few minutes anyway.
Creating keys commits at once in the key store: first the key, then the case.
"""

import hashlib
import hmac
import os
import time
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from django.apps import apps
from django.db import transaction
from django.db.models import F

from casemgmt.crypto import classes as retention
from casemgmt.crypto import keks
from casemgmt.crypto.cache import BoundedCache
from casemgmt.crypto.errors import ContentErased, DecryptionRefused, KeystoreUnavailable
from casemgmt.crypto.router import KEYSTORE

FIRST_EPOCH = 1
#: How long an opened key may stay in memory, in seconds, even if no request moves the version.
KEEP_SECONDS = 300
#: Whoever seals has looked at the key store's version at most so many seconds ago, in long jobs too. So a new key is
#: used by every process after this time (``rekeying.begin``).
FRESH_SECONDS = 2.0
#: Keys without a case are swept when they are so old: the case that was to follow never came. Older ones are left,
#: because the case may have been there and be missing only in the records of today.
ORPHAN_AFTER = timedelta(hours=24)
ORPHAN_UNTIL = timedelta(days=8)
_BATCH = 500


class WrappedKey(NamedTuple):
    """A data key as the key store holds it."""

    mode: str
    wrapped: bytes


#: retention class → epoch → wrapped key
CaseKeys = dict[str, dict[int, WrappedKey]]

_wrapped: BoundedCache[UUID, CaseKeys] = BoundedCache(8_192, KEEP_SECONDS)
_opened: BoundedCache[tuple[int, str, int], AESGCM] = BoundedCache(16_384, KEEP_SECONDS)
_authenticators: BoundedCache[tuple[int, int], HMAC] = BoundedCache(8_192, KEEP_SECONDS)
_seen_version: list[int] = []
_looked_at: list[float] = [0.0]


# ---- Making and forgetting keys ----


def create_case_keys(case_uid: UUID, classes: Iterable[str] | None = None) -> None:
    """Give a case its data keys, one per retention class (all registered ones by default), before it is saved.

    Commits in a short key store transaction of its own, so it may run inside a transaction on the records but not
    inside one on the key store. Idempotent: keys that exist stay, and what was erased never has a key again.
    """
    create_keys_of_cases([case_uid], classes)


def create_keys_of_cases(case_uids: Collection[UUID], classes: Iterable[str] | None = None) -> None:
    """As create_case_keys, for many cases in one transaction (an import)."""
    wanted = sorted({str.__str__(name) for name in classes}) if classes is not None else retention.registered_classes()
    made = keks.store_wrapped(lambda: _insert_first_keys(case_uids, wanted))
    for case_uid in case_uids:
        _wrapped.drop(case_uid)
    if made:
        # A key made anew must not be mistaken for one of the same name that this process still holds.
        _opened.clear()


def _insert_first_keys(case_uids: Collection[UUID], wanted: Iterable[str]) -> list[Any]:
    """Insert what is missing of the keys of these cases and classes. Raises NotPrimaryAnyMore."""
    case_key = apps.get_model("crypto", "CaseKey")
    present: set[tuple[UUID, str]] = set()
    for batch in _batches(case_uids):
        for model in ("CaseKey", "ErasedClass"):  # a class that was shredded never has a key again
            present.update(keks.rows(model).filter(case_uid__in=batch).values_list("case_uid", "retention_class"))
    made = []
    for case_uid in case_uids:
        for retention_class in wanted:
            if (case_uid, retention_class) in present:
                continue
            key = bytearray(os.urandom(keks.KEY_BYTES))
            number, wrapped = keks.wrap(key, key_context(case_uid, retention_class, FIRST_EPOCH))
            keks.wipe(key)
            named = {"case_uid": case_uid, "retention_class": retention_class, "epoch": FIRST_EPOCH}
            made.append(case_key(**named, kek_id=number, wrapped=wrapped))
    keks.rows("CaseKey").bulk_create(made, ignore_conflicts=True, batch_size=_BATCH)
    for used in {row.kek_id for row in made if row.kek_id}:
        keks.demand_primary(used)
    return made


def ensure_own_keys(owner_uid: UUID) -> None:
    """Give a person or an organisation the key of its pseudo-case (class CORE). Idempotent."""
    create_case_keys(owner_uid, [retention.CORE])


def sweep_orphans(existing: Callable[[set[UUID]], set[UUID]], *, now: datetime) -> int:
    """Delete keys between a day and eight days old whose case never came, and say how many.

    ``existing`` gets case uids and returns those that exist; the vault cannot see cases, people or organisations.
    """
    swept = 0
    with keks.reaching_keystore():
        rows = keks.rows("CaseKey").filter(created_at__lt=now - ORPHAN_AFTER, created_at__gte=now - ORPHAN_UNTIL)
        uids = list(rows.values_list("case_uid", flat=True).distinct().order_by())
        for batch in _batches(uids):
            orphans = set(batch) - existing(set(batch))
            if orphans:
                with transaction.atomic(using=KEYSTORE, durable=True):
                    swept += keks.rows("CaseKey").filter(case_uid__in=orphans).delete()[0]
                    move_version()
    if swept:
        forget()
    return swept


def move_version() -> None:
    """Tell every process to drop its opened keys. Call inside the transaction that changes or deletes keys."""
    keks.rows("KeystoreVersion").filter(pk=1).update(number=F("number") + 1)


def begin_request() -> None:
    """Drop opened keys if the key store changed since this process last looked. One query.

    Raises KeystoreUnavailable where the key store does not answer.
    """
    with keks.reaching_keystore():
        number = keks.rows("KeystoreVersion").filter(pk=1).values_list("number", flat=True).first() or 0
    _looked_at[0] = time.monotonic()
    if _seen_version != [number]:
        forget()
        _seen_version[:] = [number]


def stay_fresh() -> None:
    """Look at the key store's version again, unless this process did within the last FRESH_SECONDS."""
    if time.monotonic() - _looked_at[0] > FRESH_SECONDS:
        begin_request()


def forget() -> None:
    """Drop every key this process holds, opened or wrapped."""
    _wrapped.clear()
    _opened.clear()
    _authenticators.clear()
    keks.forget()


def health() -> None:
    """Return if new cases could be keyed now: root key, key store, primary key. Raises KeystoreUnavailable."""
    keks.forget()
    keks.primary()
    begin_request()


# ---- Using keys ----


def prefetch(case_uids: Iterable[UUID]) -> None:
    """Load the keys of all cases of a page in one query (per 500 cases). Cases already in memory cost nothing."""
    missing = {uid for uid in case_uids if uid is not None and _wrapped.get(uid) is None}
    for batch in _batches(list(missing)):
        _fetch(batch)


def sealing_cipher(case_uid: UUID, section: str) -> tuple[int, AESGCM]:
    """The newest epoch of a section's key, and its cipher. Raises ContentErased where the case has no such key."""
    stay_fresh()
    retention_class = retention.class_of(section)
    epochs = _epochs(case_uid, retention_class)
    epoch = max(epochs)
    return epoch, _cipher(case_uid, retention_class, epoch, epochs[epoch], section)


def opening_cipher(case_uid: UUID, section: str, epoch: int) -> AESGCM | None:
    """The cipher of the epoch a ciphertext names, or None where this class never had that epoch.

    Raises ContentErased where the class has no key at all.
    """
    opened = _opened.get((case_uid.int, section, epoch))
    if opened is not None:
        return opened
    generation = _opened.generation
    retention_class = retention.class_of(section)
    key = _epochs(case_uid, retention_class, epoch).get(epoch)
    return None if key is None else _open_cipher(case_uid, retention_class, epoch, key, section, generation)


def derived_key(case_uid: UUID, retention_class: str, purpose: str, epoch: int | None = None) -> tuple[int, bytearray]:
    """A key for one purpose of a case (``file/<uid>``, ``fingerprint/…``): its epoch, and bytes the caller wipes.

    Without an epoch, the newest one. Raises ContentErased, and DecryptionRefused for an epoch that never was.
    """
    if epoch is None:
        stay_fresh()
    epochs = _epochs(case_uid, retention_class, epoch)
    if epoch is None:
        epoch = max(epochs)
    if epoch not in epochs:
        raise DecryptionRefused(f"key/{purpose}", case_uid)
    data_key = _open(case_uid, retention_class, epoch, epochs[epoch])
    try:
        return epoch, keks.expand(data_key, purpose)
    finally:
        keks.wipe(data_key)


def authenticator(case_uid: UUID, epoch: int | None = None) -> tuple[int, HMAC]:
    """What marks the rows of a case (``crypto.rowmac``): the epoch, and an HMAC to copy, never to finish.

    Without an epoch, the newest one. Raises ContentErased, and DecryptionRefused for an epoch that never was.
    """
    if epoch is None:
        stay_fresh()
        epoch = max(_epochs(case_uid, retention.CORE))
    generation = _authenticators.generation
    known = _authenticators.get((case_uid.int, epoch))
    if known is None:
        key = derived_key(case_uid, retention.CORE, "rowmac", epoch)[1]
        known = HMAC(bytes(key), hashes.SHA256())
        keks.wipe(key)
        _authenticators.put((case_uid.int, epoch), known, generation)
    return epoch, known


def has_epoch(case_uid: UUID, section: str, epoch: int) -> bool:
    """Whether this epoch of a section's key still exists, by the key store and not by memory.

    For what was sealed before the case was locked (a large file): ask under the lock, before a record names it.
    """
    with keks.reaching_keystore():
        keys = keks.rows("CaseKey").filter(case_uid=case_uid, retention_class=retention.class_of(section), epoch=epoch)
        return bool(keys.exists())


def fingerprint(case_uid: UUID, retention_class: str, purpose: str, text: str) -> bytes:
    """A keyed fingerprint (32 bytes) that compares within one case only, and dies with the class's key.

    Its key comes from the class's first data key, and a renewed one carries it over: it keeps its value for ever.
    """
    root = fingerprint_root(case_uid, str.__str__(retention_class))
    key = keks.expand(root, purpose)
    keks.wipe(root)
    try:
        return hmac.digest(key, text.encode(), hashlib.sha256)
    finally:
        keks.wipe(key)


def fingerprint_root(case_uid: UUID, retention_class: str) -> bytearray:
    """The 32 bytes from which the fingerprints of one class of a case are made. The caller wipes them."""
    with keks.reaching_keystore():
        oldest = (
            keks.rows("CaseKey").filter(case_uid=case_uid, retention_class=retention_class).order_by("epoch").first()
        )
    if oldest is None:
        raise ContentErased(case_uid, retention_class)
    if oldest.fingerprint_root is None:
        key = _open(case_uid, retention_class, oldest.epoch, WrappedKey(oldest.mode, oldest.wrapped))
        try:
            return keks.expand(key, "fingerprint")
        finally:
            keks.wipe(key)
    try:
        return keks.unwrap(oldest.fingerprint_root, root_context(case_uid, retention_class, oldest.epoch))
    except InvalidTag:
        raise DecryptionRefused("fingerprint root", case_uid) from None


def index_fingerprint(index_id: str, text: str) -> bytes:
    """A keyed fingerprint (32 bytes) that compares across cases. Normalise ``text`` first; never index a bare name."""
    return hmac.digest(keks.shared(keks.INDEX, index_id), text.encode(), hashlib.sha256)


def ledger_key(purpose: str) -> bytes:
    """A 32-byte key of the ledger for one purpose: its streams, its pseudonyms, its client-address pseudonyms."""
    return keks.shared(keks.LEDGER, purpose)


# ---- Inside ----


def _fetch(case_uids: Collection[UUID]) -> dict[UUID, CaseKeys]:
    """The keys of these cases from the key store, in one query; kept in memory unless all is forgotten meanwhile."""
    generation = _wrapped.generation
    found: dict[UUID, CaseKeys] = {}
    columns = ("case_uid", "retention_class", "epoch", "mode", "wrapped")
    with keks.reaching_keystore():
        for case_uid, retention_class, epoch, mode, wrapped in (
            keks.rows("CaseKey").filter(case_uid__in=case_uids).values_list(*columns)
        ):
            key = WrappedKey(mode, bytes(wrapped))
            found.setdefault(case_uid, {}).setdefault(retention_class, {})[epoch] = key
    for case_uid, keys in found.items():
        _wrapped.put(case_uid, keys, generation)
    return found


def _epochs(case_uid: UUID, retention_class: str, wanted: int | None = None) -> dict[int, WrappedKey]:
    """The keys of one class of a case by epoch, looking once more where another process may just have made one."""
    epochs = (_wrapped.get(case_uid) or {}).get(retention_class)
    if not epochs or (wanted is not None and wanted not in epochs):
        _wrapped.drop(case_uid)
        # What was fetched is used as it is: another thread may have all keys forgotten before memory is asked again,
        # and "forgotten" must never look like "erased".
        epochs = _fetch([case_uid]).get(case_uid, {}).get(retention_class)
    if not epochs:
        raise ContentErased(case_uid, retention_class)
    return epochs


def _cipher(case_uid: UUID, retention_class: str, epoch: int, key: WrappedKey, section: str) -> AESGCM:
    generation = _opened.generation
    cipher = _opened.get((case_uid.int, section, epoch))
    return cipher or _open_cipher(case_uid, retention_class, epoch, key, section, generation)


def _open_cipher(
    case_uid: UUID, retention_class: str, epoch: int, key: WrappedKey, section: str, generation: int
) -> AESGCM:
    data_key = _open(case_uid, retention_class, epoch, key)
    section_key = keks.expand(data_key, section)
    cipher = AESGCM(section_key)
    keks.wipe(data_key)
    keks.wipe(section_key)
    _opened.put((case_uid.int, section, epoch), cipher, generation)
    return cipher


def _open(case_uid: UUID, retention_class: str, epoch: int, key: WrappedKey) -> bytearray:
    if key.mode != "KEK":
        raise KeystoreUnavailable("This case is sealed to its members; this server holds no key to it.")
    try:
        return keks.unwrap(key.wrapped, key_context(case_uid, retention_class, epoch))
    except InvalidTag:
        raise DecryptionRefused("case key", case_uid) from None


def key_context(case_uid: UUID, retention_class: str, epoch: int) -> bytes:
    """What a wrapped data key is bound to."""
    return b"dek/1" + case_uid.int.to_bytes(16, "big") + _named(retention_class) + epoch.to_bytes(2, "big")


def root_context(case_uid: UUID, retention_class: str, epoch: int) -> bytes:
    """What a wrapped root of fingerprints is bound to: the key of this epoch carries it."""
    return b"mark/1" + key_context(case_uid, retention_class, epoch)


@lru_cache(maxsize=64)
def _named(retention_class: str) -> bytes:
    """A class, of which there are few, after its length."""
    name = retention_class.encode()
    return len(name).to_bytes(1, "big") + name


def _batches(uids: Collection[UUID]) -> Iterable[list[UUID]]:
    ordered = list(uids)
    return (ordered[start : start + _BATCH] for start in range(0, len(ordered), _BATCH))
