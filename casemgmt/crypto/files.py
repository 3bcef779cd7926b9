"""Sealed files: streamed in and out in constant memory, in the C2SP chunked-encryption format (Cobblestone).

``version u8 | epoch u16 | Cobblestone-256 stream``. The key belongs to this one file (``file/`` and its uid, from the
case's data key); the context binds file, case, section and scope as a field's associated data does. Each chunk of
16 KiB is authenticated, and so is the end: a file cut short is refused.

Streaming asks no gate: the case room checks and records before the first byte (``cases.opening.stream``).
"""

import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Protocol, cast
from uuid import UUID

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from django.core.files.base import File
from django.core.files.storage import Storage

from casemgmt.crypto import classes, envelope, keks, keyring
from casemgmt.crypto.chunks import ChunkReader
from casemgmt.crypto.errors import DecryptionRefused, OddCiphertext

FID = "file.content"
#: How much is read at a time; larger and smaller pieces measure slower.
READ_BYTES = 64 * 1024


class Reader(Protocol):
    """Anything that is read in pieces: an upload, a file of a storage, a BytesIO."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True)
class FileReceipt:
    """What is known of a file once it is sealed. ``sha256`` and ``size`` are those of the plaintext."""

    size: int
    sha256: bytes
    epoch: int
    name: str = ""


class SealedStream(Iterator[bytes]):
    """The sealed bytes of a reader, piece by piece. ``receipt()`` once the last piece is taken."""

    def __init__(self, reader: Reader, encryptor: Cobblestone256Encryptor, epoch: int) -> None:
        self._reader = reader
        self._encryptor = encryptor
        self._epoch = epoch
        self._hash = hashlib.sha256()
        self._size = 0
        self._is_done = False
        self._pieces = self._seal()

    def __next__(self) -> bytes:
        return next(self._pieces)

    def _seal(self) -> Iterator[bytes]:
        yield envelope.HEADER.pack(envelope.VERSION, self._epoch)
        while piece := self._reader.read(READ_BYTES):
            self._hash.update(piece)
            self._size += len(piece)
            yield self._encryptor.update(piece)
        yield self._encryptor.finalize()
        self._is_done = True

    def receipt(self, name: str = "") -> FileReceipt:
        """Size, hash and epoch. Raises ValueError before the whole file was sealed."""
        if not self._is_done:
            raise ValueError("The file is not sealed to its end yet.")
        return FileReceipt(self._size, self._hash.digest(), self._epoch, name)


def seal_stream(
    reader: Reader, *, case_uid: UUID, section: str, file_uid: UUID, scope_uid: UUID | None = None
) -> SealedStream:
    """Seal what ``reader`` holds, from where it stands. Raises ContentErased where the case has no key."""
    section = str.__str__(section)
    epoch, key = keyring.derived_key(case_uid, classes.class_of(section), f"file/{file_uid}")
    try:
        context = envelope.associated_data(FID, file_uid, case_uid, section, scope_uid, epoch)
        return SealedStream(reader, Cobblestone256Encryptor(key, context), epoch)
    finally:
        keks.wipe(key)


def store_sealed(
    storage: Storage,
    name: str,
    reader: Reader,
    *,
    case_uid: UUID,
    section: str,
    file_uid: UUID,
    scope_uid: UUID | None = None,
) -> FileReceipt:
    """Seal into a storage under a name that is still free, and return the receipt.

    Nothing unsealed touches the disk. If sealing fails half-way, what was written is removed again. When this returns,
    the file has reached the disk itself: a record that names it may be saved. Raises FileExistsError (a sealed file is
    never replaced) and OSError, where there is no room for it.
    """
    if storage.exists(name):
        raise FileExistsError(f"{file_uid} is stored already.")
    stream = seal_stream(reader, case_uid=case_uid, section=section, file_uid=file_uid, scope_uid=scope_uid)
    try:
        receipt = stream.receipt(storage.save(name, File(cast(IO[bytes], _StreamFile(stream)), name=name)))
        _reach_the_disk(storage, name)
    except BaseException:
        storage.delete(name)
        raise
    return receipt


def _reach_the_disk(storage: Storage, name: str) -> None:
    """Wait until a folder's disk holds the file and its name; other storages see to that by themselves."""
    try:
        path = storage.path(name)
    except NotImplementedError:
        return
    for place in (path, os.path.dirname(path)):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def open_stream(
    reader: Any, *, case_uid: UUID, section: str, file_uid: UUID, scope_uid: UUID | None = None
) -> Iterator[bytes]:
    """The plaintext of a sealed file, piece by piece; the reader is closed at the end.

    The first chunk is authenticated before this returns, so headers may go out. Raises OddCiphertext,
    DecryptionRefused (here, or later where the file is cut or changed further on) and ContentErased.
    """
    try:
        key, context = _key_and_context(reader, case_uid, section, file_uid, scope_uid)
        decryptor = Cobblestone256Decryptor(key, context)
        keks.wipe(key)
        pieces = _pieces(reader, decryptor, file_uid)
        first = next(pieces, b"")
    except BaseException:
        _close(reader)
        raise
    return _with_first(first, pieces)


def open_anywhere(
    reader: Any, *, case_uid: UUID, section: str, file_uid: UUID, scope_uid: UUID | None = None
) -> ChunkReader:
    """The plaintext of a sealed file as a reader that jumps; ``size`` is its true size, authenticated with the end.

    For one range of a long file: only its chunks are opened, each authenticated before it is returned. Raises as
    ``open_stream`` does; reading raises DecryptionRefused where a chunk was changed.
    """
    try:
        key, context = _key_and_context(reader, case_uid, section, file_uid, scope_uid)
        try:
            return ChunkReader(reader, key, context, fid=FID, uid=file_uid, start=envelope.HEADER.size)
        finally:
            keks.wipe(key)
    except BaseException:
        _close(reader)
        raise


def _key_and_context(
    reader: Any, case_uid: UUID, section: str, file_uid: UUID, scope_uid: UUID | None
) -> tuple[bytearray, bytes]:
    """Read the header; the file's key (to be wiped) and what the stream is bound to."""
    section = str.__str__(section)
    header = _read_exactly(reader, envelope.HEADER.size)
    if len(header) < envelope.HEADER.size or header[0] != envelope.VERSION:
        raise OddCiphertext(FID, file_uid)
    epoch = envelope.HEADER.unpack(header)[1]
    key = keyring.derived_key(case_uid, classes.class_of(section), f"file/{file_uid}", epoch)[1]
    return key, envelope.associated_data(FID, file_uid, case_uid, section, scope_uid, epoch)


def _with_first(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from pieces


def _pieces(reader: Any, decryptor: Cobblestone256Decryptor, file_uid: UUID) -> Iterator[bytes]:
    try:
        while sealed := reader.read(READ_BYTES):
            if piece := decryptor.update(sealed):
                yield piece
        if piece := decryptor.finalize():
            yield piece
    except InvalidTag:
        raise DecryptionRefused(FID, file_uid) from None
    finally:
        _close(reader)


def _read_exactly(reader: Any, size: int) -> bytes:
    found = b""
    while len(found) < size and (piece := reader.read(size - len(found))):
        found += piece
    return found


def _close(reader: Any) -> None:
    close = getattr(reader, "close", None)
    if close is not None:
        close()


class _StreamFile(io.RawIOBase):
    """A sealed stream as the file object that storages read."""

    def __init__(self, stream: SealedStream) -> None:
        self._stream = stream
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = next(self._stream, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
