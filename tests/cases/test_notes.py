"""Notes: who writes and reads which kind, and two people saving one note."""

from uuid import uuid4

import pytest
from django.urls import reverse

from audit import clock
from audit.errors import UnauditedWrite
from casemgmt.access.errors import Hidden, Refused
from cases import access
from cases.actions.notes import add_note, edit_note
from cases.choices.casework import SECTION_OF_PRIVILEGE, PrivilegeClass
from cases.errors.casework import CaseIsClosed, StaleVersion
from cases.models import Draft, Note
from tests import make
from tests.cases import stored

CANARY = "Heliotrope seventeen umbrellas"


def written(case, actor, body=CANARY, kind="ADVOCATE_CONFIDENTIAL", **more):
    return add_note(actor=actor, now=clock.now(), case_uid=case.uid, privilege_class=kind, body=body, **more)


def add_page(case):
    return reverse("case-note-add", args=[case.uid])


def note_page(case, note, name="case-note"):
    return reverse(name, args=[case.uid, note.uid])


def notes_of(case):
    return list(access.for_the_house(Note).filter(case__uid=case.uid))


def test_a_note_is_written_shown_and_recorded(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    answer = client.post(add_page(case), {"body": CANARY, "privilege_class": "ADVOCATE_CONFIDENTIAL"})
    assert answer.status_code == 302
    assert CANARY in client.get(answer.url).text
    [event] = events("NOTE_ADDED", case.uid)
    assert event.actor_uid == cast.amina.uid and event.section_codes == ["ADVOCACY"]
    assert event.basis["kind"] == "ASSIGNMENT"


def test_the_stored_bytes_are_not_the_text(cast, case):
    written(case, cast.amina)
    assert CANARY.encode() not in stored.dump()
    assert CANARY.encode("utf-16-le") not in stored.dump()


def test_a_stranger_gets_404_and_a_colleague_without_the_section_403(cast, case, clinician, sign_in):
    note = written(case, cast.amina)
    for name in ("case-note", "case-note-edit"):
        assert sign_in(cast.dana).get(note_page(case, note, name)).status_code == 404
        assert sign_in(clinician).get(note_page(case, note, name)).status_code == 403
    assert sign_in(cast.dana).get(add_page(case)).status_code == 404


def test_a_note_that_does_not_exist_answers_like_a_foreign_case(cast, case, sign_in):
    client = sign_in(cast.amina)
    nothing = client.get(reverse("case-note", args=[case.uid, uuid4()]))
    foreign = client.get(reverse("case-note", args=[uuid4(), uuid4()]))
    assert nothing.status_code == foreign.status_code == 404
    assert nothing.content == foreign.content


def test_wrong_method(cast, case, sign_in):
    note = written(case, cast.amina)
    client = sign_in(cast.amina)
    assert client.delete(add_page(case)).status_code == 405
    assert client.post(note_page(case, note)).status_code == 405


def test_a_closed_case_takes_no_note(cast, case, sign_in):
    note = written(case, cast.amina)
    make.closed(case, cast.amina)
    with pytest.raises(CaseIsClosed):
        written(case, cast.amina)
    page = sign_in(cast.amina).post(add_page(case), {"body": CANARY, "privilege_class": "ADVOCATE_CONFIDENTIAL"})
    assert page.status_code == 422 and "closed" in page.text and CANARY in page.text
    with pytest.raises(CaseIsClosed):
        edit_note(actor=cast.amina, now=clock.now(), case_uid=case.uid, note_uid=note.uid, version=1, body="x")


@pytest.mark.sql
def test_a_form_sent_twice_makes_one_note(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    form = {"body": "Twice", "privilege_class": "ADVOCATE_CONFIDENTIAL", "form_key": str(uuid4())}
    first, second = client.post(add_page(case), form), client.post(add_page(case), form)
    assert first.status_code == second.status_code == 302
    assert len(notes_of(case)) == 1 and len(events("NOTE_ADDED")) == 1


@pytest.mark.parametrize("kind", [one for one in PrivilegeClass if "ATTORNEY" not in one])
def test_the_privilege_class_decides_the_section(cast, case, clinician, kind):
    section = SECTION_OF_PRIVILEGE[kind]
    writers = {"HEALTH": clinician, "COUNSELLING": clinician}
    if section == "SHELTER_OPS":
        with pytest.raises(Refused):
            written(case, cast.amina, kind=kind)
        return
    assert written(case, writers.get(section, cast.amina), kind=kind).section == section


def test_an_attorneys_classes_are_not_for_a_caseworker(cast, case, sign_in):
    for kind in ("ATTORNEY_CLIENT", "ATTORNEY_WORK_PRODUCT"):
        with pytest.raises(Refused):
            written(case, cast.amina, kind=kind)
    assert "Attorney" not in sign_in(cast.amina).get(add_page(case)).text


def test_only_kinds_one_may_write_are_offered(cast, case, clinician, sign_in):
    page = sign_in(clinician).get(add_page(case)).text
    assert 'value="MEDICAL"' in page and 'value="PSYCHOTHERAPY"' in page
    assert 'value="ADVOCATE_CONFIDENTIAL"' not in page
    answer = sign_in(clinician).post(add_page(case), {"body": "x", "privilege_class": "ADVOCATE_CONFIDENTIAL"})
    assert answer.status_code == 422


def test_each_kind_says_who_will_read_it(cast, case, clinician, sign_in):
    page = sign_in(cast.amina).get(add_page(case)).text
    line = next(line for line in page.splitlines() if "confidential" in line)
    assert cast.bea.name in line and cast.gita.name not in line
    safety = next(line for line in page.splitlines() if "Safety – visible to" in line)
    assert cast.gita.name in safety


@pytest.mark.sql
def test_a_stale_save_shows_the_colleagues_text_and_keeps_ones_own(cast, case, sign_in, events):
    note = written(case, cast.amina, body="First words", kind="SHARED_BY_CONSENT")
    amina, bea = sign_in(cast.amina), sign_in(cast.bea)
    edit = note_page(case, note, "case-note-edit")
    assert bea.post(edit, {"body": "Words of Bea", "version": "1"}).status_code == 302
    late = amina.post(edit, {"body": "Words of Amina", "version": "1"})
    assert late.status_code == 409
    assert "Words of Bea" in late.text and "Words of Amina" in late.text and cast.bea.name in late.text
    assert 'name="version" value="2"' in late.text
    assert len(events("NOTE_CHANGED")) == 1
    assert amina.post(edit, {"body": "Words of both", "version": "2"}).status_code == 302
    page = amina.get(note_page(case, note)).text
    assert all(text in page for text in ("First words", "Words of Bea", "Words of both"))


@pytest.mark.sql
def test_history_keeps_every_version_sealed(cast, case):
    note = written(case, cast.amina)
    edit_note(actor=cast.amina, now=clock.now(), case_uid=case.uid, note_uid=note.uid, version=1, body="Second words")
    with pytest.raises(StaleVersion):
        edit_note(actor=cast.amina, now=clock.now(), case_uid=case.uid, note_uid=note.uid, version=1, body="x")
    assert note.history.count() == 2
    assert CANARY.encode() not in stored.dump() and b"Second words" not in stored.dump()


def test_only_the_author_or_the_supervisor_changes_a_note(cast, case, sign_in):
    make.colleague(case, cast.amina, cast.dana, "ASSIGNMENT")
    note = written(case, cast.amina)
    assert sign_in(cast.dana).get(note_page(case, note)).status_code == 200
    assert sign_in(cast.dana).get(note_page(case, note, "case-note-edit")).status_code == 403
    with pytest.raises(Refused):
        edit_note(actor=cast.dana, now=clock.now(), case_uid=case.uid, note_uid=note.uid, version=1, body="x")
    with pytest.raises(Hidden):
        edit_note(actor=cast.chidi, now=clock.now(), case_uid=case.uid, note_uid=note.uid, version=1, body="x")


@pytest.mark.parametrize("text", ["مُحَمَّد قال إنّه بخير", "All well 🌱", "naïve façade", "a\nb\tc"])
@pytest.mark.sql
def test_every_script_is_kept_as_it_was_written(cast, case, sign_in, text):
    client = sign_in(cast.amina)
    client.post(add_page(case), {"body": text, "privilege_class": "ADVOCATE_CONFIDENTIAL"})
    [note] = notes_of(case)
    assert text in client.get(note_page(case, note)).text


@pytest.mark.sql
def test_a_character_that_cannot_be_kept_is_said_in_words(cast, case, sign_in):
    page = sign_in(cast.amina).post(add_page(case), {"body": "one\x00two", "privilege_class": "ADVOCATE_CONFIDENTIAL"})
    assert page.status_code == 422 and "cannot be kept" in page.text
    assert notes_of(case) == []


def test_a_note_of_tomorrow_is_refused(cast, case, sign_in):
    form = {"body": "x", "privilege_class": "ADVOCATE_CONFIDENTIAL", "happened_at": "2999-01-01T10:00"}
    page = sign_in(cast.amina).post(add_page(case), form)
    assert page.status_code == 422 and "not come yet" in page.text


def test_saving_forgets_the_draft(cast, case, sign_in):
    client = sign_in(cast.amina)
    client.post(reverse("draft", args=["note", case.uid]), {"body": "Half a"})
    assert "Half a" in client.get(reverse("case-overview", args=[case.uid])).text
    client.post(add_page(case), {"body": "Half a sentence", "privilege_class": "ADVOCATE_CONFIDENTIAL"})
    assert not access.own(Draft, cast.amina).exists()


def test_notes_are_not_written_behind_the_ledgers_back(cast, case):
    written(case, cast.amina)
    with pytest.raises(UnauditedWrite):
        access.for_the_house(Note).update(version=9)
