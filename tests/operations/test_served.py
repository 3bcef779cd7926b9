"""The real server as a process of its own: what a stranger with `make run` and a shell sees of it."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time

import pytest

from tests.served import POSTGRESQL, ROOT, Served

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def haven():
    """One demo, started once and stopped at the end."""
    with Served.demo() as served:
        yield served


def children_of(pid: int) -> list[int]:
    """The processes that this one started."""
    found = []
    for folder in os.listdir("/proc"):
        if folder.isdigit():
            try:
                with open(f"/proc/{folder}/stat", encoding="ascii", errors="replace") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == pid:
                found.append(int(folder))
    return found


def worker_of(served: Served) -> int:
    """The background worker of this server; 0 while there is none."""
    for pid in children_of(served.process.pid):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if b"\0work\0" in file.read():
                    return pid
        except OSError:
            continue  # it ended while we looked
    return 0


def wait_for(condition, *, seconds: float = 30, what: str = "it"):
    """Ask until the answer is true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.2)
    raise AssertionError(f"{what} did not happen within {seconds} seconds")


def is_alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class TestServing:
    """While it runs."""

    def test_health(self, haven):
        assert haven.health() == (200, {"default": "ok", "keystore": "ok", "demo": "ok", "status": "ok"})

    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/day/",
            "/cases/",
            "/cases/00000000-0000-4000-8000-000000000001/",
            "/matters/00000000-0000-4000-8000-000000000001/",
            "/nothing/of/the/kind",
            "/x.php",
        ],
    )
    def test_any_address_asks_for_sign_in_first(self, haven, path):
        status, headers, _body = haven.get(path)
        assert status == 302
        assert headers["Location"].startswith("/sign-in/")

    def test_sign_in_page_and_static_files(self, haven):
        status, _headers, body = haven.get("/sign-in/")
        assert status == 200
        sheet = next(part for part in body.decode().split('"') if part.endswith(".css"))
        assert haven.get(sheet)[0] == 200

    def test_says_where_it_is_and_who_is_there(self, haven):
        said = haven.output()
        assert f"http://localhost:{haven.port}/" in said
        for name in ("Amina", "Bea", "Chidi", "Dana", "Elif", "Farid"):
            assert name in said

    def test_only_loopback_can_reach_it(self, haven):
        addresses = {entry[4][0] for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        for address in addresses - {"127.0.0.1", "127.0.1.1"}:
            with socket.socket() as probe:
                probe.settimeout(2)
                assert probe.connect_ex((address, haven.port)) != 0

    def test_any_command_opens_the_home_given_only_its_name(self, haven):
        assert "no issues" in haven.manage("check", "--database", "default", "--database", "keystore").stdout
        assert "complete" in haven.manage("demo").stdout

    def test_taken_port_is_one_sentence_and_nothing_else(self, haven):
        home = haven.home / "other"
        done = subprocess.run(
            ["make", "run", f"PORT={haven.port}"], cwd=ROOT, env={**haven.environment, "HAVEN_HOME": str(home)},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode != 0
        sentences = [line for line in done.stderr.splitlines() if not line.startswith("make")]
        assert len(sentences) == 1 and f"Port {haven.port} is taken" in sentences[0], done.stderr
        assert done.stdout == ""
        assert not home.exists(), "nothing is made before the port is known to be free"

    def test_second_server_of_the_same_home_is_refused(self, haven):
        done = haven.manage("serve", "--port", str(haven.port + 1), check=False)
        assert done.returncode == 1
        assert "already runs from this home" in done.stdout

    def test_demo_is_refused_on_any_other_address(self, haven):
        for address in ("0.0.0.0", "::", "10.0.0.1"):
            done = haven.manage("serve", "--bind", address, "--port", "9", check=False)
            assert done.returncode == 1
            assert "this machine alone" in done.stdout

    def test_real_work_is_refused_in_a_home_of_the_demo(self, haven):
        command = [sys.executable, "-m", "casemgmt.env"]
        done = subprocess.run(command, cwd=ROOT, env=haven.environment, capture_output=True, text=True)
        assert done.returncode == 1
        assert "made for the demo" in done.stderr

    def test_demo_database_is_refused_by_settings_for_real_work(self, haven):
        environment = {**haven.environment, "HAVEN_DEMO": "0"}
        done = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", str(haven.port + 1)],
            cwd=ROOT, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 1

    def test_another_server_may_not_open_the_demo(self, haven):
        done = subprocess.run(
            [sys.executable, "-c", "import casemgmt.wsgi"], cwd=ROOT, capture_output=True, text=True,
            env={**haven.environment, "DJANGO_SETTINGS_MODULE": "casemgmt.settings"},
        )  # fmt: skip
        assert done.returncode == 1
        assert "never by another server" in done.stderr

    def test_secrets_are_private(self, haven):
        for name in (".env", "keys/root.key", "keys", "files", "tmp"):
            assert stat.S_IMODE((haven.home / name).stat().st_mode) & 0o077 == 0, name

    def test_no_secret_in_environment_or_command_line_of_its_processes(self, haven):
        """The worker is started with an environment of its own, and reads the settings file by itself."""
        wait_for(lambda: worker_of(haven), what="the worker")
        lines = (haven.home / ".env").read_text().splitlines()
        [secret] = [line.partition("=")[2].strip("'\"") for line in lines if line.startswith("SECRET_KEY=")]
        assert len(secret) > 40
        for pid in (haven.process.pid, *children_of(haven.process.pid)):
            for name in ("environ", "cmdline"):
                with open(f"/proc/{pid}/{name}", "rb") as file:
                    assert secret.encode() not in file.read(), (pid, name)

    def test_nothing_of_a_request_is_in_the_servers_log(self, haven):
        word = "Zarquella-Canarywood"
        haven.get(f"/cases/?q={word}")
        for request in (
            f"GET /cases/?q={word}\r\n\r\n",
            f"GET /cases/ HTTP/1.1\r\nHost: {word}.example\r\n\r\n",
            f"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: x{word}\r\n\r\n{word}",
            f"{word} / HTTP/9.9\r\n{word}\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", haven.port), 5) as caller:
                caller.sendall(request.encode())
                caller.settimeout(5)
                try:
                    while caller.recv(4096):
                        pass
                except OSError:
                    continue
        time.sleep(0.5)
        assert word not in haven.output()


class TestWorker:
    """The background worker beside the server."""

    def test_runs_tasks(self, haven):
        haven.manage("shell", "-c", "from tests.operations import jobs; jobs.leave_mark.enqueue('mark')")
        wait_for((haven.home / "mark").exists, what="the task")

    def test_killed_worker_is_replaced_and_its_task_runs_once_more(self, haven):
        mark = haven.home / "slow"
        haven.manage("shell", "-c", "from tests.operations import jobs; jobs.be_slow_once.enqueue('slow', 300)")
        wait_for(mark.exists, what="the beginning of the task")
        first = worker_of(haven)
        assert first
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: "done" in mark.read_text(), what="the second attempt")
        assert worker_of(haven) not in (0, first)
        time.sleep(2)
        assert mark.read_text().split() == ["begun", "begun", "done"]
        told = haven.manage(
            "shell", "-c",
            "from django_tasks_db.models import DBTaskResult as T;"
            "row = T.objects.get(task_path__endswith='be_slow_once'); print(row.status, len(row.worker_ids))",
        ).stdout  # fmt: skip
        assert "SUCCESSFUL 2" in told
        assert haven.health()[0] == 200

    def test_schedule_runs(self, haven):
        told = haven.manage(
            "shell", "-c",
            "from casemgmt.operations.models import ScheduledJob as J; print(set(J.objects.values_list('outcome', flat=True)))",
        ).stdout  # fmt: skip
        assert "{'DONE'}" in told


COUNT_PEOPLE = "from casemgmt.accounts.models import User; print('people', User.objects.count())"


def stop_and_start_again(served: Served) -> None:
    """SIGTERM ends server and worker; the second start keeps what was there and takes seconds."""
    before = served.manage("shell", "-c", COUNT_PEOPLE).stdout
    wait_for(lambda: worker_of(served), what="the worker")
    processes = [served.process.pid, *children_of(served.process.pid)]
    assert len(processes) >= 4
    assert served.stop(signal.SIGTERM) == 0
    wait_for(lambda: not any(map(is_alive, processes)), what="the end of all processes")
    seconds = served.start()
    assert served.manage("shell", "-c", COUNT_PEOPLE).stdout == before
    assert seconds < 30, f"the second start took {seconds:.1f} seconds"
    assert served.stop(signal.SIGINT) == 0
    assert "Traceback" not in served.output()


def test_demo_on_sqlite_stops_and_starts_again():
    with Served.demo() as served:
        stop_and_start_again(served)


def test_real_work_on_postgresql_asks_for_its_root_key_then_stops_and_starts_again(tmp_path):
    served = Served(engine=POSTGRESQL, is_demo=False)
    try:
        served.prepare()
        done = served.manage("serve", "--prepare", "--port", str(served.port), check=False)
        assert done.returncode == 1 and "root_key create" in done.stdout, done.stdout
        mounted = tmp_path / "passphrase"
        mounted.write_text("seven green doors behind the mill\n")
        mounted.chmod(0o600)
        served.extra = {"ROOT_PASSPHRASE_FILE": str(mounted)}
        served.manage("root_key", "create")
        assert served.manage("root_key", "create", check=False).returncode == 1, "it is never overwritten"
        served.start()
        assert served.health() == (200, {"default": "ok", "keystore": "ok", "status": "ok"})
        assert served.manage("demo", check=False).returncode == 1
        status, headers, _body = served.get("/demo/")
        assert status == 404 or headers["Location"].startswith("/sign-in/")
        link = served.manage("create_administrator", "farid@example.org", "--name", "Farid Field").stdout
        assert "/invitation/" in link
        stop_and_start_again(served)
    finally:
        served.close()


def test_worker_ends_when_its_server_was_killed():
    with Served.demo() as served:
        worker = wait_for(lambda: worker_of(served), what="the worker")
        served.process.kill()
        wait_for(lambda: not is_alive(worker), what="the end of the worker")


def test_broken_database_is_told_at_once():
    with Served.demo() as served:
        assert served.health()[0] == 200
        (served.home / "keystore.sqlite3").rename(served.home / "away")
        status, report = served.health()
        assert (status, report["keystore"], report["default"]) == (503, "unreachable", "ok")
