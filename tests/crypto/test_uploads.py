"""Uploads: in memory or sealed, never in clear on the disk."""

import io
import os
import random
import tempfile
import zipfile
from pathlib import Path
from shutil import disk_usage

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from casemgmt.crypto.errors import DecryptionRefused
from casemgmt.crypto.uploads import MEMORY_BYTES, SealedSpool, SealedUpload, SealedUploadHandler
from tests.disks import small_disk

CANARY = b"Ana Canary was here. "


@pytest.fixture
def home(settings, tmp_path):
    settings.HAVEN_HOME = tmp_path
    return tmp_path


def posted(data: bytes, name: str = "passport.pdf", content_type: str = "application/pdf") -> HttpRequest:
    request = RequestFactory().post("/", {"file": SimpleUploadedFile(name, data, content_type), "title": "x"})
    request.upload_handlers = [SealedUploadHandler(request)]
    return request


def open_files(folder: Path) -> list[bytes]:
    """The content of every open file of this process that lies in ``folder``, named or not."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            if os.readlink(link).startswith(str(folder)):
                found.append(link.read_bytes())
        except OSError:
            continue
    return found


def test_the_product_uses_this_handler_only(settings):
    assert settings.FILE_UPLOAD_HANDLERS == ["casemgmt.crypto.uploads.SealedUploadHandler"]


@pytest.mark.parametrize("size", [0, 1, 70_000, MEMORY_BYTES])
def test_a_small_file_stays_in_memory(home, size):
    data = random.Random(size).randbytes(size)
    file = posted(data).FILES["file"]
    assert isinstance(file, InMemoryUploadedFile)
    assert (file.name, file.size, file.content_type) == ("passport.pdf", size, "application/pdf")
    assert file.read() == data
    assert not (home / "tmp").exists()


@pytest.mark.parametrize("size", [MEMORY_BYTES + 1, 5_000_000])
def test_a_large_file_is_sealed_on_the_disk(home, size):
    data = (CANARY * (size // len(CANARY) + 1))[:size]
    request = posted(data)
    file = request.FILES["file"]
    assert isinstance(file, SealedUpload)
    assert (file.name, file.size) == ("passport.pdf", size)
    (on_disk,) = open_files(home / "tmp")
    assert len(on_disk) > size
    assert b"Canary" not in on_disk
    assert list((home / "tmp").iterdir()) == []
    assert b"".join(file.chunks()) == data
    assert b"".join(file.chunks()) == data
    file.seek(0)
    assert file.read() == data
    request.close()
    assert open_files(home / "tmp") == []


def test_the_temporary_folder_of_the_system_stays_empty(home, monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("system")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    posted(CANARY * 200_000).FILES["file"].read()
    assert list(folder.rglob("*")) == []


def test_a_sealed_upload_seeks_like_a_file(home):
    data = random.Random(1).randbytes(3_000_000)
    file = posted(data).FILES["file"]
    for position, size in ((0, 10), (2_000_000, 100), (5, 7), (2_999_990, 100), (65_530, 20), (3_000_000, 5)):
        file.seek(position)
        assert file.read(size) == data[position : position + size]
        assert file.tell() == min(position + size, len(data))
    file.seek(-4, io.SEEK_END)
    assert file.read() == data[-4:]
    file.seek(10)
    file.seek(5, io.SEEK_CUR)
    assert file.read(3) == data[15:18]
    with pytest.raises(ValueError, match="negative"):
        file.seek(-1)


def test_an_archive_is_read_from_a_sealed_upload(home):
    """A workbook is a zip: its reader jumps to the end and back."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("big.bin", random.Random(2).randbytes(2_800_000))
        archive.writestr("small.txt", "found")
    with zipfile.ZipFile(posted(packed.getvalue()).FILES["file"]) as archive:
        assert archive.read("small.txt") == b"found"


def test_two_files_have_two_keys(home):
    data = CANARY * 200_000
    one, other = posted(data), posted(data)
    kept = one.FILES["file"], other.FILES["file"]
    stored = open_files(home / "tmp")
    assert len(stored) == 2
    assert stored[0] != stored[1]
    assert kept[0].read() == kept[1].read() == data


def test_several_files_in_one_form(home):
    files = [SimpleUploadedFile(f"{n}.txt", bytes([65 + n]) * size) for n, size in enumerate((10, 3_000_000, 20))]
    request = RequestFactory().post("/", {"file": files})
    request.upload_handlers = [SealedUploadHandler(request)]
    found = request.FILES.getlist("file")
    assert [(file.name, file.size) for file in found] == [("0.txt", 10), ("1.txt", 3_000_000), ("2.txt", 20)]
    assert [file.read(1) for file in found] == [b"A", b"B", b"C"]


def test_an_interrupted_upload_leaves_nothing(home):
    handler = SealedUploadHandler()
    handler.new_file("file", "a.bin", "application/octet-stream", None)
    handler.receive_data_chunk(bytes(MEMORY_BYTES), 0)
    handler.receive_data_chunk(bytes(10), MEMORY_BYTES)
    assert len(open_files(home / "tmp")) == 1
    handler.upload_interrupted()
    assert open_files(home / "tmp") == []
    SealedUploadHandler().upload_interrupted()


@pytest.mark.parametrize("place", [10, 100, 200_000])
def test_a_damaged_spool_is_refused(home, place):
    spool = SealedSpool()
    spool.write(bytes(200_000))
    with spool.reader() as reader:
        os.pwrite(spool._file.fileno(), bytes([os.pread(spool._file.fileno(), 1, place)[0] ^ 1]), place)
        # The header and the end were seen when it was opened; what was changed since is seen when it is read.
        if place == 10:
            assert len(reader.read(10)) == 10
        else:
            with pytest.raises(DecryptionRefused):
                reader.seek(place - 100)
                reader.read(10)


# ---- how much a request may bring ----


def handler_for(**facts) -> SealedUploadHandler:
    request = RequestFactory().post("/")
    for name, value in facts.items():
        setattr(request, name, value)
    handler = SealedUploadHandler(request)
    handler.new_file("file", "a.bin", "application/octet-stream", None)
    return handler


def sent(handler, size, piece=65_536):
    """Push zeros through the handler as the parser does; what comes out."""
    for start in range(0, size, piece):
        handler.receive_data_chunk(bytes(min(piece, size - start)), start)
    return handler.file_complete(size)


def test_a_page_without_a_limit_of_its_own_takes_the_usual_one(home, settings):
    settings.DOCUMENT_MAX_BYTES = 3_000_000
    assert sent(handler_for(), 3_000_000).size == 3_000_000
    lost = sent(handler_for(), 3_000_001)
    assert (lost.size, lost.problem, lost.read()) == (3_000_001, "TOO_LARGE", b"")
    assert open_files(home / "tmp") == []


def test_a_page_that_takes_large_files_says_so_before_the_first_byte(home, settings):
    settings.DOCUMENT_MAX_BYTES = 1000

    def view(request): ...

    view.largest_upload = lambda: 5_000_000
    match = type("Match", (), {"func": view})
    file = sent(handler_for(resolver_match=match), 4_000_000)
    assert isinstance(file, SealedUpload) and file.size == 4_000_000
    assert sent(handler_for(resolver_match=match), 5_000_001).problem == "TOO_LARGE"


def test_who_is_not_signed_in_brings_no_file(home):
    lost = sent(handler_for(user=AnonymousUser()), 4_000_000)
    assert lost.problem == "TOO_LARGE" and open_files(home / "tmp") == [] and not (home / "tmp").exists()


def test_uploads_stop_before_the_databases_have_no_room(home, settings):
    settings.DISK_RESERVE_BYTES = 1 << 60
    lost = sent(handler_for(), 3_000_000)
    assert (lost.problem, lost.size) == ("NO_ROOM", 3_000_000)
    assert open_files(home / "tmp") == []
    assert sent(handler_for(), 1000).read() == bytes(1000), "small ones stay in memory"


@pytest.mark.once
@pytest.mark.parametrize("room", [1_000_000, 4_000_000])
def test_a_disk_that_is_full_while_the_file_comes_in(home, room, settings):
    """A real file system of a few megabytes: the write itself fails, at once or half-way."""
    settings.DISK_RESERVE_BYTES = 0
    with small_disk(home / "tmp", room) as folder:
        lost = sent(handler_for(), 6_000_000)
        assert (lost.problem, lost.size, lost.read()) == ("NO_ROOM", 6_000_000, b"")
        assert open_files(folder) == [] and list(folder.iterdir()) == []
        assert disk_usage(folder).used == 0
