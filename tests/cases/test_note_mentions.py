"""Asking a colleague to read a note: only who reads it already is offered, and a notice without a word is left."""

from uuid import uuid4

import pytest
from django.urls import reverse

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from cases import access
from cases.actions.grants import revoke_access
from cases.actions.mentions import NOTICE_NOTE, call_to_note
from cases.actions.notes import add_note
from cases.errors.casework import CaseIsClosed, NotOnTheCase
from cases.models import Notice
from tests import make
from tests.cases import stored

CANARY = "Whinbird under the stairs"


@pytest.fixture
def note(cast, case):
    return add_note(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, privilege_class="ADVOCATE_CONFIDENTIAL", body=CANARY
    )


def page(case, note):
    return reverse("case-note-call", args=[case.uid, note.uid])


def ask(actor, case, note, *people):
    return call_to_note(actor=actor, now=clock.now(), case_uid=case.uid, note_uid=note.uid, people=people)


def asked():
    return list(Notice._base_manager.filter(kind=NOTICE_NOTE))


def test_only_who_reads_the_notes_section_is_offered(cast, case, note, clinician, sign_in):
    shown = sign_in(cast.amina).get(page(case, note)).text
    offered = shown[shown.index("Whom do you ask?") : shown.index("Ask them")]
    assert cast.bea.name in offered and str(cast.amina.uid) not in offered
    assert all(one.name not in offered for one in (clinician, cast.dana, cast.chidi, cast.elif_))


@pytest.mark.sql
def test_she_finds_a_notice_without_a_word_and_the_way_to_the_note(cast, case, note, sign_in, events):
    client = sign_in(cast.amina)
    key = client.get(page(case, note)).text.split('name="form_key" value="')[1].split('"')[0]
    for _click in range(2):
        assert client.post(page(case, note), {"people": [str(cast.bea.uid)], "form_key": key}).status_code == 302
    [notice] = asked()
    assert notice.person == cast.bea and notice.about_uid == note.uid and notice.case == case
    bea = sign_in(cast.bea)
    home = bea.get(reverse("team")).text
    assert "A note waits for you in a case" in home and reverse("notes-waiting") in home and CANARY not in home
    waiting = bea.get(reverse("notes-waiting")).text
    assert reverse("case-note", args=[case.uid, note.uid]) in waiting and CANARY not in waiting
    [event] = events("NOTE_MENTIONED", case.uid)
    assert event.actor_uid == cast.amina.uid and event.section_codes == ["ADVOCACY"]
    assert CANARY.encode() not in stored.dump() and cast.bea.name not in str(event.detail.content)
    bea.post(reverse("notices-seen"))
    assert "Nothing waits" in bea.get(reverse("notes-waiting")).text


def test_somebody_who_may_not_read_it_and_somebody_who_does_not_exist_are_answered_alike(
    cast, case, note, clinician, sign_in
):
    client = sign_in(cast.amina)
    answers = [
        client.post(page(case, note), {"people": [uid]})
        for uid in (str(clinician.uid), str(cast.dana.uid), str(uuid4()), "nobody")
    ]
    told = ["Choose from the answers in the list." in one.text and one.status_code == 422 for one in answers]
    assert all(told) and asked() == []
    assert all(one.name not in answers[1].text for one in (cast.dana,))
    for person in (clinician, cast.dana, cast.elif_):
        with pytest.raises(NotOnTheCase):
            ask(cast.amina, case, note, cast.bea, person)
    assert asked() == [], "nobody is asked where one of them could not read it"


def test_who_lost_the_access_since_finds_the_notice_and_no_way_to_the_note(cast, case, note, sign_in):
    grant = make.colleague(case, cast.amina, cast.dana, "ASSIGNMENT")
    ask(cast.amina, case, note, cast.dana)
    assert str(case.uid) in sign_in(cast.dana).get(reverse("notes-waiting")).text
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=grant.uid)
    assert str(case.uid) not in sign_in(cast.dana).get(reverse("notes-waiting")).text


def test_a_stranger_gets_404_and_who_may_not_write_that_part_403(cast, case, note, clinician, sign_in):
    assert sign_in(cast.dana).get(page(case, note)).status_code == 404
    assert sign_in(clinician).get(page(case, note)).status_code == 403
    with pytest.raises(Hidden):
        ask(cast.dana, case, note, cast.bea)
    with pytest.raises((Refused, Hidden)):
        ask(clinician, case, note, cast.bea)
    make.closed(case, cast.amina)
    with pytest.raises(CaseIsClosed):
        ask(cast.amina, case, note, cast.bea)
    assert asked() == [] and access.drift() == []
