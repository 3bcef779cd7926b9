"""Backups of real homes on both engines: made while others write, restored, proved, refused where something is odd."""

import hashlib
import io
import json
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyrage import x25519

from casemgmt.crypto.certificates import canonical
from casemgmt.operations.locks import alone
from tests.disks import small_disk
from tests.operations.backup_home import CANARY, CANARY_TOO
from tests.operations.backups import Home, Targets, forms_of, free_bytes, left_behind, part, spoiled, whole_sets
from tests.served import POSTGRESQL, ROOT, SQLITE

pytestmark = pytest.mark.once
#: One way there and back belongs to every run; the rest takes minutes, because each command is a process of its own.
ENGINES = [SQLITE, pytest.param(POSTGRESQL, marks=[pytest.mark.postgresql, pytest.mark.deep])]


@pytest.fixture(scope="module", params=ENGINES)
def home(request, tmp_path_factory):
    """A filled home of each engine, made once: tests may add to it and take nothing away."""
    made = Home.filled(request.param, tmp_path_factory.mktemp("outside"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def once(home, tmp_path_factory):
    """Places with one good backup of that home; tests spoil copies of it."""
    targets = Targets(tmp_path_factory.mktemp("backups"))
    targets.back_up(home)
    return targets


@pytest.fixture
def targets(tmp_path):
    """Empty places of the test's own."""
    return Targets(tmp_path)


@pytest.fixture
def elsewhere(home):
    """Another machine, empty but for the root key."""
    made = Home.beside(home)
    yield made
    made.close()


# ---- there and back ----


def test_a_backup_made_while_others_write_comes_back_whole(home, targets, elsewhere):
    writer = home.begin("write", "12")
    assert writer.stdout.readline().strip() == "1"
    targets.back_up(home)
    written_then = len(home.told("names"))
    assert writer.wait(60) == 0
    written = int(writer.stdout.read().split()[-1])
    assert written > 2, "nobody wrote while the backup was made"
    drilled = home.manage("restore_drill", *targets.opened).stdout
    assert "The drill passed" in drilled

    dry = elsewhere.manage("restore", *targets.opened, "--dry-run").stdout
    assert "Nothing was written" in dry
    assert not (elsewhere.home / "haven.sqlite3").exists() and not list((elsewhere.home / "files").iterdir())
    elsewhere.is_ahead(1)  # what waited to be sealed when the backup was taken is a day old by now
    said = elsewhere.manage("restore", *targets.opened).stdout
    assert "Restored as of" in said
    restored = elsewhere.told("names")
    assert restored.count(CANARY) == 2 and "Later0" in restored
    assert len(restored) <= written_then
    assert "events were sealed" in elsewhere.manage("audit_seal", "--once").stdout
    assert "are whole" in elsewhere.manage("audit_verify").stdout
    assert elsewhere.told("state")["events"][-1] == "BACKUP_RESTORED"
    assert left_behind(home) == []


def test_a_backup_ends_with_a_signed_head_where_no_worker_runs(home, targets, elsewhere):
    home.act("write", "0.1")  # events that nobody sealed
    targets.back_up(home)
    elsewhere.extra |= {"SEALING_LATE_AFTER_MINUTES": "0"}
    assert "Restored as of" in elsewhere.manage("restore", *targets.opened).stdout


def test_a_drill_passes_is_recorded_and_leaves_nothing(home, once):
    said = home.manage("restore_drill", *once.opened).stdout
    assert "The drill passed" in said
    state = home.told("state")
    assert state["drills"][-1]["result"] == "PASSED"
    found = state["drills"][-1]["found"]
    assert found["values"] > 20 and found["files"] >= 3 and found["events"] > 10 and found["problems"] == 0
    assert state["events"][-1] == "RESTORE_DRILLED"
    assert left_behind(home) == []


def test_what_was_made_is_remembered_with_checksums(home, once):
    runs = [run for run in home.told("state")["runs"] if run["result"] == "DONE"]
    assert {run["part"] for run in runs} == {"main", "files", "keystore"}
    assert part(once, "main").stat().st_size in [run["bytes"] for run in runs]
    assert runs[0]["engine"] == home.engine and all(len(run["sha256"]) == 64 for run in runs)


def test_no_name_is_in_an_archive_sealed_or_open(home, once):
    identity = x25519.Identity.from_str(once.identity_file.read_text().splitlines()[1])
    for name in ("main", "files", "keystore"):
        sealed = part(once, name).read_bytes()
        opened = io.BytesIO()
        pyrage.decrypt_io(io.BytesIO(sealed), opened, [identity])
        assert len(opened.getvalue()) > 1000
        for content in (sealed, opened.getvalue(), part(once, name, "json").read_bytes()):
            for text in (CANARY, CANARY_TOO):
                for form in forms_of(text):
                    assert form not in content.lower(), f"{text} is in {name}"


@pytest.mark.deep
def test_under_a_passphrase(home, targets, elsewhere, tmp_path):
    secret, other = tmp_path / "secret", tmp_path / "other"
    secret.write_text("a cupboard full of green umbrellas\n")
    other.write_text("a cupboard full of blue umbrellas\n")
    weak = tmp_path / "weak"
    weak.write_text("short\n")
    flags = (*targets.places, "--same-device-is-fine", "--passphrase-file")
    assert "too short" in home.manage("backup", *flags, str(weak), check=False).stdout
    home.manage("backup", *flags, str(secret))
    wrong = elsewhere.manage("restore", *targets.places, "--passphrase-file", str(other), "--dry-run", check=False)
    assert wrong.returncode and "does not open the backup" in wrong.stdout
    wrong = elsewhere.manage("restore", *targets.opened, "--dry-run", check=False)
    assert wrong.returncode and "sealed to another one" in wrong.stdout
    elsewhere.manage("restore", *targets.places, "--passphrase-file", str(secret))
    assert elsewhere.told("names").count(CANARY) == 2


@pytest.mark.deep
def test_the_worker_makes_it_by_itself_and_proves_it(home, targets, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("a cupboard full of green umbrellas\n")
    own = Home.filled(home.engine, home.outside)
    try:
        with (own.home / ".env").open("a") as settings:
            settings.write(f"BACKUP_DATA_TARGET={targets.data}\nBACKUP_KEYSTORE_TARGET={targets.keystore}\n")
            settings.write(f"BACKUP_PASSPHRASE_FILE={secret}\nBACKUP_SAME_DEVICE_IS_FINE=1\n")
        own.manage("work", "--once")
        state = own.told("state")
        assert state["events"] == ["BACKUP_MADE"] * 3 + ["RESTORE_DRILLED"]
        assert state["drills"][-1]["result"] == "PASSED"
        made = targets.sets()
        own.manage("work", "--once")
        assert targets.sets() == made, "once a night"
    finally:
        own.close()


# ---- refused ----


@pytest.mark.deep
def test_one_place_for_both_is_refused(home, targets):
    inner = targets.data / "inner"
    inner.mkdir()
    link = targets.data.parent / "link"
    link.symlink_to(targets.data)
    sealed = ("--recipient", targets.recipient)
    for data, keys, sentence in (
        (targets.data, targets.data, "may not go to one place"), (targets.data, link, "may not go to one place"),
        (targets.data, inner, "inside the other"), (inner, targets.data, "inside the other"),
        (targets.data, targets.keystore, "--same-device-is-fine"), (targets.data, Path("/nowhere"), "mounted?"),
        (home.home / "files", targets.keystore, "the files themselves"),
    ):  # fmt: skip
        done = home.manage("backup", "--data", str(data), "--keystore", str(keys), *sealed, check=False)
        assert done.returncode and sentence in done.stdout
    nobody = home.manage("backup", *targets.places, "--same-device-is-fine", check=False)
    assert nobody.returncode and "whom the backup is sealed to" in nobody.stdout
    odd = targets.back_up(home, "--recipient", "AGE-SECRET-KEY-1QQQQ", check=False)
    assert odd.returncode and "begins with age1" in odd.stdout and "QQQQ" not in odd.stdout
    inner.rmdir()
    assert targets.sets() == []


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("main"),
        pytest.param("files", marks=pytest.mark.deep),
        pytest.param("keystore", marks=pytest.mark.deep),
    ],
)
def test_a_changed_byte_is_refused(home, once, elsewhere, name):
    bad = once.copy()
    spoiled(part(bad, name))
    done = elsewhere.manage("restore", *bad.opened, check=False)
    assert done.returncode and "checksum differs" in done.stdout
    assert not (elsewhere.home / "haven.sqlite3").exists() and not list((elsewhere.home / "files").iterdir())
    drilled = home.manage("restore_drill", *bad.opened, check=False)
    assert drilled.returncode and "FAILED" in drilled.stdout
    assert home.told("state")["drills"][-1]["result"] == "FAILED"
    assert left_behind(home) == []


@pytest.mark.deep
def test_a_changed_manifest_is_refused(once, elsewhere):
    bad = once.copy()
    path = part(bad, "main", "json")
    path.write_text(path.read_text().replace('"cases": ', '"cases": 1'))
    done = elsewhere.manage("restore", *bad.opened, "--dry-run", check=False)
    assert done.returncode and "not what was written" in done.stdout


def test_another_root_key_is_refused_before_anything_is_written(home, once):
    stranger = Home.empty(home.engine, home.outside)
    try:
        done = stranger.manage("restore", *once.opened, check=False)
        assert done.returncode and "has no root key" in done.stdout
        stranger.manage("root_key", "create")
        done = stranger.manage("restore", *once.opened, check=False)
        assert done.returncode and "does not open the key store of this backup" in done.stdout
        assert not (stranger.home / "haven.sqlite3").exists()
    finally:
        stranger.close()


@pytest.mark.deep
def test_a_demo_and_real_work_never_mix(home, once):
    demo = Home.beside(home)
    demo.is_demo = True
    try:
        settings = demo.home / ".env"
        settings.write_text(settings.read_text().replace("HAVEN_DEMO=0", "HAVEN_DEMO=1"))
        done = demo.manage("restore", *once.opened, check=False)
        assert done.returncode and "never mix" in done.stdout
        assert not (demo.home / "haven.sqlite3").exists()
    finally:
        demo.close()


@pytest.mark.deep
def test_a_home_that_is_not_empty_is_refused(home, once):
    done = home.manage("restore", *once.opened, check=False)
    assert done.returncode and "not empty" in done.stdout
    asked = home.manage("restore", *once.opened, "--replace", check=False)
    assert asked.returncode
    assert ("--yes" if home.engine == SQLITE else "never overwritten") in asked.stdout


@pytest.mark.deep
def test_an_older_key_store_than_the_last_erasure_is_refused(home, targets, elsewhere):
    """What is destroyed stays destroyed: an old key store comes back nowhere, old records under today's keys stay shut."""
    own = Home.filled(home.engine, home.outside)
    there = Home.beside(own)
    try:
        targets.back_up(own)
        before = targets.copy()
        own.act("erase")
        first = next(iter(before.data.iterdir()))
        time.sleep(1.1)  # names of sets are told apart by the second
        targets.back_up(own)
        # By itself it takes the newer key store for the older records; named, the older one is refused.
        older = ("--data", str(targets.data / first.name), "--identity-file", str(before.identity_file))
        refused = there.manage("restore", *older, "--keystore", str(targets.keystore / first.name), check=False)
        assert refused.returncode and "older than the last erasure" in refused.stdout
        # This home knows of the erasure itself, whatever lies in the places.
        known = own.manage("restore", *before.opened, "--dry-run", "--replace", check=False)
        assert (known.returncode and "older than the last erasure" in known.stdout) or own.engine == POSTGRESQL
        # The records of after it know, too.
        newer = ("--data", str(targets.data), "--identity-file", str(before.identity_file))
        mixed = there.manage("restore", *newer, "--keystore", str(before.keystore), check=False)
        assert mixed.returncode and "older than the last erasure" in mixed.stdout
        said = there.manage("restore", *older, "--keystore", str(targets.keystore)).stdout
        assert "Restored as of" in said
        there.manage("audit_verify")
        keys = there.act("state")
        assert "BACKUP_RESTORED" in keys
    finally:
        own.close()
        there.close()


# ---- breaking off ----


@pytest.mark.parametrize("which", ["data", "keystore"])
@pytest.mark.deep
def test_a_full_disk_leaves_the_last_good_backup_and_nothing_else(home, tmp_path, which):
    with small_disk(tmp_path / "disk", 40 * 2**20) as disk:
        targets = Targets(tmp_path / "disk" if which == "data" else tmp_path)
        if which == "data":
            targets.keystore = tmp_path / "far"
            targets.keystore.mkdir()
        else:
            targets.keystore = disk / "keys"
            targets.keystore.mkdir()
        targets.places = ("--data", str(targets.data), "--keystore", str(targets.keystore))
        targets.opened = (*targets.places, "--identity-file", str(targets.identity_file))
        targets.back_up(home)
        good = targets.sets()
        (disk / "filler").write_bytes(b"x" * (free_bytes(disk) - 8 * 1024))
        done = targets.back_up(home, check=False)
        assert done.returncode and "no room left" in done.stdout and "untouched" in done.stdout
        assert targets.sets() == good
        state = home.told("state")
        assert state["events"][-1] == "BACKUP_FAILED" and state["runs"][-1]["error"] == "DISK_FULL"
        whole_sets(home, targets)


@pytest.mark.deep
def test_no_room_for_the_copy_of_the_records(home, targets):
    if home.engine != SQLITE:
        pytest.skip("only SQLite is copied before it is sealed")
    with small_disk(home.home / "tmp", 256 * 1024):
        done = targets.back_up(home, check=False)
        assert done.returncode and "no room" in done.stdout
        assert targets.sets() == [] and left_behind(home) == []


@pytest.mark.deep
def test_killed_half_way_it_leaves_nothing_that_looks_like_a_backup(home, targets):
    junk = home.home / "files" / "junk"
    with junk.open("wb") as file:
        file.truncate(3 * 2**30)
    try:
        command = [sys.executable, "manage.py", "backup", *targets.places, "--recipient", targets.recipient,
                   "--same-device-is-fine"]  # fmt: skip
        process = subprocess.Popen(command, cwd=ROOT, env=home.environment, stdout=subprocess.DEVNULL)
        for _ in range(600):
            if list(targets.data.glob("*.partial/files.age")):
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
        process.wait()
    finally:
        junk.unlink()
    assert all(name.endswith(".partial") for name in targets.sets()) and targets.sets()
    none = home.manage("restore_drill", *targets.opened, check=False)
    assert none.returncode and "There is no backup" in none.stdout
    targets.back_up(home)
    assert not [name for name in targets.sets() if name.endswith(".partial")]
    whole_sets(home, targets)


@pytest.mark.deep
def test_a_restore_that_breaks_off_leaves_the_home_as_it_was(home, once, elsewhere):
    """The checksums fit and the archive is another key store's: only when it is put there does that come out."""
    bad = once.copy()
    folder = part(bad, "files").parent
    forged = part(once, "files", "json").read_bytes()
    # An archive of no files under a manifest of several: signed, with a checksum that is made to fit.
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw().hex()
    sealed, inner = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w"):
        pass
    pyrage.encrypt_io(io.BytesIO(inner.getvalue()), sealed, [x25519.Recipient.from_str(bad.recipient)])
    (folder / "files.age").write_bytes(sealed.getvalue())
    for name in ("main", "files", "keystore"):
        path = part(bad, name, "json")
        body = json.loads(forged if name == "files" else path.read_bytes())["body"]
        if name == "files":
            digest = hashlib.sha256(sealed.getvalue()).hexdigest()
            body.update(bytes=len(sealed.getvalue()), sha256=digest, counts={"files": 0, "missing": 0})
        signature = key.sign(b"haven/certificate/1\n" + canonical(body)).hex()
        path.write_text(
            json.dumps({"format": "haven certificate 1", "body": body, "key": public, "signature": signature})
        )
    done = elsewhere.manage("restore", *bad.opened, check=False)
    assert done.returncode and "not signed by the installation" in done.stdout
    assert not (elsewhere.home / "haven.sqlite3").exists() and not (elsewhere.home / "keystore.sqlite3").exists()
    assert "Restored as of" in elsewhere.manage("restore", *once.opened).stdout, "the home is empty again"


@pytest.mark.deep
def test_replacing_puts_aside_what_was_there(home, once, elsewhere):
    if home.engine != SQLITE:
        pytest.skip("a PostgreSQL database is never overwritten")
    elsewhere.manage("restore", *once.opened)
    done = elsewhere.manage("restore", *once.opened, "--replace", "--yes")
    assert "put aside" in done.stdout or "was here before" in done.stdout
    [aside] = elsewhere.home.glob("before-restore-*")
    with sqlite3.connect(aside / "haven.sqlite3") as connection:
        assert connection.execute("SELECT COUNT(*) FROM cases_case").fetchone()[0] >= 2
    assert elsewhere.told("names").count(CANARY) == 2


@pytest.mark.deep
def test_a_running_server_is_not_restored_into(home, once, elsewhere):
    with alone(elsewhere.home, "serve"):
        done = elsewhere.manage("restore", *once.opened, check=False)
    assert done.returncode and "Stop the server" in done.stdout
    assert not (elsewhere.home / "haven.sqlite3").exists()
