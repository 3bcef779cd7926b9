"""After 72 hours a note stays word for word; what is to be added stands beneath it."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from cases import access
from cases.actions.notes import add_note, amend_note, edit_note
from cases.actions.restoring import restore_version
from cases.errors.casework import CaseIsClosed, NoteIsLocked
from cases.models import Note, NoteAmendment
from tests import make
from tests.accounts import signing_in
from tests.cases import stored

FIRST, MORE, WHY = "Quincunx of seven magpies", "It was eight, she says", "Counted again with Wryneckley"


def written(case, actor, kind="ADVOCATE_CONFIDENTIAL"):
    return add_note(actor=actor, now=clock.now(), case_uid=case.uid, privilege_class=kind, body=FIRST)


def page(case, note, name="case-note"):
    return reverse(name, args=[case.uid, note.uid])


def amendments(case):
    return list(access.for_the_house(NoteAmendment).filter(case__uid=case.uid))


@pytest.fixture
def locked(cast, case, settings):
    note = written(case, cast.amina)
    settings.NOTE_CHANGE_HOURS = 0
    return note


@pytest.mark.parametrize(("hours", "may"), [(71, True), (72, False), (500, False)])
def test_it_is_changed_for_72_hours_and_not_a_minute_longer(cast, case, hours, may):
    note = written(case, cast.amina)
    with time_machine.travel(note.created_at + timedelta(hours=hours), tick=False):
        facts = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid, "note_uid": note.uid, "version": 1}
        if may:
            assert edit_note(**facts, body="Other").version == 2
        else:
            with pytest.raises(NoteIsLocked):
                edit_note(**facts, body="Other")


def test_its_page_offers_an_amendment_and_a_late_save_is_refused_kindly(cast, case, locked, sign_in, events):
    client = sign_in(cast.amina)
    shown = client.get(page(case, locked)).text
    assert "Add an amendment" in shown and "Change this note" not in shown
    assert client.get(page(case, locked, "case-note-edit")).url == page(case, locked, "case-note-amend")
    late = client.post(page(case, locked, "case-note-edit"), {"body": "My later words", "version": "1"})
    assert late.status_code == 422 and "stays as it was written" in late.text and "My later words" in late.text
    assert events("NOTE_CHANGED") == []


@pytest.mark.sql
def test_an_amendment_stands_beneath_and_the_note_stays_word_for_word(cast, case, locked, sign_in, events):
    client = sign_in(cast.amina)
    form = client.get(page(case, locked, "case-note-amend"))
    assert form.status_code == 200 and FIRST in form.text
    key = form.text.split('name="form_key" value="')[1].split('"')[0]
    sent = {"body": MORE, "reason": WHY, "form_key": key}
    for _click in range(2):
        assert client.post(page(case, locked, "case-note-amend"), sent).status_code == 302
    assert len(amendments(case)) == 1, "a second click"
    shown = sign_in(cast.bea).get(page(case, locked)).text
    assert shown.index(FIRST) < shown.index(WHY) < shown.index(MORE) and cast.amina.name in shown
    assert Note._base_manager.get(pk=locked.pk).version == 1
    [event] = events("NOTE_AMENDED", case.uid)
    assert event.actor_uid == cast.amina.uid and event.section_codes == ["ADVOCACY"] and event.subject_uid == locked.uid
    assert "Amended" in client.get(reverse("case-overview", args=[case.uid])).text
    dump = stored.dump()
    assert MORE.encode() not in dump and WHY.encode() not in dump


def test_it_is_printed_with_its_note(cast, case, locked):
    facts = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid, "note_uid": locked.uid}
    amend_note(**facts, body=MORE, reason=WHY)
    printed = signing_in.fresh(cast.amina).get(reverse("case-print", args=[case.uid])).text
    assert FIRST in printed and MORE in printed and WHY in printed


def test_who_may_not_change_a_note_may_not_amend_it(cast, case, clinician, locked, sign_in):
    url = page(case, locked, "case-note-amend")
    assert sign_in(cast.dana).get(url).status_code == 404
    assert sign_in(cast.farid).get(url).status_code in (403, 404)
    assert sign_in(clinician).get(url).status_code == 403
    make.colleague(case, cast.amina, cast.dana, "ASSIGNMENT")
    assert sign_in(cast.dana).post(url, {"body": "x", "reason": "y"}).status_code == 403
    facts = {"now": clock.now(), "case_uid": case.uid, "note_uid": locked.uid, "body": "x", "reason": "y"}
    with pytest.raises(Refused):
        amend_note(actor=cast.dana, **facts)
    with pytest.raises(Hidden):
        amend_note(actor=cast.chidi, **facts)
    assert amendments(case) == []


def test_without_a_reason_or_on_a_closed_case_nothing_is_added(cast, case, locked, sign_in):
    url, client = page(case, locked, "case-note-amend"), sign_in(cast.amina)
    bare = client.post(url, {"body": MORE, "reason": ""})
    assert bare.status_code == 422 and "Say why" in bare.text and MORE in bare.text
    make.closed(case, cast.amina)
    assert client.post(url, {"body": MORE, "reason": WHY}).status_code == 422
    with pytest.raises(CaseIsClosed):
        amend_note(
            actor=cast.amina, now=clock.now(), case_uid=case.uid, note_uid=locked.uid, body=MORE, reason=WHY
        )  # fmt: skip
    assert amendments(case) == []


def test_a_former_version_of_a_locked_note_does_not_come_back(cast, case, settings, sign_in):
    note = written(case, cast.amina)
    edit_note(actor=cast.amina, now=clock.now(), case_uid=case.uid, note_uid=note.uid, version=1, body="Second")
    asked = {"record_uid": note.uid, "kind": "note", "number": 1, "fields": ["body"]}
    address = f"{reverse('case-version-restore', args=[case.uid, note.uid])}?kind=note&version=1"
    assert 'name="chosen"' in sign_in(cast.amina).get(address).text, "within its time it may"
    settings.NOTE_CHANGE_HOURS = 0
    with pytest.raises(NoteIsLocked):
        restore_version(actor=cast.amina, now=clock.now(), case_uid=case.uid, **asked)
    assert 'name="chosen"' not in sign_in(cast.amina).get(address).text
    assert Note._base_manager.get(pk=note.pk).version == 2
