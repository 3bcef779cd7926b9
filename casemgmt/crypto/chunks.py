"""A Cobblestone-256 stream opened at any place: for a range of a video, and for readers that jump (archives).

``cryptography.cobblestone`` writes and reads such streams from start to end only. The format itself (C2SP
chunked-encryption) is made for jumping: a header of 56 bytes (salt 24, commitment 32), then chunks of 16 KiB, each
sealed by AES-256-GCM under its own number, and the last one shorter than all others. This reader follows the standard
with the same library's HKDF and AES-GCM; the tests hold it against the library's own streams and published vectors.

The end is authenticated first, so a stream that was cut is refused before anything of it is read; every other chunk
when it is read.
"""

import hmac
import io
import os
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from casemgmt.crypto.errors import DecryptionRefused

CHUNK_BYTES = 16 * 1024
_TAG, _SALT, _COMMITMENT, _NONCE, _KEY = 16, 24, 32, 12, 32
_HEADER = _SALT + _COMMITMENT
_SEALED_CHUNK = CHUNK_BYTES + _TAG
_NAME = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"
#: Chunks opened at once: 64 KiB, as everywhere else.
_AT_ONCE = 4


class ChunkReader(io.RawIOBase):
    """Reads, seeks and tells in the plaintext of the stream that begins at ``start`` of a seekable file.

    Raises DecryptionRefused(fid, uid): here, where the header or the end is not what was sealed; on reading, where a
    chunk is not. Closing it closes the file. ``algorithm`` differs only in the published vectors (SHA-256).
    """

    def __init__(
        self,
        file: Any,
        key: bytes | bytearray,
        context: bytes,
        *,
        fid: str,
        uid: UUID | None,
        start: int = 0,
        algorithm: hashes.HashAlgorithm | None = None,
    ) -> None:
        if len(key) != _KEY:
            raise ValueError("A key of AES-256 has 32 bytes.")
        self._file, self._fid, self._uid = file, fid, uid
        self._body = start + _HEADER
        self._position = 0
        self._held_from, self._held = 0, b""
        file.seek(start)
        header = _read_exactly(file, _HEADER)
        if len(header) < _HEADER:
            raise DecryptionRefused(fid, uid)
        derived = HKDFExpand(
            algorithm or hashes.SHA512(), _KEY + _NONCE + _COMMITMENT, _NAME + header[:_SALT] + context
        ).derive(bytes(key))
        if not hmac.compare_digest(derived[_KEY + _NONCE :], header[_SALT:]):
            raise DecryptionRefused(fid, uid)
        self._cipher = AESGCM(derived[:_KEY])
        self._nonce = int.from_bytes(derived[_KEY : _KEY + _NONCE], "big")
        length = file.seek(0, os.SEEK_END) - self._body
        self._last, rest = divmod(length, _SEALED_CHUNK)
        if length < 0 or rest < _TAG:
            # Every stream ends with a chunk that is not full, be it empty: without one it was cut.
            raise DecryptionRefused(fid, uid)
        self.size = self._last * CHUNK_BYTES + rest - _TAG
        self._open(self._last, 1)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        target = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if target < 0:
            raise ValueError("negative position")
        self._position = target
        return target

    def readinto(self, buffer: Any) -> int:
        if self._position >= self.size:
            return 0
        if not self._held_from <= self._position < self._held_from + len(self._held):
            number = self._position // CHUNK_BYTES
            self._held = self._open(number, min(_AT_ONCE, self._last - number + 1))
            self._held_from = number * CHUNK_BYTES
        offset = self._position - self._held_from
        count = min(len(buffer), len(self._held) - offset)
        buffer[:count] = self._held[offset : offset + count]
        self._position += count
        return count

    def close(self) -> None:
        self._held = b""
        self._file.close()
        super().close()

    def _open(self, number: int, count: int) -> bytes:
        """The plaintext of ``count`` chunks from ``number`` on. A chunk in another's place does not open."""
        self._file.seek(self._body + number * _SEALED_CHUNK)
        sealed = memoryview(_read_exactly(self._file, count * _SEALED_CHUNK))
        try:
            return b"".join(
                self._cipher.decrypt(
                    (self._nonce ^ (number + place)).to_bytes(_NONCE, "big"),
                    sealed[place * _SEALED_CHUNK : (place + 1) * _SEALED_CHUNK],
                    None,
                )
                for place in range(count)
            )
        except (InvalidTag, ValueError):
            raise DecryptionRefused(self._fid, self._uid) from None


def _read_exactly(file: Any, size: int) -> bytes:
    """As many bytes as asked, unless the file ends before: raw readers may give fewer at a time."""
    found = file.read(size) or b""
    while len(found) < size and (piece := file.read(size - len(found))):
        found += piece
    return found
