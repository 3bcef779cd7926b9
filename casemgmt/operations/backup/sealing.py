"""Archives sealed in the age format, so that an operator can open them without Haven: ``age -d -i key.txt main.age``.

Sealed to recipients (``age1…``, the public halves of keys that need not be on this machine), or under a passphrase. age
seals whole files under a passphrase only in memory, so each set then has a key of its own, which lies beside the
archives as ``identity.age``, sealed under the passphrase: ``age -d -i identity.age main.age`` asks for it.
"""

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyrage
from pyrage import passphrase as by_passphrase
from pyrage import x25519

from casemgmt.operations.backup.errors import BackupDamaged, BackupRefused

PIECE = 1024 * 1024
IDENTITY_NAME = "identity.age"
_HEADER = b"age-encryption.org/v1\n"


class Reader(Protocol):
    """Anything that is read in pieces."""

    def read(self, size: int = -1, /) -> bytes: ...


class Writer(Protocol):
    """Anything that takes pieces."""

    def write(self, piece: bytes, /) -> Any: ...


@dataclass(frozen=True)
class Written:
    """An archive on the disk: its size, and the SHA-256 of the sealed bytes in hex."""

    size: int
    sha256: str


# ---- whom it is sealed to ----


@dataclass(frozen=True, repr=False)
class Lock:
    """Whom a set is sealed to. ``identity`` is the content of ``identity.age``, where there is one."""

    recipients: tuple[Any, ...]
    identity: bytes = b""

    @classmethod
    def to_recipients(cls, texts: Iterable[str]) -> "Lock":
        """Raises BackupRefused for what is no recipient; a secret key given by mistake is never repeated."""
        try:
            found = tuple(x25519.Recipient.from_str(text.strip()) for text in texts if text.strip())
        except pyrage.RecipientError:
            raise BackupRefused("A recipient is the public half of an age key and begins with age1.") from None
        return cls(found)

    @classmethod
    def under_passphrase(cls, passphrase: str) -> "Lock":
        """A new key for this set, sealed under the passphrase (scrypt, about a second)."""
        one = x25519.Identity.generate()
        return cls((one.to_public(),), by_passphrase.encrypt(f"{one}\n".encode(), passphrase))


class Opener(Protocol):
    """What opens the archives of a set."""

    def identities(self, folder: Path) -> list[Any]:
        """The keys to try on the archives in this folder. Raises BackupRefused."""


@dataclass(frozen=True, repr=False)
class ByIdentity:
    """A file with secret age keys, as ``age-keygen`` writes it."""

    path: Path

    def identities(self, folder: Path) -> list[Any]:
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
            found = [x25519.Identity.from_str(line.strip()) for line in lines if line.strip() and line[0] != "#"]
        except (OSError, UnicodeDecodeError):
            raise BackupRefused("The identity file cannot be read.") from None
        except pyrage.IdentityError:
            raise BackupRefused("The identity file holds a line that is no age key (AGE-SECRET-KEY-1…).") from None
        if not found:
            raise BackupRefused("The identity file holds no key.")
        return found


@dataclass(frozen=True, repr=False)
class ByPassphrase:
    """The passphrase of ``identity.age``."""

    passphrase: str

    def identities(self, folder: Path) -> list[Any]:
        try:
            sealed = (folder / IDENTITY_NAME).read_bytes()
        except FileNotFoundError:
            raise BackupRefused(
                "This backup is sealed to a recipient, not under a passphrase. Name the key with --identity-file."
            ) from None
        try:
            text = by_passphrase.decrypt(sealed, self.passphrase).decode("ascii")
            return [x25519.Identity.from_str(text.strip())]
        except (pyrage.DecryptError, pyrage.IdentityError, OSError, UnicodeDecodeError):
            raise BackupRefused("This passphrase does not open the backup.") from None


# ---- streaming ----


class _Source(io.RawIOBase):
    """A reader whose own failure is kept: age only knows that something failed."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.failure: BaseException | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._reader.read(size)
        except BaseException as failure:
            self.failure = failure
            raise


class _Sink(io.RawIOBase):
    """A writer that counts and hashes, and keeps its own failure."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._hash = hashlib.sha256()
        self.size = 0
        self.failure: BaseException | None = None

    def writable(self) -> bool:
        return True

    def write(self, piece: Any, /) -> int:
        try:
            self._writer.write(bytes(piece))
        except BaseException as failure:
            self.failure = failure
            raise
        self._hash.update(piece)
        self.size += len(piece)
        return len(piece)

    def written(self) -> Written:
        return Written(self.size, self._hash.hexdigest())


def seal(reader: Reader, path: Path, lock: Lock) -> Written:
    """Seal what the reader gives into a new file (0600), and return when it has reached the disk.

    What the reader or the disk raises comes out as it was. The caller removes an unfinished file.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        source, sink = _Source(reader), _Sink(file)
        try:
            pyrage.encrypt_io(source, sink, list(lock.recipients))
        except (pyrage.EncryptError, OSError) as error:
            raise source.failure or sink.failure or error from None
        file.flush()
        os.fsync(file.fileno())
    return sink.written()


def unseal(path: Path, writer: Writer, identities: list[Any]) -> Written:
    """Open an archive into a writer; returns size and SHA-256 of what came out.

    Raises BackupRefused for another key and BackupDamaged for changed or missing bytes; pieces before the damage have
    then been written, so the caller throws them away.
    """
    sink = _Sink(writer)
    with path.open("rb") as file:
        if file.read(len(_HEADER)) != _HEADER:
            raise BackupDamaged(f"{path.name} is no age archive.")
        file.seek(0)
        source = _Source(file)
        try:
            pyrage.decrypt_io(source, sink, identities)
        except pyrage.DecryptError:
            raise BackupRefused("This key does not open the backup: it was sealed to another one.") from None
        except OSError as error:
            failure = source.failure or sink.failure
            if failure is not None:
                raise failure from None
            raise BackupDamaged(f"{path.name} was changed or cut: it does not open to its end.") from error
    return sink.written()


@contextmanager
def unsealed(path: Path, identities: list[Any]) -> Iterator[io.BufferedReader]:
    """What is in an archive, as a stream to read. Raises as ``unseal`` does, at the end at the latest."""
    reading, writing = os.pipe()
    with ThreadPoolExecutor(1, thread_name_prefix="unseal") as pool:
        pushed = pool.submit(_push, path, writing, identities)
        with os.fdopen(reading, "rb") as stream:
            try:
                yield stream
                while stream.read(PIECE):  # to the end: only there is it sure that nothing was cut
                    pass
            except BaseException:
                stream.close()  # whoever still writes into it ends now
                failure = pushed.exception()
                if failure is not None:
                    raise failure from None  # the archive's own fault, not what the reader made of it
                raise
        pushed.result()


def _push(path: Path, writing: int, identities: list[Any]) -> None:
    """Open an archive into a pipe. Where nobody reads any more, that is the end."""
    with suppress(BrokenPipeError), os.fdopen(writing, "wb") as pipe:
        unseal(path, pipe, identities)


def sha256_of(path: Path) -> Written:
    """Size and SHA-256 of a file as it lies there."""
    found, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            found.update(piece)
            size += len(piece)
    return Written(size, found.hexdigest())
