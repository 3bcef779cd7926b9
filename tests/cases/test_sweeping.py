"""Full disks and killed processes: nothing is lost, nothing half-readable stays, and leftovers go after a day."""

import errno
import os
import random
import signal
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as live
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit import clock
from audit.log import record
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.sections import RetentionClass
from casemgmt.crypto import keyring
from casemgmt.crypto.models import CaseKey
from cases import access, files
from cases.actions import documents as actions
from cases.choices.documents import DocumentCategory
from cases.errors.files import NoRoomForFile
from cases.models import Document
from cases.sweeping import sweep_files, sweep_keys
from tests import make
from tests.cases.test_previews import photo
from tests.disks import small_disk


@pytest.fixture(autouse=True)
def _files_of_this_test_alone(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "stored"


def stored_files():
    return {path for path in Path(live.MEDIA_ROOT).rglob("*") if path.is_file()}


def age(path, **by):
    moment = (clock.now() - timedelta(**by)).timestamp()
    os.utime(path, (moment, moment))


# ---- A full disk ----


@pytest.mark.once
def test_a_disk_that_is_full_while_a_file_is_sealed(cast, case, sign_in, settings, tmp_path):
    """The spool has room, the storage has not: a real file system of three megabytes."""
    settings.DISK_RESERVE_BYTES = 0
    with small_disk(tmp_path / "files", 3_000_000) as folder:
        settings.MEDIA_ROOT = folder
        first = make.document(case, cast.amina, b"kept before")
        content = random.Random(1).randbytes(2_000_000).hex().encode()
        form = {"upload": SimpleUploadedFile("a.txt", content), "category": "OTHER", "section": "SAFETY"}
        client = sign_in(cast.amina)
        answer = client.post(reverse("case-documents", args=[case.uid]), {**form, "form_key": str(uuid4())})
        assert answer.status_code == 422 and "no room for this file" in answer.text
        assert '<option value="OTHER" selected>' in answer.text and '<option value="SAFETY" selected>' in answer.text
        assert list(access.within(Document, case)) == [first]
        assert [path for path in folder.rglob("*") if path.is_file()] == [folder / first.stored_as]
        assert Event.objects.filter(verb="DOCUMENT_SEALED").count() == 1
        assert b"".join(files.open_pieces(first)) == b"kept before"
        assert make.document(case, cast.amina, b"a small one still fits")
    assert [path for path in Path(live.HAVEN_HOME, "tmp").iterdir() if path.suffix != ".lock"] == []


@pytest.mark.once
def test_a_disk_that_is_full_while_the_upload_comes_in(cast, case, sign_in, settings, tmp_path):
    settings.DISK_RESERVE_BYTES, settings.HAVEN_HOME = 0, tmp_path
    with small_disk(tmp_path / "tmp", 1_000_000):
        form = {"upload": SimpleUploadedFile("a.txt", b"a" * 4_000_000), "category": "OTHER", "section": "SAFETY"}
        answer = sign_in(cast.amina).post(reverse("case-documents", args=[case.uid]), form)
        assert answer.status_code == 422 and "no room for this file" in answer.text
        assert '<option value="SAFETY" selected>' in answer.text and not access.within(Document, case).exists()


def test_no_room_for_the_small_picture_leaves_no_file_at_all(cast, case, monkeypatch):
    before, store = stored_files(), files.files.store_sealed

    def full(storage, name, *arguments, **facts):
        if name.endswith(".preview"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return store(storage, name, *arguments, **facts)

    monkeypatch.setattr(files.files, "store_sealed", full)
    with pytest.raises(NoRoomForFile):
        make.document(case, cast.amina, photo(), category=DocumentCategory.OTHER)
    assert stored_files() == before


# ---- A killed process ----


@pytest.mark.once
@pytest.mark.parametrize("killed", ["while it is sealed", "before it is recorded"])
def test_kill_9_leaves_no_record_and_what_it_leaves_is_swept_after_a_day(cast, case, monkeypatch, killed):
    kept, before = make.document(case, cast.amina, b"kept"), stored_files()
    child = os.fork()
    if child == 0:
        _seal_and_die(cast, case, killed)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    left = stored_files() - before
    assert len(left) == 1 and list(access.within(Document, case)) == [kept]
    assert sweep_files(now=clock.now()) == 0 and stored_files() - before == left
    for path in (*left, Path(live.MEDIA_ROOT, kept.stored_as)):
        age(path, hours=25)
    assert sweep_files(now=clock.now()) == 1
    assert not left & stored_files()
    assert b"".join(files.open_pieces(kept)) == b"kept"
    assert Event.objects.get(verb="JOB_RUN").detail.content["codes"] == {"job": "sweep_files", "count": 1}


def _seal_and_die(cast, case, killed):
    """In a process of its own: everything is real, and the kernel ends it in the middle."""

    class Dies(SimpleUploadedFile):
        def read(self, *arguments):
            if killed == "while it is sealed" and self.tell() > 1_000_000 and self.passes > 2:
                os.kill(os.getpid(), signal.SIGKILL)
            return super().read(*arguments)

        passes = 0

        def seek(self, *arguments):
            self.passes += 1
            return super().seek(*arguments)

    def die(*_facts, **_more):
        os.kill(os.getpid(), signal.SIGKILL)

    try:
        actions.record_document = die
        make_upload = Dies("a.txt", b"line of text\n" * 300_000)
        actions.seal_document(
            actor=cast.amina, now=clock.now(), upload=make_upload, category=DocumentCategory.OTHER, case_uid=case.uid
        )
    finally:
        os._exit(3)


# ---- What is swept, and what never ----


def test_a_file_that_a_record_names_is_never_swept(cast, case):
    picture = make.document(case, cast.amina, photo(), category=DocumentCategory.OTHER)
    letter = make.document(case, cast.amina)
    actions.withdraw_document(actor=cast.amina, now=clock.now(), case_uid=case.uid, document_uid=letter.uid, why="x")
    ours = {
        Path(live.MEDIA_ROOT, name) for name in (picture.stored_as, f"{picture.stored_as}.preview", letter.stored_as)
    }
    for path in ours:
        age(path, days=400)
    assert sweep_files(now=clock.now()) == 0
    assert ours <= stored_files()


def test_a_small_picture_whose_document_is_in_quarantine_goes(cast, case):
    from cases.actions.quarantine import quarantine_document

    document = make.document(case, cast.amina, photo(), category=DocumentCategory.OTHER)
    quarantine_document(actor=cast.amina, now=clock.now(), case_uid=case.uid, document_uid=document.uid)
    path = Path(live.MEDIA_ROOT, f"{document.stored_as}.preview")
    assert path.exists(), "the transaction of a test never commits"
    age(path, days=2)
    sweep_files(now=clock.now())
    assert not path.exists() and Path(live.MEDIA_ROOT, document.stored_as).exists()


def test_the_schedule_runs_it_once_a_day(ledger, db):
    from casemgmt.operations.schedule import SCHEDULE

    [job] = [job for job in SCHEDULE if job.name == "sweep_files"]
    assert job.every == timedelta(days=1)
    path = Path(live.MEDIA_ROOT, "zz", "f" * 32)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"left")
    age(path, days=2)
    job.run()
    assert not path.exists()


# ---- Keys that seal nothing ----


def aged(uid, **age):
    """Keys as a crash left them: their case did not follow."""
    keyring.create_case_keys(uid)
    CaseKey.objects.filter(case_uid=uid).update(created_at=clock.now() - timedelta(**age))
    return uid


def test_keys_whose_case_never_came_go_after_a_day_and_no_others(cast, case):
    CaseKey.objects.filter(case_uid=case.uid).update(created_at=clock.now() - timedelta(days=2))
    keyring.ensure_own_keys(cast.amina.uid)
    CaseKey.objects.update(created_at=clock.now() - timedelta(days=2))
    lonely, young, ancient = aged(uuid4(), hours=25), aged(uuid4(), hours=23), aged(uuid4(), days=9)
    assert sweep_keys(now=clock.now()) == len(RetentionClass)
    left = set(CaseKey.objects.values_list("case_uid", flat=True))
    assert {case.uid, cast.amina.uid, young, ancient} <= left and lonely not in left
    assert Event.objects.get(verb="KEYS_SWEPT").detail.content["codes"] == {"count": len(RetentionClass)}
    assert sweep_keys(now=clock.now()) == 0


def test_no_key_is_swept_where_records_may_be_missing_after_a_restore(cast):
    lonely = aged(uuid4(), hours=25)
    record(Verb.BACKUP_RESTORED, actor=None)
    assert sweep_keys(now=clock.now()) == 0 and CaseKey.objects.filter(case_uid=lonely).exists()
    assert sweep_keys(now=clock.now() + timedelta(days=61)) == 0, "by then it is too old to be swept"
