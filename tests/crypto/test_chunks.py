"""A sealed stream opened at any place: byte for byte what the library reads, and refused wherever it was changed."""

import base64
import hashlib
import io
import json
import os
import random
import zlib
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.hazmat.primitives import hashes

from casemgmt.crypto.chunks import CHUNK_BYTES, ChunkReader
from casemgmt.crypto.errors import DecryptionRefused

pytestmark = pytest.mark.once
KEY, CONTEXT = bytes(range(32)), b"case/file"
SEALED_CHUNK, HEADER = CHUNK_BYTES + 16, 56


def sealed(data: bytes, key: bytes = KEY, context: bytes = CONTEXT) -> bytes:
    encryptor = Cobblestone256Encryptor(key, context)
    return encryptor.update(data) + encryptor.finalize()


def reader(stored: bytes, *, key: bytes = KEY, context: bytes = CONTEXT, start: int = 0, **more) -> ChunkReader:
    return ChunkReader(io.BytesIO(stored), key, context, fid="test", uid=None, start=start, **more)


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 4 * CHUNK_BYTES, 5_000_003])
def test_it_reads_what_the_library_wrote(size):
    data = content(size)
    opened = reader(b"odd" + sealed(data), start=3)
    assert opened.size == size
    assert io.BufferedReader(opened).read() == data


def test_any_place_of_a_stream_of_more_than_256_chunks():
    data = content(300 * CHUNK_BYTES + 5)
    stored, chance = sealed(data), random.Random(1)
    opened = io.BufferedReader(reader(stored), 4096)
    for _ in range(200):
        first, length = chance.randrange(len(data)), chance.randrange(100_000)
        opened.seek(first)
        assert opened.read(length) == data[first : first + length]
    assert opened.seek(-5, io.SEEK_END) == len(data) - 5
    assert opened.read() == data[-5:]
    assert opened.seek(len(data) + 10) and opened.read(1) == b""
    with pytest.raises(ValueError, match="negative"):
        reader(stored).seek(-1)


def test_published_vectors():
    """C2SP's vectors (made with SHA-256 instead of the library's SHA-512): accepted and refused as they say."""
    path = Path(cryptography_vectors.__file__).parent / "chunked-encryption" / "vectors.json"
    counted = {"success": 0, "refused": 0}
    for vector in json.loads(path.read_text())["vectors"]:
        if vector["aead"] != "AEAD_AES_256_GCM":
            continue
        stored = base64.b64decode(vector.get("ciphertext") or "")
        if vector.get("compressed"):
            stored = zlib.decompress(stored)
        key, context = bytes.fromhex(vector["key"]), vector["context"].encode()
        try:
            opened = io.BufferedReader(reader(stored, key=key, context=context, algorithm=hashes.SHA256())).read()
        except (DecryptionRefused, ValueError):
            assert vector["expect"] != "success", vector["name"]
            counted["refused"] += 1
        else:
            assert vector["expect"] == "success", vector["name"]
            assert hashlib.sha256(opened).hexdigest() == vector["payload_sha256"]
            counted["success"] += 1
    assert counted["success"] > 3 and counted["refused"] > 3


def refused(stored: bytes, first: int = 0, length: int = -1) -> bool:
    """Whether opening, or reading this part, is refused; where it is not, whether the library refuses the whole."""
    try:
        opened = io.BufferedReader(reader(stored), 4096)
        opened.seek(first)
        opened.read(length)
    except DecryptionRefused:
        return True
    return False


@pytest.mark.parametrize("keep", [0, 10, 55, 56, 71, 72, HEADER + SEALED_CHUNK, HEADER + 3 * SEALED_CHUNK, -1, -17])
def test_a_stream_that_was_cut_is_refused_before_anything_is_read(keep):
    stored = sealed(content(3 * CHUNK_BYTES + 100))[:keep]
    with pytest.raises(DecryptionRefused):
        reader(stored)
    decryptor = Cobblestone256Decryptor(KEY, CONTEXT)
    with pytest.raises(Exception):  # noqa: B017  the library has several ways of saying so
        decryptor.update(stored)
        decryptor.finalize()


def test_a_missing_last_chunk_and_a_longer_stream_are_refused():
    data = content(4 * CHUNK_BYTES)
    stored = sealed(data)
    for changed in (
        stored[: HEADER + 4 * SEALED_CHUNK],
        stored + b"\x00",
        stored + bytes(16),
        stored[:-16] + stored[HEADER:],
    ):
        with pytest.raises(DecryptionRefused):
            reader(changed)


def test_chunks_in_each_others_place_or_of_another_stream_are_refused():
    stored, other = sealed(content(5 * CHUNK_BYTES + 9)), sealed(content(5 * CHUNK_BYTES + 10))
    parts = [stored[HEADER + n * SEALED_CHUNK : HEADER + (n + 1) * SEALED_CHUNK] for n in range(5)]
    tail, head = stored[HEADER + 5 * SEALED_CHUNK :], stored[:HEADER]
    swapped = head + b"".join([parts[0], parts[2], parts[1], *parts[3:]]) + tail
    twice = head + b"".join([parts[0], parts[0], *parts[2:]]) + tail
    missing = head + b"".join([parts[0], *parts[2:]]) + tail
    foreign = head + parts[0] + other[HEADER + SEALED_CHUNK : HEADER + 2 * SEALED_CHUNK] + b"".join(parts[2:]) + tail
    for changed in (swapped, twice, foreign):
        assert refused(changed, CHUNK_BYTES, 10)
        assert not refused(changed, 4 * CHUNK_BYTES, 10), "an untouched part can still be opened"
    with pytest.raises(DecryptionRefused):
        reader(missing)


def test_it_opens_under_its_own_key_and_context_only():
    stored = sealed(b"text")
    for change in ({"key": os.urandom(32)}, {"context": b"case/other"}, {"start": 1}):
        with pytest.raises(DecryptionRefused):
            reader(stored, **change)


@pytest.mark.parametrize("place", range(0, HEADER + SEALED_CHUNK + 40, 997))
def test_any_changed_byte_is_refused(place):
    stored = bytearray(sealed(content(CHUNK_BYTES + 20)))
    stored[place] ^= 1
    assert refused(bytes(stored))
