"""What an erasure takes and what stays usable, a crash between any two steps, the certificate, a restore."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from audit import clock
from audit.verify import verify_all
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import RetentionClass
from casemgmt.accounts.held import open_held
from casemgmt.accounts.models import HeldForm, Session
from casemgmt.crypto import certificates, keyring, shredding
from casemgmt.crypto.errors import ContentErased, KeystoreUnavailable
from casemgmt.crypto.models import CaseKey
from casemgmt.operations import schedule
from cases import access, files
from cases.actions import erasing, erasure
from cases.actions.drafts import save_draft
from cases.actions.grants import revoke_access
from cases.actions.notes import add_note
from cases.errors.erasing import (
    ErasureIsOver,
    NothingToErase,
    PartIsErased,
)
from cases.models import AccessGrant, Draft, Due, Note, Survivor, TimelineEntry
from cases.opening import open_job
from tests import make
from tests.audit.sealing.scene import seal
from tests.cases.erasing import approve, ask, confirm, erase, fresh, order_now
from tests.cases.stored import dump

ADVOCACY, CORE = RetentionClass.ADVOCACY, RetentionClass.CORE


@pytest.fixture
def note(cast, case):
    return add_note(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, privilege_class="ADVOCATE_CONFIDENTIAL",
        body="Umbrella in the hall",
    )  # fmt: skip


# ---- What is gone, and what stays ----


def test_a_class_is_unreadable_and_the_rest_is_not(cast, case, note, at_once, events):
    document = make.document(case, cast.amina, b"A letter.\n")
    kept = make.document(case, cast.amina, b"A card.\n", category="IDENTITY_DOCUMENT")
    order = order_now(erase(cast, case, ADVOCACY))
    assert order.state == "DONE" and set(fresh(case).erasures) == {"ADVOCACY"}
    row = access.for_the_house(Note).get(uid=note.uid)
    version = note.history.first()
    with open_job("test", ["ADVOCACY", "IDENTITY"]):
        for one in (row, version):
            with pytest.raises(ContentErased):
                _ = one.body
        assert access.for_the_house(Survivor).get(case=case).first_name == "Zoraida"
    assert not files.storage().exists(document.stored_as) and files.storage().exists(kept.stored_as)
    with pytest.raises(ContentErased):
        keyring.sealing_cipher(case.uid, "NARRATIVE")
    [event] = events("ERASURE_DONE", case.uid)
    codes = event.detail.content["codes"]
    assert codes["order"] == order.number and codes["keys"] == 1
    assert len(events("KEY_DESTROYED", case.uid)) == 1
    assert not fresh(case).is_restricted


def test_the_ledger_still_verifies(cast, case, note, at_once, sign_in):
    sign_in(cast.amina).get(reverse("case-overview", args=[case.uid]))
    seal()  # what others wrote minutes ago must not be late
    assert verify_all().problems == []
    erase(cast, case, ADVOCACY)
    make.closed(case, cast.amina)
    erase(cast, case, CORE)
    assert verify_all().problems == []
    out = StringIO()
    call_command("audit_verify", stdout=out)
    assert "are whole" in out.getvalue()


@pytest.mark.sql
def test_writing_to_an_erased_part_is_refused_in_words(cast, case, note, at_once, sign_in):
    erase(cast, case, ADVOCACY)
    with pytest.raises(PartIsErased, match="nothing can be added"):
        add_note(
            actor=cast.amina, now=clock.now(), case_uid=case.uid, privilege_class="ADVOCATE_CONFIDENTIAL", body="More"
        )
    client = sign_in(cast.amina)
    for page, form in (
        (reverse("case-statement", args=[case.uid]), {"statement": "Quiet words", "mark": ""}),
        (reverse("case-note-edit", args=[case.uid, note.uid]), {"body": "More", "version": "1"}),
    ):
        answer = client.post(page, form)
        assert answer.status_code == 409 and "nothing can be added" in answer.text
        assert client.get(page).status_code == 200
    adding = client.post(
        reverse("case-note-add", args=[case.uid]),
        {"body": "More", "privilege_class": "ADVOCATE_CONFIDENTIAL", "happened_at": ""},
    )
    assert adding.status_code in (409, 422)
    added = add_note(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, privilege_class="SERVICES_NOTE", body="Still works"
    )
    assert added.section == "SERVICES"


def test_access_is_taken_back_on_an_erased_case_too(cast, case, clinician, at_once):
    make.closed(case, cast.amina)
    erase(cast, case, CORE)
    grant = access.for_the_house(AccessGrant).get(case=case, kind="CLINICAL")
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=grant.uid)
    with pytest.raises(Hidden):
        access.get_for(clinician, case.uid)


def test_drafts_dates_and_tokens_go_with_it(cast, case, note, at_once):
    save_draft(actor=cast.amina, now=clock.now(), kind="note", about_uid=case.uid, fields={"body": ["half a word"]})
    save_draft(actor=cast.amina, now=clock.now(), kind="note-edit", about_uid=note.uid, fields={"body": ["other"]})
    assert access.for_the_house(Due).filter(case=case, section="SAFETY", done_at__isnull=True).exists()
    erase(cast, case, ADVOCACY)
    assert not Draft._base_manager.filter(owner=cast.amina).exists()
    assert not access.for_the_house(Due).filter(case=case, section="SAFETY", done_at__isnull=True).exists()
    line = access.for_the_house(TimelineEntry).filter(case=case, kind="ERASURE_DONE")
    assert line.count() == 1


def locked_post(client, address, **typed):
    """A form that arrives at a locked screen: it is kept for its sender. Returns the row."""
    Session.objects.update(locked_at=clock.now())
    assert client.post(address, typed).status_code in (302, 303)
    held = HeldForm.objects.latest("pk")
    Session.objects.update(locked_at=None)
    return held


@pytest.mark.sql
def test_no_form_that_a_locked_screen_kept_outlives_it(cast, case, note, at_once, sign_in):
    other = make.case(cast.amina, cast.team_of("amina"))
    amina, bea = sign_in(cast.amina), sign_in(cast.bea)
    about_it = [
        locked_post(amina, reverse("case-note-add", args=[case.uid]), body="Velvet tambourine"),
        locked_post(bea, reverse("case-note-edit", args=[case.uid, note.uid]), body="Velvet tambourine"),
        locked_post(amina, "/tasks/", case=str(case.uid), title="Velvet tambourine"),
    ]
    elsewhere = locked_post(amina, reverse("case-note-add", args=[other.uid]), body="Something else")
    assert all("Velvet tambourine" in str(open_held(held, held.user)) for held in about_it)
    erase(cast, case, ADVOCACY)
    assert list(HeldForm.objects.all()) == [elsewhere]
    sealed = dump()
    assert not [held for held in about_it if held.sealed.encode() in sealed] and b"tambourine" not in sealed


@pytest.mark.sql
def test_scratch_of_the_time_in_which_it_was_erased_goes_at_the_end(cast, case, at_once, sign_in):
    """Amina's page was open: what it sent between the mark and the end is gone with the rest."""
    order = confirm(cast, approve(cast, ask(cast, case, ADVOCACY)))
    erasing.begin_erasing(actor=None, now=clock.now(), order_uid=order.uid)
    save_draft(actor=cast.amina, now=clock.now(), kind="note", about_uid=case.uid, fields={"body": ["late"]})
    locked_post(sign_in(cast.amina), reverse("case-note-add", args=[case.uid]), body="late, too")
    assert erasing.carry_out(order.uid)
    assert not Draft._base_manager.exists() and not HeldForm.objects.exists()


def test_what_is_erased_once_is_not_erased_again(cast, case, at_once):
    first = erase(cast, case, ADVOCACY)
    with pytest.raises(NothingToErase):
        ask(cast, case, ADVOCACY)
    make.closed(case, cast.amina)
    rest = erase(cast, case, CORE)
    assert rest.classes == ["CLINICAL", "CORE", "LEGAL", "SERVICES"]
    told = fresh(case).erasures
    assert told["ADVOCACY"]["order"] == first.number and told["CORE"]["order"] == rest.number
    assert CaseKey.objects.filter(case_uid=case.uid).count() == 0
    with pytest.raises(NothingToErase):
        ask(cast, case, CORE)


# ---- A crash between two steps ----


class Crash(Exception):
    """The process ended here."""


def crash(*args, **kwargs):
    raise Crash


@pytest.mark.parametrize(
    ("place", "name", "marked", "keys_left"),
    [
        (erasing.shredding, "destroy", True, 5),
        (erasing.shredding, "scrub", True, 4),
        (erasing, "note_keys_gone", True, 4),
        (erasing, "delete_files", True, 4),
        (erasing, "note_files_gone", True, 4),
        (erasing, "finish_erasing", True, 4),
        (erasing.certificates, "sign", True, 4),
        (erasing, "_tidy_up", False, 5),
        (erasing, "mark_erased", False, 5),
    ],
)
def test_a_crash_between_two_steps_is_resumed(cast, case, note, at_once, monkeypatch, place, name, marked, keys_left):
    document = make.document(case, cast.amina)
    order = confirm(cast, approve(cast, ask(cast, case, ADVOCACY)))
    with monkeypatch.context() as broken:
        broken.setattr(place, name, crash)
        with pytest.raises(Crash):
            erasing.carry_out(order.uid)
    assert (set(fresh(case).erasures) == {"ADVOCACY"}) is marked
    assert CaseKey.objects.filter(case_uid=case.uid).count() == keys_left
    assert order_now(order).state == ("ERASING" if marked else "COOLING")
    if marked:
        with pytest.raises(ErasureIsOver):
            erasure.stop_erasure(actor=cast.bea, now=clock.now(), order_uid=order.uid, reason="Too late")
    assert erasing.erase_what_is_due() == 1
    done = order_now(order)
    assert done.state == "DONE" and certificates.verify(done.certificate, certificates.public_key())["keys"] == {
        "ADVOCACY": 1
    }
    assert CaseKey.objects.filter(case_uid=case.uid).count() == 4 and not files.storage().exists(document.stored_as)
    assert erasing.erase_what_is_due() == 0 and not fresh(case).is_restricted


def test_one_order_that_cannot_go_on_does_not_hold_up_another(cast, case, at_once, monkeypatch):
    other = make.case(cast.amina, cast.team_of("amina"))
    one = confirm(cast, approve(cast, ask(cast, case, ADVOCACY)))
    two = confirm(cast, approve(cast, ask(cast, other, ADVOCACY)))
    real = shredding.destroy

    def only_the_second(case_uid, *args, **kwargs):
        if case_uid == case.uid:
            raise KeystoreUnavailable("not now")
        return real(case_uid, *args, **kwargs)

    with monkeypatch.context() as broken:
        broken.setattr(erasing.shredding, "destroy", only_the_second)
        with pytest.raises(KeystoreUnavailable):
            erasing.erase_what_is_due()
    assert order_now(one).state == "ERASING" and order_now(two).state == "DONE"
    assert erasing.erase_what_is_due() == 1 and order_now(one).state == "DONE"


def test_the_schedule_drives_it(cast, case, at_once):
    order = confirm(cast, approve(cast, ask(cast, case, ADVOCACY)))
    names = {job.name: job for job in schedule.SCHEDULE}
    assert names["erasures"].every == timedelta(minutes=1)
    names["erasures"].run()
    assert order_now(order).state == "DONE"


# ---- The certificate ----


def test_the_certificate_holds_no_personal_data_and_is_checked_offline(cast, case, note, at_once, tmp_path, settings):
    order = order_now(erase(cast, case, ADVOCACY))
    text = json.dumps(order.certificate)
    for secret in ("Zoraida", "Quillfeather", "marmalade", "R-17", case.number, str(case.uid), "Kemi", "Amina", "Omar"):
        assert secret not in text
    body = order.certificate["body"]
    assert body["classes"] == ["ADVOCACY"] and body["order"] == order.number and len(set(body["approved_by"])) == 2
    gone = erasure.gone_by(order)
    assert body["no_backup_after"] == gone.isoformat() and (gone - order.keys_gone_at.date()).days >= 14
    path = tmp_path / "certificate.json"
    path.write_text(text)
    out = StringIO()
    call_command("verify_certificate", str(path), "--key", certificates.public_key(), stdout=out)
    assert order.number in out.getvalue()
    out = StringIO()
    call_command("verify_certificate", "--print-key", stdout=out)
    assert out.getvalue().strip() == certificates.public_key()
    path.write_text(text.replace('"keys": {"ADVOCACY": 1}', '"keys": {"ADVOCACY": 2}'))
    with pytest.raises(CommandError, match="does not fit"):
        call_command("verify_certificate", str(path))
    path.write_text("{")
    with pytest.raises(CommandError, match="no certificate"):
        call_command("verify_certificate", str(path))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_certificate", str(tmp_path / "nowhere"))


# ---- After a restore ----


def test_a_case_from_an_old_backup_learns_from_the_tombstones(cast, case, note, at_once, sign_in):
    """The marks on the case are lost (as after a restore of the records); the key store still knows."""
    order = erase(cast, case, ADVOCACY)
    old = fresh(case)
    old.erased = {}
    old.save(update_fields=["erased"])
    assert erasing.follow_tombstones() == 1 and erasing.follow_tombstones() == 0
    assert fresh(case).erasures["ADVOCACY"]["order"] == order.number
    assert sign_in(cast.amina).get(reverse("case-overview", args=[case.uid])).status_code == 200
