"""A note of the attorney's file asks who was there: a support person in the room may end the privilege (domain.md §2.8)."""

from django.urls import reverse

from cases import access
from cases.models import Note
from tests.cases import stored


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
