"""A note of the attorney's file asks who was there: a support person in the room may end the privilege (domain.md §2.8)."""

from django.urls import reverse

from audit import clock
from cases import access
from cases.actions.notes import add_note
from cases.models import Note, NoteAmendment
from tests.cases import stored
from tests.services.test_release_and_matter import a_matter, release


def test_counsel_is_warned_before_a_note_with_a_third_person_is_kept(cast, case, matter, sign_in):
    client = sign_in(cast.chidi)
    page = reverse("file-note-new", args=[matter.uid])
    sent = {
        "privilege_class": "ATTORNEY_CLIENT", "body": "First talk.", "present": ["SURVIVOR", "SUPPORT_PERSON"],
        "others": "her choir leader",
    }  # fmt: skip
    asked = client.post(page, sent)
    assert asked.status_code == 422 and "may waive the privilege" in asked.text and "her choir leader" in asked.text
    assert access.for_the_house(Note).filter(case__uid=case.uid, section="LEGAL_FILE").count() == 1, "the fixture's own"
    assert client.post(page, {**sent, "waiver_is_known": "on"}).status_code == 302
    shown = client.get(reverse("matter", args=[matter.uid])).text
    assert "Privilege possibly waived" in shown and "her choir leader" in shown
    assert b"choir leader" not in stored.dump()


def test_counsel_alone_with_her_client_is_asked_nothing(cast, matter, sign_in):
    client = sign_in(cast.chidi)
    sent = {"privilege_class": "ATTORNEY_CLIENT", "body": "First talk.", "present": ["SURVIVOR", "INTERPRETER"]}
    assert client.post(reverse("file-note-new", args=[matter.uid]), sent).status_code == 302
    assert "possibly waived" not in client.get(reverse("matter", args=[matter.uid])).text


def test_counsel_amends_a_note_of_her_file_on_the_matters_own_page(cast, case, matter, sign_in):
    client = sign_in(cast.chidi)
    note = access.for_the_house(Note).get(case__uid=case.uid, section="LEGAL_FILE")
    url = reverse("file-note-amend", args=[matter.uid, note.uid])
    assert url in client.get(reverse("matter", args=[matter.uid])).text
    assert client.post(url, {"body": "The third day, too.", "reason": "Left out"}).status_code == 302
    shown = client.get(reverse("matter", args=[matter.uid])).text
    assert "second day" in shown and "The third day, too." in shown and "Left out" in shown
    assert sign_in(cast.amina).get(url).status_code == 403 and sign_in(cast.dana).get(url).status_code == 404


def test_a_note_that_is_not_of_the_matter_is_not_reached_through_it(cast, case, matter, sign_in):
    facts = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid, "body": "x"}
    other = add_note(**facts, privilege_class="SERVICES_NOTE")
    answer = sign_in(cast.chidi).post(
        reverse("file-note-amend", args=[matter.uid, other.uid]), {"body": "x", "reason": "y"}
    )
    assert answer.status_code in (403, 404)
    assert not access.for_the_house(NoteAmendment).filter(case__uid=case.uid).exists()


def test_a_note_of_her_other_matter_is_not_reached_through_this_one(cast, case, matter, sign_in):
    other = a_matter(cast, case, "Restitution")
    release(cast, case, other)
    note = add_note(
        actor=cast.chidi,
        now=clock.now(),
        case_uid=case.uid,
        matter_uid=other.uid,
        privilege_class="ATTORNEY_CLIENT",
        body="x",
    )
    client, said = sign_in(cast.chidi), {"body": "x", "reason": "y"}
    assert client.post(reverse("file-note-amend", args=[matter.uid, note.uid]), said).status_code == 404
    assert client.post(reverse("file-note-amend", args=[other.uid, note.uid]), said).status_code == 302
    assert access.for_the_house(NoteAmendment).get(case__uid=case.uid).note_id == note.pk


def test_counsel_finds_words_to_begin_with_on_the_matters_page_too(cast, matter, sign_in):
    client = sign_in(cast.chidi)
    assert 'name="offer"' in client.get(reverse("matter", args=[matter.uid])).text
    typed = {"privilege_class": "ATTORNEY_CLIENT", "body": "Begun", "note_type": "CONTACT", "offer": "1"}
    page = client.post(reverse("file-note-new", args=[matter.uid]), typed)
    assert page.status_code == 200 and "Begun\n\nBy which way, who began:" in page.text
