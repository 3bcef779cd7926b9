"""The optional scanner: a real clamd where one is installed, and in any case a real socket that speaks INSTREAM."""

import io
import shutil
import socket
import struct
import subprocess
import threading
import time
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Event
from casemgmt.checks import check_files
from cases import access, scanning
from cases.errors.files import FileIsInfected, ScannerUnavailable, TooLargeForScanner
from cases.models import Document
from tests import make

HARMFUL = b"haven-test-harmful-content"
CLAMD = shutil.which("clamd", path="/usr/sbin:/usr/bin:/usr/local/sbin")


class Scanner(threading.Thread):
    """A socket that speaks clamd's INSTREAM: takes everything, answers like clamd, and keeps what it was given."""

    def __init__(self, path, *, limit=1 << 40):
        super().__init__(daemon=True)
        self.given, self.limit = [], limit
        self.line = socket.socket(socket.AF_UNIX)
        self.line.bind(str(path))
        self.line.listen()
        self.start()

    def run(self):
        while True:
            try:
                peer, _address = self.line.accept()
            except OSError:
                return
            with peer, peer.makefile("rb") as said:
                assert said.read(10) == b"zINSTREAM\0"
                content = b""
                while (length := struct.unpack(">I", said.read(4))[0]) and len(content) <= self.limit:
                    content += said.read(length)
                self.given.append(content)
                peer.sendall(self.answer(content))

    def answer(self, content):
        if len(content) > self.limit:
            return b"INSTREAM size limit exceeded. ERROR\0"
        return b"stream: Test.Harmful FOUND\0" if HARMFUL in content else b"stream: OK\0"


@pytest.fixture
def scanner(tmp_path, settings):
    found = Scanner(tmp_path / "clamd.sock")
    settings.CLAMD_ADDRESS = f"unix:{tmp_path}/clamd.sock"
    yield found
    found.line.close()


def test_without_a_scanner_nothing_is_asked(settings):
    assert settings.CLAMD_ADDRESS == "" and scanning.scan(io.BytesIO(HARMFUL)) == ""


def test_a_file_is_given_whole_and_put_back_to_its_start(scanner):
    content = b"x" * 200_000
    reader = io.BytesIO(content)
    reader.seek(77)
    assert scanning.scan(reader) == "CLEAN" and reader.tell() == 0
    assert scanner.given == [content]


def test_something_harmful_is_refused(scanner):
    with pytest.raises(FileIsInfected):
        scanning.scan(io.BytesIO(b"x" * 100_000 + HARMFUL))


def test_a_file_that_the_scanner_does_not_take(tmp_path, settings):
    Scanner(tmp_path / "small.sock", limit=100_000)
    settings.CLAMD_ADDRESS = f"unix:{tmp_path}/small.sock"
    with pytest.raises(TooLargeForScanner):
        scanning.scan(io.BytesIO(bytes(30_000_000)))


def test_a_scanner_that_does_not_answer(tmp_path, settings):
    settings.CLAMD_ADDRESS = f"unix:{tmp_path}/nobody.sock"
    with pytest.raises(ScannerUnavailable):
        scanning.scan(io.BytesIO(b"x"))
    settings.CLAMD_REQUIRED = False
    assert scanning.scan(io.BytesIO(b"x")) == "UNSCANNED"


@pytest.mark.parametrize(
    "words",
    [
        "tcp:10.0.0.5:3310",
        "tcp:scanner.example.org:3310",
        "tcp:localhost:3310",
        "tcp:127.0.0.1:0",
        "clamd.ctl",
        "unix:clamd",
        "tcp:",
    ],
)
def test_a_scanner_elsewhere_is_refused_at_the_start(settings, words):
    settings.CLAMD_ADDRESS = words
    with pytest.raises(ImproperlyConfigured):
        scanning.scan(io.BytesIO(b"x"))
    assert [message.id for message in check_files(None)] == ["haven.E021"]


def test_a_scanner_of_this_machine_and_a_limit_of_a_kind_that_exists(settings):
    for words in ("unix:/run/clamav/clamd.ctl", "tcp:127.0.0.1:3310", "tcp:[::1]:3310"):
        settings.CLAMD_ADDRESS = words
        assert check_files(None) == []
    settings.DOCUMENT_MAX_BYTES_BY_CATEGORY = {"VIDEOS": 1}
    assert [message.id for message in check_files(None)] == ["haven.E020"]


def test_through_the_page_it_is_refused_in_words_and_recorded(cast, case, sign_in, scanner):
    tab, client = reverse("case-documents", args=[case.uid]), sign_in(cast.amina)

    def send(content):
        form = {"upload": SimpleUploadedFile("a.txt", content), "category": "OTHER", "form_key": str(uuid4())}
        return client.post(tab, form)

    answer = send(b"words " + HARMFUL)
    assert answer.status_code == 422 and "virus scanner found something harmful" in answer.text
    assert '<option value="OTHER" selected>' in answer.text and not access.within(Document, case).exists()
    event = Event.objects.get(verb="DOCUMENT_SEALED", case_uid=case.uid)
    assert event.outcome == "REFUSED" and event.detail.content["codes"] == {"scan": "INFECTED"}
    assert send(b"only words").status_code == 302
    event = Event.objects.get(verb="DOCUMENT_SEALED", case_uid=case.uid, outcome="OK")
    assert event.detail.content["codes"]["scan"] == "CLEAN"
    scanner.line.close()


def test_while_it_is_down_the_page_says_so(cast, case, sign_in, settings, tmp_path):
    settings.CLAMD_ADDRESS = f"unix:{tmp_path}/nobody.sock"
    form = {"upload": SimpleUploadedFile("a.txt", b"words"), "category": "OTHER"}
    answer = sign_in(cast.amina).post(reverse("case-documents", args=[case.uid]), form)
    assert answer.status_code == 422 and "does not answer" in answer.text
    settings.CLAMD_REQUIRED = False
    make.document(case, cast.amina)
    event = Event.objects.get(verb="DOCUMENT_SEALED", outcome="OK")
    assert event.detail.content["codes"]["scan"] == "UNSCANNED"


@pytest.mark.deep
@pytest.mark.once
@pytest.mark.skipif(CLAMD is None, reason="clamd is not installed")
def test_with_a_real_clamd(tmp_path, settings):
    """With one signature of our own, so that nothing is fetched from anywhere."""
    (tmp_path / "signatures").mkdir()
    (tmp_path / "signatures" / "own.ndb").write_text(f"Test.Harmful:0:*:{HARMFUL.hex()}\n")
    (tmp_path / "clamd.conf").write_text(
        f"Foreground yes\nLocalSocket {tmp_path}/clamd.sock\nDatabaseDirectory {tmp_path}/signatures\nStreamMaxLength 5M\n"
        f"LogFile {tmp_path}/clamd.log\n"
    )
    process = subprocess.Popen(
        [CLAMD, "-c", str(tmp_path / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 60
        while not (tmp_path / "clamd.sock").exists():
            assert process.poll() is None and time.monotonic() < until, "clamd did not start"
            time.sleep(0.1)
        settings.CLAMD_ADDRESS = f"unix:{tmp_path}/clamd.sock"
        assert scanning.scan(io.BytesIO(b"an ordinary letter")) == "CLEAN"
        with pytest.raises(FileIsInfected):
            scanning.scan(io.BytesIO(b"a letter with " + HARMFUL))
        with pytest.raises(TooLargeForScanner):
            scanning.scan(io.BytesIO(bytes(20_000_000)))
    finally:
        process.terminate()
        process.wait(20)
