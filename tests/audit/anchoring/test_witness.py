"""The witness as a real process with a home, a key and a memory of its own; the ledger on the tests' database."""

import base64
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured

from audit import clock
from audit.anchoring import checking, witness, witnesses
from audit.anchoring.cosigning import cosigned_at
from audit.anchoring.keeping import keep_anchors
from audit.models import Anchor, Checkpoint, Event
from audit.report import Report
from audit.sealing import keys, notes, rows, tiles, tree
from audit.sealing.notes import BadNote, Verifier
from audit.verbs import Verb
from casemgmt.crypto import keyring, signing
from tests.audit.sealing.scene import note, seal, unguarded
from tests.smtp_sink import SmtpSink

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("in_context")]
NAME = "witness.example.org/1"


class Process:
    """``manage.py audit_witness``, begun anew as often as a test likes."""

    def __init__(self, place: Path, mail: int) -> None:
        self.folder, self.keys, self.home = place / "witness", place / "keys.txt", place / "home"
        self.home.mkdir()
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("HAVEN", "DJANGO"))}
        self.environment = {key: value for key, value in kept.items() if not key.endswith("_URL")} | {
            "HAVEN_HOME": str(self.home),
            "SECRET_KEY": "only-for-tests-" + "x" * 50,
            "EMAIL_URL": f"smtp://127.0.0.1:{mail}",
        }
        self.keys.write_text(keys.key_file())
        self.process: subprocess.Popen[str] | None = None

    def begin(self) -> None:
        self.process = self.command()
        self.said = []
        for line in self.process.stdout:
            self.said.append(line.strip())
            if line.startswith("It listens on "):
                self.port = int(re.search(r":(\d+)\.", line)[1])
                return
        raise AssertionError(self.process.stderr.read())

    def command(self) -> "subprocess.Popen[str]":
        words = ["--folder", self.folder, "--keys", self.keys, "--listen", "127.0.0.1:0", "--tell", "a@example.org"]
        return subprocess.Popen(
            [sys.executable, "manage.py", "audit_witness", *map(str, words)],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self, how: int = signal.SIGTERM) -> str:
        """What it said on its standard error."""
        if self.process is None or self.process.poll() is not None:
            return ""
        self.process.send_signal(how)
        return self.process.communicate(timeout=60)[1]

    @property
    def setting(self) -> str:
        """For WITNESSES."""
        key = next(line for line in self.said if line.startswith("Its key"))
        return f"http://127.0.0.1:{self.port} {key.rpartition(' ')[2]}"

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body)
        answer = connection.getresponse()
        found = answer.status, answer.read().decode(), answer.headers["Content-Type"]
        connection.close()
        return found

    @property
    def alarms(self) -> list[dict]:
        place = self.folder / "alarms.jsonl"
        return [json.loads(line) for line in place.read_text().splitlines()] if place.exists() else []


@pytest.fixture
def mail() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def running(tmp_path, mail, settings) -> Iterator[Process]:
    """A witness that has seen the first head."""
    note(300)
    seal()
    one = Process(tmp_path, mail.port)
    one.begin()
    settings.WITNESSES = [one.setting]
    assert keep_anchors() == 1
    yield one
    one.end(signal.SIGKILL)


def grow(count: int = 3) -> Checkpoint:
    note(count)
    seal()
    return rows.head()


def found() -> Report:
    return checking.check_anchors(Report())


def body(old: int, head: Checkpoint, signed: str = "") -> bytes:
    proof = tiles.prove_consistency(rows.Rows(), old, head.size)
    hashes = "".join(f"{base64.b64encode(step).decode()}\n" for step in proof)
    return f"old {old}\n{hashes}\n{signed or head.note}".encode()


def test_it_cosigns_what_goes_on_from_the_last_head_and_remembers_it_when_it_is_killed(running) -> None:
    (verifier,) = [one.verifier for one in witnesses.listed()]
    first = Anchor.objects.get()
    assert (first.kind, first.place, first.size) == ("WITNESS", NAME, rows.head().size)
    cosigned = notes.parse_note(first.note)
    assert abs(cosigned_at(cosigned, verifier) - clock.now()) < timedelta(minutes=10)
    assert any(key.verifier.signed(cosigned) for key in keys.listed()), "ours stands above it, as it was"
    assert keep_anchors() == 0, "nothing new"
    head = grow()
    assert keep_anchors() == 1
    assert running.ask("GET", "/head") == (200, Anchor.objects.latest("pk").note, "text/plain; charset=utf-8")
    assert found().problems == [], "which has it cosigned once more, at another second"
    running.end(signal.SIGKILL)
    assert "does not answer" in found().remarks[0] and found().problems == [], "away is no finding by itself"
    key = running.setting.partition(" ")[2]
    running.begin()
    assert (
        running.setting.endswith(key) and f"The last head it saw: {head.size} {bytes(head.root).hex()}" in running.said
    )
    assert {one.name for one in running.folder.iterdir()} >= {"witness.key", "state.json", "heads.jsonl"}
    assert [one.stat().st_mode & 0o77 for one in running.folder.iterdir()] == [0] * 4
    assert not list(running.home.rglob("*sqlite3*")), "it has no database"
    assert running.end() == "" and running.process.returncode == 0 and running.alarms == []


def test_two_witnesses_do_not_share_a_folder_nor_does_one_begin_without_its_memory(running) -> None:
    second = running.command()
    assert "Another witness uses this folder" in second.communicate(timeout=60)[1] and second.returncode == 1
    running.end()
    for name, words in (("state.json", "The state of this witness is gone"), ("witness.key", "key of this witness is")):
        (running.folder / name).rename(running.folder / "kept")
        second = running.command()
        assert words in second.communicate(timeout=60)[1] and second.returncode == 1
        (running.folder / "kept").rename(running.folder / name)
    (running.folder / "state.json").write_text("{}")
    assert "cannot be read" in running.command().communicate(timeout=60)[1]


def test_a_head_that_does_not_go_on_from_the_last_one_is_refused_and_told(running, mail) -> None:
    """The insider holds all keys: he changes an event and builds tree and checkpoints anew."""
    with unguarded() as run:
        run("UPDATE audit_event SET mac = salt WHERE id = (SELECT event_id FROM audit_leaf WHERE position = 100)")
        for table in ("anchor", "checkpoint", "leaf", "tile"):
            run(f"DELETE FROM audit_{table}")
    head = grow()
    assert keep_anchors() == 0
    (alarm,) = running.alarms
    assert "what was sealed has changed" in alarm["what"]
    assert alarm["came"] == head.note, "the signature that convicts is kept"
    told = Event.objects.filter(verb=Verb.LEDGER_VERIFIED, detail__content__codes__kind="WITNESS")
    assert told.get().outcome == "FAILED"
    assert keep_anchors() == 0 and told.count() == 1, "told once"
    (problem,) = found().problems
    assert "refused the head of" in problem
    until = time.monotonic() + 20
    while not mail.letters and time.monotonic() < until:
        time.sleep(0.05)
    assert b"what was sealed has changed" in mail.letters[0]
    assert "ALARM: " in running.end()


def test_a_ledger_whose_end_was_cut_off_is_told_from_both_sides(running, monkeypatch) -> None:
    small = rows.head()
    big = grow()
    assert keep_anchors() == 1
    with unguarded() as run:
        run("DELETE FROM audit_anchor")
        run("DELETE FROM audit_checkpoint WHERE size > %s", small.size)
        run("DELETE FROM audit_leaf WHERE position >= %s", small.size)
    assert keep_anchors() == 0
    (problem,) = found().problems
    assert f"saw {big.size} events, and the ledger has {small.size}: its end was cut off" in problem
    assert running.alarms == [], "an older head may have been on its way for some seconds"
    running.end()
    state = json.loads((running.folder / "state.json").read_text())
    state["at"] = (clock.now() - timedelta(minutes=2)).isoformat()
    (running.folder / "state.json").write_text(json.dumps(state))
    running.begin()
    assert running.ask("POST", "/add-checkpoint", body(small.size, small))[:2] == (409, f"{big.size}\n")
    assert f"had {big.size} events and now comes with {small.size}" in running.alarms[0]["what"]


def test_two_heads_of_one_size_convict(running) -> None:
    head = rows.head()
    other = keys.sign(head.size, b"?" * 32)
    answer = running.ask("POST", "/add-checkpoint", body(head.size, head, str(other)))
    assert answer == (409, f"{head.size}\n", "text/x.tlog.size")
    assert "differ" in running.alarms[0]["what"] and running.alarms[0]["came"] == str(other)
    grow()
    assert keep_anchors() == 1
    answer = running.ask("POST", "/add-checkpoint", body(head.size, head, str(other)))
    assert answer[0] == 409 and len(running.alarms) == 2, "also when it has gone on from there"


def test_what_a_stranger_sends(running) -> None:
    """Nobody but the ledger's key gets an answer that means something, and nobody an alarm."""
    head = grow()
    stranger = notes.sign(notes.parse_note(head.note).text, keys.origin(), Ed25519PrivateKey.generate())
    other_log = notes.sign(notes.Checkpoint("other.example.org", 5, b"?" * 32).text(), "other.example.org",
                           Ed25519PrivateKey.generate())  # fmt: skip
    last = Anchor.objects.get().size
    for expected, sent in {
        403: body(last, head, str(stranger)),
        404: body(last, head, str(other_log)),
        400: b"old x\n\n" + head.note.encode(),
    }.items():
        assert running.ask("POST", "/add-checkpoint", sent)[0] == expected
    for sent in (
        b"",
        b"\xff",
        b"old 1",
        body(last, head).replace(b"=\n\n", b"\n\n", 1),
        body(head.size + 0, head)[:-9],
    ):
        assert running.ask("POST", "/add-checkpoint", sent)[0] == 400, sent
    assert running.ask("POST", "/add-checkpoint", f"old {head.size + 1}\n\n{head.note}".encode())[0] == 400
    assert running.ask("POST", "/add-checkpoint", body(1, head))[:2] == (409, f"{last}\n"), "it demands its own size"
    assert running.ask("POST", "/add-checkpoint", b"x" * 70_000)[0] == 413
    assert running.ask("POST", "/other")[0] == running.ask("GET", "/state.json")[0] == 404
    assert running.alarms == []
    running.keys.write_text("no key")
    assert running.ask("POST", "/add-checkpoint", body(last, head))[0] == 503
    running.keys.write_text(keys.key_file())
    assert keep_anchors() == 1


def test_a_new_key_of_the_ledger_is_handed_over(running) -> None:
    signing.rotate()
    keyring.forget()
    grow()
    assert keep_anchors() == 0 and running.alarms == [], "signed by a key that it was not given"
    assert not Event.objects.filter(verb=Verb.LEDGER_VERIFIED).exists()
    running.keys.write_text(keys.key_file())
    assert keep_anchors() == 1


def test_one_that_remembers_more_than_the_database(running) -> None:
    """After a restore the house may have forgotten what was cosigned; the witness says where to go on."""
    with unguarded() as run:
        run("DELETE FROM audit_anchor")
    head = grow()
    assert keep_anchors() == 1 and Anchor.objects.get().size == head.size and running.alarms == []


def test_an_answer_that_is_not_the_witness_is_not_kept(running, settings, tmp_path) -> None:
    other = Verifier(NAME, Ed25519PrivateKey.generate().public_key().public_bytes_raw(), notes.COSIGNATURE)
    settings.WITNESSES = [f"http://127.0.0.1:{running.port} {other}"]
    grow()
    assert keep_anchors() == 0 and Anchor.objects.count() == 1
    for wrong in ("http://127.0.0.1", f"ftp://127.0.0.1 {other}", f"http://127.0.0.1 {keys.listed()[0].verifier}"):
        settings.WITNESSES = [wrong]
        with pytest.raises(ImproperlyConfigured, match="WITNESSES"):
            witnesses.listed()


@pytest.mark.once
def test_a_request_as_it_is_written_down() -> None:
    head = notes.sign(
        notes.Checkpoint("a.example.org", 7, b"r" * 32).text(), "a.example.org", Ed25519PrivateKey.generate()
    )
    step = base64.b64encode(b"s" * 32).decode()
    told = witness.parse_request(f"old 3\n{step}\n{step}\n\n{head}".encode())
    assert (told.old, told.proof, str(told.note)) == (3, [b"s" * 32] * 2, str(head))
    for wrong in (
        f"old 3\n{step}x\n\n{head}",
        f"old -1\n\n{head}",
        "old 3\n" + f"{step}\n" * 64 + f"\n{head}",
        "old 3\nAA==\n\nx",
    ):
        with pytest.raises(BadNote):
            witness.parse_request(wrong.encode())


@pytest.mark.once
def test_the_example_of_the_standard() -> None:
    """https://c2sp.org/tlog-cosignature: an eight-byte time and 64 bytes under a key hash of type 4."""
    whole = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeM"
        "cTOAYQ8=\n"
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+m"
        "bIUBkBIfZ+qnA==\n"
    )
    told = notes.parse_note(whole)
    assert str(told) == whole and notes.parse_checkpoint(told).size == 20852163
    assert len(told.signatures[1].raw) == 8 + 64 and int.from_bytes(told.signatures[1].raw[:8]) == 1679315147
    assert len(notes.parse_checkpoint(told).root) == tree.HASH_BYTES
