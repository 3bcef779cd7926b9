"""Taking out what an MP4 or QuickTime video tells beside picture and sound: place, time, camera, names, comments.

A telephone writes where it stood into ``moov/udta`` or ``moov/meta``, an action camera or a drone records its path as a
track of its own, and dashboard cameras write into boxes that only they know. So only boxes stay that are needed to play;
all others become empty space of the same length, so that nothing else moves and nothing is decoded. Dates become zero.
Tracks that are neither picture nor sound are emptied as well. Subtitles stay, and a path in a video that is written in
fragments: then the answer says so (ISO/IEC 14496-12; QuickTime File Format).
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cases.errors.files import FileIsDamaged
from cases.patching import Patch, emptied, patched, tells, written
from cases.webm_metadata import is_webm, webm_patches

#: What is needed to play, by the box it stands in; "" is the file itself.
_KEPT: dict[bytes, frozenset[bytes]] = {
    b"": frozenset({b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"mfra", b"sidx", b"ssix", b"pdin", b"wide"}),
    b"moov": frozenset({b"mvhd", b"trak", b"mvex", b"iods", b"pssh"}),
    b"trak": frozenset({b"tkhd", b"edts", b"tref", b"mdia", b"tapt", b"clip", b"matt", b"load"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf", b"elng"}),
    b"moof": frozenset({b"mfhd", b"traf", b"pssh"}),
    b"traf": frozenset(
        {b"tfhd", b"tfdt", b"trun", b"sbgp", b"sgpd", b"subs", b"saiz", b"saio", b"senc"},
    ),
}
_DATED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_EMPTY = frozenset({b"free", b"skip"})
#: Kinds of tracks that stay: picture and sound; and texts, which may tell of a place and are part of what is seen.
_SEEN_AND_HEARD = frozenset({b"vide", b"soun", b"auxv", b"pict", b"hint"})
_TEXTS = frozenset({b"text", b"sbtl", b"subt", b"subp", b"clcp"})
#: More boxes than any video has on the levels that are looked at, and more entries than any table of a side track.
_MOST_BOXES = 200_000
_MOST_ENTRIES = 1_000_000


@dataclass(frozen=True)
class Box:
    """A box of a file: where it begins, where its body begins, and the first byte behind it."""

    name: bytes
    at: int
    body: int
    after: int


@dataclass
class Findings:
    """What is to be replaced in a video, and what of its tracks stays although it may tell of a place."""

    patches: list[Patch] = field(default_factory=list)
    stays: bool = False


@dataclass(frozen=True)
class Cleaned:
    """A video without hidden details. ``stays``: subtitles or a recorded path are still in it."""

    reader: Any
    was_changed: bool
    stays: bool


def without_places(reader: Any) -> Cleaned:
    """A reader of the video without hidden details, and whether there were any. Other kinds as they are.

    The file is read through once, with flat memory. Raises FileIsDamaged.
    """
    reader.seek(0)
    head = reader.read(64)
    try:
        if head[4:8] == b"ftyp":
            found = _Mp4(reader).findings()
        elif is_webm(head):
            found = Findings(*webm_patches(reader))
        else:
            found = Findings()
    except struct.error:
        raise FileIsDamaged from None
    patches = [patch for patch in found.patches if patch.new or tells(reader, patch)]
    reader.seek(0)
    return Cleaned(patched(reader, patches) if patches else reader, bool(patches), found.stays)


class _Mp4:
    """One MP4 or QuickTime file, looked through for what it tells."""

    def __init__(self, reader: Any) -> None:
        self.reader = reader
        self.size = reader.seek(0, io.SEEK_END)
        self.found = Findings()
        self.media: list[Box] = []
        self.side_tracks: list[Box] = []
        self.is_fragmented = False
        self._seen = 0

    def findings(self) -> Findings:
        """Everything. Raises FileIsDamaged."""
        self._look(b"", 0, self.size)
        for track in self.side_tracks:
            chunks = None if self.is_fragmented else self._chunks(track)
            if chunks is None or not all(self._is_media(*chunk) for chunk in chunks):
                self.found.stays = True
                self._look(b"trak", track.body, track.after)
            else:
                self._void(track)
                self.found.patches += [emptied(*chunk) for chunk in chunks]
        return self.found

    def _look(self, parent: bytes, at: int, end: int) -> None:
        """Decide on each box of a level."""
        kept = _KEPT[parent]
        for box in self._boxes(at, end, is_file=not parent):
            if box.name in _EMPTY:
                self.found.patches.append(emptied(box.body, box.after))
            elif box.name not in kept:
                if box.name == b"cmov":
                    raise FileIsDamaged  # compressed directions of the nineties: what they tell cannot be seen
                self._void(box)
            elif box.name == b"trak":
                self._track(box)
            elif box.name in _KEPT:
                self._look(box.name, box.body, box.after)
            elif box.name in _DATED:
                self._dates(box)
            elif box.name == b"hdlr":
                self.found.patches.append(emptied(min(box.body + 12, box.after), box.after))
            elif box.name == b"mdat":
                self.media.append(box)
            elif box.name == b"mvex":
                self.is_fragmented = True

    def _track(self, track: Box) -> None:
        """A track of picture or sound is looked through; of others it is remembered what to do at the end."""
        handler = self._find(track, b"mdia", b"hdlr")
        kind = self._read(handler.body + 8, 4) if handler else b""
        if kind in _SEEN_AND_HEARD or kind in _TEXTS:
            self.found.stays = self.found.stays or kind in _TEXTS
            self._look(b"trak", track.body, track.after)
        else:
            self.side_tracks.append(track)

    def _void(self, box: Box) -> None:
        """Let a box be empty space."""
        self.found.patches += [written(box.at + 4, b"free"), emptied(box.body, box.after)]

    def _dates(self, box: Box) -> None:
        """The two dates of a header become zero."""
        length = 16 if self._read(box.body, 1) == b"\x01" else 8
        self.found.patches.append(emptied(box.body + 4, min(box.body + 4 + length, box.after)))

    def _chunks(self, track: Box) -> list[tuple[int, int]] | None:
        """Where the samples of a track lie, as (first byte, byte behind). None where its tables cannot be followed."""
        table = self._find(track, b"mdia", b"minf", b"stbl")
        boxes = {box.name: box for box in self._boxes(table.body, table.after)} if table else {}
        if not {b"stsz", b"stsc"} <= boxes.keys() or not boxes.keys() & {b"stco", b"co64"}:
            return None
        uniform, count = struct.unpack(">II", self._read(boxes[b"stsz"].body + 4, 8))
        sizes = (uniform,) * count if uniform and count <= _MOST_ENTRIES else self._numbers(boxes[b"stsz"], 8, "I")
        offsets = self._numbers(boxes[b"stco"], 4, "I") if b"stco" in boxes else self._numbers(boxes[b"co64"], 4, "Q")
        runs = self._numbers(boxes[b"stsc"], 4, "III")
        if sizes is None or offsets is None or runs is None or len(sizes) != count:
            return None
        samples_in = dict(zip(runs[0::3], runs[1::3], strict=True))
        chunks, sample, per_chunk = [], 0, 0
        for number, offset in enumerate(offsets, start=1):
            per_chunk = samples_in.get(number, per_chunk)
            length = sum(sizes[sample : sample + per_chunk])
            sample += per_chunk
            chunks.append((offset, offset + length))
        return chunks if sample >= count else None

    def _numbers(self, box: Box, at: int, kind: str) -> tuple[int, ...] | None:
        """The entries of a table: a count, and behind it so many times ``kind``. None where there are too many."""
        (count,) = struct.unpack(">I", self._read(box.body + at, 4))
        entry = struct.calcsize(">" + kind)
        if count > _MOST_ENTRIES or box.body + at + 4 + count * entry > box.after:
            return None
        return struct.unpack(">" + kind * count, self._read(box.body + at + 4, count * entry))

    def _is_media(self, first: int, last: int) -> bool:
        """Whether these bytes lie where media lie, and not in the directions for playing them."""
        return any(box.body <= first <= last <= box.after for box in self.media)

    def _find(self, box: Box, *path: bytes) -> Box | None:
        """The box at the end of a path of names."""
        found: Box | None = box
        for name in path:
            inner = self._boxes(found.body, found.after) if found else iter(())
            found = next((one for one in inner if one.name == name), None)
        return found

    def _boxes(self, at: int, end: int, *, is_file: bool = False) -> Iterator[Box]:
        """The boxes of a level. Raises FileIsDamaged where one does not fit; behind a whole video the rest is emptied."""
        names: set[bytes] = set()
        while at + 8 <= end:
            self._seen += 1
            if self._seen > _MOST_BOXES:
                raise FileIsDamaged
            try:
                box = self._box(at, end)
            except FileIsDamaged:
                if not is_file or not {b"moov", b"mdat"} <= names:
                    raise
                self.found.patches.append(emptied(at, end))
                return
            names.add(box.name)
            yield box
            at = box.after

    def _box(self, at: int, end: int) -> Box:
        """The box at a place. Raises FileIsDamaged where it does not fit."""
        length, name = struct.unpack(">I4s", self._read(at, 8))
        body = at + 8
        if length == 1:
            body, length = at + 16, struct.unpack(">Q", self._read(at + 8, 8))[0]
        after = end if length == 0 else at + length
        if after < body or (after > end and name != b"mdat"):
            raise FileIsDamaged
        # A recording that was broken off has less in "mdat" than it says; nothing comes after it.
        return Box(name, at, body, min(after, end))

    def _read(self, at: int, length: int) -> bytes:
        self.reader.seek(at)
        return bytes(self.reader.read(length))
