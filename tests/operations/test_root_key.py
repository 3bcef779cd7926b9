"""The root key as people keep it: real commands at a real terminal, a real server, and a kill between any two steps."""

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

from tests import softhsm
from tests.operations.test_served import children_of, is_alive, wait_for, worker_of
from tests.served import POSTGRESQL, ROOT, SQLITE, Served
from tests.terminal import Terminal

pytestmark = pytest.mark.once

PASSPHRASE = "seven green doors behind the mill"
ANOTHER = "nine slow rivers under the bridge"
MANAGE = [sys.executable, "manage.py"]


def write_secret(folder: Path, text: str = PASSPHRASE) -> str:
    """A mounted file with a secret, outside the home."""
    path = folder / f"secret-{len(list(folder.iterdir()))}"
    path.write_text(f"{text}\n")
    path.chmod(0o600)
    return str(path)


def at_terminal(home: Served, *arguments: str) -> Terminal:
    return Terminal([*MANAGE, *arguments], home.environment, ROOT)


@pytest.fixture
def keys_only(tmp_path):
    """A home for real work whose key store has its tables and nothing else has: enough for what keys do."""
    home = Served(is_demo=False)
    home.prepare()
    yield home
    home.close()


def make_key_store(home: Served) -> None:
    home.manage("migrate", "crypto", "--database", "keystore", "--skip-checks")


DIGEST = (
    "import hashlib; from casemgmt.crypto import keyring;"
    "print('digest', hashlib.sha256(keyring.ledger_key('test')).hexdigest())"
)


def digest(home: Served) -> str:
    """A key from the very bottom of the key store, so that it is the same as long as nothing is lost."""
    return re.search(r"digest (\w{64})", home.manage("shell", "-c", DIGEST).stdout)[1]


def sheets_in(folder: Path) -> list[str]:
    """The words of the three sheets as a person reads them off the paper, in the order of the numbers."""
    found = []
    for path in sorted(folder.glob("*-sheet-*.txt")):
        numbered = re.findall(r"(\d+)\. ([a-z]+)", path.read_text())
        found.append(" ".join(word for _place, word in sorted(numbered, key=lambda pair: int(pair[0]))))
    assert len(found) == 3
    return found


def type_sheet(person: Terminal, words: str) -> None:
    person.expect("End with an empty line.")
    person.expect("> ")
    person.type(words)
    person.expect("> ")
    person.type("")


# ---- making it ----


def test_a_person_makes_the_key_and_opens_it_at_a_terminal(keys_only):
    with at_terminal(keys_only, "root_key", "create") as person:
        for weak, why in (("short", "too short"), ("aaaaaaaaaaaaaaaaaaaa", "too simple")):
            person.expect("New passphrase of the root key: ")
            person.type(weak)
            person.expect(why)
        person.expect("New passphrase of the root key: ")
        person.type(PASSPHRASE)
        person.expect("again: ")
        person.type(ANOTHER)
        person.expect("not the same")
        for _twice in range(2):
            person.expect(": ")
            person.type(PASSPHRASE)
        person.expect("sealed under the passphrase")
        assert person.end() == 0
        assert PASSPHRASE not in person.seen, "what is typed is not shown"
    with at_terminal(keys_only, "root_key", "check") as person:
        person.expect("Passphrase of root key")
        person.type(ANOTHER)
        person.expect("does not open")
        person.expect("Passphrase of root key")
        person.type(PASSPHRASE)
        assert person.end() != 0 and "key store" in person.seen, "there is no key store yet, and it says so"
    with at_terminal(keys_only, "root_key", "create") as person:
        person.expect("never overwritten")
        assert person.end() == 1
    with at_terminal(keys_only, "root_key", "check") as person:
        for _try in range(3):
            person.expect("Passphrase of root key")
            person.type("wrong")
        person.expect("does not open the root key")
        assert person.end() == 1 and "Traceback" not in person.seen


def test_without_terminal_and_file_every_command_says_one_sentence(keys_only, tmp_path):
    done = keys_only.manage("root_key", "create", check=False)
    assert done.returncode == 1 and "typed at a terminal" in done.stdout
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    keys_only.manage("root_key", "create")
    make_key_store(keys_only)
    before = digest(keys_only)
    keys_only.extra = {}
    for command in (["serve", "--port", str(keys_only.port)], ["work", "--once"], ["prepare"], ["shell", "-v", "0", "-c", DIGEST],
                    ["root_key", "check"], ["root_key", "split", "--to", str(tmp_path)], ["root_key", "change"]):  # fmt: skip
        done = keys_only.manage(*command, check=False)
        assert done.returncode == 1, command
        assert "no terminal to ask at" in done.stdout and "ROOT_PASSPHRASE_FILE" in done.stdout, done.stdout
        assert "Traceback" not in done.stdout and len(done.stdout.strip().splitlines()) == 1, done.stdout
    for text, why in (
        (f"{ANOTHER}", "does not open the root key. It was read from ROOT_PASSPHRASE_FILE"),
        ("", "is empty"),
    ):
        keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path, text)}
        done = keys_only.manage("root_key", "check", check=False)
        assert done.returncode == 1 and why in done.stdout
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": "/nowhere/at/all"}
    assert "cannot be read" in keys_only.manage("root_key", "check", check=False).stdout
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    assert digest(keys_only) == before


def test_a_passphrase_is_never_taken_from_the_environment(keys_only, tmp_path):
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    keys_only.manage("root_key", "create")
    keys_only.extra = {"ROOT_PASSPHRASE": PASSPHRASE}
    done = keys_only.manage("root_key", "check", check=False)
    assert done.returncode == 1 and "no terminal to ask at" in done.stdout
    done = keys_only.manage("check", check=False)
    assert done.returncode == 1 and "haven.E017" in done.stdout and PASSPHRASE not in done.stdout


@pytest.mark.deep
def test_a_plain_file_is_refused_outside_the_demo_until_somebody_says_so(keys_only, tmp_path):
    keys_only.extra = {"ROOT_KEY_PLAIN": "1"}
    said = keys_only.manage("root_key", "create").stdout
    assert "WITHOUT a passphrase" in said
    make_key_store(keys_only)
    before = digest(keys_only)
    keys_only.extra = {}
    done = keys_only.manage("serve", "--port", str(keys_only.port), check=False)
    assert done.returncode == 1 and "root_key passphrase" in done.stdout and "opens every case" in done.stdout
    done = keys_only.manage("check", check=False)
    assert done.returncode == 1 and "haven.E020" in done.stdout
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    keys_only.manage("root_key", "passphrase")
    assert digest(keys_only) == before
    assert "argon2id" in (keys_only.home / "keys" / "root.key").read_text()


@pytest.mark.deep
def test_a_new_passphrase(keys_only, tmp_path):
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    keys_only.manage("root_key", "create")
    make_key_store(keys_only)
    before = digest(keys_only)
    weak = keys_only.manage(
        "root_key", "passphrase", "--new-passphrase-file", write_secret(tmp_path, "weak"), check=False
    )
    assert weak.returncode == 1 and "too short" in weak.stdout
    keys_only.manage("root_key", "passphrase", "--new-passphrase-file", write_secret(tmp_path, ANOTHER))
    assert keys_only.manage("root_key", "check", check=False).returncode == 1
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path, ANOTHER)}
    assert digest(keys_only) == before


# ---- on paper ----


@pytest.mark.deep
def test_two_sheets_bring_the_key_back_on_a_new_machine(keys_only, tmp_path):
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    keys_only.manage("root_key", "create")
    make_key_store(keys_only)
    before = digest(keys_only)
    paper = tmp_path / "paper"
    paper.mkdir()
    refused = keys_only.manage("root_key", "split", check=False)
    assert refused.returncode == 1 and "--to" in refused.stdout, "words must not land in a log"
    keys_only.manage("root_key", "split", "--to", str(paper))
    assert all(path.stat().st_mode & 0o077 == 0 for path in paper.iterdir())
    first, second, third = sheets_in(paper)
    assert len(first.split()) == 33
    taken = keys_only.manage("root_key", "combine", check=False)
    assert taken.returncode == 1 and "never overwritten" in taken.stdout

    (keys_only.home / "keys" / "root.key").unlink()
    keys_only.extra = {}
    lost = keys_only.manage("shell", "-c", DIGEST, check=False)
    assert lost.returncode == 1 and "missing" in lost.stdout
    recreated = keys_only.manage("root_key", "create", check=False)
    assert recreated.returncode == 1 and "combine" in recreated.stdout, "a new key would bury the loss"
    served = keys_only.manage("serve", "--port", str(keys_only.port), check=False)
    assert served.returncode == 1 and "combine" in served.stdout and "Make one" not in served.stdout
    with at_terminal(keys_only, "root_key", "combine") as person:
        type_sheet(person, f"{first} zebra")
        person.expect("Sheet 1: word 34 is not a word of the list")
        type_sheet(person, third.upper())
        type_sheet(person, " ".join(word[:4] for word in second.split()))
        for _twice in range(2):
            person.expect("passphrase")
            person.expect(": ")
            person.type(ANOTHER)
        assert person.end() == 0
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path, ANOTHER)}
    assert digest(keys_only) == before


@pytest.mark.deep
def test_sheets_of_another_key_are_told_apart(keys_only, tmp_path):
    keys_only.extra = {"ROOT_PASSPHRASE_FILE": write_secret(tmp_path)}
    keys_only.manage("root_key", "create")
    paper = tmp_path / "paper"
    paper.mkdir()
    keys_only.manage("root_key", "split", "--to", str(paper))
    first, second, _third = sheets_in(paper)
    key = keys_only.home / "keys" / "root.key"
    key.unlink()
    keys_only.manage("root_key", "create")
    make_key_store(keys_only)
    key.unlink()
    keys_only.extra = {}
    with at_terminal(keys_only, "root_key", "combine") as person:
        type_sheet(person, first)
        type_sheet(person, second)
        person.expect("the key store was made with")
        assert person.end() == 1
    assert not key.exists()


def test_a_key_that_is_on_paper_only(keys_only, tmp_path):
    paper = tmp_path / "paper"
    paper.mkdir()
    keys_only.extra = {"ROOT_KEY_PROVIDER": "shares"}
    with at_terminal(keys_only, "root_key", "create", "--to", str(paper)) as person:
        person.expect("type two of them back")
        first, second, third = sheets_in(paper)
        type_sheet(person, second)
        type_sheet(person, third)
        person.expect("nowhere else")
        assert person.end() == 0
    assert not (keys_only.home / "keys" / "root.key").exists()

    def run(*arguments: str, sheets: tuple[str, str]) -> str:
        with at_terminal(keys_only, *arguments) as person:
            for words in sheets:
                type_sheet(person, words)
            assert person.end() == 0, person.seen
            return person.seen

    run("migrate", "crypto", "--database", "keystore", "--skip-checks", sheets=(first, second))
    before = re.search(r"digest (\w{64})", run("shell", "-c", DIGEST, sheets=(third, first)))[1]
    done = keys_only.manage("shell", "-c", DIGEST, check=False)
    assert done.returncode == 1 and "no terminal to type them at" in done.stdout

    anew = tmp_path / "anew"
    anew.mkdir()
    with at_terminal(keys_only, "root_key", "change", "--to", str(anew)) as person:
        type_sheet(person, first)
        type_sheet(person, second)
        person.expect("type two of them back")
        new_first, _new_second, new_third = sheets_in(anew)
        type_sheet(person, new_third)
        type_sheet(person, new_first)
        person.expect("The root key is now")
        assert person.end() == 0
    after = re.search(r"digest (\w{64})", run("shell", "-c", DIGEST, sheets=(new_first, new_third)))[1]
    assert after == before
    with at_terminal(keys_only, "shell", "-c", DIGEST) as person:
        type_sheet(person, first)
        type_sheet(person, second)
        person.expect("the key store was made with another root key")
        assert person.end() == 1
    shutil.rmtree(paper)
    for path in keys_only.home.rglob("*"):
        if path.is_file():
            assert not any(words.split()[6] in path.read_text(errors="replace") for words in (new_first, new_third)), (
                path
            )


# ---- in a token ----


def test_a_key_in_a_token(keys_only, tmp_path):
    environment = softhsm.make_token(tmp_path / "token")
    keys_only.extra = {
        **environment, "ROOT_KEY_PROVIDER": "pkcs11", "PKCS11_MODULE": softhsm.module(), "PKCS11_TOKEN": softhsm.TOKEN,
        "PKCS11_PIN_FILE": write_secret(tmp_path, softhsm.PIN),
    }  # fmt: skip
    missing = keys_only.manage("migrate", "crypto", "--database", "keystore", "--skip-checks", check=False)
    assert missing.returncode == 1 and "missing in the token" in missing.stdout
    assert "was made in the token" in keys_only.manage("root_key", "create").stdout
    assert keys_only.manage("root_key", "create", check=False).returncode == 1
    make_key_store(keys_only)
    before = digest(keys_only)
    assert "opens the key store" in keys_only.manage("root_key", "check").stdout
    keys_only.manage("root_key", "change")
    assert digest(keys_only) == before
    keys_only.manage("root_key", "drop-old")
    assert digest(keys_only) == before
    refused = keys_only.manage("root_key", "split", "--to", str(tmp_path), check=False)
    assert refused.returncode == 1 and "never leaves the token" in refused.stdout
    pin_file = keys_only.extra.pop("PKCS11_PIN_FILE")
    with at_terminal(keys_only, "root_key", "check") as person:
        person.expect("PIN of the token")
        person.type(softhsm.PIN)
        person.expect("opens the key store")
        assert person.end() == 0
    keys_only.extra |= {"PKCS11_PIN_FILE": pin_file, "PKCS11_TOKEN": "another"}
    away = keys_only.manage("root_key", "check", check=False)
    assert away.returncode == 1 and "plugged in" in away.stdout


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
#: The two that decide; make check-deep kills at every step and on both engines.
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
