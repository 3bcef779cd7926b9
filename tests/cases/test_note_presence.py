"""What a note says of itself: its type, who was there, and that a third person may have waived the privilege (§2.8)."""

import pytest
from django.urls import reverse

from audit import clock
from cases import access
from cases.actions.notes import add_note
from cases.choices.casework import PrivilegeClass
from cases.choices.notes import COVERED, Present, may_waive
from cases.errors.casework import WaiverNotConfirmed
from cases.models import Note
from tests.cases import stored

CANARY = "the godmother from Quillmoor"


def form(**more):
    return {"body": "We spoke about Monday.", "privilege_class": "ADVOCATE_CONFIDENTIAL", **more}


def add_page(case):
    return reverse("case-note-add", args=[case.uid])


def the_note(case):
    return access.for_the_house(Note).get(case__uid=case.uid)


@pytest.mark.parametrize("kind", PrivilegeClass)
def test_the_rule_asks_wherever_somebody_is_there_whom_the_privilege_does_not_cover(kind):
    assert not may_waive(kind, [])
    assert not may_waive(kind, [Present.SURVIVOR, Present.INTERPRETER])
    assert may_waive(kind, [Present.SURVIVOR, Present.SUPPORT_PERSON]) == (kind in COVERED)
    assert may_waive(kind, [], "a neighbour") == (kind in COVERED)
    assert may_waive(kind, ["OFFICIAL"]) == (kind in COVERED)


def test_a_caseworker_in_counsels_talk_is_a_third_person_and_so_is_counsel_in_therapy():
    assert may_waive("ATTORNEY_CLIENT", ["SURVIVOR", "CASEWORKER"]) and not may_waive("ATTORNEY_CLIENT", ["ATTORNEY"])
    assert may_waive("PSYCHOTHERAPY", ["ATTORNEY"]) and not may_waive("PSYCHOTHERAPY", ["CLINICIAN"])


def test_type_and_presence_are_shown_to_who_reads_the_note_and_stand_nowhere_in_the_clear(cast, case, sign_in):
    client = sign_in(cast.amina)
    sent = form(
        privilege_class="SERVICES_NOTE", note_type="ACCOMPANIED", present=["SURVIVOR", "RELATIVE"], others=CANARY
    )
    assert client.post(add_page(case), sent).status_code == 302, "a services note carries no privilege to lose"
    note = the_note(case)
    page = client.get(reverse("case-note", args=[case.uid, note.uid])).text
    assert all(words in page for words in ("Went with her", "The survivor, Relative", CANARY))
    assert "possibly waived" not in page
    dump = stored.dump()
    assert all(word not in dump for word in (CANARY.encode(), b"ACCOMPANIED", b"RELATIVE"))
    print_page = client.get(reverse("case-overview", args=[case.uid]))
    assert print_page.status_code == 200


def test_a_third_person_is_asked_about_once_and_the_answer_is_kept(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    sent = form(present=["SURVIVOR", "RELATIVE"], others=CANARY)
    asked = client.post(add_page(case), sent)
    assert asked.status_code == 422 and "may waive the privilege" in asked.text
    assert CANARY in asked.text and "We spoke about Monday." in asked.text
    assert 'name="waiver_is_known"' in asked.text and events("NOTE_ADDED") == []
    assert client.post(add_page(case), {**sent, "waiver_is_known": "on"}).status_code == 302
    page = client.get(reverse("case-note", args=[case.uid, the_note(case).uid])).text
    assert "Privilege possibly waived" in page and CANARY in page


def test_its_history_tells_it_in_words(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    client.post(add_page(case), form(note_type="VISIT", present=["RELATIVE"], others=CANARY, waiver_is_known="on"))
    [event] = events("NOTE_ADDED", case.uid)
    shown = client.post(reverse("case-history-event", args=[case.uid, event.uid])).text
    assert all(words in shown for words in ("Visit", "Relative", CANARY, "Privilege possibly waived"))
    assert "RELATIVE" not in shown and "POSSIBLY_WAIVED" not in shown


def test_nobody_is_asked_where_nobody_else_was_there(cast, case, sign_in):
    client = sign_in(cast.amina)
    assert 'name="waiver_is_known"' not in client.get(add_page(case)).text
    assert client.post(add_page(case), form(present=["SURVIVOR", "INTERPRETER"])).status_code == 302
    page = client.get(reverse("case-note", args=[case.uid, the_note(case).uid])).text
    assert "possibly waived" not in page


def test_the_action_holds_the_rule_whoever_calls_it(cast, case):
    facts = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid, "body": "x"}
    with pytest.raises(WaiverNotConfirmed):
        add_note(**facts, privilege_class="ADVOCATE_CONFIDENTIAL", present=["RELATIVE"])
    with pytest.raises(ValueError, match="NOBODY"):
        add_note(**facts, privilege_class="ADVOCATE_CONFIDENTIAL", present=["NOBODY"])
    assert not access.for_the_house(Note).filter(case__uid=case.uid).exists()
