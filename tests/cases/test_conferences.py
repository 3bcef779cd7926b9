"""The record of a case conference: who was there, what was decided, and its tasks in the same act."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Refused
from cases import access
from cases.actions.conferences import Decision, record_conference
from cases.errors.casework import CaseIsClosed, NotOnTheCase, NotOnThisPart, WaiverNotConfirmed
from cases.models import Draft, Note, Notice, Task
from tests import make
from tests.cases import stored

CANARY, DECIDED = "Ptarmigan meeting in the green room", "Ring the Gannetsworth school"


def page(case):
    return reverse("case-conference-add", args=[case.uid])


def sent(cast, **more):
    soon = (timezone.localdate() + timedelta(days=5)).isoformat()
    return {
        "privilege_class": "SERVICES_NOTE", "body": CANARY, "here": [str(cast.amina.uid), str(cast.bea.uid)],
        "present": ["PARTNER"], "others": "a teacher", "what_1": DECIDED, "who_1": str(cast.amina.uid), "until_1": soon,
        "what_2": "She decides about the room herself", **more,
    }  # fmt: skip


def notes(case):
    return list(access.for_the_house(Note).filter(case__uid=case.uid))


def tasks(case):
    return list(access.for_the_house(Task).filter(case__uid=case.uid))


def held(cast, case, **more):
    return record_conference(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, body=CANARY, **{"here": [cast.amina], **more}
    )


@pytest.mark.sql
def test_one_save_makes_the_record_and_its_task_and_a_second_click_nothing(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    key = client.get(page(case)).text.split('name="form_key" value="')[1].split('"')[0]
    for _click in range(2):
        assert client.post(page(case), {**sent(cast), "form_key": key}).status_code == 302
    [note], [task] = notes(case), tasks(case)
    assert note.section == task.section == "SERVICES" and task.assigned_to == cast.amina
    shown = client.get(reverse("case-note", args=[case.uid, note.uid])).text
    words = (CANARY, DECIDED, "Case conference", cast.bea.name, "a teacher", "She decides about the room herself")
    assert all(one in shown for one in words)
    [added], [tasked] = events("NOTE_ADDED", case.uid), events("TASK_ADDED", case.uid)
    assert added.section_codes == tasked.section_codes == ["SERVICES"]
    dump = stored.dump()
    assert all(word not in dump for word in (CANARY.encode(), DECIDED.encode(), b"CASE_CONFERENCE", b"a teacher"))


def test_only_who_holds_the_case_is_offered_and_anybody_else_is_answered_alike(cast, case, clinician, sign_in):
    client = sign_in(cast.amina)
    shown = client.get(page(case)).text
    assert all(one.name in shown for one in (cast.amina, cast.bea, clinician))
    assert all(one.name not in shown for one in (cast.dana, cast.chidi, cast.farid))
    stranger = client.post(page(case), sent(cast, here=[str(cast.dana.uid)]))
    nobody = client.post(page(case), sent(cast, here=["00000000-0000-4000-8000-000000000000"]))
    assert stranger.status_code == nobody.status_code == 422 and notes(case) == []
    told = "Choose from the answers in the list."
    assert told in stranger.text and told in nobody.text and cast.dana.name not in stranger.text
    with pytest.raises(NotOnTheCase):
        held(cast, case, here=[cast.amina, cast.dana])


def test_a_task_is_for_who_may_write_that_part_or_nothing_is_kept(cast, case, clinician):
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(NotOnThisPart):
        held(cast, case, here=[cast.amina, clinician], decisions=[Decision(DECIDED, clinician, tomorrow)])
    assert notes(case) == [] and tasks(case) == []


def test_a_task_of_a_colleague_tells_her_without_a_word_of_it(cast, case):
    make.colleague(case, cast.amina, cast.dana, "ASSIGNMENT")
    day = timezone.localdate() + timedelta(days=1)
    held(cast, case, here=[cast.amina, cast.dana], decisions=[Decision(DECIDED, cast.dana, day)])
    notice = Notice._base_manager.get(person=cast.dana, kind="TASK")
    assert notice.case == case and notice.about_uid == tasks(case)[0].uid


@pytest.mark.parametrize("row", [{"until_1": ""}, {"who_1": ""}, {"what_1": ""}, {"what_1": "Send A12345678"}])
def test_half_a_task_and_a_number_in_its_title_are_said_in_words(cast, case, sign_in, row):
    answer = sign_in(cast.amina).post(page(case), sent(cast, **row))
    assert answer.status_code == 422 and CANARY in answer.text
    assert notes(case) == [] and tasks(case) == []


def test_a_guest_in_a_privileged_record_is_asked_about(cast, case, sign_in):
    with pytest.raises(WaiverNotConfirmed):
        held(cast, case, privilege_class="ADVOCATE_CONFIDENTIAL", guests=["PARTNER"])
    asked = sign_in(cast.amina).post(page(case), sent(cast, privilege_class="ADVOCATE_CONFIDENTIAL"))
    assert asked.status_code == 422 and "may waive the privilege" in asked.text


@pytest.mark.parametrize("kind", ["ATTORNEY_CLIENT", "ATTORNEY_WORK_PRODUCT", "PSYCHOTHERAPY", "MEDICAL"])
def test_it_is_never_a_note_of_one_profession_alone(cast, case, kind):
    with pytest.raises(ValueError, match="conference"):
        held(cast, case, privilege_class=kind)


def test_a_stranger_gets_404_an_outsider_and_who_may_not_write_403_and_a_closed_case_422(cast, case, sign_in):
    assert sign_in(cast.dana).get(page(case)).status_code == 404
    assert sign_in(cast.elif_).get(page(case)).status_code in (403, 404)
    make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    assert sign_in(cast.gita).get(page(case)).status_code == 403
    with pytest.raises(Refused):
        record_conference(actor=cast.gita, now=clock.now(), case_uid=case.uid, body="x", here=[cast.gita])
    make.closed(case, cast.amina)
    assert sign_in(cast.amina).post(page(case), sent(cast)).status_code == 422
    with pytest.raises(CaseIsClosed):
        held(cast, case)


def test_its_draft_is_kept_and_forgotten(cast, case, sign_in):
    client = sign_in(cast.amina)
    client.post(reverse("draft", args=["conference", case.uid]), {"body": "Half a meeting", "here": str(cast.bea.uid)})
    assert "Half a meeting" in client.get(page(case)).text
    assert client.post(page(case), sent(cast)).status_code == 302
    assert not access.own(Draft, cast.amina).exists()
