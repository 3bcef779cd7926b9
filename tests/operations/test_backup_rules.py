"""The rules of backups that need no home: what must not go missing between parts, what is cleared away, who is reminded."""

import json
import uuid
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connections

from audit import clock
from audit.models import Event
from casemgmt.crypto import blind_index, keks, keyring, rotation, shredding
from casemgmt.crypto.errors import KeystoreUnavailable
from casemgmt.crypto.models import CaseKey, SharedKey
from casemgmt.operations import keys
from casemgmt.operations.backup import manifest, nightly, reminders, taking, targets, tarring
from casemgmt.operations.backup.errors import BackupDamaged, BackupRefused, NotTogether
from casemgmt.operations.backup.manifest import KEYSTORE, MAIN, Manifest
from casemgmt.operations.backup.places import Chosen
from casemgmt.operations.backup.restoring import _demand_known_migrations
from casemgmt.operations.models import BackupRun, Installation, Reminder, RestoreDrill
from cases import access
from cases.models import Notice

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


class Now:
    """The key store as the test's own transaction sees it."""

    def rows(self, sql):
        with connections["keystore"].cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def content(self):
        raise AssertionError("nobody reads it here")


# ---- whether the parts belong together ----


@pytest.fixture
def keyed(db):
    """A case with keys."""
    uid = uuid.uuid4()
    keyring.create_case_keys(uid)
    return uid


def new_epoch(uid, retention_class="LEGAL"):
    first = CaseKey.objects.using("keystore").get(case_uid=uid, retention_class=retention_class)
    CaseKey(
        case_uid=uid,
        retention_class=retention_class,
        epoch=first.epoch + 1,
        kek=first.kek,
        wrapped=bytes(first.wrapped),
    ).save(using="keystore")
    return first


def test_keys_that_were_renewed_meanwhile_are_missed(keyed):
    before = taking._look_before()
    first = new_epoch(keyed)
    taking.demand_nothing_lost(Now(), before)  # begun, and the old epoch is still there
    first.delete(using="keystore")
    with pytest.raises(NotTogether):
        taking.demand_nothing_lost(Now(), before)


def test_a_renewal_that_had_begun_before_is_missed_when_it_ends(keyed):
    first = new_epoch(keyed)
    before = taking._look_before()
    taking.demand_nothing_lost(Now(), before)
    first.delete(using="keystore")
    with pytest.raises(NotTogether):
        taking.demand_nothing_lost(Now(), before)


def test_a_renewal_a_moment_ago_and_an_erasure_are_not_missed(keyed):
    new_epoch(keyed).delete(using="keystore")
    before = taking._look_before()
    shredding.destroy(keyed, ["ADVOCACY"], order="ER-7Q4K-29MX", now=clock.now())
    taking.demand_nothing_lost(Now(), before)


def test_a_shared_key_that_was_destroyed_is_missed(keyed):
    keks.add_shared_epoch(keks.SEARCH)
    before = taking._look_before()
    keks.add_shared_epoch(keks.SEARCH)
    taking.demand_nothing_lost(Now(), before)
    keks.destroy_shared_epochs(keks.SEARCH, before=2)
    with pytest.raises(NotTogether):
        taking.demand_nothing_lost(Now(), before)


def test_what_opens_a_key_store_and_what_was_erased_stands_in_it(keyed):
    shredding.destroy(keyed, ["LEGAL"], order="ER-7Q4K-29MX", now=clock.now())
    about = json.loads(json.dumps(taking.about_keystore(Now())))
    assert [keyed.hex, "LEGAL"] in about["tombstones"]
    numbers = {number for number, _wrapped in about["keks"]}
    assert numbers == set(keks.rows("KeyEncryptionKey").exclude(state="DESTROYED").values_list("number", flat=True))


# ---- manifests and old sets ----


def put_set(place: Path, name: str, part: str, *, at, **facts) -> Path:
    """A set with a signed manifest and an archive of a few bytes."""
    folder = place / name
    folder.mkdir()
    archive = folder / f"{part}.age"
    archive.write_bytes(b"sealed")
    written = manifest.sha256_of(archive)
    one = Manifest(name=name, part=part, engine="sqlite", taken_at=at.isoformat(), version="0.1.0",
                   bytes=written.size, sha256=written.sha256, **facts)  # fmt: skip
    (folder / f"{part}.json").write_bytes(manifest.signed(one))
    return folder


@pytest.fixture
def both(tmp_path):
    for name in ("data", "keys"):
        (tmp_path / name).mkdir()
    return targets.Places(tmp_path / "data", tmp_path / "keys")


def test_old_key_stores_go_by_age_and_old_records_by_number(both, settings):
    settings.KEYSTORE_BACKUP_DAYS = 14
    now = clock.now()
    for days in (0, 1, 12, 14, 40):
        at = now - timedelta(days=days)
        put_set(both.data, f"haven-{at:%Y%m%dT%H%M%SZ}-a", MAIN, at=at)
        put_set(both.keystore, f"haven-{at:%Y%m%dT%H%M%SZ}-a", KEYSTORE, at=at)
    stranger = both.keystore / "haven-of-somebody"
    stranger.mkdir()
    gone = targets.clear_old(both, keep=3, now=now)
    assert len([one for one in gone if one.parent == both.data]) == 2
    kept = [one for one in manifest.sets_in(both.keystore) if one != stranger]
    assert [(now - manifest.read(one, KEYSTORE).manifest.moment).days for one in kept] == [0, 1, 12]
    assert stranger.is_dir()
    targets.clear_old(both, keep=1, now=now + timedelta(days=400))
    assert len(manifest.sets_in(both.data)) == 1


def test_the_newest_key_store_is_never_cleared(both):
    put_set(both.keystore, "haven-20200101T000000Z-a", KEYSTORE, at=clock.now() - timedelta(days=900))
    assert targets.clear_old(both, keep=1, now=clock.now()) == []


def test_the_key_store_of_the_same_name_unless_something_was_erased_since(both):
    now = clock.now()
    put_set(both.keystore, "haven-20260101T000000Z-a", KEYSTORE, at=now, erased=0)
    newest = put_set(both.keystore, "haven-20260102T000000Z-b", KEYSTORE, at=now, erased=0)
    same = both.keystore / "haven-20260101T000000Z-a"
    assert manifest.choose_keystore(both.keystore, same.name) == same
    third = put_set(both.keystore, "haven-20260103T000000Z-c", KEYSTORE, at=now, erased=1)
    assert manifest.choose_keystore(both.keystore, same.name) == third
    with pytest.raises(BackupRefused, match="older than the last erasure"):
        manifest.demand_newest_shredding(newest)
    manifest.demand_newest_shredding(third)


def test_a_manifest_says_nothing_that_was_changed(both):
    folder = put_set(both.data, "haven-20260101T000000Z-a", MAIN, at=clock.now(), erased=3)
    path = folder / "main.json"
    path.write_text(path.read_text().replace('"erased": 3', '"erased": 0'))
    with pytest.raises(BackupDamaged):
        manifest.read(folder, MAIN)


def test_a_backup_of_a_newer_haven_is_refused(both):
    now = clock.now()
    main = put_set(both.data, "haven-20260101T000000Z-a", MAIN, at=now, migrations=["cases.9999_from_the_future"])
    keys = put_set(both.keystore, "haven-20260101T000000Z-a", KEYSTORE, at=now)
    one, other = manifest.read(main, MAIN), manifest.read(keys, KEYSTORE)
    with pytest.raises(BackupRefused, match="newer Haven"):
        _demand_known_migrations(Chosen(one, one, other))


# ---- the stream of files ----


def test_files_go_through_the_stream_and_odd_names_do_not(tmp_path):
    source, goal = tmp_path / "from", tmp_path / "to"
    for name, content in (("ab/one", b"x" * 700_001), ("two", b""), ("cd/ef/three", b"y" * 512)):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    (source / "link").symlink_to("/etc/hostname")
    taken: set[str] = set()
    archive = tmp_path / "archive"
    reader = tarring.Pieces(tarring.tar_of(source, taken))
    with archive.open("wb") as file:
        while piece := reader.read(1000):
            file.write(piece)
    assert taken == {"ab/one", "two", "cd/ef/three"}
    with closing(archive.open("rb")) as stream:
        assert tarring.unpack(stream, goal) == 3
    assert (goal / "ab/one").read_bytes() == b"x" * 700_001 and (goal / "two").read_bytes() == b""
    assert (goal / "two").stat().st_mode & 0o777 == 0o600
    for odd in ("../out", "/out"):
        archive.write_bytes(b"".join([*tarring.tar_of_one(odd, b"z"), bytes(1024)]))
        with closing(archive.open("rb")) as stream, pytest.raises(BackupDamaged):
            tarring.unpack(stream, goal)
    assert not (tmp_path / "out").exists()


# ---- reminding ----


@pytest.fixture
def installed(cast):
    """An installation for real work that began just now."""
    return Installation.objects.create(pk=1, is_demo=False)


def made(at):
    BackupRun.objects.create(name="haven-x", part=MAIN, at=at, result=BackupRun.Result.DONE)


def test_an_overdue_backup_is_said_once_and_gone_when_it_is_made(cast, installed, settings):
    settings.BACKUP_EVERY_HOURS, settings.DRILL_EVERY_DAYS = 24, 31
    now = clock.now()
    assert reminders.keep_reminders(now) == 0, "a new installation has a day"
    later = now + timedelta(hours=26)
    assert reminders.keep_reminders(later) == 1
    assert reminders.keep_reminders(later + timedelta(hours=1)) == 0
    [row] = Reminder.objects.standing()
    assert row.kind == Reminder.Kind.BACKUP
    told = access.for_the_house(Notice).filter(kind="BACKUP_OVERDUE")
    assert [notice.person for notice in told] == [cast.farid] and told[0].case is None
    assert Event.objects.filter(verb="DUE_STAMPED").exists()
    BackupRun.objects.create(name="", part="", at=later, result=BackupRun.Result.FAILED)
    assert reminders.keep_reminders(later) == 0, "a failed one helps nobody"
    made(later)
    assert reminders.keep_reminders(later) == 1
    assert not Reminder.objects.standing().exists()
    assert reminders.keep_reminders(later + timedelta(hours=30)) == 1, "and again the next time"
    assert told.all().count() == 2


def test_an_overdue_drill(cast, installed, settings):
    settings.BACKUP_EVERY_HOURS, settings.DRILL_EVERY_DAYS = 24, 31
    later = clock.now() + timedelta(days=40)
    made(later)
    RestoreDrill.objects.create(name="haven-x", at=later, result=RestoreDrill.Result.FAILED)
    reminders.keep_reminders(later)
    assert [one.kind for one in Reminder.objects.standing()] == [Reminder.Kind.DRILL]
    RestoreDrill.objects.create(name="haven-x", at=later, result=RestoreDrill.Result.PASSED)
    reminders.keep_reminders(later)
    assert not Reminder.objects.standing().exists()


def test_the_demo_is_never_reminded(cast):
    Installation.objects.create(pk=1, is_demo=True)
    assert reminders.keep_reminders(clock.now() + timedelta(days=900)) == 0


def of_one_kind(kind):
    return Reminder.objects.standing().filter(kind=kind)


def test_a_rotation_of_the_keys_is_due_once_a_year_and_cleared_by_it_as_a_whole(cast, installed, settings):
    settings.ROTATE_EVERY_DAYS = 365
    begun = keys.oldest_in_use()
    Installation.objects.update(created_at=begun)
    reminders.keep_reminders(begun + timedelta(days=364))
    assert not of_one_kind("KEYS").exists()
    later = begun + timedelta(days=366)
    reminders.keep_reminders(later)
    assert of_one_kind("KEYS").count() == 1
    told = access.for_the_house(Notice).filter(kind="KEYS_OVERDUE")
    assert [notice.person for notice in told] == [cast.farid]
    rotation.add()
    rotation.promote(now=later)
    reminders.keep_reminders(later)
    assert of_one_kind("KEYS").exists(), "everything still hangs on the old one"
    rotation.rewrap()
    rotation.retire(1, now=later)
    reminders.keep_reminders(later)
    assert not of_one_kind("KEYS").exists() and keys.oldest_in_use() == later
    reminders.keep_reminders(later + timedelta(days=366))
    assert of_one_kind("KEYS").exists() and told.all().count() == 2


def test_a_rotation_of_the_search_key_is_due_only_where_there_is_one(cast, installed, settings):
    settings.ROTATE_EVERY_DAYS = 365
    SharedKey.objects.filter(name="SEARCH").delete()
    later = clock.now() + timedelta(days=800)
    reminders.keep_reminders(later)
    assert not of_one_kind("INDEX").exists()
    blind_index.add_epoch()
    reminders.keep_reminders(later)
    assert of_one_kind("INDEX").exists()
    with time_machine.travel(later):
        epoch = blind_index.add_epoch()
    reminders.keep_reminders(later)
    assert of_one_kind("INDEX").exists(), "tokens of the old key are still worth something"
    blind_index.destroy_epochs(before=epoch)
    reminders.keep_reminders(later)
    assert not of_one_kind("INDEX").exists()


def test_a_key_store_that_is_down_hides_no_overdue_backup(cast, installed, monkeypatch):
    def down():
        raise KeystoreUnavailable("The key store does not answer.")

    monkeypatch.setattr(keys, "oldest_in_use", down)
    with pytest.raises(KeystoreUnavailable):
        reminders.keep_reminders(clock.now() + timedelta(days=40))
    assert {one.kind for one in Reminder.objects.standing()} == {"BACKUP", "DRILL"}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("BACKUP", b"A backup is overdue."),
        ("DRILL", b"Trying out a backup is overdue."),
        ("KEYS", b"The yearly change of the keys is overdue."),
        ("INDEX", b"The yearly change of the search key is overdue."),
    ],
)
def test_each_reminder_has_words_of_its_own(cast, installed, sign_in, kind, words):
    client = sign_in(cast.farid)
    assert words not in client.get("/people/").content
    Reminder.objects.create(kind=kind, since=clock.now())
    assert client.get("/people/").content.count(b"overdue.") == 1
    assert words in client.get("/people/").content


@pytest.mark.parametrize(("person", "address"), [("farid", "/people/"), ("omar", "/erasure/")])
def test_the_administrator_and_the_director_see_it(cast, installed, sign_in, person, address):
    client = sign_in(getattr(cast, person))
    assert b"backup is overdue" not in client.get(address).content
    Reminder.objects.create(kind=Reminder.Kind.BACKUP, since=clock.now())
    answer = client.get(address)
    assert answer.status_code == 200 and b"A backup is overdue." in answer.content
    Reminder.objects.update(done_at=clock.now())
    assert b"backup is overdue" not in client.get(address).content


# ---- by itself ----


def test_nothing_runs_by_itself_until_all_is_named(settings, tmp_path):
    assert not nightly.order_backup()
    settings.BACKUP_DATA_TARGET, settings.BACKUP_KEYSTORE_TARGET = str(tmp_path / "a"), str(tmp_path / "b")
    assert not nightly.is_configured(), "sealed to nobody"
    settings.BACKUP_RECIPIENTS = ["age1…"]
    assert nightly.is_due() and not nightly.can_open()
    made(clock.now())
    assert not nightly.is_due()
    with time_machine.travel(clock.now() + timedelta(hours=23, minutes=45)):
        assert nightly.is_due()


def test_a_backup_that_cannot_be_made_by_itself_ends_quietly(settings, tmp_path):
    settings.BACKUP_DATA_TARGET, settings.BACKUP_KEYSTORE_TARGET = str(tmp_path / "a"), str(tmp_path / "b")
    settings.BACKUP_RECIPIENTS = ["age1…"]
    nightly.back_up.call()
    assert not BackupRun.objects.filter(result="DONE").exists()
