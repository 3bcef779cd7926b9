"""The root key in a file of this machine: for the demo, for development and for small offices.

The file holds the key in hex and a checksum, readable by its owner only. Whoever has this file and the key store has
everything, so they never belong in the same backup.
"""

import hashlib
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from casemgmt.crypto.errors import KeystoreUnavailable

_TITLE = "haven root key 1"
_KEY_BYTES = 32
_FORMAT = b"\x01"
_MARK_BYTES = 8
_NONCE_BYTES = 12


def create(path: Path | None = None) -> Path:
    """Make a new root key and return where it lies. Never overwrites: raises FileExistsError.

    The file comes into being complete, synced and with mode 0400, so a crash leaves either no key or a whole one.
    """
    path = path or Path(settings.ROOT_KEY_FILE)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = os.urandom(_KEY_BYTES)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{_TITLE}\n{key.hex()}\n{_checksum(key)}\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()
    return path


def may_create() -> bool:
    """Whether this home may make its root key by itself: the demo and development, or where a setting says so."""
    return bool(getattr(settings, "ROOT_KEY_AUTOCREATE", getattr(settings, "HAVEN_DEMO", False)))


def exists() -> bool:
    """Whether this home has a root key file."""
    return Path(settings.ROOT_KEY_FILE).exists()


class LocalFile:
    """Reads the root key from its file each time it is needed (a few times per process) and keeps no copy."""

    def wrap(self, key: bytes | bytearray, *, context: bytes) -> bytes:
        mark, cipher = self._root()
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + mark + nonce + cipher.encrypt(nonce, bytes(key), context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytearray:
        mark, cipher = self._root()
        start = len(_FORMAT) + _MARK_BYTES
        if wrapped[:1] != _FORMAT or wrapped[1:start] != mark:
            raise KeystoreUnavailable("The key store was made with another root key.")
        nonce, body = wrapped[start : start + _NONCE_BYTES], wrapped[start + _NONCE_BYTES :]
        try:
            return bytearray(cipher.decrypt(nonce, body, context))
        except InvalidTag:
            raise KeystoreUnavailable("A wrapped key is damaged, or stands in the wrong place.") from None

    def rewrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        key = self.unwrap(wrapped, context=context)
        try:
            return self.wrap(key, context=context)
        finally:
            key[:] = bytes(len(key))

    def describe(self) -> str:
        return f"local file, root key {self._root()[0].hex()}"

    def health(self) -> None:
        self._root()

    def _root(self) -> tuple[bytes, AESGCM]:
        """The mark that tells root keys apart, and the root key ready to use."""
        path = Path(settings.ROOT_KEY_FILE)
        try:
            mode = path.stat().st_mode
            lines = path.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            raise KeystoreUnavailable("The root key file is missing.") from None
        except (OSError, UnicodeDecodeError):
            raise KeystoreUnavailable("The root key file cannot be read.") from None
        if stat.S_IMODE(mode) & 0o077:
            raise KeystoreUnavailable("The root key file is open to other accounts. Run chmod 0400 on it.")
        try:
            title, text, checksum = lines
            key = bytes.fromhex(text)
        except ValueError:
            raise KeystoreUnavailable("The root key file is damaged.") from None
        if title != _TITLE or len(key) != _KEY_BYTES or checksum != _checksum(key):
            raise KeystoreUnavailable("The root key file is damaged.")
        return hashlib.sha256(b"haven root mark 1" + key).digest()[:_MARK_BYTES], AESGCM(key)


def _checksum(key: bytes) -> str:
    """Enough to notice a slip when a key is copied by hand; says nothing about the key itself."""
    return hashlib.sha256(b"haven root checksum 1" + key).hexdigest()[:16]
