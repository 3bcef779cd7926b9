"""A root key in the memory of this process, and how it wraps: what the local file and the paper shares have in common.

``format u8 = 1 | mark 8 | nonce 12 | AES-256-GCM(key) | tag 16``. The mark tells root keys apart: the one that wrapped
a key is looked up by it and never found by trying.
"""

import hashlib
import os
from abc import ABC, abstractmethod
from typing import Any, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgmt.crypto.errors import RootKeyUnavailable

KEY_BYTES = 32
MARK_BYTES = 8
NONCE_BYTES = 12
FORMAT = b"\x01"

DAMAGED = "A wrapped key is damaged, or stands in the wrong place."
ANOTHER = "The key store was made with another root key."


def mark_of(wrapped: bytes) -> bytes:
    """The mark of the root key that wrapped this key: 8 bytes, whoever holds that root key. Raises RootKeyUnavailable."""
    mark = bytes(wrapped[1 : 1 + MARK_BYTES])
    if len(mark) != MARK_BYTES:
        raise RootKeyUnavailable(DAMAGED)
    return mark


class RootKey:
    """32 bytes of root key and the cipher made of them. Never shown, never pickled; ``wipe()`` overwrites the bytes."""

    __slots__ = ("_cipher", "_key", "mark")

    def __init__(self, key: bytes | bytearray) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("A root key has 32 bytes.")
        self._key = bytearray(key)
        self._cipher: AESGCM | None = AESGCM(key)
        self.mark = hashlib.sha256(b"haven root mark 1" + key).digest()[:MARK_BYTES]

    @classmethod
    def new(cls) -> "RootKey":
        """A new random root key."""
        return cls(os.urandom(KEY_BYTES))

    def wrap(self, key: bytes | bytearray, *, context: bytes) -> bytes:
        """Seal a key; ``context`` is authenticated with it."""
        nonce = os.urandom(NONCE_BYTES)
        return FORMAT + self.mark + nonce + self._usable().encrypt(nonce, bytes(key), context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytearray:
        """Open a wrapped key. Raises RootKeyUnavailable where it is damaged, in another's place, or of another root."""
        if wrapped[:1] != FORMAT or mark_of(wrapped) != self.mark:
            raise RootKeyUnavailable(ANOTHER)
        start = len(FORMAT) + MARK_BYTES
        nonce, body = wrapped[start : start + NONCE_BYTES], wrapped[start + NONCE_BYTES :]
        try:
            return bytearray(self._usable().decrypt(nonce, body, context))
        except (InvalidTag, ValueError):
            raise RootKeyUnavailable(DAMAGED) from None

    def reveal(self) -> bytes:
        """The key itself: for the file, the sheets of paper, and the pipe to a child process."""
        self._usable()
        return bytes(self._key)

    def wipe(self) -> None:
        """Overwrite the bytes and drop the cipher; nothing can be done with it any more."""
        self._key[:] = bytes(len(self._key))
        self._cipher = None

    def _usable(self) -> AESGCM:
        if self._cipher is None:
            raise RootKeyUnavailable("The root key was put away.")
        return self._cipher

    def __repr__(self) -> str:
        return f"<root key {self.mark.hex()}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A root key is never copied or pickled.")

    def __deepcopy__(self, _memo: Any) -> NoReturn:
        self.__reduce__()


class Rewraps(ABC):
    """``rewrap`` of a provider that opens the wrapped key for it; the opened key is wiped."""

    @abstractmethod
    def wrap(self, key: bytes | bytearray, *, context: bytes) -> bytes:
        """Seal a key under the root key."""

    @abstractmethod
    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytearray:
        """Open a wrapped key. The caller wipes what it gets."""

    def rewrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Wrap the same key again, under the root key as it is now."""
        key = self.unwrap(wrapped, context=context)
        try:
            return self.wrap(key, context=context)
        finally:
            key[:] = bytes(len(key))
