"""Small files for tests, made by hand: each is what its name says, byte for byte."""

import io
import struct
import zipfile
import zlib

PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
PROGRAM = b"MZ\x90\x00" + bytes(200)
PAGE = b"<!DOCTYPE html><script>alert(1)</script>"
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
LOCKED_WORD = OLD_WORD + "EncryptedPackage".encode("utf-16-le") + bytes(500)

#: A place and a name that must not survive: as EXIF stores text, and as a comment.
PLACE = b"N 52.1234 E 13.4321 Shelter Road"


def exif(orientation: int = 6) -> bytes:
    """The body of an EXIF segment: which way is up, and a place."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\0\0" + b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0) + PLACE


def segment(marker: int, body: bytes) -> bytes:
    """One segment of a JPEG."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg(orientation: int = 6) -> bytes:
    """A JPEG as a phone makes it: EXIF with a place, a comment, two scans, and a second picture behind the end."""
    jfif = segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01" + b"\x10\x20\x30")
    tables = segment(0xDB, bytes(65)) + segment(0xC0, b"\x08\0\x01\0\x01\x01\x01\x11\0") + segment(0xC4, bytes(20))
    scan = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"".join([
        b"\xff\xd8", jfif, segment(0xE1, exif(orientation)), segment(0xED, b"Photoshop 3.0\0" + PLACE),
        segment(0xFE, PLACE), tables, scan, scan, b"\xff\xd9", b"\xff\xd8" + PLACE + b"\xff\xd9",
    ])  # fmt: skip


def chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png() -> bytes:
    """A PNG of one dot, with a text, EXIF and a date."""
    return b"".join([
        b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), chunk(b"tEXt", b"Author\0" + PLACE),
        chunk(b"eXIf", exif()[6:]), chunk(b"tIME", bytes(7)), chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"IEND", b""),
        PLACE,
    ])  # fmt: skip


def webp() -> bytes:
    """A WebP with EXIF and XMP."""

    def part(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    body = part(b"VP8X", b"\x0c" + bytes(9)) + part(b"VP8 ", b"picture") + part(b"EXIF", exif()) + part(b"XMP ", PLACE)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def gif() -> bytes:
    """A GIF of one dot with a comment and a foreign application block."""

    def blocks(body: bytes) -> bytes:
        return bytes([len(body)]) + body + b"\0"

    start = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    loop = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    comment = b"\x21\xfe" + blocks(PLACE)
    foreign = b"\x21\xff\x0bXMP DataXMP" + blocks(PLACE)
    picture = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02" + blocks(b"\x44\x01")
    return start + loop + comment + foreign + picture + b"\x3b" + PLACE


def office(*, main: str = "word/document.xml", extra: tuple[str, ...] = (), flags: int = 0) -> bytes:
    """A Word (or, by its main part, Excel) file; ``flags`` are set on every entry."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("[Content_Types].xml", main, *extra):
            archive.writestr(name, "<x/>")
    made = file.getvalue()
    if flags:
        start = made.index(b"PK\x01\x02")
        entry = b"PK\x01\x02\x14\x03\x14\x00"
        made = made[:start] + made[start:].replace(entry + b"\x00\x00", entry + bytes([flags, 0]))
    return made


def open_document(*, is_protected: bool = False) -> bytes:
    """A text document of LibreOffice."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("META-INF/manifest.xml", "<m:encryption-data/>" if is_protected else "<m/>")
    return file.getvalue()


def many_entries(count: int) -> bytes:
    """A zip whose list of entries is the bomb."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("word/document.xml", "")
        for number in range(count):
            archive.writestr(str(number), "")
    return file.getvalue()
