"""Sealed files of a case: what comes in is recognised, cleaned and sealed; what goes out is checked to its end first.

Nothing unsealed touches the disk. Whether somebody may is decided elsewhere: actions before sealing, the opening
(``cases.opening``) before handing out.
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from casemgmt.crypto import files
from casemgmt.crypto.uploads import NO_ROOM, is_full_disk
from cases import previews, scanning
from cases.choices.documents import DocumentCategory
from cases.errors.files import FileIsEmpty, FileTooLarge, ImageTooLarge, NoRoomForFile, NotARecording
from cases.file_types import IMAGES, PLAYABLE, TELLING_RECORDINGS, FileType, recognise, tidy_name
from cases.image_metadata import without_metadata
from cases.models import Document
from cases.video_metadata import without_places

_PIECE = 64 * 1024
_PREVIEW = ".preview"
#: Kinds of which no smaller picture is ever made.
NEVER_PREVIEWED = (DocumentCategory.EVIDENCE,)
#: Kinds that are kept bit for bit, with their hidden details: what a court compares must be what was taken.
KEPT_AS_THEY_COME = (DocumentCategory.EVIDENCE,)


# ---- How large ----


def limit_for(category: str) -> int:
    """The most bytes that a document of this kind may have."""
    return settings.DOCUMENT_MAX_BYTES_BY_CATEGORY.get(category, settings.DOCUMENT_MAX_BYTES)


def largest_limit() -> int:
    """The most bytes that a document of any kind may have: where an upload stops whose kind is not known yet."""
    return max(settings.DOCUMENT_MAX_BYTES, *settings.DOCUMENT_MAX_BYTES_BY_CATEGORY.values(), 0)


def takes_documents(view: Any) -> Any:
    """Let the form of this view bring a file up to ``largest_limit``. Every other page takes DOCUMENT_MAX_BYTES.

    Where the page's script sends the form, to show how far it is, it is told where to go on (204, Haven-Location): it
    would follow a redirect by itself, and the next page's message would be used up unseen.
    """

    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = view(request, *args, **kwargs)
        if isinstance(response, HttpResponseRedirect) and request.headers.get("Haven-Upload"):
            return HttpResponse(status=204, headers={"Haven-Location": response.url})
        return response

    inside.largest_upload = largest_limit  # type: ignore[attr-defined]
    return inside


# ---- In ----


@dataclass(frozen=True)
class Accepted:
    """A file that may be kept. ``original_sha256`` is set where hidden details were taken out."""

    kind: FileType
    name: str
    reader: Any
    original_sha256: str = ""
    #: What the scanner said: CLEAN, UNSCANNED, or empty where there is no scanner.
    scan: str = ""
    #: A video with subtitles or a recorded path, which stay in it and may tell of a place.
    may_tell_place: bool = False


@dataclass
class Kept:
    """A file that lies sealed in the storage and waits for its record."""

    accepted: Accepted
    uid: UUID
    stored_as: str
    receipt: files.FileReceipt
    preview_size: int = 0
    names: list[str] = field(default_factory=list)


def accept(upload: Any, category: str, *, as_it_is: bool = False) -> Accepted:
    """Look at an upload: size, type by content, the scanner; and take hidden details out of images and videos.

    ``as_it_is`` leaves the details in (what goes to the police unopened); so does evidence. Raises FileTooLarge, NoRoomForFile,
    FileIsEmpty, ImageTooLarge, NotARecording, FileIsInfected, ScannerUnavailable and what ``recognise`` raises.
    """
    if getattr(upload, "problem", "") == NO_ROOM:
        raise NoRoomForFile
    if upload.size > limit_for(category) or getattr(upload, "problem", ""):
        raise FileTooLarge
    if not upload.size:
        raise FileIsEmpty
    as_it_is = as_it_is or category in KEPT_AS_THEY_COME
    kind = recognise(upload)
    if category == DocumentCategory.VIDEO and kind not in PLAYABLE:
        raise NotARecording
    if kind in IMAGES and upload.size > settings.DOCUMENT_MAX_BYTES and not as_it_is:
        raise ImageTooLarge
    scan = scanning.scan(upload)
    name = tidy_name(upload.name or "", kind)
    if as_it_is or kind not in (*IMAGES, *TELLING_RECORDINGS):
        return Accepted(kind, name, upload, scan=scan)
    if kind in TELLING_RECORDINGS:
        video = without_places(upload)
        return Accepted(kind, name, video.reader, digest(upload) if video.was_changed else "", scan, video.stays)
    original = upload.read()
    cleaned = without_metadata(kind.content_type, original)
    if cleaned == original:
        return Accepted(kind, name, io.BytesIO(original), scan=scan)
    return Accepted(kind, name, io.BytesIO(cleaned), hashlib.sha256(original).hexdigest(), scan)


def digest(reader: Any) -> str:
    """The SHA-256 of what a reader holds, from its start; it is put back there."""
    found = hashlib.sha256()
    reader.seek(0)
    while piece := reader.read(_PIECE):
        found.update(piece)
    reader.seek(0)
    return found.hexdigest()


def storage() -> Storage:
    """Where sealed files lie."""
    return storages["default"]


def keep(
    accepted: Accepted, *, category: str, case_uid: UUID, section: str, matter_uid: UUID | None, unopened: bool
) -> Kept:
    """Seal an accepted file, and a small picture of it where its kind may have one. Size and hash are of the plaintext.

    Raises NoRoomForFile; nothing stays then. ``unopened``: without a picture.
    """
    uid = uuid4()
    stored_as = f"{uid.hex[:2]}/{uid.hex}"
    bound: dict[str, Any] = {"case_uid": case_uid, "section": section, "scope_uid": matter_uid}
    names: list[str] = []
    try:
        names.append(stored_as)
        receipt = files.store_sealed(storage(), stored_as, accepted.reader, file_uid=uid, **bound)
        kept = Kept(accepted, uid, stored_as, receipt, names=names)
        if accepted.kind in IMAGES and category not in NEVER_PREVIEWED and not unopened:
            accepted.reader.seek(0)
            if small := previews.make(accepted.reader.read()):
                names.append(_preview_name(stored_as))
                files.store_sealed(storage(), names[-1], io.BytesIO(small), file_uid=preview_uid(uid), **bound)
                kept.preview_size = len(small)
    except OSError as error:
        discard(names)
        if is_full_disk(error):
            raise NoRoomForFile from None
        raise
    except BaseException:
        discard(names)
        raise
    return kept


def discard(names: list[str]) -> None:
    """Remove stored files that no record names."""
    for name in names:
        storage().delete(name)


def discard_preview(document: Document) -> None:
    """Remove the small picture of a document."""
    storage().delete(_preview_name(document.stored_as))


# ---- Out ----


def open_pieces(document: Document) -> Iterator[bytes]:
    """The content, piece by piece, the first already authenticated. Raises DecryptionRefused, ContentErased, OSError."""
    return files.open_stream(_open_stored(document), **_bound_to(document))


def _open_stored(document: Document, suffix: str = "") -> Any:
    """A stored file of a document. Where the case's keys were renewed since the record was loaded, under its new name."""
    try:
        return storage().open(document.stored_as + suffix)
    except FileNotFoundError:
        known = document.stored_as
        document.refresh_from_db(fields=["stored_as"])
        if document.stored_as == known:
            raise
        return storage().open(document.stored_as + suffix)


def check(document: Document) -> str:
    """Read the whole file once and return its SHA-256: one that was cut or changed anywhere raises DecryptionRefused."""
    found = hashlib.sha256()
    for piece in open_pieces(document):
        found.update(piece)
    return found.hexdigest()


def open_part(document: Document, first: int, length: int) -> bytes:
    """A part of the content, opened without the rest; where the file was cut, or these bytes changed: DecryptionRefused."""
    with files.open_anywhere(_open_stored(document), **_bound_to(document)) as reader:
        reader.seek(first)
        return io.BufferedReader(reader, _PIECE).read(length)


def open_preview(document: Document) -> bytes:
    """The small picture. Raises DecryptionRefused, ContentErased, OSError."""
    bound = _bound_to(document) | {"file_uid": preview_uid(document.uid)}
    return b"".join(files.open_stream(_open_stored(document, _preview_name("")), **bound))


def remake_preview(document: Document) -> bytes:
    """Draw the small picture anew where it is missing: the case's keys were renewed, or an old backup came back."""
    small = previews.make(b"".join(open_pieces(document)))
    if small:
        bound = _bound_to(document) | {"file_uid": preview_uid(document.uid)}
        with suppress(FileExistsError):  # the same picture, asked for twice at once
            files.store_sealed(storage(), _preview_name(document.stored_as), io.BytesIO(small), **bound)
    return small


def size_bucket(size: int) -> int:
    """The size as the database may know it: the next power of two, from 1 KiB."""
    return int(max(1024, 1 << (size - 1).bit_length()))


def preview_uid(document_uid: UUID) -> UUID:
    """The uid under which the small picture of a document is sealed."""
    return uuid5(document_uid, "preview")


def owner_name(name: str) -> str:
    """The name of the document's file that a stored file belongs to: itself, or of a small picture its document's."""
    return name.removesuffix(_PREVIEW)


def _preview_name(stored_as: str) -> str:
    return stored_as + _PREVIEW


def _bound_to(document: Document) -> dict[str, Any]:
    return {
        "case_uid": document.case_uid,
        "section": document.section,
        "file_uid": document.uid,
        "scope_uid": document.matter_uid,
    }
