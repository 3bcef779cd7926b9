"""Haven as a process of its own, in a home of its own: for tests of operations, journeys and benchmarks."""

import atexit
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path
from types import TracebackType

from tests import postgres

ROOT = Path(__file__).resolve().parent.parent
SQLITE, POSTGRESQL = "sqlite", "postgresql"
#: A folder in which all suites of one run share a prepared demo.
DEMO = "HAVEN_TEST_DEMO"
#: What a test run sets for itself and a served home must not inherit.
OURS = (
    "DATABASE_URL", "KEYSTORE_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "HAVEN_DEMO", "PYTHONDONTWRITEBYTECODE",
    # What `make test` and the browser tests set for themselves.
    "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "DJANGO_ALLOW_ASYNC_UNSAFE", DEMO,
    "ROOT_KEY_PROVIDER", "ROOT_KEY_FILE", "ROOT_KEY_PLAIN", "ROOT_PASSPHRASE_FILE",
)  # fmt: skip


def free_port() -> int:
    """A free port below the range that the kernel hands out by itself."""
    while True:
        port = 10240 + secrets.randbelow(10000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


class NotRedirected(urllib.request.HTTPRedirectHandler):
    """Shows redirects instead of following them."""

    def redirect_request(self, *_arguments: object) -> None:
        """Follow none."""
        return


@cache
def _prepared_demo() -> Path:
    """A home with the complete demo, made by the real command and never served: once in a run, whoever asks first."""
    place = os.environ.get(DEMO)
    if not place:
        first = Served()
        atexit.register(shutil.rmtree, first.home, ignore_errors=True)
        first.prepare()
        first.manage("prepare", timeout=300)
        return first.home
    home, complete = Path(place) / "home", Path(place) / "complete"
    with open(Path(place) / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(mode=0o700)
            first = Served(home=home)
            first.prepare()
            first.manage("prepare", timeout=300)
            complete.touch()
    return home


class Served:
    """``with Served() as haven:`` a demo home, served on a port of its own until the block ends.

    ``home`` of an earlier one may be given again. ``engine`` is "sqlite" or "postgresql" (the throwaway cluster).
    """

    def __init__(self, *, engine: str = SQLITE, home: Path | None = None, is_demo: bool = True) -> None:
        self.engine, self.is_demo, self.is_own_home = engine, is_demo, home is None
        self.home = home or Path(tempfile.mkdtemp(prefix="haven-served-"))
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self.process: subprocess.Popen[str] | None = None
        self.databases: list[str] = []
        #: What every command of this home gets in its environment besides.
        self.extra: dict[str, str] = {}
        self.log = self.home / "served.log"

    @classmethod
    def demo(cls) -> "Served":
        """A demo home on SQLite that is prepared already: a copy of one that is made once in a test run."""
        served = cls()
        shutil.copytree(_prepared_demo(), served.home, dirs_exist_ok=True)
        return served

    # ---- the home ----

    @property
    def environment(self) -> dict[str, str]:
        """What a command for this home is given: HAVEN_HOME, and nothing of the test run's."""
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        return {**kept, "HAVEN_HOME": str(self.home), **self.extra}

    def prepare(self) -> None:
        """Write the settings file, and for PostgreSQL make two databases."""
        if (self.home / ".env").exists():
            return
        environment = self.environment
        if self.engine == POSTGRESQL:
            name = f"served_{secrets.token_hex(4)}"
            self.databases = [name, f"{name}_keys"]
            for variable, database in zip(("DATABASE_URL", "KEYSTORE_URL"), self.databases, strict=True):
                environment[variable] = postgres.create_database(database)
        command = [sys.executable, "-m", "casemgmt.env", *(["--demo"] if self.is_demo else [])]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)

    def manage(self, *arguments: str, check: bool = True, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run ``manage.py`` for this home, as an operator would: no terminal, nothing but HAVEN_HOME.

        What a command said that failed stands below its error.
        """
        try:
            return subprocess.run(
                [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, check=check, timeout=timeout,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as problem:
            problem.add_note(f"It said: {problem.output!r}")
            raise

    def wakes_after(self, days: int) -> None:
        """Stop, and start so many days after the true day: for the server, its worker and every command of this home."""
        self.stop()
        self.is_ahead(days)
        self.start()

    def is_ahead(self, days: int) -> None:
        """What is run here from now on runs so many days after the true day."""
        self.extra |= {"PYTHONPATH": str(ROOT / "tests" / "shifted"), "HAVEN_TEST_DAYS_AHEAD": str(days)}

    # ---- the process ----

    def start(self, *, wait: float = 300, extra: tuple[str, ...] = ("--prepare",)) -> float:
        """Serve, wait until /healthz says so, and return how many seconds that took."""
        self.prepare()
        began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(self.port), *extra], cwd=ROOT, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=open(self.log, "a"), stderr=subprocess.STDOUT, text=True,  # noqa: SIM115
        )  # fmt: skip
        while time.monotonic() - began < wait:
            if self.process.poll() is not None:
                raise AssertionError(f"The server ended with {self.process.returncode}:\n{self.output()}")
            if self.health()[0] == 200:
                return time.monotonic() - began
            time.sleep(0.1)
        raise AssertionError(f"The server was not ready after {wait} seconds:\n{self.output()}")

    def stop(self, number: int = signal.SIGTERM, wait: float = 30) -> int:
        """Ask the server to end, wait for it, and return its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(wait)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"The server did not end within {wait} seconds:\n{self.output()}") from None

    def output(self) -> str:
        """What the server has said so far."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    # ---- asking it ----

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """GET without a browser and without following redirects: status, headers, body. Status 0: nobody answers."""
        opener = urllib.request.build_opener(NotRedirected)
        try:
            with opener.open(self.address + path, timeout=20) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, dict(answer.headers), answer.read()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return 0, {}, b""

    def health(self) -> tuple[int, dict[str, str]]:
        """The answer of /healthz, without the seal's figures: how far it is behind changes from second to second."""
        status, _headers, body = self.get("/healthz")
        told = json.loads(body) if body.startswith(b"{") else {}
        told.pop("sealing", None)
        return status, told

    def __enter__(self) -> "Served":
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the server and throw its home and databases away."""
        try:
            self.stop()
        finally:
            for name in self.databases:
                postgres.drop_database(name)
            if self.is_own_home:
                shutil.rmtree(self.home, ignore_errors=True)
