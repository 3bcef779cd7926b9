"""The key-encryption keys, and the few keys shared by all cases.

A key-encryption key (KEK) wraps the data keys of cases and is itself wrapped by the root key. This process unwraps
each once and keeps the cipher object, never the bytes.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from django.apps import apps
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import QuerySet

from casemgmt.crypto import providers
from casemgmt.crypto.errors import KeystoreUnavailable
from casemgmt.crypto.providers import local
from casemgmt.crypto.router import KEYSTORE

KEY_BYTES = 32
_NONCE_BYTES = 12
_NUMBER_BYTES = 4
_WRAPPED_BYTES = _NUMBER_BYTES + _NONCE_BYTES + KEY_BYTES + 16
_ZEROS = bytes(KEY_BYTES)
_SHA256 = hashes.SHA256()

#: Keys that must compare across cases: the blind indexes and row fingerprints, and the ledger's streams.
INDEX = "INDEX"
LEDGER = "LEDGER"
#: The key by which the vault signs certificates of erasure.
SIGNING = "SIGNING"

_lock = Lock()
_ciphers: dict[int, AESGCM] = {}
_primary: list[int] = []
_shared: dict[tuple[str, str], bytes] = {}


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
            if not local.exists() and local.may_create():
                local.create()
            _create_kek(1)
        rows("KeystoreVersion").get_or_create(pk=1, defaults={"number": 1})
        for name in (INDEX, LEDGER, SIGNING):
            if not rows("SharedKey").filter(name=name).exists():
                _create_shared(name)


def primary() -> tuple[int, AESGCM]:
    """The KEK that wraps new data keys: its number and its cipher."""
    if not _primary:
        _load()
    if not _primary:
        provision()
        _load()
    if not _primary:
        raise KeystoreUnavailable("The key store has no primary key-encryption key.")
    number = _primary[0]
    return number, _ciphers[number]


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


def shared(name: str, purpose: str) -> bytes:
    """A key derived from one of the shared keys, the same for all cases. Kept for the life of the process."""
    found = _shared.get((name, purpose))
    if found is not None:
        return found
    with reaching_keystore():
        row = rows("SharedKey").filter(name=name).order_by("epoch").last()
        if row is None:
            provision()
            row = rows("SharedKey").filter(name=name).order_by("epoch").get()
    try:
        key = unwrap(row.wrapped, _shared_context(name, row.epoch))
    except InvalidTag:
        raise KeystoreUnavailable(f"The shared key {name} is damaged.") from None
    derived = expand(key, f"{name.lower()}/{purpose}")
    wipe(key)
    return _shared.setdefault((name, purpose), bytes(derived))


def forget() -> None:
    """Drop every opened key. The next use loads them again."""
    with _lock:
        _ciphers.clear()
        _primary.clear()
        _shared.clear()


def _cipher(number: int) -> AESGCM:
    found = _ciphers.get(number)
    if found is not None:
        return found
    _load()
    try:
        return _ciphers[number]
    except KeyError:
        raise KeystoreUnavailable(f"Key-encryption key {number} is not in the key store.") from None


def _load() -> None:
    """Unwrap every KEK that is not destroyed."""
    provider = providers.current()
    with reaching_keystore():
        found = list(rows("KeyEncryptionKey").exclude(state="DESTROYED").values_list("number", "state", "wrapped"))
    ciphers, first = {}, []
    for number, state, wrapped in found:
        key = provider.unwrap(bytes(wrapped), context=_kek_context(number))
        ciphers[number] = AESGCM(key)
        wipe(key)
        if state == "PRIMARY":
            first.append(number)
    with _lock:
        _ciphers.update(ciphers)
        _primary[:] = first


def _create_kek(number: int) -> None:
    key = bytearray(os.urandom(KEY_BYTES))
    wrapped = providers.current().wrap(key, context=_kek_context(number))
    wipe(key)
    with transaction.atomic(using=KEYSTORE):
        # Two processes may start at once: the second one's key is dropped, and both load the first.
        rows("KeyEncryptionKey").bulk_create(
            [apps.get_model("crypto", "KeyEncryptionKey")(number=number, state="PRIMARY", wrapped=wrapped)],
            ignore_conflicts=True,
        )


def _create_shared(name: str) -> None:
    key = bytearray(os.urandom(KEY_BYTES))
    number, wrapped = wrap(key, _shared_context(name, 1))
    wipe(key)
    with transaction.atomic(using=KEYSTORE):
        rows("SharedKey").bulk_create(
            [apps.get_model("crypto", "SharedKey")(name=name, epoch=1, kek_id=number, wrapped=wrapped)],
            ignore_conflicts=True,
        )


def _kek_context(number: int) -> bytes:
    return b"kek/1" + number.to_bytes(_NUMBER_BYTES, "big")


def _shared_context(name: str, epoch: int) -> bytes:
    return b"shared/1" + len(name).to_bytes(1, "big") + name.encode() + epoch.to_bytes(2, "big")
