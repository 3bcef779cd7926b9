"""What stands before the server: ports, homes, locks on a home, log lines, and the summary of a test run."""

import logging
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from casemgmt import env, logs
from casemgmt.operations.errors import AlreadyServed
from casemgmt.operations.locks import alone, place_of
from casemgmt.operations.port import is_loopback, why_not
from tests import run
from tests.served import free_port

ROOT = Path(__file__).resolve().parents[2]


# ---- ports ----


def test_free_port_is_fine():
    assert why_not("127.0.0.1", free_port()) == ""


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_taken_port_is_one_sentence_with_a_way_out(family, address):
    port = free_port()
    with socket.socket(family) as other:
        try:
            other.bind((address, port))
        except OSError:
            pytest.skip("this machine does not speak IPv6")
        other.listen()
        said = why_not("127.0.0.1", port)
    assert f"Port {port} is taken" in said and f"PORT={port + 1}" in said and "\n" not in said


@pytest.mark.parametrize("port", [0, -1, 65536, 99999])
def test_no_port(port):
    assert "not a port" in why_not("127.0.0.1", port)


@pytest.mark.parametrize(
    ("address", "answer"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("::", False),
     ("192.168.0.1", False), ("", False)],
)  # fmt: skip
def test_loopback(address, answer):
    assert is_loopback(address) is answer


# ---- homes ----


def test_home_is_made_once_and_private(tmp_path):
    home = tmp_path / "home"
    assert env.prepare_home(home, demo=True)
    text = (home / ".env").read_text()
    assert "HAVEN_DEMO=1" in text
    assert os.stat(home / ".env").st_mode & 0o777 == 0o600
    assert os.stat(home).st_mode & 0o777 == 0o700
    assert not env.prepare_home(home, demo=True)
    assert (home / ".env").read_text() == text, "a second start changes no secret"


@pytest.mark.parametrize("demo", [True, False])
def test_home_stays_what_it_was_made_for(tmp_path, demo):
    env.prepare_home(tmp_path, demo=demo)
    with pytest.raises(SystemExit, match="made for"):
        env.prepare_home(tmp_path, demo=not demo)


def test_home_remembers_its_databases(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://u:p@db/haven")
    env.prepare_home(tmp_path, demo=False)
    assert "DATABASE_URL=postgres://u:p@db/haven" in (tmp_path / ".env").read_text().splitlines()


def test_one_process_at_a_time(tmp_path):
    (tmp_path / "tmp").mkdir()
    with alone(tmp_path, "serve"):
        with pytest.raises(AlreadyServed, match="already runs"), alone(tmp_path, "serve"):
            pass
        with alone(tmp_path, "worker"):
            pass
    with alone(tmp_path, "serve"):
        pass


def test_place_says_neither_machine_nor_home(tmp_path):
    assert place_of(tmp_path) == place_of(tmp_path) != place_of(tmp_path / "other")
    assert len(place_of(tmp_path)) == 12


# ---- getting ready ----


def test_a_port_that_is_no_number_is_a_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, "deploy/ready.py", "requirements.txt", "--port", "eighty", "--home", "demo"],
        cwd=ROOT, env={**os.environ, "HAVEN_HOME": str(tmp_path / "home")}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "PORT is not a number.\n"
    assert not (tmp_path / "home").exists()


def test_every_target_of_the_makefile_is_there():
    for target in ("run", "serve", "test", "check", "check-deep", "bench", "lock"):
        done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0 and "deploy/ready.py" in done.stdout, target


# ---- logs ----


def test_log_filter_is_in_effect():
    """Django calls the configuration only where LOGGING holds something; then only allowed fields pass."""
    processors = structlog.get_config()["processors"]
    assert logs.keep_allowed_fields in processors
    kept = logs.keep_allowed_fields(None, "info", {"event": "x", "count": 1, "survivor": "canary"})
    assert kept == {"event": "x", "count": 1, "dropped": "survivor"}


def test_log_lines_of_libraries_lose_their_arguments():
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "Not Found: %s", ("/canary/",), None)
    assert "canary" not in logs.WithoutValues().format(record)


# ---- the summary of a test run ----


def suite() -> run.Suite:
    return run.Suite("unit tests", run.SQLITE, ())


def report(tmp_path: Path, **figures: int) -> Path:
    path = tmp_path / "report.xml"
    words = " ".join(f'{name}="{number}"' for name, number in figures.items())
    path.write_text(f"<testsuites><testsuite {words}></testsuite></testsuites>")
    return path


def test_counts(tmp_path):
    path = report(tmp_path, tests=10, failures=1, errors=1, skipped=2)
    outcome = run.count(suite(), path, 1, 3.0, may_be_empty=False)
    assert (outcome.passed, outcome.failed, outcome.skipped) == (6, 2, 2)


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, -9])
def test_run_that_broke_is_a_failure(tmp_path, code):
    outcome = run.count(suite(), tmp_path / "none.xml", code, 1.0, may_be_empty=False)
    assert (outcome.passed, outcome.failed) == (0, 1)


def test_last_line_is_the_sum(capsys):
    outcomes = [run.Outcome(suite(), passed=5, seconds=2), run.Outcome(suite(), passed=7, skipped=1)]
    assert run.conclude(outcomes) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "12 passed, 0 failed, 1 skipped"


def test_left_out_fails_only_where_nobody_watches(monkeypatch, capsys):
    broken = run.Suite("unit tests", run.POSTGRESQL, ())
    monkeypatch.setattr(run.Suite, "missing", "No PostgreSQL binaries found.")
    for ci, code in (("true", 1), ("", 0)):
        monkeypatch.setenv("CI", ci)
        assert run.conclude([run.run_suite(broken, deep=False, extra=[])]) == code
        assert "No PostgreSQL binaries found." in capsys.readouterr().out
