"""Taking out what an image tells beside the picture: place, time, camera, names, thumbnails, comments.

A photo taken in the shelter carries the shelter's coordinates. Only what is needed to draw the picture stays; of a
JPEG also which way is up. Nothing is decoded, so nothing of the picture changes.
"""

import struct
from collections.abc import Callable

from cases.errors.files import FileIsDamaged

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Chunks that draw: picture, palette, transparency, colour, size of a dot, animation.
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"bKGD", b"pHYs"}
    | {b"acTL", b"fcTL", b"fdAT", b"cICP"}
)
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_WEBP_EXIF_AND_XMP = 0x0C
_GIF_APPLICATIONS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def without_metadata(content_type: str, data: bytes) -> bytes:
    """The image without metadata; anything but an image as it is. Raises FileIsDamaged."""
    strip = _STRIPPERS.get(content_type)
    if strip is None:
        return data
    try:
        return strip(data)
    except (struct.error, IndexError):
        raise FileIsDamaged from None


def strip_jpeg(data: bytes) -> bytes:
    """Without EXIF, GPS, XMP, IPTC, thumbnails, comments and whatever follows the picture; the orientation stays."""
    kept: list[bytes] = []
    orientation, at = 1, 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        if data[at] != 0xFF:
            raise FileIsDamaged
        marker = data[at + 1]
        if marker == 0xD9:
            break
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            at += 2
            continue
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        if end < at + 4 or end > len(data):
            raise FileIsDamaged
        segment = data[at:end]
        if marker == 0xE1:
            orientation = _orientation(segment) or orientation
        elif marker == 0xE0 and segment[4:9] == b"JFIF\0":
            kept.append(b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0")
        elif (
            (marker == 0xE2 and segment[4:16] == b"ICC_PROFILE\0")
            or (marker == 0xEE and segment[4:9] == b"Adobe")
            or not (0xE0 <= marker <= 0xEF or marker == 0xFE)
        ):
            kept.append(segment)
        at = end
        if marker == 0xDA:
            end = _end_of_scan(data, at)
            kept.append(data[at:end])
            at = end
            if at == len(data):
                break
    upright = [] if orientation == 1 else [_orientation_segment(orientation)]
    first = 1 if kept and kept[0][:2] == b"\xff\xe0" else 0
    return b"".join([b"\xff\xd8", *kept[:first], *upright, *kept[first:], b"\xff\xd9"])


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker stands after entropy-coded data; the end of the file where there is none."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7:
            at += 2
        elif data[at + 1] == 0xFF:
            at += 1
        else:
            return at
    return len(data)


def _orientation(segment: bytes) -> int | None:
    """Which way is up (1 to 8), from an EXIF segment."""
    tiff = segment[10:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if segment[4:10] != b"Exif\0\0" or order is None:
        return None
    try:
        at = struct.unpack_from(f"{order}I", tiff, 4)[0]
        for number in range(struct.unpack_from(f"{order}H", tiff, at)[0]):
            tag, kind, _count, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * number)
            if tag == 0x0112 and kind == 3 and 1 <= value <= 8:
                return int(value)
    except struct.error:
        return None
    return None


def _orientation_segment(orientation: int) -> bytes:
    """An EXIF segment that says which way is up, and nothing else."""
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + 6 + len(tiff)) + b"Exif\0\0" + tiff


def strip_png(data: bytes) -> bytes:
    """Only the chunks that draw; nothing after the end."""
    kept, at = [_PNG_SIGNATURE], len(_PNG_SIGNATURE)
    while True:
        size, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + size
        if end > len(data):
            raise FileIsDamaged
        if name in _PNG_KEPT:
            kept.append(data[at:end])
        at = end
        if name == b"IEND":
            return b"".join(kept)


def strip_webp(data: bytes) -> bytes:
    """Only the chunks that draw, and a header that no longer announces the others."""
    kept, at = [], 12
    end_of_file = min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    while at + 8 <= end_of_file:
        name, size = struct.unpack_from("<4sI", data, at)
        end = at + 8 + size
        if end > len(data):
            raise FileIsDamaged
        chunk = data[at:end] + b"\0" * (size % 2)
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_EXIF_AND_XMP]) + chunk[9:]
        if name in _WEBP_KEPT:
            kept.append(chunk)
        at = end + size % 2
    body = b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def strip_gif(data: bytes) -> bytes:
    """Without comments and foreign application blocks; nothing after the end."""
    at = 13 + _gif_table(data[10])
    kept = [data[:at]]
    while data[at] != 0x3B:
        start, is_kept = at, True
        if data[at] == 0x21:
            label, at = data[at + 1], at + 2
            is_kept = label == 0xF9 or (label == 0xFF and data[at + 1 : at + 12] in _GIF_APPLICATIONS)
        elif data[at] == 0x2C:
            at += 10 + _gif_table(data[at + 9]) + 1
        else:
            raise FileIsDamaged
        while data[at]:
            at += 1 + data[at]
        at += 1
        if is_kept:
            kept.append(data[start:at])
    return b"".join([*kept, b"\x3b"])


def _gif_table(flags: int) -> int:
    """The size of a colour table, from its flags."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


_STRIPPERS: dict[str, Callable[[bytes], bytes]] = {
    "image/jpeg": strip_jpeg,
    "image/png": strip_png,
    "image/webp": strip_webp,
    "image/gif": strip_gif,
}
