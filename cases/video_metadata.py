"""Taking out what an MP4 or QuickTime video tells beside picture and sound: place, time, camera, names, comments.

A telephone writes where it stood into ``moov/udta`` or ``moov/meta``. Those boxes become empty space of the same length,
so nothing else moves and nothing is decoded; dates in the headers become zero. What a camera records as a track of its
own (an action camera's path) is part of the recording and stays.
"""

import io
import struct
from typing import Any

from cases.errors import FileIsDamaged

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia"})
_TELLING = frozenset({b"udta", b"meta", b"uuid"})
_DATED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
#: More boxes than any video has on the levels that are looked at.
_MOST_BOXES = 5_000
#: A place in the file, and what stands there from now on.
Patch = tuple[int, bytes]
#: What tells something is smaller than this; a larger box is no note about a video.
_LONGEST = 16 * 1024 * 1024


def without_places(reader: Any) -> tuple[Any, bool]:
    """A reader of the video without metadata, and whether there was any. Other kinds as they are. Raises FileIsDamaged."""
    reader.seek(4)
    is_boxed = reader.read(4) == b"ftyp"
    patches = _patches(reader) if is_boxed else []
    reader.seek(0)
    return (io.BufferedReader(PatchedReader(reader, patches), 64 * 1024), True) if patches else (reader, False)


class PatchedReader(io.RawIOBase):
    """A file with some bytes replaced by others of the same length."""

    def __init__(self, reader: Any, patches: list[Patch]) -> None:
        self._reader, self._patches = reader, patches

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._reader.seek(offset, whence))

    def tell(self) -> int:
        return int(self._reader.tell())

    def readinto(self, buffer: Any) -> int:
        start = self.tell()
        piece = self._reader.read(len(buffer))
        buffer[: len(piece)] = piece
        for place, new in self._patches:
            first, last = max(place, start), min(place + len(new), start + len(piece))
            if first < last:
                buffer[first - start : last - start] = new[first - place : last - place]
        return len(piece)


def _patches(reader: Any) -> list[Patch]:
    """What to replace: telling boxes renamed to "free" and emptied, dates set to zero."""
    size = reader.seek(0, io.SEEK_END)
    found: list[Patch] = []
    waiting, seen = [(0, size)], 0
    while waiting:
        at, end = waiting.pop()
        while at + 8 <= end:
            seen += 1
            name, body, after = _box(reader, at, end)
            if seen > _MOST_BOXES:
                raise FileIsDamaged
            if name in _CONTAINERS:
                waiting.append((body, after))
            elif name in _TELLING and after > body:
                if after - body > _LONGEST:
                    raise FileIsDamaged
                found += [(at + 4, b"free"), (body, bytes(after - body))]
            elif name in _DATED and (patch := _dates(reader, body)):
                found.append(patch)
            at = after
    return sorted(found)


def _box(reader: Any, at: int, end: int) -> tuple[bytes, int, int]:
    """Name, start of the body and end of the box at a place. Raises FileIsDamaged where it does not fit."""
    reader.seek(at)
    length, name = struct.unpack(">I4s", reader.read(8))
    body = at + 8
    if length == 1:
        longer = reader.read(8)
        if len(longer) < 8:
            raise FileIsDamaged
        body, length = at + 16, struct.unpack(">Q", longer)[0]
    after = end if length == 0 else at + length
    if after < body or (after > end and name != b"mdat"):
        raise FileIsDamaged
    # A recording that was broken off has less in "mdat" than it says; nothing comes after it.
    return name, body, min(after, end)


def _dates(reader: Any, body: int) -> Patch | None:
    """The two dates of a header, if they say anything."""
    reader.seek(body)
    head = reader.read(20)
    length = 16 if head[:1] == b"\x01" else 8
    return (body + 4, bytes(length)) if any(head[4 : 4 + length]) else None
