"""Small recordings for tests, made by hand: boxes as a telephone writes them."""

import struct

PLACE = b"+52.1234+013.4321/ Shelter Road"


def box(name: bytes, *bodies: bytes) -> bytes:
    """One box of an MP4."""
    body = b"".join(bodies)
    return struct.pack(">I4s", len(body) + 8, name) + body


def header(name: bytes) -> bytes:
    """A header with two dates (version 0)."""
    return box(name, bytes(4) + struct.pack(">II", 3_900_000_000, 3_900_000_001) + b"\x01" * 12)


def mp4(brand: bytes = b"isom", *, media: bytes = b"picture and sound" * 100, place: bytes = PLACE) -> bytes:
    """A video with a place in ``udta`` and ``meta``, and dates in three headers."""
    track = box(b"trak", header(b"tkhd"), box(b"udta", box(b"name", place)), box(b"mdia", header(b"mdhd")))
    about = box(b"udta", box(b"\xa9xyz", place)), box(b"meta", box(b"keys", place))
    moov = box(b"moov", header(b"mvhd"), track, *about)
    return box(b"ftyp", brand + bytes(4) + b"isommp42") + moov + box(b"mdat", media)


WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm" + bytes(
    60
)
MATROSKA = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x88matroska" + bytes(60)
OGG = b"OggS\x00\x02" + bytes(60)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(60)
MP3 = b"ID3\x04\x00\x00" + bytes(60)
