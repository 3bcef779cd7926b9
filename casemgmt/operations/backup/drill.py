"""The drill: the newest backup is restored into a scratch home and looked through by a process of its own there.

A backup that nobody ever restored is a hope. The scratch home is deleted afterwards, whatever happened; its key store
lies in memory (``/dev/shm``) where there is such a place, for what is erased meanwhile must not lie in freed blocks.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.log import record
from audit.verbs import Outcome, Verb
from casemgmt.operations import root_key
from casemgmt.operations.backup import places, postgresql, sqlite
from casemgmt.operations.backup.errors import BackupDamaged, BackupFailed, BackupRefused
from casemgmt.operations.backup.manifest import KEYSTORE
from casemgmt.operations.backup.places import Chosen, Goal, OpenedKeystore
from casemgmt.operations.backup.reminders import keep_reminders
from casemgmt.operations.backup.restoring import this_home
from casemgmt.operations.backup.sealing import Opener
from casemgmt.operations.errors import AlreadyServed
from casemgmt.operations.locks import alone, place_of
from casemgmt.operations.models import RestoreDrill

Say = Callable[[str], None]

_SHM = Path("/dev/shm")  # noqa: S108  a place in memory, with a folder of our own in it
#: What the process in the scratch home is told of this one's root key.
_HANDED_ON = (
    "ROOT_KEY_PROVIDER", "ROOT_KEY_FILE", "ROOT_KEY_SECONDS", "PKCS11_MODULE", "PKCS11_TOKEN", "PKCS11_KEY_LABEL",
)  # fmt: skip
#: What it must not inherit: it is another home.
_KEPT_BACK = ("DATABASE_URL", "KEYSTORE_URL", "DJANGO_SETTINGS_MODULE", "HAVEN_SERVED", "SECRET_KEY_FILE")
_LONGEST = 6 * 3600


@dataclass(frozen=True)
class Scratch:
    """A home for the drill alone."""

    home: Path
    keys: Path
    goal: Goal
    urls: dict[str, str]


@dataclass(frozen=True)
class Drilled:
    """What came of it."""

    row: RestoreDrill
    problems: list[str]


def run(data: str, keystore: str, opener: Opener, say: Say) -> Drilled:
    """Prove the newest backup. For commands and jobs: the caller has an audit context open and the root key unlocked.

    Raises BackupRefused where there is nothing to prove or no place to do it. A backup that does not restore is no
    exception but a result. Records RESTORE_DRILLED.
    """
    data, keystore = data or settings.BACKUP_DATA_TARGET, keystore or settings.BACKUP_KEYSTORE_TARGET
    if not data or not keystore:
        raise BackupRefused("Name the two places of the backup: --data and --keystore.")
    try:
        with alone(settings.HAVEN_HOME, "backup"):
            return _run(data, keystore, opener, say)
    except AlreadyServed:
        raise BackupRefused("Another backup, restore or drill of this home is running.") from None


def _run(data: str, keystore: str, opener: Opener, say: Say) -> Drilled:
    began = time.monotonic()
    chosen = Chosen.find(Path(data), Path(keystore))
    one = chosen.main.manifest
    say(f"Proving {one.name}, taken {one.moment:%Y-%m-%d %H:%M} UTC.")
    opener.identities(chosen.main.folder)  # a wrong key is no fault of the backup
    found: dict[str, Any] = {}
    try:
        found = _restore_and_look(chosen, opener, say)
        problems = list(found.pop("problems"))
    except (BackupDamaged, BackupFailed) as problem:
        problems = [str(problem)]
    for wrong in problems[:20]:
        say(f"- {wrong}")
    return Drilled(_remember(chosen, one.moment, int(time.monotonic() - began), found, problems), problems)


def _restore_and_look(chosen: Chosen, opener: Opener, say: Say) -> dict[str, Any]:
    chosen.demand_fitting()
    for archive in chosen.all():
        archive.demand_whole()
    opened = OpenedKeystore.of(chosen.keystore, opener)
    opened.demand_root_key()
    tmp = Path(settings.HAVEN_HOME) / "tmp"
    places.demand_room(tmp, places.room_needed(chosen))
    chosen.demand_engines(this_home())
    with _ended_by_signals(), scratch_home(tmp) as scratch:
        places.put(chosen, opened, opener, scratch.goal, say)
        say("Looking through it: ledger, counts, sealed values, files …")
        return _ask_child(scratch, chosen)


def _remember(
    chosen: Chosen, taken_at: datetime, seconds: int, found: dict[str, Any], problems: list[str]
) -> RestoreDrill:
    passed = not problems
    with transaction.atomic():
        row = RestoreDrill(
            name=chosen.main.manifest.name, taken_at=taken_at, at=timezone.now(), seconds=seconds,
            result=RestoreDrill.Result.PASSED if passed else RestoreDrill.Result.FAILED,
            found={**found, "problems": len(problems)},
        )  # fmt: skip
        row.save()
        record(
            Verb.RESTORE_DRILLED, actor=None, outcome=Outcome.OK if passed else Outcome.FAILED,
            detail={"taken_at": taken_at, "sha256": chosen.main.manifest.sha256, "engine": chosen.main.manifest.engine,
                    "result": row.result, "count": len(problems)},
        )  # fmt: skip
    keep_reminders(timezone.now())
    return row


# ---- the scratch home ----


@contextmanager
def scratch_home(tmp: Path) -> Iterator[Scratch]:
    """An empty home with two empty databases, gone at the end; what a killed drill left is cleared first."""
    mine = f"drill-{place_of(Path(settings.HAVEN_HOME))}-"
    memory = _SHM if _SHM.is_dir() and os.access(_SHM, os.W_OK) else tmp
    for left in [*tmp.glob(f"{mine}*"), *memory.glob(f"{mine}*")]:
        _clear(left)
    home = Path(tempfile.mkdtemp(prefix=mine, dir=tmp))
    keys = Path(tempfile.mkdtemp(prefix=mine, dir=memory))
    made: list[tuple[str, str]] = []
    try:
        for name in ("keys", "files", "tmp"):
            (home / name).mkdir(mode=0o700)
        goal = this_home()
        main, main_url = _database("default", goal.main, home / "haven.sqlite3", made)
        store, store_url = _database(KEYSTORE, goal.keystore, keys / "keystore.sqlite3", made)
        urls = {"DATABASE_URL": main_url, "KEYSTORE_URL": store_url}
        yield Scratch(home, keys, Goal(main, store, home / "files"), urls)
    finally:
        for alias, name in made:
            postgresql.run_on_server(alias, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        _clear(home)
        _clear(keys)


def _database(
    alias: str, options: dict[str, Any], path: Path, made: list[tuple[str, str]]
) -> tuple[dict[str, Any], str]:
    """One scratch database of the same engine: a file, or a database on the same server (remembered in ``made``)."""
    if options["ENGINE"].endswith("sqlite3"):
        return {**options, "NAME": path}, f"sqlite:///{path}"
    prefix = f"drill_{place_of(Path(settings.HAVEN_HOME))}_{alias}_"
    for (left,) in postgresql.run_on_server(
        alias,
        f"SELECT datname FROM pg_database WHERE datname LIKE '{prefix}%'",  # noqa: S608  hex and underscores
    ):
        postgresql.run_on_server(alias, f'DROP DATABASE "{left}" WITH (FORCE)')
    name = f"{prefix}{secrets.token_hex(4)}"
    postgresql.make_database(alias, name)
    made.append((alias, name))
    there = {**options, "NAME": name}
    return there, _address(there)


def _address(options: dict[str, Any]) -> str:
    """The address of a PostgreSQL database, as DATABASE_URL takes it."""
    who = f"{quote(options['USER'], safe='')}:{quote(options['PASSWORD'] or '', safe='')}"
    port = f":{options['PORT']}" if options.get("PORT") else ""
    texts = {key: value for key, value in options.get("OPTIONS", {}).items() if isinstance(value, str)}
    return f"postgres://{who}@{quote(options['HOST'], safe='')}{port}/{options['NAME']}" + (
        f"?{urlencode(texts)}" if texts else ""
    )


def _clear(folder: Path) -> None:
    """Remove a scratch folder; a key store in it is written over first."""
    for name in ("keystore.sqlite3", ".keystore.sqlite3.restoring"):
        if (folder / name).exists():
            sqlite.overwrite_and_remove(folder / name)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM ends as Ctrl-C does: the scratch home is cleared away. In a thread there is nothing to do."""

    def stop(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = None
    with suppress(ValueError):  # not the main thread
        before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


# ---- the process in it ----


def _ask_child(scratch: Scratch, chosen: Chosen) -> dict[str, Any]:
    """Let ``restore_drill --inside`` look through the scratch home; what it found, as it says it."""
    expected = {**chosen.main.manifest.counts, **chosen.keystore.manifest.counts}
    if chosen.keystore.manifest.name != chosen.main.manifest.name:
        expected = dict(chosen.main.manifest.counts)
    told = json.dumps(
        {"counts": expected, "signed_by": chosen.main.signed_by, "moment": chosen.main.manifest.moment.isoformat()}
    )
    pipe = root_key.pipe_to_child()
    command = [sys.executable, "manage.py", "restore_drill", "--inside", told, "--keys", str(pipe)]
    try:
        child = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=_environment(scratch), pass_fds=(pipe,), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    finally:
        os.close(pipe)
    try:
        said, _errors = child.communicate(timeout=_LONGEST)
    except BaseException:
        child.kill()
        child.communicate()
        raise
    try:
        return dict(json.loads(said.splitlines()[-1]))
    except (ValueError, IndexError, TypeError):
        raise BackupDamaged("Haven does not start on what was restored.") from None


def _environment(scratch: Scratch) -> dict[str, str]:
    """The settings of the scratch home: its own databases and secret, and what keeps the root key here."""
    kept = {name: value for name, value in os.environ.items() if name not in _KEPT_BACK}
    handed = {name: str(getattr(settings, name)) for name in _HANDED_ON if getattr(settings, name, "")}
    return {
        **kept, **handed, **scratch.urls, "HAVEN_HOME": str(scratch.home), "HAVEN_DEMO": str(int(settings.HAVEN_DEMO)),
        "SECRET_KEY": secrets.token_urlsafe(50), "ROOT_KEY_FILE": str(Path(settings.ROOT_KEY_FILE).absolute()),
    }  # fmt: skip
