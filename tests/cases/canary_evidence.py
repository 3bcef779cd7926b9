"""What the house keeps and says while people work: collected place by place, for the table of canaries."""

import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from django.apps import apps
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import ObjectDoesNotExist
from django.db import connections, models
from django.http import HttpRequest
from django.test import Client, TestCase
from django_tasks_db.models import DBTaskResult

from audit.bundling.writing import Wanted, write_bundle
from audit.sealing import rows
from audit.sealing.sealer import Sealer
from casemgmt.accounts.models import Session
from casemgmt.accounts.sessions import SessionStore
from casemgmt.crypto import keyring
from casemgmt.crypto.gate import open_gate
from casemgmt.crypto.registry import live_sealed_fields
from casemgmt.logs import WithoutValues
from tests.crypto import raw

HOUSE = WithoutValues()


@dataclass
class Evidence:
    """What lies where after the walk, and what could be seen meanwhile."""

    uid: Any = None
    began: float = field(default_factory=time.time)
    records: bytes = b""
    keys: bytes = b""
    sessions: bytes = b""
    #: A bundle for an outsider as it comes by default, and one with values, unpacked.
    bundle: bytes = b""
    full_bundle: bytes = b""
    cookies: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    sql: list[str] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)
    #: (task, status, everything of its row).
    jobs: list[tuple[str, str, str]] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    #: What people were shown: proof that each word went in.
    pages: list[str] = field(default_factory=list)
    #: (method, address with its query, status, headers) of each answer to somebody who is signed in.
    answers: list[tuple[str, str, int, dict[str, str]]] = field(default_factory=list)
    #: (moment, path, content) of files that were open, or lay in a temporary folder.
    during: list[tuple[str, str, bytes]] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)
    #: (path, content) of every file of the home that was written meanwhile.
    home: list[tuple[str, bytes]] = field(default_factory=list)
    #: What each sealed field holds of what the walk left, opened, by fid: the newest rows of its model.
    sealed: dict[str, str] = field(default_factory=dict)
    #: What ``str``, ``repr`` and the attributes of rows say, by model.
    printed: dict[str, str] = field(default_factory=dict)

    def look(self, moment: str) -> None:
        """Note every temporary file there is right now, with or without a name."""
        self.during += [(moment, place, content) for place, content in open_files()]
        for folder in (Path(settings.HAVEN_HOME) / "tmp", Path(settings.FILE_UPLOAD_TEMP_DIR)):
            self.during += [(moment, str(path), path.read_bytes()) for path in folder.iterdir() if path.is_file()]

    def gather(self) -> None:
        """Look everywhere, at the end."""
        Sealer().seal_all(sweep=True)
        self.bundle, self.full_bundle = bundled(Wanted()), bundled(Wanted(is_full=True))
        self.records, self.keys = raw.dump("default"), raw.dump("keystore")
        self.sessions = repr([SessionStore().decode(one.session_data) for one in Session.objects.all()]).encode()
        for row in DBTaskResult.objects.all():
            self.jobs.append((row.task_path, row.status, repr(row.__dict__)))
        # An empty lock file is where a process of this home waits its turn; it stays.
        spool = Path(settings.HAVEN_HOME) / "tmp"
        self.left_over = [str(path) for path in spool.iterdir() if path.suffix != ".lock" or path.stat().st_size]
        for folder, _folders, names in os.walk(settings.HAVEN_HOME):
            for path in (Path(folder, name) for name in names):
                if path.stat().st_mtime >= self.began - 1:
                    self.home.append((str(path), path.read_bytes()))
        for model in apps.get_models():
            self.printed[model._meta.label] = printed(model)
        with open_gate(EveryGate()):
            for one in live_sealed_fields():
                newest = models.QuerySet(one.model).order_by("-pk")[:40]
                self.sealed[one.fid] = "\n".join(str(getattr(row, one.name) or "") for row in newest).strip()


def bundled(wanted: Wanted) -> bytes:
    """Everything in a bundle, one file after the other."""
    file = BytesIO()
    write_bundle(file, wanted, rows.head())
    with ZipFile(file) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


class EveryGate:
    """Opens everything: for looking whether a word was planted at all."""

    def admit(self, case_uid: Any, section: str, fid: str, scope_uid: Any = None) -> None:
        """Refuses nothing."""


def is_ours(model: type[models.Model]) -> bool:
    """Whether a model, or a history, is of this product's rooms."""
    return model.__module__.startswith(("cases", "services", "audit", "casemgmt"))


def printed(model: type[models.Model]) -> str:
    """What is printed of the newest rows of a model, and of an empty one of ours, without any gate."""
    newest = [*([model()] if is_ours(model) else []), *models.QuerySet(model).order_by("-pk")[:30]]
    shown = [as_printed(row) for row in newest]
    return "\n".join([*shown, repr(models.QuerySet(model)[:5]), repr(list(models.QuerySet(model).values()[:30]))])


def as_printed(row: models.Model) -> str:
    """One record as ``str``, ``repr`` and its attributes; guardian's own classes cannot print an empty one."""
    try:
        return f"{row} {row!r} {row.__dict__!r}"
    except ObjectDoesNotExist:
        if row.pk is not None or not type(row).__name__.endswith("Permission"):
            raise
        return repr(row.__dict__)


def open_files() -> Iterator[tuple[str, bytes]]:
    """Every regular file that this process holds open, also one without a name; read from its beginning."""
    for number in os.listdir("/proc/self/fd"):
        link = f"/proc/self/fd/{number}"
        try:
            if int(number) > 2 and os.path.isfile(link):
                with open(link, "rb") as file:
                    yield os.readlink(link), file.read()
        except OSError:
            continue


@contextmanager
def taken_back() -> Iterator[None]:
    """Both databases as they were before, however the block ends."""

    class Both(TestCase):
        databases = {"default", "keystore"}

    keyring.forget()
    atomics = Both._enter_atomics()
    try:
        yield
    finally:
        Both._rollback_atomics(atomics)
        keyring.forget()


class Everything(logging.Handler):
    """Hears every logger at DEBUG, messages with their arguments, and every query with its parameters."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(logging.DEBUG)
        self.evidence = evidence

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line as Haven's own formatter writes it, and as a careless one would."""
        if record.name.startswith("django.db.backends"):
            self.evidence.sql.append(record.getMessage())
        else:
            self.evidence.logs += [HOUSE.format(record), record.getMessage()]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Set every logger there is to DEBUG, and let the databases log."""
        names = ["", *logging.root.manager.loggerDict]
        before = {name: (logging.getLogger(name).level, logging.getLogger(name).propagate) for name in names}
        for name in names:
            logging.getLogger(name).setLevel(logging.DEBUG)
            logging.getLogger(name).propagate = True
        logging.getLogger().addHandler(self)
        for alias in connections:
            connections[alias].force_debug_cursor = True
        try:
            yield
        finally:
            for alias in connections:
                connections[alias].force_debug_cursor = False
            logging.getLogger().removeHandler(self)
            for name, (level, propagate) in before.items():
                logging.getLogger(name).setLevel(level)
                logging.getLogger(name).propagate = propagate


class Browser:
    """A signed-in person's browser that notes what it is sent: addresses, headers, titles, cookies, messages."""

    def __init__(self, client: Client, evidence: Evidence) -> None:
        self.client, self.evidence = client, evidence

    def get(self, address: str, expected: int = 200) -> Any:
        """Open a page, which must answer so."""
        return self._note("GET", address, self.client.get(address), expected)

    def post(self, address: str, fields: dict[str, Any], expected: int = 302, **headers: Any) -> Any:
        """Send a form, which must be answered so."""
        # What waits for the commit (mail, jobs) is done at once, as if nothing were to be taken back.
        with TestCase.captureOnCommitCallbacks(using="default", execute=True):
            answer = self.client.post(address, fields, **headers)
        return self._note("POST", address, answer, expected)

    def _note(self, method: str, address: str, answer: Any, expected: int) -> Any:
        text = "" if answer.streaming else answer.content.decode()
        assert answer.status_code == expected, (address, answer.status_code, errors_in(text))
        self.evidence.answers.append((method, address, answer.status_code, dict(answer.items())))
        self.evidence.titles += re.findall(r"<title>(.*?)</title>", text, re.DOTALL)
        self.evidence.pages.append(text)
        self.evidence.cookies += [morsel.OutputString() for morsel in answer.cookies.values()]
        if kept := answer.cookies.get("messages"):
            # Signed, compressed and not sealed: as readable to whoever holds the browser as the page itself.
            self.evidence.messages += [str(one) for one in CookieStorage(HttpRequest())._decode(kept.value) or []]
        return answer


def errors_in(page: str) -> list[str]:
    """What a form says is wrong, to see it when a walk stops."""
    return re.findall(r'class="[^"]*error[^"]*"[^>]*>(.*?)<', page, re.DOTALL)[:12]
