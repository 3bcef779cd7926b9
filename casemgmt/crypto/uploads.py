"""The one upload handler: what people send is never on the disk in clear, not even for a moment.

CSRF reads a request's body before any view could choose a handler, so this one is global. Small files stay in
memory; larger ones go to a nameless temporary file, sealed with a key that lives as long as the request. The action
then seals the file for its case (``crypto.files``).
"""

import io
import tempfile
from pathlib import Path
from typing import IO, Any

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from casemgmt.crypto.errors import DecryptionRefused

#: Files up to this size stay in memory.
MEMORY_BYTES = 2_621_440
_PIECE = 64 * 1024
_CONTEXT = b"haven/1/upload"


class SealedUpload(UploadedFile):
    """An uploaded file whose content lies sealed on the disk. Read, seek and ``chunks()`` open it as they go."""


class SealedUploadHandler(FileUploadHandler):
    """Keeps an upload in memory, or sealed in ``HAVEN_HOME/tmp`` once it grows beyond MEMORY_BYTES.

    Of a file beyond DOCUMENT_MAX_BYTES the rest is counted and thrown away: nobody fills the disk, and the form can
    still say beside its field how large the file was, with everything else that was typed.
    """

    chunk_size = _PIECE

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._memory: io.BytesIO | None = io.BytesIO()
        self._spool: SealedSpool | None = None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start > settings.DOCUMENT_MAX_BYTES:
            return
        if self._memory is not None and self._memory.tell() + len(raw_data) > MEMORY_BYTES:
            self._spool = SealedSpool()
            self._spool.write(self._memory.getvalue())
            self._memory = None
        if self._spool is not None:
            self._spool.write(raw_data)
        elif self._memory is not None:
            self._memory.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        about = (self.file_name, self.content_type, file_size, self.charset, self.content_type_extra)
        name, content_type, size, charset, extra = about
        if self._spool is not None:
            reader = io.BufferedReader(self._spool.reader(), _PIECE)
            return SealedUpload(reader, name, content_type, size, charset, extra)
        memory = self._memory or io.BytesIO()
        memory.seek(0)
        return InMemoryUploadedFile(memory, self.field_name, name, content_type, size, charset, extra)

    def upload_interrupted(self) -> None:
        spool = getattr(self, "_spool", None)
        if spool is not None:
            spool.close()


class SealedSpool:
    """A temporary file without a name, sealed with a key of its own that is never stored."""

    def __init__(self) -> None:
        folder = Path(settings.HAVEN_HOME) / "tmp"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Without a name it vanishes with the process, also after kill -9; and nobody holds its key by then anyway.
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed with the upload
        self._key = Cobblestone256Encryptor.generate_key()
        self._encryptor = Cobblestone256Encryptor(self._key, _CONTEXT)
        self.size = 0

    def write(self, piece: bytes) -> None:
        """Seal and append."""
        self._file.write(self._encryptor.update(piece))
        self.size += len(piece)

    def reader(self) -> "SpoolReader":
        """Finish writing, and read from the start. The reader owns the temporary file from now on."""
        self._file.write(self._encryptor.finalize())
        self._file.flush()
        return SpoolReader(self._file, self._key, self.size)

    def close(self) -> None:
        """Drop the temporary file."""
        self._file.close()


class SpoolReader(io.RawIOBase):
    """Reads a sealed temporary file; seeking backwards starts over."""

    def __init__(self, file: IO[bytes], key: bytes, size: int) -> None:
        self._file = file
        self._key = key
        self._size = size
        self._decryptor: Cobblestone256Decryptor | None = None
        self._rest = memoryview(b"")
        self._position = 0
        self._restart()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        self._fill()
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        self._position += count
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        target = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if target < 0:
            raise ValueError("negative position")
        if target < self._position:
            self._restart()
        while self._position < min(target, self._size):
            self._fill()
            step = min(target - self._position, len(self._rest))
            self._rest = self._rest[step:]
            self._position += step
        return self._position

    def close(self) -> None:
        self._rest = memoryview(b"")
        self._file.close()
        super().close()

    def _restart(self) -> None:
        self._file.seek(0)
        self._decryptor = Cobblestone256Decryptor(self._key, _CONTEXT)
        self._rest = memoryview(b"")
        self._position = 0

    def _fill(self) -> None:
        """Have some plaintext at hand, unless the end is reached."""
        try:
            while not self._rest and self._decryptor is not None:
                sealed = self._file.read(_PIECE)
                if sealed:
                    self._rest = memoryview(self._decryptor.update(sealed))
                else:
                    self._rest = memoryview(self._decryptor.finalize())
                    self._decryptor = None
        except InvalidTag:
            raise DecryptionRefused("upload", None) from None
