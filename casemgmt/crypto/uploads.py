"""The one upload handler: what people send is never on the disk in clear, not even for a moment.

CSRF reads a request's body before any view could choose a handler, so this one is global. Small files stay in
memory; larger ones go to a nameless temporary file, sealed with a key that lives as long as the request. The action
then seals the file for its case (``crypto.files``).

How much a request may bring is known before its first byte: the view that was found for the address names its limit
(``largest_upload``), and who is not signed in brings no file at all.
"""

import errno
import io
import logging
import shutil
import tempfile
from pathlib import Path
from typing import Any

from cryptography.cobblestone import Cobblestone256Encryptor
from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from casemgmt.crypto.chunks import ChunkReader

#: Files up to this size stay in memory.
MEMORY_BYTES = 2_621_440
#: How often the room on the disk is looked at while a file comes in.
_LOOK_EVERY = 8 * 1024 * 1024
_PIECE = 64 * 1024
_CONTEXT = b"haven/1/upload"
#: Why an upload was thrown away (``LostUpload.problem``).
TOO_LARGE, NO_ROOM = "TOO_LARGE", "NO_ROOM"
_DISK_IS_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_full_disk(error: OSError) -> bool:
    """Whether a write failed because there is no room: disk, quota or the largest size of a file."""
    return error.errno in _DISK_IS_FULL


class SealedUpload(UploadedFile):
    """An uploaded file whose content lies sealed on the disk. Read, seek and ``chunks()`` open it as they go."""


class LostUpload(UploadedFile):
    """A file that was not kept: its name and true size, no content, and ``problem``, so that the form can say why."""

    problem = ""


class SealedUploadHandler(FileUploadHandler):
    """Keeps an upload in memory, or sealed in ``HAVEN_HOME/tmp`` once it grows beyond MEMORY_BYTES.

    Of a file beyond the limit of its page, or beyond the room on the disk, everything is thrown away and only counted:
    nobody fills the disk, and the form can still say beside its field what was wrong, with everything else that was
    typed.
    """

    chunk_size = _PIECE

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._limit = self._limit_of_page()
        self._memory: io.BytesIO | None = io.BytesIO()
        self._spool: SealedSpool | None = None
        self._problem = ""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._problem:
            return
        if start + len(raw_data) > self._limit:
            self._throw_away(TOO_LARGE)
            return
        try:
            if self._memory is not None and self._memory.tell() + len(raw_data) > MEMORY_BYTES:
                self._spool = SealedSpool()
                self._spool.write(self._memory.getvalue())
                self._memory = None
            if self._spool is not None:
                self._spool.write(raw_data)
            elif self._memory is not None:
                self._memory.write(raw_data)
        except OSError as error:
            self._no_room(error)

    def file_complete(self, file_size: int) -> UploadedFile:
        name, content_type, charset, extra = self.file_name, self.content_type, self.charset, self.content_type_extra
        try:
            if self._spool is not None:
                reader = io.BufferedReader(self._spool.reader(), _PIECE)
                return SealedUpload(reader, name, content_type, file_size, charset, extra)
        except OSError as error:
            self._no_room(error)
        if self._problem:
            lost = LostUpload(io.BytesIO(), name, content_type, file_size, charset, extra)
            lost.problem = self._problem
            return lost
        memory = self._memory or io.BytesIO()
        memory.seek(0)
        return InMemoryUploadedFile(memory, self.field_name, name, content_type, file_size, charset, extra)

    def upload_interrupted(self) -> None:
        spool = getattr(self, "_spool", None)
        if spool is not None:
            spool.close()

    def _limit_of_page(self) -> int:
        """In bytes: what the page of this address takes, the usual limit, or nothing from who is not signed in."""
        user = getattr(self.request, "user", None)
        if user is not None and not user.is_authenticated:
            return 0
        match = getattr(self.request, "resolver_match", None)
        largest = getattr(match.func, "largest_upload", None) if match else None
        return int(largest()) if largest else settings.DOCUMENT_MAX_BYTES

    def _no_room(self, error: OSError) -> None:
        """Full: throw away what came, go on counting. Anything else that a disk can say is passed on."""
        if not is_full_disk(error):
            self.upload_interrupted()
            raise error
        logging.getLogger("haven").error("no_room_for_upload")
        self._throw_away(NO_ROOM)

    def _throw_away(self, problem: str) -> None:
        self._problem = problem
        if self._spool is not None:
            try:
                self._spool.close()
            except OSError:
                # Closing flushes, and there is no room to flush to; the file is gone all the same.
                logging.getLogger("haven").info("upload_thrown_away")
        self._spool = self._memory = None


class SealedSpool:
    """A temporary file without a name, sealed with a key of its own that is never stored.

    Raises OSError (ENOSPC) before the disk is so full that the databases could not go on.
    """

    def __init__(self) -> None:
        self.folder = Path(settings.HAVEN_HOME) / "tmp"
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._demand_room()
        # Without a name it vanishes with the process, also after kill -9; and nobody holds its key by then anyway.
        # Without a buffer, so that a full disk is heard of at the write that met it.
        self._file: Any = tempfile.TemporaryFile(dir=self.folder, buffering=0)  # noqa: SIM115  closed with the upload
        self._key = Cobblestone256Encryptor.generate_key()
        self._encryptor = Cobblestone256Encryptor(self._key, _CONTEXT)
        self.size = 0

    def write(self, piece: bytes) -> None:
        """Seal and append."""
        self._append(self._encryptor.update(piece))
        if self.size // _LOOK_EVERY != (self.size + len(piece)) // _LOOK_EVERY:
            self._demand_room()
        self.size += len(piece)

    def reader(self) -> ChunkReader:
        """Finish writing, and read from the start, or anywhere. The reader owns the temporary file from now on."""
        self._append(self._encryptor.finalize())
        return ChunkReader(io.BufferedReader(self._file, _PIECE), self._key, _CONTEXT, fid="upload", uid=None)

    def close(self) -> None:
        """Drop the temporary file."""
        self._file.close()

    def _append(self, sealed: bytes) -> None:
        rest = memoryview(sealed)
        while rest:
            rest = rest[self._file.write(rest) :]

    def _demand_room(self) -> None:
        if shutil.disk_usage(self.folder).free < settings.DISK_RESERVE_BYTES:
            raise OSError(errno.ENOSPC, "There is no room for uploads.")
