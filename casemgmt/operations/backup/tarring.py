"""The files as one tar stream, made and read piece by piece: memory stays flat, whatever they weigh."""

import os
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from casemgmt.operations.backup.errors import BackupDamaged

_PIECE = 256 * 1024
_BLOCK = tarfile.BLOCKSIZE
_LONGEST_NAME = 512


class Pieces:
    """An iterator of bytes as something to read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; none at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = memoryview(piece)
        count = len(self._rest) if size < 0 else min(size, len(self._rest))
        found, self._rest = bytes(self._rest[:count]), self._rest[count:]
        return found


def files_below(folder: Path) -> Iterator[str]:
    """The names of all files below a folder, relative to it, in order. Links are not followed."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def tar_of(folder: Path, taken: set[str]) -> Iterator[bytes]:
    """All files below a folder as a tar stream; the names that are in it are added to ``taken``.

    A file that disappears before its turn is left out: the caller looks whether a record still names it.
    """
    for name in files_below(folder):
        try:
            file = (folder / name).open("rb")
        except FileNotFoundError:
            continue
        with file:
            yield from _entry(name, file)
        taken.add(name)
    yield bytes(2 * _BLOCK)


def tar_of_one(name: str, content: bytes) -> Iterator[bytes]:
    """One entry from memory."""
    yield _head(name, len(content))
    for start in range(0, len(content), _PIECE):
        yield content[start : start + _PIECE]
    yield bytes(-len(content) % _BLOCK)


def _entry(name: str, file: IO[bytes]) -> Iterator[bytes]:
    size = os.fstat(file.fileno()).st_size
    yield _head(name, size)
    left = size
    while left and (piece := file.read(min(_PIECE, left))):
        left -= len(piece)
        yield piece
    if left:
        raise OSError(f"{name} became shorter while it was read.")  # a sealed file is never changed
    yield bytes(-size % _BLOCK)


def _head(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry.tobuf(tarfile.PAX_FORMAT)


def unpack(stream: IO[bytes], folder: Path, each: Callable[[str, int], None] | None = None) -> int:
    """Write the files of a tar stream below a folder (0600, folders 0700), and say how many there were.

    Names that would leave the folder, and anything but plain files, raise BackupDamaged.
    """
    count = 0
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for entry in archive:
                name = PurePosixPath(entry.name)
                if not entry.isreg() or name.is_absolute() or ".." in name.parts or len(entry.name) > _LONGEST_NAME:
                    raise BackupDamaged("The archive of the files holds something that is no file of Haven's.")
                content = archive.extractfile(entry)
                if content is None:
                    raise BackupDamaged("The archive of the files is damaged.")
                _put(folder / name, content)
                count += 1
                if each is not None:
                    each(entry.name, entry.size)
    except (tarfile.TarError, EOFError) as error:
        raise BackupDamaged("The archive of the files is damaged.") from error
    return count


def _put(path: Path, content: IO[bytes]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while piece := content.read(_PIECE):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def read_all(stream: IO[bytes]) -> dict[str, bytes]:
    """The few files of a small tar stream, by name, in memory."""
    found = {}
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for entry in archive:
                content = archive.extractfile(entry)
                found[entry.name] = content.read() if content is not None else b""
    except (tarfile.TarError, EOFError) as error:
        raise BackupDamaged("The archive is damaged.") from error
    return found
