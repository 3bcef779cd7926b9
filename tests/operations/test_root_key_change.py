"""A new root key, with a kill between any two steps; and a server that opens its key, and keeps it in memory only."""

import base64
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.operations.root_keys import (
    ANOTHER,
    PASSPHRASE,
    at_terminal,
    digest,
    make_key_store,
    write_secret,
)
from tests.operations.test_served import children_of, is_alive, wait_for, worker_of
from tests.served import POSTGRESQL, ROOT, SQLITE, Served

pytestmark = pytest.mark.once


# ---- a new root key, and a kill at every step ----

#: Where the process is killed: what is patched, and at which call of it.
STEPS = {
    "before the new file is there": ("os", "link", 1),
    "after the new file is there": ("casemgmt.crypto.root_rotation", "_rewrap_all", 1),
    "between two rows": ("casemgmt.crypto.keks", "wipe", 2),
    "after the transaction": ("casemgmt.crypto.providers.local.LocalFile", "promote", 1),
    "between the two names": ("os", "replace", 1),
    "after the new one is in place": ("casemgmt.crypto.keyring", "forget", 1),
}
#: The one that decides; make check-deep kills at every step and on both engines.
ALWAYS = ("after the transaction",)
DIE = """
import os, signal, sys
from django.core.management import execute_from_command_line
import django; django.setup()
from pydoc import locate
place, name, nth = {step!r}
target = locate(place)
real, calls = getattr(target, name), []
def die(*arguments, **options):
    calls.append(1)
    if len(calls) == nth and ARMED:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **options)
ARMED = []
from casemgmt.crypto import root_rotation
change = root_rotation.change
def armed(secret):
    calls.clear(); ARMED.append(1)
    return change(secret)
root_rotation.change = armed
setattr(target, name, die)
execute_from_command_line(["manage.py", "root_key", "change", "--new-passphrase-file", {secret!r}])
"""
SECOND_KEK = (
    "from casemgmt.crypto import keks;"
    "keks.create_kek(2, 'PENDING'); keks.create_kek(3, 'PENDING'); print(keks.rows('KeyEncryptionKey').count())"
)


def kill_at(home: Served, step: str, secret: str) -> None:
    program = DIE.format(step=STEPS[step], secret=secret)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env={**home.environment, "DJANGO_SETTINGS_MODULE": "casemgmt.settings"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stdout


@pytest.fixture
def with_three_keks(request, tmp_path):
    home = Served(is_demo=False, engine=getattr(request, "param", SQLITE))
    home.prepare()
    home.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    home.manage("root_key", "create")
    make_key_store(home)
    assert home.manage("shell", "-c", SECOND_KEK).stdout.strip().endswith("3")
    yield home
    home.close()


@pytest.mark.parametrize(
    "step", [step if step in ALWAYS else pytest.param(step, marks=pytest.mark.deep) for step in STEPS]
)
@pytest.mark.parametrize("with_three_keks", [SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.deep)], indirect=True)
def test_a_kill_while_the_root_key_changes_loses_nothing(with_three_keks, tmp_path, step):
    home, same = with_three_keks, write_secret(tmp_path)
    before = digest(home)
    kill_at(home, step, same)
    assert digest(home) == before, "at once, before anybody tidied"
    if step in ("after the transaction", "between the two names"):
        assert "finished now" in home.manage("root_key", "change").stdout, "to repeat it is to finish it"
    elif step != "after the new one is in place":
        kill_at(home, step, same)
        assert digest(home) == before, "killed twice"
    assert "opens the key store" in home.manage("root_key", "check").stdout
    home.manage("root_key", "drop-old")
    said = home.manage("root_key", "change").stdout
    assert "The root key is now" in said
    home.manage("root_key", "drop-old")
    assert digest(home) == before
    assert sorted(path.name for path in (home.home / "keys").iterdir() if not path.name.startswith(".")) == ["root.key"]
    assert "opens the key store" in home.manage("root_key", "check").stdout


@pytest.mark.deep
def test_a_killed_change_to_another_passphrase_asks_for_the_right_one(with_three_keks, tmp_path):
    """After the transaction the new root key counts, whatever its file is called; before it, the old one does."""
    home, another = with_three_keks, write_secret(tmp_path, ANOTHER)
    before = digest(home)
    kill_at(home, "between two rows", another)
    assert digest(home) == before
    kill_at(home, "after the transaction", another)
    home.extra = {"ROOT_PASSPHRASE_FILE": another}
    assert digest(home) == before
    assert "opens the key store" in home.manage("root_key", "check").stdout
    assert sorted(path.name for path in (home.home / "keys").iterdir()) == ["root.key", "root.key.old"]


@pytest.mark.deep
def test_a_second_change_waits_until_the_old_key_is_dropped(with_three_keks):
    home = with_three_keks
    home.manage("root_key", "change")
    again = home.manage("root_key", "change", check=False)
    assert again.returncode == 1 and "drop-old" in again.stdout


# ---- served ----


@pytest.fixture(scope="module")
def real_home(tmp_path_factory):
    """A home for real work that is prepared, sealed under a passphrase, with the mounted file apart from it."""
    home = Served(is_demo=False)
    home.prepare()
    home.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path_factory.mktemp("mounted"))}
    home.manage("root_key", "create")
    home.manage("prepare", timeout=300)
    yield home
    home.close()


def root_key_of(home: Served) -> bytes:
    program = (
        "from casemgmt.crypto.providers import keyfile; from django.conf import settings;"
        f"print('key', keyfile.read(settings.ROOT_KEY_FILE).open({PASSPHRASE!r}).reveal().hex())"
    )
    return bytes.fromhex(re.search(r"key (\w{64})", home.manage("shell", "-c", program).stdout)[1])


def shapes_of(secret: bytes) -> list[bytes]:
    """A secret as it may stand somewhere."""
    return [
        secret,
        secret.hex().encode(),
        secret.hex().upper().encode(),
        base64.b64encode(secret),
        base64.b32encode(secret),
    ]


def enqueue(home: Served, mark: str) -> None:
    home.manage("shell", "-c", f"from tests.operations import jobs; jobs.leave_mark.enqueue({mark!r})")


@pytest.mark.deep
def test_a_sealed_home_serves_and_its_secrets_are_in_memory_only(real_home, tmp_path):
    root = root_key_of(real_home)
    secrets = [*shapes_of(root), *shapes_of(PASSPHRASE.encode())]
    real_home.start()
    try:
        assert real_home.health() == (200, {"default": "ok", "keystore": "ok", "status": "ok"})
        said = real_home.output()
        assert "Warning: The records and their keys are on the same disk" in said
        worker = wait_for(lambda: worker_of(real_home), what="the worker")
        processes = [real_home.process.pid, *children_of(real_home.process.pid)]
        assert len(processes) >= 4
        enqueue(real_home, "first")
        wait_for((real_home.home / "first").exists, what="the task")

        # What opened the key is gone now; whoever works on has it in memory, or by the pipe from who has.
        mounted, key = Path(real_home.extra["ROOT_PASSPHRASE_FILE"]), real_home.home / "keys" / "root.key"
        enqueue_later = mounted.rename(tmp_path / "mounted"), key.rename(tmp_path / "root.key")
        os.kill(worker, signal.SIGKILL)
        another = wait_for(
            lambda: worker_of(real_home) not in (0, worker) and worker_of(real_home), what="a new worker"
        )
        for moved, back in zip(enqueue_later, (mounted, key), strict=True):
            time.sleep(3)
            shutil.copy2(moved, back)
        enqueue(real_home, "second")
        wait_for((real_home.home / "second").exists, what="the task of the new worker")
        assert worker_of(real_home) == another, "it did not die for want of the key"
        assert real_home.health()[0] == 200

        for pid in {*processes, another} - {worker}:
            if is_alive(pid):
                for name in ("environ", "cmdline"):
                    content = Path(f"/proc/{pid}/{name}").read_bytes()
                    assert not any(secret in content for secret in secrets), f"{name} of {pid}"
                limits = Path(f"/proc/{pid}/limits").read_text()
                assert re.search(r"Max core file size\s+0\s+0", limits), "a crash writes no memory to the disk"
        for path in real_home.home.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert not any(secret in content for secret in secrets), path
    finally:
        assert real_home.stop() == 0
    assert "Traceback" not in real_home.output()


def test_a_person_starts_the_server_with_one_answer(real_home):
    mounted, real_home.extra = real_home.extra, {}
    try:
        with at_terminal(real_home, "serve", "--port", str(real_home.port)) as person:
            person.expect("Passphrase of root key")
            person.type(PASSPHRASE)
            person.expect("is ready", seconds=120)
            assert person.seen.count("Passphrase of root key") == 1 and PASSPHRASE not in person.seen
            wait_for(lambda: real_home.health()[0] == 200, what="health")
            os.kill(person.pid, signal.SIGTERM)
            assert person.end() == 0
    finally:
        real_home.extra = mounted


@pytest.mark.deep
def test_a_new_root_key_is_recorded_and_needs_the_server_stopped(real_home):
    real_home.start(extra=())
    refused = real_home.manage("root_key", "change", check=False)
    assert refused.returncode == 1 and "already runs" in refused.stdout
    assert real_home.stop() == 0
    real_home.manage("root_key", "change")
    told = real_home.manage(
        "shell", "-c",
        "from audit.models import Event;"
        "print([(one.verb, one.source) for one in Event.objects.filter(verb__in=['ROOT_KEY_CHANGED', 'KEY_DESTROYED'])])",
    ).stdout  # fmt: skip
    assert "('ROOT_KEY_CHANGED', 'command')" in told.lower().replace("root_key_changed", "ROOT_KEY_CHANGED"), told
    real_home.start(extra=())
    assert "drop-old" in real_home.output()
    assert real_home.health()[0] == 200
    assert real_home.stop() == 0
    real_home.manage("root_key", "drop-old")
