"""Large recordings through the real server: sealed as they come, handed out as they are read, with flat memory."""

import hashlib
import http.client
import re
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from tests.served import Served

pytestmark = [pytest.mark.once, pytest.mark.deep]
MB = 1024 * 1024
#: The most that a process may grow while a file of any size goes through it.
EXTRA = 80 * MB
CANARY = b"Ana Canary speaks here. "
BOUNDARY = "haven-test-boundary"


class Recording:
    """A video of any size that exists a piece at a time; every piece holds the canary, and no two are alike."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.head = struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0) + struct.pack(">I4s", size - 16, b"mdat")

    def pieces(self) -> Iterator[bytes]:
        yield self.head
        left, number = self.size - len(self.head), 0
        while left:
            piece = (struct.pack(">Q", number) + CANARY * 2731)[: min(65_536, left)]
            left, number = left - len(piece), number + 1
            yield piece

    def sha256(self) -> str:
        found = hashlib.sha256()
        for piece in self.pieces():
            found.update(piece)
        return found.hexdigest()


class Visitor:
    """A signed-in person with nothing but a socket: sends and receives in pieces, keeps cookies."""

    def __init__(self, haven: Served, person: str) -> None:
        self.haven, self.cookies = haven, {}
        self.open("GET", "/demo/")[1].read()
        status, answer = self.open("POST", "/demo/sign-in/", *self.form({"person": person}))
        answer.read()
        assert status == 302, status

    def open(self, method: str, path: str, body=None, headers=None) -> tuple[int, http.client.HTTPResponse]:
        line = http.client.HTTPConnection("localhost", self.haven.port, timeout=300)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        line.request(method, path, body, {"Cookie": cookies, **(headers or {})})
        answer = line.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _equals, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer.status, answer

    def page(self, path: str) -> str:
        status, answer = self.open("GET", path)
        assert status == 200, (path, status)
        return answer.read().decode()

    def form(self, fields: dict[str, str], file: Recording | None = None, pause: float = 0) -> tuple:
        """Body and headers of a form, with a file in pieces."""
        fields = {**fields, "csrfmiddlewaretoken": self.cookies.get("haven_csrf", "")}
        before = b"".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        )
        after = f"--{BOUNDARY}--\r\n".encode()
        if file is not None:
            about = 'name="upload"; filename="talk.mp4"\r\nContent-Type: video/mp4'
            before += f"--{BOUNDARY}\r\nContent-Disposition: form-data; {about}\r\n\r\n".encode()
            after = b"\r\n" + after

        def body() -> Iterator[bytes]:
            yield before
            for piece in file.pieces() if file else ():
                time.sleep(pause)
                yield piece
            yield after

        length = len(before) + len(after) + (file.size if file else 0)
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": str(length)}
        return body(), {**headers, "Referer": self.haven.address, "Origin": self.haven.address}

    def keep(self, case: str, file: Recording, pause: float = 0) -> str:
        """Upload a recording; the address of its page."""
        seen = set(_documents(self.page(f"{case}documents/")))
        body, headers = self.form({"category": "VIDEO", "section": "ADVOCACY"}, file, pause)
        status, answer = self.open("POST", f"{case}documents/", body, headers)
        text = answer.read().decode()
        assert status == 302, re.findall(r'class="err".*?</div>', text, re.DOTALL) or text[:500]
        [new] = set(_documents(self.page(f"{case}documents/"))) - seen
        return new

    def digest(self, path: str) -> str:
        """The SHA-256 of an answer, read in pieces."""
        status, answer = self.open("GET", path)
        assert status == 200
        found = hashlib.sha256()
        while piece := answer.read(65_536):
            found.update(piece)
        return found.hexdigest()


def _documents(page: str) -> list[str]:
    return re.findall(r'href="(/cases/[0-9a-f-]{36}/documents/[0-9a-f-]{36}/)page/"', page)


class Watch(threading.Thread):
    """How much the memory of the server's processes grows, at most, while the block runs."""

    def __init__(self, haven: Served) -> None:
        super().__init__(daemon=True)
        family = psutil.Process(haven.process.pid)
        self.processes = [family, *family.children(recursive=True)]
        self.before = {one.pid: one.memory_info().rss for one in self.processes}
        self.extra, self.is_over = 0, False

    def run(self) -> None:
        while not self.is_over:
            for one in self.processes:
                self.extra = max(self.extra, one.memory_info().rss - self.before[one.pid])
            time.sleep(0.02)

    def __enter__(self) -> "Watch":
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.is_over = True
        self.join()


@pytest.fixture(scope="module")
def haven() -> Iterator[Served]:
    with Served.demo() as served:
        yield served


@pytest.fixture(scope="module")
def amina(haven: Served) -> Visitor:
    return Visitor(haven, "amina")


@pytest.fixture(scope="module")
def case(haven: Served, amina: Visitor) -> str:
    """The first case on her list that takes recordings; small ones have warmed every process up."""
    for found in dict.fromkeys(re.findall(r'href="(/cases/[0-9a-f-]{36}/)"', amina.page("/cases/"))):
        if 'value="VIDEO"' in amina.page(f"{found}documents/"):
            with ThreadPoolExecutor(4) as several:
                list(several.map(warm_up, [haven] * 12, [found] * 12))
            return found
    raise AssertionError("no case takes recordings")


def warm_up(haven: Served, case: str) -> None:
    """A small recording in and out. Several at once, so that no process does it for the first time while it is measured."""
    visitor = Visitor(haven, "amina")
    body, headers = visitor.form({"category": "VIDEO", "section": "ADVOCACY"}, Recording(5 * MB))
    status, answer = visitor.open("POST", f"{case}documents/", body, headers)
    answer.read()
    assert status == 302
    visitor.digest(_documents(visitor.page(f"{case}documents/"))[0])


def measure(haven: Served, amina: Visitor, case: str, size: int, most: int) -> dict[str, float]:
    """Up, down and by ranges; what it cost. Fails where a byte is different or memory grows with the file."""
    file, took = Recording(size), {}
    expected = file.sha256()
    with Watch(haven) as watch:
        began = time.monotonic()
        address = amina.keep(case, file)
        took["up"], took["up_mb"] = time.monotonic() - began, watch.extra / MB
        began = time.monotonic()
        assert amina.digest(address) == expected
        took["down"] = time.monotonic() - began
        for part in (0, size // 2, size - 1000):
            began = time.monotonic()
            status, answer = amina.open("GET", f"{address}play/", headers={"Range": f"bytes={part}-"})
            content = answer.read()
            took[f"range_{part}"] = time.monotonic() - began
            assert status == 206 and answer.headers["Content-Range"] == f"bytes {part}-{part + len(content) - 1}/{size}"
            assert len(content) == min(4 * MB, size - part)
            assert CANARY in content
    took["extra_mb"] = watch.extra / MB
    print({name: round(value, 2) for name, value in took.items()})
    assert watch.extra < most, took
    return took


def test_a_recording_of_60_megabytes_needs_no_more_memory_than_a_small_one(haven, amina, case):
    measure(haven, amina, case, 60 * MB, 20 * MB)
    on_disk = [path for folder in ("files", "tmp") for path in (haven.home / folder).rglob("*") if path.is_file()]
    assert any(path.stat().st_size > 60 * MB for path in on_disk)
    assert not any(CANARY in path.read_bytes() for path in on_disk)


def test_a_recording_of_500_megabytes(haven, amina, case):
    measure(haven, amina, case, 500 * MB, EXTRA)


def test_an_upload_may_take_longer_than_the_servers_patience_with_a_stuck_process(haven, amina, case):
    """A slow line: 70 seconds for one file, while REQUEST_SECONDS is 60."""
    from casemgmt.operations.server import REQUEST_SECONDS

    file = Recording(70 * 65_536)
    began = time.monotonic()
    address = amina.keep(case, file, pause=1.0)
    assert time.monotonic() - began > REQUEST_SECONDS
    assert amina.digest(address) == file.sha256()
