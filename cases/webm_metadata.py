"""Taking out what a WebM video tells beside picture and sound: tags (among them places), dates, names, programs.

Elements that tell become Void elements of the same length, so nothing moves (EBML, RFC 8794; Matroska, RFC 9559). The
file is walked through element by element, without a stack: numbers of elements mean the same wherever they stand.
"""

import io
from collections.abc import Iterator
from typing import Any

from cases.errors.files import FileIsDamaged
from cases.patching import Patch, emptied, written

_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT, _CLUSTER, _INFO, _TRACKS, _TRACK = 0x18538067, 0x1F43B675, 0x1549A966, 0x1654AE6B, 0xAE
_TRACK_TYPE, _VOID = 0x83, 0xEC
_ENTERED = frozenset({_SEGMENT, _INFO, _TRACKS, _TRACK})
#: Tags, attachments, chapters; date, title, names of files before and after; names of tracks; checksums over such things.
_TELLING = frozenset(
    {0x1254C367, 0x1941A469, 0x1043A770, 0x4461, 0x7BA9, 0x7384, 0x3C83AB, 0x3E83BB, 0x536E, 0x258688, 0xBF}
)
#: The programs that wrote it: these must be there, and may be empty.
_PROGRAMS = frozenset({0x4D80, 0x5741})
_PICTURE, _SOUND = 1, 2
#: More elements than two hours of a browser's recording have, each with a few pictures or sounds.
_MOST_ELEMENTS = 5_000_000


def is_webm(head: bytes) -> bool:
    """Whether these are the first bytes of an EBML file, of which only WebM is kept."""
    return head.startswith(_EBML)


def webm_patches(reader: Any) -> tuple[list[Patch], bool]:
    """What to replace, and whether there is a track that is neither picture nor sound. Raises FileIsDamaged."""
    patches, stays = [], False
    for number, at, body, after, is_open in _elements(reader):
        if number in _TELLING:
            if is_open:
                raise FileIsDamaged
            patches += _void(at, body, after)
        elif number in _PROGRAMS or number == _VOID:
            patches.append(emptied(body, after))
        elif number == _TRACK_TYPE:
            reader.seek(body)
            stays = stays or int.from_bytes(reader.read(min(after - body, 8))) not in (_PICTURE, _SOUND)
    return patches, stays


def _elements(reader: Any) -> Iterator[tuple[int, int, int, int, bool]]:
    """Each element that is looked at: number, start, start of its body, the byte behind, and whether its end is open.

    Clusters are passed over; where a browser left the end of one open, its blocks are passed over one by one.
    """
    size = reader.seek(0, io.SEEK_END)
    at = seen = 0
    while at < size:
        seen += 1
        reader.seek(at)
        head = reader.read(12)
        number, id_length = _number(head)
        length, size_length = _length(head[id_length:])
        body = at + id_length + size_length
        is_open = length is None
        after = size if length is None else body + length
        if seen > _MOST_ELEMENTS or (is_open and number not in (_SEGMENT, _CLUSTER)):
            raise FileIsDamaged
        if after > size:
            # A recording that was broken off ends within a cluster, or within one of its blocks.
            if number not in (_SEGMENT, _CLUSTER, 0xA3, 0xA0):
                raise FileIsDamaged
            after = size
        yield number, at, body, after, is_open
        at = body if number in _ENTERED or is_open else after


def _number(head: bytes) -> tuple[int, int]:
    """The number of an element and how many bytes it takes (1 to 4). Raises FileIsDamaged."""
    length = 9 - head[0].bit_length() if head and head[0] else 9
    if length > 4 or len(head) < length:
        raise FileIsDamaged
    return int.from_bytes(head[:length]), length


def _length(head: bytes) -> tuple[int | None, int]:
    """The length of a body and how many bytes say it (1 to 8); None for "until it ends". Raises FileIsDamaged."""
    length = 9 - head[0].bit_length() if head and head[0] else 9
    if length > 8 or len(head) < length:
        raise FileIsDamaged
    value = int.from_bytes(head[:length]) & ((1 << 7 * length) - 1)
    return (None if value == (1 << 7 * length) - 1 else value), length


def _void(at: int, body: int, after: int) -> list[Patch]:
    """A Void element in the place of another, of the same length to the byte."""
    width = min(8, body - at - 1)
    length = after - at - 1 - width
    head = bytes([_VOID]) + ((1 << 7 * width) | length).to_bytes(width)
    return [written(at, head), emptied(at + 1 + width, after)]
