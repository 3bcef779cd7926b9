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


def handler(kind: bytes, name: bytes = b"Phone 12 video") -> bytes:
    """What kind of track it is, and what the program that wrote it calls it."""
    return box(b"hdlr", bytes(8) + kind + b"appl" + bytes(8) + name + b"\0")


def mp4(
    brand: bytes = b"isom", *, media: bytes = b"picture and sound" * 100, place: bytes = PLACE, more: bytes = b"",
    behind: bytes = b"",
) -> bytes:  # fmt: skip
    """A video with a place in ``udta``, ``meta`` and elsewhere, and dates in three headers. ``more``: further tracks."""
    track = box(
        b"trak", header(b"tkhd"), box(b"udta", box(b"name", place)), box(b"mdia", header(b"mdhd"), handler(b"vide"))
    )
    about = box(b"udta", box(b"\xa9xyz", place)), box(b"meta", box(b"keys", place)), box(b"gps ", place)
    moov = box(b"moov", header(b"mvhd"), track, more, *about)
    return box(b"ftyp", brand + bytes(4) + b"isommp42") + box(b"free", place) + moov + box(b"mdat", media) + behind


def side_track(kind: bytes, chunks: list[tuple[int, list[int]]], *, wide: bool = False, uniform: int = 0) -> bytes:
    """A track beside picture and sound: for each chunk its place in the file, and the sizes of its samples."""
    sizes = [size for _at, samples in chunks for size in samples]
    runs = b"".join(
        struct.pack(">III", number, len(samples), 1) for number, (_at, samples) in enumerate(chunks, start=1)
    )
    offsets = b"".join(struct.pack(">Q" if wide else ">I", at) for at, _samples in chunks)
    entries = b"" if uniform else b"".join(struct.pack(">I", size) for size in sizes)
    table = box(
        b"stbl",
        box(b"stsd", bytes(8)),
        box(b"stsz", struct.pack(">III", 0, uniform, len(sizes)) + entries),
        box(b"stsc", struct.pack(">II", 0, len(chunks)) + runs),
        box(b"co64" if wide else b"stco", struct.pack(">II", 0, len(chunks)) + offsets),
    )
    return box(b"trak", header(b"tkhd"), box(b"mdia", header(b"mdhd"), handler(kind), box(b"minf", table)))


def element(number: int, *bodies: bytes, open_end: bool = False, width: int = 0) -> bytes:
    """One EBML element, its length in as few bytes as can be, or in ``width``, or left open."""
    body, name = b"".join(bodies), number.to_bytes((number.bit_length() + 7) // 8)
    if open_end:
        return name + b"\x01" + b"\xff" * 7 + body
    width = width or next(count for count in range(1, 9) if len(body) < (1 << 7 * count) - 1)
    return name + (len(body) | 1 << 7 * width).to_bytes(width) + body


def webm(
    *, media: bytes = b"picture and sound" * 30, place: bytes = PLACE, open_end: bool = False, kind: int = 1
) -> bytes:
    """A video with a place in its tags, title, attachments, an old Void and a track's name; live, if the end is open."""
    info = element(
        0x1549A966, element(0xBF, b"abcd"), element(0x4461, struct.pack(">q", 790_000_000)), element(0x7BA9, place),
        element(0x4D80, b"Phone 12"), element(0x5741, b"Phone 12 camera"),
    )  # fmt: skip
    tracks = element(
        0x1654AE6B, element(0xAE, element(0xD7, b"\x01"), element(0x83, bytes([kind])), element(0x536E, place))
    )
    tags = element(0x1254C367, element(0x7373, element(0x67C8, element(0x45A3, b"LOCATION"), element(0x4487, place))))
    attached = element(0x1941A469, element(0x61A7, element(0x465C, place)), width=8)
    cluster = element(0x1F43B675, element(0xE7, b"\x00"), element(0xA3, b"\x81\0\0\x80" + media), open_end=open_end)
    segment = element(
        0x18538067, info, tracks, element(0xEC, place), attached, cluster, cluster, tags, open_end=open_end
    )
    return EBML + segment


EBML = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm" + (
    b"\x42\x87\x81\x04\x42\x85\x81\x02"
)
WEBM = webm()
MATROSKA = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x88matroska" + bytes(60)
OGG = b"OggS\x00\x02" + bytes(60)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(60)
MP3 = b"ID3\x04\x00\x00" + bytes(60)
