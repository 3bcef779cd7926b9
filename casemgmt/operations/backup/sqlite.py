"""One moment of an SQLite database, taken while a server writes; and putting it back."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from casemgmt.operations.backup.errors import BackupDamaged, BackupFailed, BackupRefused
from casemgmt.operations.backup.sealing import Reader
from casemgmt.operations.backup.tarring import Pieces

_TIMEOUT = 30
_PIECE = 256 * 1024
#: What SQLite keeps beside a database.
_BESIDE = ("-wal", "-shm", "-journal")


class Moment:
    """A database as it was at one moment: rows to ask for, bytes to read."""

    def __init__(self, connection: sqlite3.Connection, content: Callable[[], Reader]) -> None:
        self._connection = connection
        self.content = content

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()


@contextmanager
def moment_of(options: dict[str, Any], *, on_disk: Path | None) -> Iterator[Moment]:
    """Take one moment of the database. ``on_disk``: a folder for a private copy; None: memory alone.

    In WAL mode a reader holds nobody up, so the whole is read at once: consistent, however busy the server is.
    """
    path = Path(options["NAME"])
    if not path.is_file():
        raise BackupRefused(f"There is no database at {path}.")
    try:
        with closing(_connect(path)) as source:
            if on_disk is None:
                with _in_memory(source) as moment:
                    yield moment
            else:
                with _copied(source, on_disk) as moment:
                    yield moment
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise BackupFailed(
                f"There is no room for a copy of the database in {on_disk}. Make room there, and run it again.",
                code="DISK_FULL",
            ) from None
        raise BackupFailed("The database could not be read.", code="DATABASE") from error


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=_TIMEOUT, isolation_level=None)


@contextmanager
def _in_memory(source: sqlite3.Connection) -> Iterator[Moment]:
    source.execute("BEGIN")
    source.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()  # from here on nothing changes for this reader
    try:
        yield Moment(source, lambda: Pieces(iter([source.serialize()])))
    finally:
        source.execute("ROLLBACK")


@contextmanager
def _copied(source: sqlite3.Connection, folder: Path) -> Iterator[Moment]:
    place = Path(tempfile.mkdtemp(prefix="backup-", dir=folder))  # 0700
    try:
        copy = place / "copy.sqlite3"
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # so that one file is all of it
        with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as reading, copy.open("rb") as file:
            yield Moment(reading, lambda: file)
    finally:
        shutil.rmtree(place, ignore_errors=True)


# ---- putting it back ----


def is_empty(options: dict[str, Any]) -> bool:
    """Whether nothing lies there, or a database without a table."""
    path = Path(options["NAME"])
    if not path.exists():
        return True
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=_TIMEOUT)) as connection:
        return not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()


def restore(options: dict[str, Any], stream: IO[bytes]) -> None:
    """Write a database where there is none: beside its place, checked, then renamed. Raises BackupDamaged."""
    path = Path(options["NAME"])
    fresh = path.with_name(f".{path.name}.restoring")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(stream, file, _PIECE)
            file.flush()
            os.fsync(file.fileno())
        _demand_sound(fresh)
        remove(path)  # an empty one
        os.replace(fresh, path)
        _sync(path.parent)
    finally:
        remove(fresh)


def _demand_sound(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            answer = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError:
        answer = "not a database"
    if answer != "ok":
        raise BackupDamaged("The database in the archive is damaged.")


def put_aside(options: dict[str, Any], folder: Path) -> None:
    """Move a database, with what SQLite keeps beside it, into another folder of the same disk."""
    path = Path(options["NAME"])
    for one in (path, *(path.with_name(path.name + end) for end in _BESIDE)):
        if one.exists():
            os.replace(one, folder / one.name)


def remove(path: Path) -> None:
    """Remove a database with what SQLite keeps beside it."""
    for one in (path, *(path.with_name(path.name + end) for end in _BESIDE)):
        one.unlink(missing_ok=True)


def overwrite_and_remove(path: Path) -> None:
    """Remove a scratch key store, writing zeros over it first: what was erased meanwhile must not lie in freed blocks."""
    for one in (path, *(path.with_name(path.name + end) for end in _BESIDE)):
        if one.is_file():
            with one.open("r+b") as file:
                file.write(bytes(one.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            one.unlink()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
