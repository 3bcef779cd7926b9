"""Rotation and renewal by real processes: two at once, killed at any moment, others working meanwhile."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from secrets import token_hex

import pytest

from tests import postgres
from tests.settings import ENGINE

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.deep


class Home:
    """A home of its own with one case, and processes in it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="haven-keys-"))
        # Its own databases, and its own home, whichever process of the tests asks.
        ours = ("DATABASE_URL", "KEYSTORE_URL", "PYTEST_XDIST_WORKER")
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in ours},
            "HAVEN_TEST_HOME": str(self.path),
            "DJANGO_SETTINGS_MODULE": "tests.crypto.own_home",
        }
        if ENGINE == "postgresql":
            self.prefix = f"own_{token_hex(4)}"
            self.environment["OWN_DATABASES"] = self.prefix
            for name in (self.prefix, f"{self.prefix}_keys"):
                postgres.create_database(name)
        self.case = self.errand("prepare").strip().splitlines()[-1]

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def errand(self, *arguments: str) -> str:
        return self._finished(self.start("-m", "tests.crypto.own_home", *arguments))

    def keys(self, *arguments: str) -> str:
        return self._finished(self.start_keys(*arguments))

    def start_keys(self, step: str, *arguments: str) -> "subprocess.Popen[str]":
        reason = [] if step == "status" else ["--reason", "a test"]
        return self.start("manage.py", "keys", step, *arguments, *reason)

    def at_once(self, *commands: list[str]) -> list[tuple[str, str]]:
        """Run several steps at the same time; what each said."""
        running = [self.start_keys(*command) for command in commands]
        said = [process.communicate(timeout=180) for process in running]
        assert [process.returncode for process in running] == [0] * len(running), said
        return said

    def status(self) -> dict:
        return json.loads(self.keys("status", "--json"))

    def verify(self) -> str:
        return self._finished(self.start("manage.py", "audit_verify", "--skip-checks"))

    def _finished(self, process: "subprocess.Popen[str]") -> str:
        out, err = process.communicate(timeout=180)
        assert process.returncode == 0, f"{out}\n{err}"
        return out

    def close(self) -> None:
        if ENGINE == "postgresql":
            for name in (self.prefix, f"{self.prefix}_keys"):
                postgres.drop_database(name)
        shutil.rmtree(self.path, ignore_errors=True)


@pytest.fixture
def home():
    home = Home()
    yield home
    home.close()


def content(lines: str) -> list[str]:
    """What was read, without the versions that a renewal's switch of files added, and without the epochs."""
    return [line for line in lines.splitlines() if not line.startswith("epochs")]


def epochs(lines: str) -> list[str]:
    return lines.splitlines()[-1].split()[1:]


def lost(before: str, after: str) -> list[str]:
    there = set(content(after))
    return [line for line in content(before) if line not in there]


def kill_soon(process: "subprocess.Popen[str]", seconds: float) -> bool:
    """SIGKILL after so long; False where it was done before."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return True
    process.communicate()
    return False


def test_two_processes_rotate_at_once(home):
    home.errand("many_keys", "3000")
    before = home.errand("read_all", home.case)
    home.at_once(["add"], ["add"])
    assert [key["state"] for key in home.status()["keys"]] == ["PRIMARY", "PENDING"]
    home.at_once(["promote"], ["promote"])
    assert [key["state"] for key in home.status()["keys"]] == ["DECRYPT_ONLY", "PRIMARY"]
    outcomes = home.at_once(["rewrap", "--json"], ["rewrap", "--json"])
    done = [json.loads(out).get("done", 0) for out, _err in outcomes]
    first, second = home.status()["keys"]
    assert sum(first["wraps"].values()) == 0 and sum(second["wraps"].values()) == sum(done) > 15000
    assert "15," in outcomes[0][1] + outcomes[1][1]  # progress
    home.keys("retire", "1")
    home.keys("destroy", "1", "--now")
    assert content(home.errand("read_all", home.case)) == content(before)
    assert "are whole" in home.verify()


def test_killed_in_the_middle_of_rewrapping(home):
    home.errand("many_keys", "12000")
    before = home.errand("read_all", home.case)
    home.keys("add")
    home.keys("promote")
    dice, killed, halves = random.Random(4), 0, 0
    for _attempt in range(6):
        process = home.start_keys("rewrap")
        process.stderr.readline()  # it has begun
        killed += kill_soon(process, dice.uniform(0.05, 0.5))
        first, second = home.status()["keys"]
        halves += bool(first["wraps"]["CaseKey"] and second["wraps"]["CaseKey"])
        assert content(home.errand("read_all", home.case)) == content(before)
    assert killed >= 1 and halves >= 1, (killed, halves)
    home.keys("rewrap")
    first, second = home.status()["keys"]
    assert sum(first["wraps"].values()) == 0 and second["wraps"]["CaseKey"] > 60000
    home.keys("retire", "1")
    home.keys("destroy", "1", "--now")
    assert content(home.errand("read_all", home.case)) == content(before)


def test_promotion_while_another_process_is_sealing(home):
    sealing = home.start("-m", "tests.crypto.own_home", "seal_for", "12", home.case)
    assert sealing.stdout.readline().strip() == "began"
    home.keys("add")
    home.keys("promote")
    home.keys("rewrap")
    out, err = sealing.communicate(timeout=60)
    assert sealing.returncode == 0, err
    assert "keks" in out
    home.keys("rewrap")  # what it still made by the old key while it was promoted
    home.keys("retire", "1")
    assert home.status()["keys"][0]["wraps"]["CaseKey"] == 0


def test_a_running_process_follows_and_forgets(home):
    other = home.start("-m", "tests.crypto.own_home", "follow", home.case)

    def look() -> str:
        other.stdin.write("look\n")
        other.stdin.flush()
        return other.stdout.readline().strip()

    assert look().endswith("primary 1 now 1")
    home.keys("add")
    home.keys("promote")
    assert look().endswith("primary 2 now 1 2")
    home.keys("rewrap")
    home.keys("retire", "1")
    home.keys("destroy", "1", "--now")
    assert look() == "held primary 2 now 2"
    other.stdin.write("end\n")
    other.stdin.close()
    assert other.wait(20) == 0


def test_killed_at_any_moment_of_a_renewal(home):
    before = home.errand("read_all", home.case)
    assert epochs(before) == ["1"]
    dice, killed, seen = random.Random(11), 0, set()
    for _attempt in range(10):
        process = home.start_keys("renew", home.case, "--wait", "0.5")
        killed += kill_soon(process, dice.uniform(1.0, 8.0))
        now = home.errand("read_all", home.case)
        assert lost(before, now) == []
        seen.add(tuple(epochs(now)))
    assert killed >= 3
    out = home.keys("renew", home.case, "--wait", "0", "--json")
    assert json.loads(out)["is_done"]
    after = home.errand("read_all", home.case)
    assert lost(before, after) == [] and len(epochs(after)) == 1 and epochs(after) != ["1"]
    stored = [path for path in (home.path / "files").rglob("*") if path.is_file()]
    assert len(stored) == 2
    assert "are whole" in home.verify()


def test_two_processes_renew_one_case(home):
    before = home.errand("read_all", home.case)
    both = [home.start_keys("renew", home.case, "--wait", "0") for _ in range(2)]
    outcomes = [process.communicate(timeout=120) for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes in ([0, 1], [0, 0]), outcomes
    if codes == [0, 1]:
        assert "Another process is renewing keys" in outcomes[0][1] + outcomes[1][1]
    after = home.errand("read_all", home.case)
    assert lost(before, after) == [] and len(epochs(after)) == 1
    assert "are whole" in home.verify()


def test_a_renewal_in_small_steps_is_readable_at_each(home):
    """Read everything again and again while another process renews."""
    before = home.errand("read_all", home.case)
    process = home.start_keys("renew", home.case, "--wait", "1")
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        assert lost(before, home.errand("read_all", home.case)) == []
    assert process.wait(30) == 0


def test_killed_at_any_moment_of_a_renewal_of_a_persons_key(home):
    address = home.errand("fill_own").strip()
    before = home.errand("read_own")
    assert epochs(before) == ["1"] and len(content(before)) == 107
    dice, killed = random.Random(5), 0
    for _attempt in range(6):
        process = home.start_keys("renew", "--person", address, "--wait", "0.5")
        killed += kill_soon(process, dice.uniform(0.8, 6.0))
        assert content(home.errand("read_own")) == content(before)
    assert killed >= 2
    assert json.loads(home.keys("renew", "--person", address, "--wait", "0", "--json"))["is_done"]
    after = home.errand("read_own")
    assert content(after) == content(before) and len(epochs(after)) == 1 and epochs(after) != ["1"]
    assert "are whole" in home.verify()
