"""One moment of a PostgreSQL database by ``pg_dump``, taken while a server writes; and putting it back by ``pg_restore``.

The password goes to these programs in their environment, never in their arguments.
"""

import glob
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from tempfile import TemporaryFile
from typing import IO, Any

from django.db import DatabaseError, InterfaceError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from casemgmt.operations.backup.errors import BackupDamaged, BackupFailed, BackupRefused
from casemgmt.operations.backup.sealing import Reader

_PIECE = 256 * 1024
_HOW = "Install PostgreSQL's client programs (Debian: postgresql-client) of the server's version or newer."
#: libpq's variables for the options that an address may carry.
_VARIABLES = {
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT", "options": "PGOPTIONS", "channel_binding": "PGCHANNELBINDING",
}  # fmt: skip


class Moment:
    """A database as it was at one moment: rows to ask for, and its dump."""

    def __init__(self, connection: BaseDatabaseWrapper, options: dict[str, Any], dump: str, snapshot: str) -> None:
        self._connection, self._options = connection, options
        self._dump, self._snapshot = dump, snapshot
        self._running: list[_Dump] = []

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def content(self) -> Reader:
        """The dump of this very moment, streamed."""
        command = [self._dump, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={self._snapshot}"]
        self._running.append(_Dump(command, self._options))
        return self._running[-1]

    def end(self) -> None:
        for one in self._running:
            one.end()


class _Dump:
    """A running ``pg_dump``; the end of its output counts only if it ended well."""

    def __init__(self, command: list[str], options: dict[str, Any]) -> None:
        self._said = TemporaryFile()  # noqa: SIM115  closed in end()
        self._process = subprocess.Popen(
            command, env=environment_for(options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._said
        )

    def read(self, size: int = -1, /) -> bytes:
        assert self._process.stdout is not None
        piece = self._process.stdout.read(size)
        if not piece and self._process.wait() != 0:
            raise BackupFailed(f"pg_dump failed: {_last_line(self._said)}", code="PG_DUMP")
        return piece

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._said.close()


@contextmanager
def moment_of(alias: str) -> Iterator[Moment]:
    """Take one moment of the database: a read-only transaction whose snapshot ``pg_dump`` reads, too."""
    options = connections[alias].settings_dict
    dump = program("pg_dump", server_version(alias))
    connection = connections.create_connection(alias)
    try:
        with closing(connection), connection.cursor() as cursor:
            connection.set_autocommit(False)
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            moment = Moment(connection, options, dump, cursor.fetchone()[0])
            try:
                yield moment
            finally:
                moment.end()
                connection.rollback()
    except (DatabaseError, InterfaceError) as error:
        raise BackupFailed("The database does not answer.", code="DATABASE") from error


def server_version(alias: str) -> int:
    """15 for any 15.x. Raises BackupFailed where the server does not answer."""
    try:
        connections[alias].ensure_connection()
        return int(connections[alias].pg_version) // 10_000  # type: ignore[attr-defined]
    except (DatabaseError, InterfaceError) as error:
        raise BackupFailed("The database server does not answer.", code="DATABASE") from error


def program(name: str, wanted: int) -> str:
    """The path of the newest ``pg_dump`` or ``pg_restore`` here. Raises BackupRefused: missing, or older than the server."""
    folders = glob.glob("/usr/lib/postgresql/*/bin") + glob.glob("/usr/pgsql-*/bin")
    paths = [os.path.join(folder, name) for folder in folders] + [shutil.which(name) or ""]
    found = {path: _version_of(path) for path in paths if path and os.access(path, os.X_OK)}
    if not found:
        raise BackupRefused(
            f"{name} is not on this machine, and a PostgreSQL database is not backed up without. {_HOW}"
        )
    path = max(found, key=lambda one: found[one])
    if found[path] < wanted:
        raise BackupRefused(f"{name} here is of version {found[path]}, and the server of {wanted}. {_HOW}")
    return path


def _version_of(path: str) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\b(\d+)", said)
    return int(number.group(1)) if number else 0


def environment_for(options: dict[str, Any], name: str = "") -> dict[str, str]:
    """The environment that tells libpq where this database is; ``name`` for another one of the same server."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    told = {
        "PGHOST": options.get("HOST"), "PGPORT": options.get("PORT"), "PGUSER": options.get("USER"),
        "PGPASSWORD": options.get("PASSWORD"), "PGDATABASE": name or options.get("NAME"),
    }  # fmt: skip
    told |= {_VARIABLES[key]: value for key, value in options.get("OPTIONS", {}).items() if key in _VARIABLES}
    return {**kept, **{key: str(value) for key, value in told.items() if value}}


def _last_line(file: IO[bytes]) -> str:
    """The last thing a program said, without quotes of data: PostgreSQL puts those on DETAIL lines."""
    file.seek(0)
    lines = [line for line in file.read().decode("utf-8", "replace").splitlines() if "error:" in line]
    return (lines[0] if lines else "it said nothing")[:200]


# ---- putting it back ----


def is_empty(alias: str) -> bool:
    """Whether the database has no table. Raises BackupRefused where it does not answer."""
    try:
        return not connections[alias].introspection.table_names()
    except (DatabaseError, InterfaceError):
        name = connections[alias].settings_dict["NAME"]
        raise BackupRefused(f"The database {name} does not answer. Make it, empty, and run this again.") from None


def restore(options: dict[str, Any], stream: IO[bytes], *, wanted: int) -> None:
    """Write a dump into an empty database, all or nothing. Raises BackupDamaged with what ``pg_restore`` said."""
    command = [program("pg_restore", wanted), "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
               "--dbname", str(options["NAME"])]  # fmt: skip
    with TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment_for(options), stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=said)  # fmt: skip
        assert process.stdin is not None
        try:
            with process.stdin as pipe:
                shutil.copyfileobj(stream, pipe, _PIECE)
        except BrokenPipeError:
            pass  # it gave up; what it said is below
        except BaseException:
            process.kill()
            raise
        finally:
            code = process.wait()
        if code:
            raise BackupDamaged(f"pg_restore failed: {_last_line(said)}")


def run_on_server(alias: str, statement: str) -> list[tuple[Any, ...]]:
    """One statement outside a transaction, on the server of this database; its rows, if it has any."""
    with closing(connections.create_connection(alias)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def make_empty(alias: str) -> None:
    """Take everything out of a database that was empty when a restore began and broke off."""
    run_on_server(alias, "DROP SCHEMA public CASCADE")
    run_on_server(alias, "CREATE SCHEMA public")


def make_database(alias: str, name: str) -> None:
    """A new, empty database on the server of this one. Raises BackupRefused where the account may not make any."""
    try:
        run_on_server(alias, f'CREATE DATABASE "{name}" TEMPLATE template0')
    except (DatabaseError, InterfaceError):
        user = connections[alias].settings_dict["USER"]
        raise BackupRefused(
            f"A drill needs a scratch database, and “{user}” may not make one here. Let it: ALTER ROLE {user} CREATEDB; or "
            "run the drill on another machine, whose DATABASE_URL and KEYSTORE_URL name a server where it may."
        ) from None
