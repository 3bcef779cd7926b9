"""Real processes that are killed, come late, roll back or seal at once: nothing lost, nothing doubled, no false alarm."""

import signal
import subprocess
from collections.abc import Iterator

import pytest
from django.db import connection

from .own_home import CHECK, OwnHome

WRITE = """
from audit.context import audit_context
from audit.log import record
def write(count):
    with audit_context("job", "writing"):
        for _ in range(count):
            record("JOB_RUN", actor=None, detail={"job": "sealing"})
    connections.close_all()
"""
WRITE_300 = f"{WRITE}\nwrite(300)\nprint('{{}}')"
#: Writes until it is told to stop, on two connections, with a transaction that rolls back now and then.
WRITE_ON = f"""{WRITE}
stopping = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopping.set())
def go_on():
    while not stopping.is_set():
        write(5)
        try:
            with transaction.atomic():
                write_inside()
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
def write_inside():
    with audit_context("job", "writing"):
        record("JOB_RUN", actor=None, detail={{"job": "sealing"}})
threads = [threading.Thread(target=go_on) for _ in range(2)]
[thread.start() for thread in threads]
print("begun", flush=True)
[thread.join() for thread in threads]
"""
#: Ends itself with SIGKILL at one place of its pass.
DIE = """
from audit.sealing import sealer
from tests.audit.sealing.scene import seal
def die(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)
{place} = die
seal()
"""
#: The command itself.
AUDIT_SEAL = """
print("begun", flush=True)
call_command("audit_seal", interval=0.05)
print("ended", flush=True)
"""
#: The worker that ``manage.py serve`` starts.
WORKER = """
from casemgmt.operations.worker import make_worker
print("begun", flush=True)
make_worker(0.2).run()
print("ended", flush=True)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory, django_db_blocker) -> Iterator[OwnHome]:
    """One for all tests here: what one leaves behind, the next goes on from."""
    with django_db_blocker.unblock():
        one = OwnHome(tmp_path_factory.mktemp("sealing"))
    yield one
    one.close()


@pytest.fixture
def running() -> Iterator[list["subprocess.Popen[str]"]]:
    """Processes that are ended, whatever happens."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def whole(home: OwnHome) -> dict:
    found = home.run(CHECK)
    assert found["problems"] == []
    assert found["events"] == found["leaves"] == found["whole"]
    return found


def test_a_sealer_that_is_killed_in_the_middle_leaves_nothing_and_another_goes_on(home) -> None:
    """kill -9 after the leaves, after the tiles, before the signature, and when all is written and not committed."""
    home.run(WRITE_300)
    count = "from audit.models import Checkpoint, Leaf, Tile\nprint(sum(m.objects.count() for m in (Checkpoint, Leaf, Tile)))"
    before = home.run(count)
    places = (
        "sealer.TileWriter.root",
        "sealer._checkpoint",
        "sealer.keys.sign",
        "connection.run_and_clear_commit_hooks",
    )
    for place in places:
        assert home.run(count) == before, f"before {place}"
        died = home.start(DIE.format(place=place))
        died.communicate(timeout=60)
        assert died.returncode == -signal.SIGKILL, place
    # The last place is after the commit: the work of that one counts, and is not done again.
    assert whole(home)["last"] == 0


@pytest.mark.deep
def test_sealers_that_are_killed_at_any_moment(home, running) -> None:
    writer = home.start(WRITE_ON)
    running.append(writer)
    assert writer.stdout.readline() == "begun\n"
    for wait in (0.4, 0.9, 0.6, 1.1):
        sealer = home.start(AUDIT_SEAL)
        running.append(sealer)
        assert sealer.stdout.readline() == "begun\n"
        with pytest.raises(subprocess.TimeoutExpired):
            sealer.wait(wait)
        sealer.kill()
        assert sealer.wait(10) == -signal.SIGKILL
    writer.send_signal(signal.SIGTERM)
    assert writer.wait(30) == 0
    found = whole(home)
    assert found["checkpoints"] > 1 and found["events"] > 100


def test_the_worker_and_a_process_of_its_own_seal_nothing_twice_and_end_when_they_are_asked(home, running) -> None:
    """The embedded default, and ``manage.py audit_seal`` beside it."""
    count = "from audit.models import Leaf\nprint(Leaf.objects.count())"
    before = home.run(count)
    worker, writer = home.start(WORKER), home.start(WRITE_ON)
    running += [worker, writer]
    assert [process.stdout.readline() for process in running] == ["begun\n"] * 2
    with pytest.raises(subprocess.TimeoutExpired):
        writer.wait(1.5)
    assert home.run(count) > before, "the worker seals"
    sealer = home.start(AUDIT_SEAL)
    running.append(sealer)
    assert sealer.stdout.readline() == "begun\n"
    with pytest.raises(subprocess.TimeoutExpired):
        writer.wait(1.5)
    writer.send_signal(signal.SIGTERM)
    assert writer.wait(30) == 0
    for process in (worker, sealer):
        process.send_signal(signal.SIGTERM)
    for process in (worker, sealer):
        out, errors = process.communicate(timeout=30)
        assert (process.returncode, out) == (0, "ended\n"), errors
        assert "sealing_refused" not in errors and "sealing_found_problems" not in errors
    assert whole(home)["checkpoints"] > 3


LATE = f"""{WRITE}
from audit.models import Checkpoint, Event, Leaf
from tests.audit.sealing.scene import seal
drawn, may_end, problems = threading.Event(), threading.Event(), []
class RolledBack(Exception): pass
def long_one(commits):
    try:
        with audit_context("job", "a long transaction"), transaction.atomic():
            write_ids.append(record("JOB_RUN", actor=None, detail={{"job": "sealing"}}).pk)
            drawn.set()
            may_end.wait(20)
            if not commits:
                raise RolledBack
    except RolledBack:
        pass
    connections.close_all()
write_ids, told = [], []
for commits in (True, False):
    drawn.clear(); may_end.clear()
    thread = threading.Thread(target=long_one, args=(commits,))
    thread.start()
    assert drawn.wait(20)
    slow = write_ids[-1]
    for _ in range(3):
        write(4)
        problems += seal().problems
    head = Checkpoint.objects.latest("size")
    told.append([head.top > slow, head.settled < slow, Leaf.objects.filter(event_id=slow).exists()])
    may_end.set()
    thread.join()
    last = seal()
    problems += last.problems
    told[-1] += [last.events, Leaf.objects.filter(event_id=slow).exists()]
# Whatever writes in another database of the cluster (a test beside this one) holds its horizon, so it is waited for.
until = time.monotonic() + 60
while True:
    write(1)
    problems += seal().problems
    head = Checkpoint.objects.latest("size")
    if head.settled > slow or time.monotonic() > until:
        break
    time.sleep(0.1)
told.append(head.settled > slow)
print(json.dumps({{"told": told, "problems": problems}}))
"""


@pytest.mark.postgresql
def test_an_event_that_is_committed_late_is_sealed_afterwards(home) -> None:
    """A second connection draws an id, and commits (or rolls back) when later ids are sealed already."""
    if connection.vendor != "postgresql":
        pytest.skip("On SQLite there is one writer at a time, so ids are committed in order.")
    found = home.run(LATE)
    assert found == {
        "told": [[True, True, False, 1, True], [True, True, False, 0, False], True],
        "problems": [],
    }
    whole(home)


ROLLED_BACK = f"""{WRITE}
from audit.models import Leaf
from tests.audit.sealing.scene import seal
write(2)
class RolledBack(Exception): pass
try:
    with audit_context("job", "writing"), transaction.atomic():
        lost = record("JOB_RUN", actor=None, detail={{"job": "sealing"}}).pk
        raise RolledBack
except RolledBack:
    pass
first = seal()
with audit_context("job", "writing"):
    kept = record("JOB_RUN", actor=None, detail={{"job": "sealing"}})
second = seal()
print(json.dumps([first.problems + second.problems, second.events, Leaf.objects.filter(event_id=kept.pk).count()]))
"""


def test_what_was_rolled_back_is_neither_sealed_nor_missed(home) -> None:
    assert home.run(ROLLED_BACK) == [[], 1, 1]
    whole(home)
