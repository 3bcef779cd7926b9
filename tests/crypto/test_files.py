"""Sealed files: streamed both ways, refused when damaged or cut, never in clear on the disk."""

import hashlib
import io
import random
import tracemalloc
import uuid

import pytest
from django.core.files.storage import FileSystemStorage

from casemgmt.crypto.errors import ContentErased, DecryptionRefused, OddCiphertext
from casemgmt.crypto.files import open_stream, seal_stream, store_sealed
from casemgmt.crypto.gate import current_gate
from casemgmt.crypto.models import CaseKey

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])
CHUNK = 16 * 1024


@pytest.fixture
def about(case_uid):
    return {"case_uid": case_uid, "section": "LEGAL", "file_uid": uuid.uuid4()}


@pytest.fixture
def storage(tmp_path):
    return FileSystemStorage(tmp_path)


def content(size):
    return random.Random(size).randbytes(size)


def sealed(data, about):
    return b"".join(seal_stream(io.BytesIO(data), **about))


def opened(data, about):
    return b"".join(open_stream(io.BytesIO(data), **about))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, 300_001])
def test_any_size_comes_back(about, size):
    data = content(size)
    stream = seal_stream(io.BytesIO(data), **about)
    stored = b"".join(stream)
    receipt = stream.receipt()
    assert (receipt.size, receipt.sha256, receipt.epoch) == (size, hashlib.sha256(data).digest(), 1)
    assert opened(stored, about) == data
    assert stored[:3] == b"\x01\x00\x01"
    assert size < 32 or data[:32] not in stored


def test_no_gate_is_asked(about):
    assert current_gate() is None
    assert opened(sealed(b"text", about), about) == b"text"


def test_the_receipt_waits_for_the_end(about):
    stream = seal_stream(io.BytesIO(b"text"), **about)
    next(stream)
    with pytest.raises(ValueError, match="end"):
        stream.receipt()


@pytest.mark.parametrize("keep", [0, 1, 2, 3, 40, 59, 60, CHUNK, 75 + CHUNK, 3 * CHUNK, -1])
def test_a_file_cut_short_is_refused(about, keep):
    stored = sealed(content(3 * CHUNK), about)
    with pytest.raises(DecryptionRefused):
        opened(stored[:keep], about)


def test_a_file_cut_at_a_chunk_is_refused(about):
    """The nastiest cut: what remains is whole chunks, each of them genuine."""
    stored = sealed(content(3 * CHUNK), about)
    for chunks in (1, 2, 3):
        with pytest.raises(DecryptionRefused):
            opened(stored[: 3 + 56 + chunks * (CHUNK + 16)], about)


def test_chunks_cannot_change_places(about):
    stored = sealed(content(3 * CHUNK), about)
    start, size = 59, CHUNK + 16
    first, second = stored[start : start + size], stored[start + size : start + 2 * size]
    with pytest.raises(DecryptionRefused):
        opened(stored[:start] + second + first + stored[start + 2 * size :], about)


def test_more_than_the_file_is_refused(about):
    with pytest.raises(DecryptionRefused):
        opened(sealed(content(CHUNK), about) + b"\x00", about)


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x02\x00\x01" + bytes(100), b"%PDF-1.7 in clear"])
def test_what_is_no_sealed_file(about, data):
    with pytest.raises(OddCiphertext):
        opened(data, about)


def test_a_file_opens_only_as_itself(about, other_case_uid):
    stored = sealed(b"text", about)
    for change in (
        {"file_uid": uuid.uuid4()},
        {"case_uid": other_case_uid},
        {"section": "LEGAL_FILE"},
        {"section": "CARD"},
        {"scope_uid": uuid.uuid4()},
    ):
        with pytest.raises(DecryptionRefused):
            opened(stored, about | change)


def test_the_first_chunk_is_authenticated_before_anything_is_returned(about):
    stored = bytearray(sealed(content(3 * CHUNK), about))
    stored[100] ^= 1
    with pytest.raises(DecryptionRefused):
        open_stream(io.BytesIO(bytes(stored)), **about)


def test_damage_further_on_is_refused_before_its_chunk_leaves(about):
    data = content(20 * CHUNK + 100)
    stored = bytearray(sealed(data, about))
    stored[-10] ^= 1
    pieces = open_stream(io.BytesIO(bytes(stored)), **about)
    left = b""
    with pytest.raises(DecryptionRefused):
        for piece in pieces:
            left += piece
    assert 0 < len(left) < len(data)
    assert data.startswith(left)


def test_the_reader_is_closed(about):
    reader = io.BytesIO(sealed(content(5 * CHUNK), about))
    list(open_stream(reader, **about))
    assert reader.closed
    reader = io.BytesIO(sealed(content(20 * CHUNK), about))
    pieces = open_stream(reader, **about)
    next(pieces)
    pieces.close()
    assert reader.closed
    reader = io.BytesIO(b"odd")
    with pytest.raises(OddCiphertext):
        open_stream(reader, **about)
    assert reader.closed


def test_an_erased_file(about):
    stored = sealed(b"text", about)
    CaseKey.objects.all().delete()
    from casemgmt.crypto import keyring

    keyring.forget()
    with pytest.raises(ContentErased):
        opened(stored, about)
    with pytest.raises(ContentErased):
        sealed(b"text", about)


# ---- in a storage ----


def test_a_storage_holds_ciphertext_only(about, storage, tmp_path):
    data = b"Ana Canary " * 20_000
    receipt = store_sealed(storage, "ab/cd/file", io.BytesIO(data), **about)
    assert receipt.name == "ab/cd/file"
    assert (receipt.size, receipt.sha256) == (len(data), hashlib.sha256(data).digest())
    on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Canary" not in on_disk
    assert b"".join(open_stream(storage.open("ab/cd/file"), **about)) == data


def test_a_stored_file_is_never_replaced(about, storage):
    store_sealed(storage, "file", io.BytesIO(b"one"), **about)
    with pytest.raises(FileExistsError):
        store_sealed(storage, "file", io.BytesIO(b"two"), **about)
    assert b"".join(open_stream(storage.open("file"), **about)) == b"one"


def test_a_broken_upload_leaves_nothing(about, storage, tmp_path):
    class Breaks(io.BytesIO):
        def read(self, size=-1, /):
            if self.tell() > 100_000:
                raise OSError("the line went dead")
            return super().read(size)

    with pytest.raises(OSError, match="dead"):
        store_sealed(storage, "file", Breaks(content(400_000)), **about)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_memory_stays_flat(about, storage):
    class Endless:
        """24 MB of zeros that exist 64 KiB at a time."""

        left = 24 * 1024 * 1024

        def read(self, size=-1, /):
            piece = bytes(min(size, self.left))
            self.left -= len(piece)
            return piece

    tracemalloc.start()
    try:
        receipt = store_sealed(storage, "big", Endless(), **about)
        total = sum(len(piece) for piece in open_stream(storage.open("big"), **about))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert receipt.size == total == 24 * 1024 * 1024
    assert peak < 2 * 1024 * 1024
