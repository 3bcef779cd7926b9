"""What a file really is: told by its content, never by its name. Anything that is not on the list is refused.

The list is short on purpose: what casework needs, and nothing that runs when it is opened.
"""

import codecs
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.errors.files import FileHoldsProgram, FileIsEmpty, FileIsOldFormat, FileIsProtected, FileTypeRefused

READ_BYTES = 64 * 1024
#: A zip with more entries, or with a longer list of them, is no letter. Checked before the list is read.
MOST_ENTRIES = 3000
LONGEST_DIRECTORY = 1024 * 1024
LONGEST_NAME = 150


@dataclass(frozen=True)
class FileType:
    """A type that Haven keeps. The first of ``extensions`` is given to names that have none of them."""

    content_type: str
    extensions: tuple[str, ...]
    words: Any


PDF = FileType("application/pdf", (".pdf",), _("PDF"))
PNG = FileType("image/png", (".png",), _("Image (PNG)"))
JPEG = FileType("image/jpeg", (".jpg", ".jpeg"), _("Photo (JPEG)"))
GIF = FileType("image/gif", (".gif",), _("Image (GIF)"))
WEBP = FileType("image/webp", (".webp",), _("Image (WebP)"))
DOCX = FileType(
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",), _("Word document")
)
XLSX = FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",), _("Excel sheet"))
ODT = FileType("application/vnd.oasis.opendocument.text", (".odt",), _("Text document (ODT)"))
TEXT = FileType("text/plain", (".txt", ".csv", ".tsv", ".md"), _("Plain text"))
MP4 = FileType("video/mp4", (".mp4", ".m4v"), _("Video (MP4)"))
QUICKTIME = FileType("video/quicktime", (".mov", ".qt"), _("Video (QuickTime)"))
WEBM = FileType("video/webm", (".webm",), _("Video (WebM)"))
M4A = FileType("audio/mp4", (".m4a",), _("Sound (M4A)"))
MP3 = FileType("audio/mpeg", (".mp3",), _("Sound (MP3)"))
OGG = FileType("audio/ogg", (".ogg", ".oga", ".opus"), _("Sound (Ogg)"))
WAV = FileType("audio/wav", (".wav",), _("Sound (WAV)"))

IMAGES = (PNG, JPEG, GIF, WEBP)
VIDEOS = (MP4, QUICKTIME, WEBM)
SOUNDS = (M4A, MP3, OGG, WAV)
#: Recordings in which telephones, cameras and browsers write where, when and by what they were made.
TELLING_RECORDINGS = (MP4, QUICKTIME, M4A, WEBM)
#: What a browser plays, asking for one range after another.
PLAYABLE = VIDEOS + SOUNDS
ALL = (PDF, *IMAGES, DOCX, XLSX, ODT, TEXT, *PLAYABLE)
BY_CONTENT_TYPE = {kind.content_type: kind for kind in ALL}

#: What a file picker offers at first.
ACCEPT = ",".join(extension for kind in ALL for extension in kind.extensions)

#: The brands of MP4 and QuickTime that are videos or sound; HEIC pictures and others have brands of their own.
_BRANDS = {
    **dict.fromkeys(
        (b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV"), MP4
    ),
    b"qt  ": QUICKTIME,
    b"M4A ": M4A,
    b"M4B ": M4A,
}
_EBML = b"\x1a\x45\xdf\xa3"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"\s*(<!doctype|<html|<head|<body|<svg|<script|<\?|<iframe|<math|\{\\rtf|#!|%!)", re.IGNORECASE)
#: Marks that turn the reading direction: "exe.txt" could be written backwards with them.
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def recognise(reader: Any) -> FileType:
    """The type of what ``reader`` holds, from its start; the reader is put back to its start.

    Raises FileIsEmpty, FileTypeRefused, FileIsProtected, FileIsOldFormat, FileHoldsProgram.
    """
    reader.seek(0)
    head = reader.read(4096)
    try:
        if not head:
            raise FileIsEmpty
        if head.startswith(b"%PDF-"):
            return PDF
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            return PNG
        if head.startswith(b"\xff\xd8\xff"):
            return JPEG
        if head.startswith((b"GIF87a", b"GIF89a")):
            return GIF
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            return WEBP
        if playable := _playable(head):
            return playable
        if head.startswith(b"PK\x03\x04"):
            return _office(reader)
        if head.startswith(_OLE):
            raise FileIsProtected if _is_encrypted_office(reader) else FileIsOldFormat
        return _text(reader)
    finally:
        reader.seek(0)


def _playable(head: bytes) -> FileType | None:
    """The kind of video or sound, from its first bytes; None for anything else."""
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    if head.startswith(_EBML) and b"\x42\x82\x84webm" in head[:64]:
        return WEBM
    if head.startswith(b"OggS"):
        return OGG
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return WAV
    is_frame = len(head) > 3 and head[0] == 0xFF and head[1] in (0xFA, 0xFB, 0xF2, 0xF3) and head[2] & 0xF0 != 0xF0
    return MP3 if head.startswith(b"ID3") or is_frame else None


def tidy_name(name: str, kind: FileType) -> str:
    """A name to keep: without folders, marks that reverse it, or an extension that says something else."""
    last = PurePosixPath(_TURNS.sub("", name).replace("\\", "/")).name.strip(" .")
    last = "".join(char for char in last if char.isprintable()) or "file"
    if not last.lower().endswith(kind.extensions):
        last += kind.extensions[0]
    stem, dot, extension = last.rpartition(".")
    return stem[: LONGEST_NAME - len(extension) - 1] + dot + extension


def _office(reader: Any) -> FileType:
    """A zip that is a Word, Excel or OpenDocument file. Nothing is unpacked but one small list."""
    _demand_small_directory(reader)
    reader.seek(0)
    try:
        with zipfile.ZipFile(reader) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if any(entry.flag_bits & 0x1 for entry in entries):
                raise FileIsProtected
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise FileHoldsProgram
            if "[Content_Types].xml" in names and "word/document.xml" in names:
                return DOCX
            if "[Content_Types].xml" in names and "xl/workbook.xml" in names:
                return XLSX
            if entries[0].filename == "mimetype" and _start_of(archive, "mimetype", 100) == ODT.content_type.encode():
                if b"encryption-data" in _start_of(archive, "META-INF/manifest.xml", READ_BYTES):
                    raise FileIsProtected
                return ODT
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, IndexError, NotImplementedError, RuntimeError):
        raise FileTypeRefused from None
    raise FileTypeRefused


def _start_of(archive: zipfile.ZipFile, name: str, size: int) -> bytes:
    """The first bytes of one entry; no more than asked is ever unpacked."""
    with archive.open(name) as entry:
        return entry.read(size)


def _demand_small_directory(reader: Any) -> None:
    """Read the end of the zip by hand: a bomb lives in its list of entries as well as in them."""
    reader.seek(0, 2)
    size = reader.tell()
    reader.seek(max(0, size - READ_BYTES))
    tail = reader.read(READ_BYTES)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 22:
        raise FileTypeRefused
    entries = int.from_bytes(tail[place + 10 : place + 12], "little")
    directory = int.from_bytes(tail[place + 12 : place + 16], "little")
    is_zip64 = place >= 20 and tail[place - 20 : place - 16] == b"PK\x06\x07"
    if is_zip64 or not entries or entries > MOST_ENTRIES or directory > LONGEST_DIRECTORY:
        raise FileTypeRefused


def _is_encrypted_office(reader: Any) -> bool:
    """Whether an OLE container holds an encrypted new-style office file: a stream has this name."""
    wanted, kept = "EncryptedPackage".encode("utf-16-le"), b""
    reader.seek(0)
    while piece := reader.read(READ_BYTES):
        if wanted in kept + piece:
            return True
        kept = piece[-len(wanted) :]
    return False


def _text(reader: Any) -> FileType:
    """UTF-8 text without control characters, and not the source of a page that would run when opened."""
    reader.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    is_start = True
    try:
        while True:
            piece = reader.read(READ_BYTES)
            text = decoder.decode(piece, final=not piece)
            if _CONTROL.search(text) or (is_start and _MARKUP.match(text)):
                raise FileTypeRefused
            is_start = is_start and not text.strip()
            if not piece:
                return TEXT
    except UnicodeDecodeError:
        raise FileTypeRefused from None
