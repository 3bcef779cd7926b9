"""The key-encryption keys, and the few keys shared by all cases.

A key-encryption key (KEK) wraps the data keys of cases and is itself wrapped by the root key. This process unwraps
each once and keeps the cipher object, never the bytes.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from django.apps import apps
from django.db import DatabaseError, InterfaceError, connections, transaction
from django.db.models import F, QuerySet

from casemgmt.crypto import providers
from casemgmt.crypto.errors import KeystoreUnavailable, VaultError
from casemgmt.crypto.router import KEYSTORE

KEY_BYTES = 32
_NONCE_BYTES = 12
_NUMBER_BYTES = 4
_WRAPPED_BYTES = _NUMBER_BYTES + _NONCE_BYTES + KEY_BYTES + 16
_ZEROS = bytes(KEY_BYTES)
#: How often a key is wrapped again because another KEK was promoted meanwhile.
_ATTEMPTS = 5
_Made = TypeVar("_Made")
_SHA256 = hashes.SHA256()

#: Keys that must compare across cases: the blind indexes and row fingerprints, and the ledger's streams.
INDEX = "INDEX"
LEDGER = "LEDGER"
#: The root of the search indexes: it has epochs of its own, because a destroyed one is what kills tokens in backups.
SEARCH = "SEARCH"
#: The key by which the vault signs certificates of erasure.
SIGNING = "SIGNING"
#: The keys by which the ledger's checkpoints are signed: an epoch each, and those before stay listed.
CHECKPOINT = "CHECKPOINT"

_lock = Lock()
_ciphers: dict[int, AESGCM] = {}
_primary: list[int] = []
#: How often everything was forgotten: what was fetched before that is not remembered after it.
_generation: list[int] = [0]
_shared: dict[tuple[str, str, int | None], bytes] = {}


def rows(model: str) -> QuerySet[Any]:
    """All rows of one of the key store's models. By name, because the models are built from this package's fields."""
    return apps.get_model("crypto", model)._base_manager.using(KEYSTORE).all()


@contextmanager
def reaching_keystore() -> Iterator[None]:
    """Turn a database that does not answer into the vault's own error, without the database's words."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        raise KeystoreUnavailable("The key store does not answer.") from error


def wipe(buffer: bytearray) -> None:
    """Overwrite key bytes that are no longer needed."""
    buffer[:] = _ZEROS if len(buffer) == KEY_BYTES else bytes(len(buffer))


def expand(key: bytes | bytearray, purpose: str) -> bytearray:
    """One key per purpose from a data key (HKDF-SHA256-Expand, info ``haven/1/`` and the purpose). The caller wipes."""
    derived = bytearray(KEY_BYTES)
    HKDFExpand(_SHA256, KEY_BYTES, b"haven/1/" + purpose.encode()).derive_into(key, derived)
    return derived


def provision() -> None:
    """Make the first KEK, the shared keys and the version counter where they are missing. Idempotent.

    In the demo and in development it makes the root key too; elsewhere that takes a person. A home whose key store
    has keys but whose root key file is gone gets no new root key: that would bury the loss.
    """
    with reaching_keystore():
        if not rows("KeyEncryptionKey").exists():
            providers.current().make_first()
            create_kek(1, "PRIMARY")
        rows("KeystoreVersion").get_or_create(pk=1, defaults={"number": 1})
        for name in (INDEX, LEDGER, SIGNING):
            if not rows("SharedKey").filter(name=name).exists():
                store_wrapped(partial(_insert_shared, name, 1), durable=False)


def primary() -> tuple[int, AESGCM]:
    """The KEK that wraps new data keys: its number and its cipher."""
    for make_ready in (_load, provision, _load):
        found = _primary_in_memory()
        if found is not None:
            return found
        make_ready()
    found = _primary_in_memory()
    if found is None:
        raise KeystoreUnavailable("The key store has no primary key-encryption key.")
    return found


def _primary_in_memory() -> tuple[int, AESGCM] | None:
    """What ``primary`` returns, if this process has it now: another thread may forget everything at any moment."""
    numbers = tuple(_primary)
    cipher = _ciphers.get(numbers[0]) if numbers else None
    return None if cipher is None else (numbers[0], cipher)


class NotPrimaryAnyMore(VaultError):
    """Another process promoted another KEK meanwhile: wrap again."""


def demand_primary(number: int) -> None:
    """Ask, in the transaction that stores what ``wrap`` made, whether that KEK is still the one in use.

    On PostgreSQL its row is held until that transaction ends, so that it is neither superseded nor retired before the
    stored keys can be seen: the foreign key alone is looked at only when the transaction commits. On SQLite the
    transaction itself is the lock. Raises NotPrimaryAnyMore.
    """
    table = apps.get_model("crypto", "KeyEncryptionKey")._meta.db_table
    held = " FOR SHARE" if connections[KEYSTORE].vendor == "postgresql" else ""
    with connections[KEYSTORE].cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} WHERE number = %s AND state = 'PRIMARY'{held}", [number])  # noqa: S608
        is_primary = cursor.fetchone() is not None
    if not is_primary:
        forget()
        raise NotPrimaryAnyMore(f"Key-encryption key {number} is not the one in use any more.")


def store_wrapped(make: Callable[[], _Made], *, durable: bool = True) -> _Made:
    """Run what wraps keys, stores them and demands the primary, in a transaction; again where another KEK was promoted.

    Raises KeystoreUnavailable.
    """
    for _attempt in range(_ATTEMPTS):
        primary()  # outside: the first use may have to make the first keys
        try:
            with reaching_keystore(), transaction.atomic(using=KEYSTORE, durable=durable):
                return make()
        except NotPrimaryAnyMore:
            continue
    raise KeystoreUnavailable("The key-encryption key changes all the time.")


def wrap(key: bytes | bytearray, context: bytes) -> tuple[int, bytes]:
    """Wrap a data key under the primary KEK: the KEK's number, and ``number u32 | nonce 12 | GCM``."""
    number, cipher = primary()
    nonce = os.urandom(_NONCE_BYTES)
    return number, number.to_bytes(_NUMBER_BYTES, "big") + nonce + cipher.encrypt(nonce, bytes(key), context)


def unwrap(wrapped: bytes, context: bytes) -> bytearray:
    """Open a wrapped data key by the KEK it names. Raises InvalidTag; the caller wipes what it gets."""
    wrapped = bytes(wrapped)
    start = _NUMBER_BYTES + _NONCE_BYTES
    if len(wrapped) != _WRAPPED_BYTES:
        raise InvalidTag
    cipher = _cipher(int.from_bytes(wrapped[:_NUMBER_BYTES], "big"))
    key = bytearray(KEY_BYTES)
    cipher.decrypt_into(wrapped[_NUMBER_BYTES:start], wrapped[start:], context, key)
    return key


def shared(name: str, purpose: str, epoch: int | None = None) -> bytes:
    """A key derived from one of the shared keys, the same for all cases. Kept until ``forget()``.

    Without an epoch, the newest one. Raises KeystoreUnavailable for an epoch that never was or is destroyed.
    """
    found = _shared.get((name, purpose, epoch))
    if found is not None:
        return found
    generation = _generation[0]
    row = _shared_row(name, epoch)
    try:
        key = unwrap(row.wrapped, shared_context(name, row.epoch))
    except InvalidTag:
        raise KeystoreUnavailable(f"The shared key {name} is damaged.") from None
    derived = expand(key, f"{name.lower()}/{purpose}")
    wipe(key)
    with _lock:
        if generation == _generation[0]:
            _shared[name, purpose, epoch] = bytes(derived)
    return bytes(derived)


def ensure_shared(name: str) -> None:
    """Make the first epoch of a shared key where there is none. Two processes at once make one."""
    if not newest_shared_epoch(name):
        store_wrapped(partial(_insert_shared, name, 1), durable=False)


def add_shared_epoch(name: str) -> int:
    """Make a further epoch of a shared key, and say its number. The epochs before stay until they are destroyed."""

    def make() -> int:
        _move_version()  # first, because it is a lock as well: two processes at once make two epochs
        newest = rows("SharedKey").filter(name=name).order_by("epoch").last()
        epoch: int = newest.epoch + 1 if newest else 1
        _insert_shared(name, epoch)
        return epoch

    return store_wrapped(make, durable=False)


def newest_shared_epoch(name: str) -> int:
    """The number of the newest epoch of a shared key; 0 where there is none."""
    with reaching_keystore():
        return rows("SharedKey").filter(name=name).order_by("-epoch").values_list("epoch", flat=True).first() or 0


def oldest_shared_epoch(name: str) -> int:
    """The number of the oldest epoch of a shared key that is not destroyed; 0 where there is none."""
    with reaching_keystore():
        return rows("SharedKey").filter(name=name).order_by("epoch").values_list("epoch", flat=True).first() or 0


def destroy_shared_epochs(name: str, *, before: int) -> int:
    """Destroy the epochs of a shared key that are older than ``before``, and say how many. Idempotent.

    The newest epoch always stays: a number that was destroyed must never be given to another key.
    """
    with reaching_keystore(), transaction.atomic(using=KEYSTORE):
        newest = rows("SharedKey").filter(name=name).order_by("epoch").last()
        old = rows("SharedKey").filter(name=name, epoch__lt=min(before, newest.epoch if newest else 0))
        destroyed: int = old.delete()[0]
        if destroyed:
            _move_version()
    forget()
    return destroyed


def _shared_row(name: str, epoch: int | None) -> Any:
    with reaching_keystore():
        found = rows("SharedKey").filter(name=name)
        if epoch is not None:
            row = found.filter(epoch=epoch).first()
            if row is None:
                raise KeystoreUnavailable(f"The shared key {name} has no epoch {epoch}.")
            return row
        row = found.order_by("epoch").last()
        if row is None:
            provision()
            row = found.order_by("epoch").get()
        return row


def hold_version() -> None:
    """Take the lock that every change of the keys' order takes first, so that no two wait for each other."""
    rows("KeystoreVersion").select_for_update().filter(pk=1).first()


def _move_version() -> None:
    rows("KeystoreVersion").filter(pk=1).update(number=F("number") + 1)


def forget() -> None:
    """Drop every opened key. The next use loads them again."""
    with _lock:
        _generation[0] += 1
        _ciphers.clear()
        _primary.clear()
        _shared.clear()


def _cipher(number: int) -> AESGCM:
    found = _ciphers.get(number)
    if found is not None:
        return found
    loaded = _load().get(number)
    if loaded is None:
        raise KeystoreUnavailable(f"Key-encryption key {number} is not in the key store.")
    return loaded


def _load() -> dict[int, AESGCM]:
    """Unwrap every KEK that is not destroyed. What is forgotten while this reads is not remembered again."""
    provider = providers.current()
    generation = _generation[0]
    with reaching_keystore():
        found = list(rows("KeyEncryptionKey").exclude(state="DESTROYED").values_list("number", "state", "wrapped"))
    ciphers, first = {}, []
    for number, state, wrapped in found:
        key = provider.unwrap(bytes(wrapped), context=kek_context(number))
        ciphers[number] = AESGCM(key)
        wipe(key)
        if state == "PRIMARY":
            first.append(number)
    with _lock:
        if generation == _generation[0]:
            _ciphers.update(ciphers)
            _primary[:] = first
    return ciphers


def is_usable(number: int) -> bool:
    """Whether this process opens the KEK and gets back what it wraps with it."""
    cipher, nonce = _cipher(number), os.urandom(_NONCE_BYTES)
    return cipher.decrypt(nonce, cipher.encrypt(nonce, _ZEROS, b"test"), b"test") == _ZEROS


def create_kek(number: int, state: str) -> None:
    """Store a new KEK under this number, unless another process was faster; both then load that one."""
    key = bytearray(os.urandom(KEY_BYTES))
    wrapped = providers.current().wrap(key, context=kek_context(number))
    wipe(key)
    with transaction.atomic(using=KEYSTORE):
        # Two processes may start at once: the second one's key is dropped, and both load the first.
        rows("KeyEncryptionKey").bulk_create(
            [apps.get_model("crypto", "KeyEncryptionKey")(number=number, state=state, wrapped=wrapped)],
            ignore_conflicts=True,
        )


def _insert_shared(name: str, epoch: int) -> None:
    """Wrap and store an epoch of a shared key, unless another process was faster. Raises NotPrimaryAnyMore."""
    key = bytearray(os.urandom(KEY_BYTES))
    number, wrapped = wrap(key, shared_context(name, epoch))
    wipe(key)
    shared_key = apps.get_model("crypto", "SharedKey")
    rows("SharedKey").bulk_create(
        [shared_key(name=name, epoch=epoch, kek_id=number, wrapped=wrapped)], ignore_conflicts=True
    )
    demand_primary(number)


def kek_context(number: int) -> bytes:
    """What a KEK wrapped by the root key is bound to."""
    return b"kek/1" + number.to_bytes(_NUMBER_BYTES, "big")


def shared_context(name: str, epoch: int) -> bytes:
    """What a wrapped shared key is bound to."""
    return b"shared/1" + len(name).to_bytes(1, "big") + name.encode() + epoch.to_bytes(2, "big")
