"""Heads that leave the house: into a file, by letter, to a log. And that the ledger is held against each of them."""

import os
import re
import socket
import threading
from datetime import timedelta
from email import message_from_bytes, policy
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit import clock
from audit.anchoring import checking, file, shadow
from audit.anchoring.keeping import keep_anchors
from audit.models import Anchor, Checkpoint, Event, SeenHead
from audit.report import Report
from audit.sealing import keys, notes, rows
from audit.verbs import Verb
from tests.audit.sealing.scene import note, seal, unguarded
from tests.smtp_sink import SmtpSink

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("in_context")]


@pytest.fixture
def anchored(settings, tmp_path) -> Path:
    """A ledger of three heads, each in the file."""
    settings.ANCHOR_FILE = str(tmp_path / "heads.jsonl")
    for count in (300, 5, 5):
        note(count)
        seal()
        assert keep_anchors() == 1
    assert keep_anchors() == 0, "nothing new"
    assert found() == ""
    return tmp_path / "heads.jsonl"


def found() -> str:
    """What the check of anchors finds, in one line."""
    return " ".join(checking.check_anchors(Report()).problems)


# ---- the file ----


def test_heads_are_appended_and_never_rewritten(anchored, settings, monkeypatch) -> None:
    before = anchored.read_bytes()
    opened, synced, real_open, real_sync = [], [], os.open, os.fsync
    monkeypatch.setattr(os, "open", lambda path, flags, *mode, **how: (
        opened.append(flags) if str(path) == str(anchored) else None) or real_open(path, flags, *mode, **how))  # fmt: skip
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(number) or real_sync(number))
    note()
    seal()
    assert keep_anchors() == 1
    assert opened and opened[0] & os.O_APPEND and not opened[0] & os.O_TRUNC and synced
    assert anchored.read_bytes().startswith(before) and anchored.read_bytes().count(b"\n") == 4
    assert anchored.stat().st_mode & 0o777 == 0o600
    last = list(file.heads())[-1]
    told, _key = notes.open_checkpoint(last.note, keys.origin(), [key.verifier for key in keys.listed()])
    assert (told.size, told.root) == (rows.head().size, bytes(rows.head().root))


def test_a_line_that_was_torn_by_a_power_cut_is_no_finding_and_the_next_begins_anew(anchored) -> None:
    with anchored.open("ab") as torn:
        torn.write(b'{"at": "2026-01-01T00:00:00Z", "no')
    note()
    seal()
    assert keep_anchors() == 1 and found() == ""
    assert len(list(file.heads())) == 4


def test_a_file_that_cannot_be_written_holds_up_nothing_and_becomes_a_finding(settings, tmp_path, monkeypatch) -> None:
    settings.ANCHOR_FILE = str(tmp_path / "nowhere" / "heads.jsonl")
    note()
    seal()
    assert keep_anchors() == 0 and found() == "", "not at once"
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "No head has gone into the anchor file yet." in found()


CHANGED = {
    "its end was cut off": [
        "DELETE FROM audit_checkpoint WHERE size > 300",
        "DELETE FROM audit_leaf WHERE position >= 300",
    ],
    "are not those of the anchor file, line 1": [
        "UPDATE audit_checkpoint SET root = (SELECT root FROM audit_checkpoint c WHERE c.size = {last}) WHERE size = {first}"
    ],
    "is gone; it is known from the anchor file": ["DELETE FROM audit_checkpoint WHERE size = {first}"],
}


@pytest.mark.parametrize("words", CHANGED)
def test_a_ledger_that_does_not_go_on_from_a_line_is_found(words, anchored) -> None:
    sizes = list(Checkpoint.objects.order_by("size").values_list("size", flat=True))
    with unguarded() as run:
        run("DELETE FROM audit_anchor")  # he takes away what the database knows; the file lies elsewhere
        for statement in CHANGED[words]:
            cut = statement.replace("300", str(sizes[0]))
            run(cut.format(first=sizes[0], last=sizes[-1]))
    assert words in found()


def test_a_file_that_was_changed_is_found(anchored) -> None:
    lines = anchored.read_bytes().splitlines(keepends=True)
    anchored.write_bytes(b"".join(lines[1:]))
    assert "1 heads are gone from the anchor file, the first of" in found()
    size = rows.head().size
    anchored.write_bytes(b"".join(lines).replace(f"\\n{size}\\n".encode(), f"\\n{size + 9}\\n".encode()))
    assert "does not carry our signature: it was altered there" in found()
    anchored.unlink()
    assert "3 heads are gone from the anchor file" in found()


def test_many_findings_are_counted(anchored, monkeypatch) -> None:
    monkeypatch.setattr(checking, "NAMED", 1)
    with unguarded() as run:
        run("UPDATE audit_checkpoint SET root = (SELECT hash FROM audit_leaf WHERE position = 0)")
        run("DELETE FROM audit_anchor")
    problems = checking.check_anchors(Report()).problems
    assert len(problems) == 2 and problems[1] == "2 more anchors do not hold."


# ---- letters ----


@pytest.fixture
def mail(settings):
    with SmtpSink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.ANCHOR_MAIL_TO = ["auditor@example.org", "second@example.org"]
        yield sink


def test_the_letter_holds_the_head_and_nothing_of_anybody(mail, cast, tmp_path) -> None:
    note(3)
    seal()
    head = rows.head()
    assert keep_anchors() == 1 and keep_anchors() == 0
    (raw,) = mail.letters
    letter = message_from_bytes(raw, policy=policy.default)
    text = letter.get_body().get_content().replace("\r\n", "\n")
    fingerprint = keys.fingerprint(keys.listed()[-1].verifier)
    for told in (keys.origin(), f"Size: {head.size}", bytes(head.root).hex(), fingerprint, head.note):
        assert told in text
    (attached,) = letter.iter_attachments()
    assert attached.get_content() == head.note.encode() and attached.get_filename() == f"head-{head.size}.txt"
    assert str(letter["To"]) == "undisclosed-recipients:;" and b"auditor@" not in raw, "none learns of the others"
    left = text.replace(head.note, "")
    for name in ("Haven", "haven@", cast.amina.name, getattr(cast, "elif").name, "trafficking", "survivor", "case"):
        assert name not in left.replace(keys.origin(), ""), name
    told = Event.objects.get(verb=Verb.LEDGER_ANCHORED)
    assert told.detail.shown()["codes"] == {
        "kind": "MAIL", "size": head.size, "head": bytes(head.root).hex(), "count": 2,
    }  # fmt: skip
    assert found() == ""


def test_each_day_or_after_so_many_checkpoints(mail, settings, monkeypatch) -> None:
    note()
    seal()
    assert keep_anchors() == 1
    note()
    seal()
    assert keep_anchors() == 0
    tomorrow = clock.now() + timedelta(hours=24)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    assert keep_anchors() == 1 and keep_anchors() == 0
    settings.ANCHOR_MAIL_EVERY_CHECKPOINTS = 2
    note()
    seal()
    assert keep_anchors() == 0
    note()
    seal()
    assert keep_anchors() == 1
    assert len(mail.letters) == 3


def test_a_mail_server_that_is_away_is_tried_again_and_told_after_two_days(mail, settings, monkeypatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = nobody.getsockname()[1]
    note()
    seal()
    assert keep_anchors() == 0 and not Anchor.objects.exists()
    later = clock.now() + timedelta(hours=49)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "No head has gone to the auditor yet." in found()
    settings.EMAIL_PORT = mail.port
    assert keep_anchors() == 1 and found() == ""


# ---- what auditors saw, and what the database itself keeps ----


def test_a_head_that_an_auditor_saw_and_that_is_no_beginning_any_more(db) -> None:
    note(3)
    seal()
    head = rows.head()
    from uuid import uuid4

    SeenHead(auditor_uid=uuid4(), size=head.size, root=head.root, at=clock.now()).save()
    assert found() == ""
    SeenHead(auditor_uid=uuid4(), size=head.size, root=b"?" * 32, at=clock.now()).save()
    assert re.search(rf"The first {head.size} events are not those of what auditor P-\S+ saw on", found())


@pytest.mark.parametrize("table", ["audit_anchor", "audit_seenhead"])
def test_the_database_keeps_them(table, anchored) -> None:
    from uuid import uuid4

    SeenHead(auditor_uid=uuid4(), size=1, root=b"", at=clock.now()).save()
    for statement in (f"UPDATE {table} SET size = 1", f"DELETE FROM {table}"):
        with (
            pytest.raises(Exception, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


# ---- the shadow ----


class Log:
    """A log of its own over UDP: what arrived, line by line, as a syslog server would write it."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"udp:127.0.0.1:{self.socket.getsockname()[1]}"
        self.lines: list[str] = []
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        while (got := self.socket.recv(2048)) != b"end":
            self.lines.append(got.decode())

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"end", self.socket.getsockname())
        self.thread.join(10)
        self.socket.close()


@pytest.fixture
def log():
    one = Log()
    yield one
    if one.thread.is_alive():
        one.close()


def test_one_line_an_event_and_a_head_with_nothing_of_anybody(
    log, settings, tmp_path, cast, django_capture_on_commit_callbacks
) -> None:
    settings.SHADOW_SYSLOG = log.address
    with django_capture_on_commit_callbacks(execute=True):
        events = note(3)
        seal()
    log.close()
    lines = sorted(log.lines)
    head = rows.head()
    expected = [f"<38>haven-ledger: event {event.uid} {bytes(event.mac).hex()}" for event in events]
    expected.append(f"<38>haven-ledger: head {head.size} {bytes(head.root).hex()}")
    assert lines == sorted(expected)
    journal = tmp_path / "journal"
    journal.write_text(
        "".join(f"Jan  1 00:00:00 host {line[4:]}\n" for line in lines) + "noise\nhaven-ledger: event x\n"
    )
    assert "anchors" in verified(journal)
    with unguarded() as run:
        run("UPDATE audit_event SET mac = salt WHERE id = %s", events[0].pk)
        run("DELETE FROM audit_eventdetail WHERE event_id = %s", events[1].pk)
        run("DELETE FROM audit_event WHERE id = %s", events[1].pk)
        run("UPDATE audit_checkpoint SET root = (SELECT hash FROM audit_leaf WHERE position = 0)")
    with pytest.raises(CommandError) as error:
        verified(journal)
    said = "".join(error.value.__notes__)
    assert f"Event {events[0].uid} is another one than the shadow log says." in said
    assert f"Event {events[1].uid} is gone: the shadow log has its line." in said
    assert f"The first {head.size} events are not those of the shadow log." in said


def verified(journal: Path) -> str:
    words = StringIO()
    try:
        call_command("audit_verify", "--shadow", str(journal), stdout=words, stderr=words)
    except CommandError as error:
        error.add_note(words.getvalue())
        raise
    return words.getvalue()


def test_what_rolls_back_leaves_no_line_and_a_log_that_is_away_stops_nobody(
    settings, tmp_path, django_capture_on_commit_callbacks
) -> None:
    settings.SHADOW_SYSLOG = f"unix:{tmp_path}/none"
    with django_capture_on_commit_callbacks(execute=True) as lines:
        try:
            with transaction.atomic():
                note()
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        assert not [one for one in lines if "shadow" in one.__module__]
        note()
    assert len([one for one in lines if "shadow" in one.__module__]) == 1
    for wrong in ("loghost", "udp:loghost", "udp:loghost:0", "udp:loghost:99999", "unix:x"):
        settings.SHADOW_SYSLOG = wrong
        with pytest.raises(ImproperlyConfigured, match="SHADOW_SYSLOG is"):
            shadow.parse_setting()
    settings.SHADOW_SYSLOG = ""
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("audit_verify", "--shadow", str(tmp_path / "none"), stdout=StringIO(), stderr=StringIO())


def test_to_the_log_of_this_machine_and_over_tcp(settings, tmp_path, django_capture_on_commit_callbacks) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as here, socket.create_server(("127.0.0.1", 0)) as there:
        here.bind(str(tmp_path / "log"))
        for address in (f"unix:{tmp_path}/log", f"tcp:127.0.0.1:{there.getsockname()[1]}"):
            settings.SHADOW_SYSLOG = address
            with django_capture_on_commit_callbacks(execute=True):
                (event,) = note()
            line = f"<38>haven-ledger: event {event.uid} {bytes(event.mac).hex()}"
            if address.startswith("unix"):
                assert here.recv(2048).decode() == line
            else:
                caller, _address = there.accept()
                with caller:
                    assert caller.recv(2048).decode() == f"{line}\n"
