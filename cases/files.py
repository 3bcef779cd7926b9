"""Sealed files of a case: what comes in is recognised, cleaned and sealed; what goes out is checked to its end first.

Nothing unsealed touches the disk. Whether somebody may is decided elsewhere: actions before sealing, the opening
(``cases.opening.stream``) before handing out.
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.storage import Storage, storages

from casemgmt.crypto import files
from cases.errors import FileIsEmpty, FileTooLarge
from cases.file_types import IMAGES, FileType, recognise, tidy_name
from cases.image_metadata import without_metadata
from cases.models import Document


@dataclass(frozen=True)
class Accepted:
    """A file that may be kept. ``original_sha256`` is set where hidden details were taken out of an image."""

    kind: FileType
    name: str
    reader: Any
    original_sha256: str = ""


def accept(upload: Any) -> Accepted:
    """Look at an upload: size, type by content; and take hidden details out of images.

    Raises FileTooLarge, FileIsEmpty, FileTypeRefused, FileIsProtected, FileIsOldFormat, FileHoldsProgram, FileIsDamaged.
    """
    if upload.size > settings.DOCUMENT_MAX_BYTES:
        raise FileTooLarge
    if not upload.size:
        raise FileIsEmpty
    kind = recognise(upload)
    name = tidy_name(upload.name or "", kind)
    if kind not in IMAGES:
        return Accepted(kind, name, upload)
    original = upload.read()
    cleaned = without_metadata(kind.content_type, original)
    if cleaned == original:
        return Accepted(kind, name, io.BytesIO(original))
    return Accepted(kind, name, io.BytesIO(cleaned), hashlib.sha256(original).hexdigest())


def storage() -> Storage:
    """Where sealed files lie."""
    return storages["default"]


def keep(document: Document, reader: Any) -> files.FileReceipt:
    """Seal a file for this document and store it under ``document.stored_as``. Size and hash are of the plaintext."""
    document.stored_as = f"{document.uid.hex[:2]}/{document.uid.hex}"
    return files.store_sealed(storage(), document.stored_as, reader, **_bound_to(document))


def discard(document: Document) -> None:
    """Remove a stored file whose record was not saved."""
    storage().delete(document.stored_as)


def open_pieces(document: Document) -> Iterator[bytes]:
    """The content, piece by piece, the first already authenticated. Raises DecryptionRefused, ContentErased, OSError."""
    return files.open_stream(storage().open(document.stored_as), **_bound_to(document))


def check(document: Document) -> None:
    """Read the whole file once and throw it away: a file that was cut or changed anywhere raises DecryptionRefused."""
    for _piece in open_pieces(document):
        pass


def size_bucket(size: int) -> int:
    """The size as the database may know it: the next power of two, from 1 KiB."""
    return int(max(1024, 1 << (size - 1).bit_length()))


def _bound_to(document: Document) -> dict[str, Any]:
    return {
        "case_uid": document.case_uid,
        "section": document.section,
        "file_uid": document.uid,
        "scope_uid": document.matter_uid,
    }
