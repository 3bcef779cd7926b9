"""A file with some of its bytes replaced by others, read as if it were so: nothing is moved and nothing held in memory."""

import io
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Patch:
    """From byte ``at`` on, ``length`` bytes are others: ``new``, or zeros where that is empty."""

    at: int
    length: int
    new: bytes = b""

    @property
    def after(self) -> int:
        """The first byte behind it."""
        return self.at + self.length

    def bytes_between(self, first: int, last: int) -> bytes:
        """What stands there now, between two places within it."""
        return self.new[first - self.at : last - self.at] if self.new else bytes(last - first)


def written(at: int, new: bytes) -> Patch:
    """These bytes at that place."""
    return Patch(at, len(new), new)


def emptied(at: int, after: int) -> Patch:
    """Zeros from ``at`` up to ``after``."""
    return Patch(at, after - at)


def tells(reader: Any, patch: Patch) -> bool:
    """Whether anything but zeros stands where zeros shall be."""
    reader.seek(patch.at)
    left = patch.length
    while left and (piece := reader.read(min(left, 64 * 1024))):
        if piece.count(0) != len(piece):
            return True
        left -= len(piece)
    return False


def patched(reader: Any, patches: Iterable[Patch]) -> Any:
    """The file with these patches, to be read from its start."""
    reader.seek(0)
    return io.BufferedReader(PatchedReader(reader, patches), 64 * 1024)


class PatchedReader(io.RawIOBase):
    """A file with some bytes replaced by others of the same length. Of patches that overlap the first one counts."""

    def __init__(self, reader: Any, patches: Iterable[Patch]) -> None:
        self._reader = reader
        self._patches: list[Patch] = []
        end = 0
        for patch in sorted(patches):
            first = max(patch.at, end)
            if first < patch.after:
                self._patches.append(Patch(first, patch.after - first, patch.new[first - patch.at :]))
                end = patch.after
        self._starts = [patch.at for patch in self._patches]

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
        end = start + len(piece)
        buffer[: len(piece)] = piece
        for number in range(max(0, bisect_right(self._starts, start) - 1), bisect_left(self._starts, end)):
            patch = self._patches[number]
            first, last = max(patch.at, start), min(patch.after, end)
            if first < last:
                buffer[first - start : last - start] = patch.bytes_between(first, last)
        return len(piece)
