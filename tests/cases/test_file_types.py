"""What a file is, told by its content; and what is taken out of images."""

import io

import pytest

from cases import file_types
from cases.errors.files import (
    FileHoldsProgram,
    FileIsDamaged,
    FileIsEmpty,
    FileIsOldFormat,
    FileIsProtected,
    FileTypeRefused,
)
from cases.file_types import recognise, tidy_name
from cases.image_metadata import without_metadata
from tests.cases import sample_files as files


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (files.PDF, file_types.PDF),
        (files.jpeg(), file_types.JPEG),
        (files.png(), file_types.PNG),
        (files.webp(), file_types.WEBP),
        (files.gif(), file_types.GIF),
        (files.office(), file_types.DOCX),
        (files.office(main="xl/workbook.xml"), file_types.XLSX),
        (files.open_document(), file_types.ODT),
        ("name,city\nزينب,Zürich 🙂\n".encode(), file_types.TEXT),
        (("a" * 65535 + "é").encode(), file_types.TEXT),  # a letter that lies across two reads
    ],
)
def test_a_type_is_told_by_content(content, kind):
    reader = io.BytesIO(content)
    assert recognise(reader) is kind
    assert reader.tell() == 0


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", FileIsEmpty),
        (files.PROGRAM, FileTypeRefused),
        (files.PAGE, FileTypeRefused),
        (b"  \n <svg onload=alert(1)>", FileTypeRefused),
        (b"#!/bin/sh\nrm -r /", FileTypeRefused),
        (b"text with \x00 in it", FileTypeRefused),
        (b"caf\xe9 in latin-1", FileTypeRefused),
        ("text".encode("utf-16"), FileTypeRefused),
        (files.OLD_WORD, FileIsOldFormat),
        (files.LOCKED_WORD, FileIsProtected),
        (files.office(extra=("word/vbaProject.bin",)), FileHoldsProgram),
        (files.office(main="other.xml"), FileTypeRefused),
        (files.office(flags=1), FileIsProtected),
        (files.open_document(is_protected=True), FileIsProtected),
        (files.office()[:-30], FileTypeRefused),
        (b"PK\x03\x04" + bytes(100), FileTypeRefused),
        (files.many_entries(3100), FileTypeRefused),
    ],
)
def test_what_is_not_on_the_list_is_refused_with_its_own_sentence(content, refusal):
    with pytest.raises(refusal):
        recognise(io.BytesIO(content))


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("report.pdf", file_types.PDF, "report.pdf"),
        ("report.exe", file_types.PDF, "report.exe.pdf"),
        ("../../etc/passwd", file_types.TEXT, "passwd.txt"),
        ("C:\\Users\\x\\photo.JPG", file_types.JPEG, "photo.JPG"),
        ("invoice\u202egpj.pdf", file_types.PDF, "invoicegpj.pdf"),
        ("page.html", file_types.TEXT, "page.html.txt"),
        ("", file_types.PNG, "file.png"),
        ("شهادة.pdf", file_types.PDF, "شهادة.pdf"),
        ("a\nb.pdf", file_types.PDF, "ab.pdf"),
        ("x" * 300 + ".pdf", file_types.PDF, "x" * 146 + ".pdf"),
    ],
)
def test_a_name_is_kept_without_what_could_mislead(name, kind, kept):
    assert tidy_name(name, kind) == kept


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (file_types.JPEG, files.jpeg()),
        (file_types.PNG, files.png()),
        (file_types.WEBP, files.webp()),
        (file_types.GIF, files.gif()),
    ],
)
def test_an_image_loses_its_hidden_details_and_stays_an_image(kind, content):
    assert files.PLACE in content
    cleaned = without_metadata(kind.content_type, content)
    assert files.PLACE not in cleaned
    assert b"Shelter" not in cleaned
    assert recognise(io.BytesIO(cleaned)) is kind
    assert without_metadata(kind.content_type, cleaned) == cleaned, "cleaning twice changes nothing"


def test_a_photo_keeps_its_picture_and_which_way_is_up():
    cleaned = without_metadata("image/jpeg", files.jpeg(orientation=6))
    assert cleaned.count(b"\x12\xff\x00\x34\xff\xd0\x56") == 2, "both scans are kept"
    assert b"JFIF" in cleaned
    assert cleaned.count(b"Exif") == 1
    assert b"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06" in cleaned
    assert b"Exif" not in without_metadata("image/jpeg", files.jpeg(orientation=1))


def test_a_webp_no_longer_announces_what_was_taken_out():
    cleaned = without_metadata("image/webp", files.webp())
    assert cleaned[20] & 0x0C == 0
    assert int.from_bytes(cleaned[4:8], "little") == len(cleaned) - 8


@pytest.mark.parametrize("content", [files.jpeg()[:30], files.png()[:40], b"\xff\xd8\xff\xe1\x00", files.gif()[:20]])
def test_a_cut_image_is_called_damaged(content):
    kind = recognise(io.BytesIO(content))
    with pytest.raises(FileIsDamaged):
        without_metadata(kind.content_type, content)


def test_a_pdf_is_left_as_it_is():
    assert without_metadata("application/pdf", files.PDF) is files.PDF
