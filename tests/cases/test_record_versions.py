"""All versions of a record: named without opening, values on request, former values back as new versions."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Hidden, Refused
from casemgmt.crypto import keyring
from casemgmt.crypto.models import CaseKey
from cases import access, record_versions
from cases.actions import notes, safety, tasks
from cases.actions import survivor as actions
from cases.actions.restoring import restore_version, ways_of
from cases.errors.casework import CaseIsClosed
from cases.errors.history import FormerValueIsGone, NothingToRestore
from cases.models import Due, Note, Survivor
from cases.opening import open_case
from services.actions import reintegration
from services.models import Goal
from tests import make

pytestmark = pytest.mark.sql


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def of(cast, case, **more) -> dict[str, Any]:
    return {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid, **more}


def renamed(cast, case, *names):
    for name in names:
        actions.change_survivor(**of(cast, case), names={"first_name": name})
    return access.within(Survivor, case).get()


def page_of(case, record, name="case-record-versions", kind="", **query):
    asked = "&".join(f"{key}={value}" for key, value in {**({"kind": kind} if kind else {}), **query}.items())
    return f"{reverse(name, args=[case.uid, record.uid])}{'?' + asked if asked else ''}"


def reading(person, case, row, name):
    opened = access.get_for(person, case.uid)
    with open_case(person, opened):
        return getattr(type(row)._base_manager.get(pk=row.pk), name)


def test_the_list_names_versions_people_and_fields_and_opens_nothing(cast, case, sign_in):
    record = renamed(cast, case, "Zora", "Zelda")
    page = sign_in(cast.amina).get(page_of(case, record, kind="survivor")).text
    assert all(f"Version {number}" in page for number in (1, 2, 3)) and "stands now" in page
    assert "Amina Rivers" in page and "First name" in page
    assert not re.search("Zora|Zelda|Zoraida", page)
    assert not Event.objects.filter(verb="HISTORY_VIEWED").exists()


def test_without_a_hint_the_kind_is_found(cast, case, sign_in):
    record = renamed(cast, case, "Zora")
    assert "Version 2" in sign_in(cast.amina).get(page_of(case, record)).text


def test_two_versions_side_by_side_show_values_on_request_and_record_it(cast, case, sign_in):
    record = renamed(cast, case, "Zora", "Zelda")
    client = sign_in(cast.bea)
    url = page_of(case, record, kind="survivor", first=1, second=3)
    assert "They differ in: First name" in client.get(url).text
    page = client.post(url, {"first": "1", "second": "3"}).text
    assert "Zoraida" in page and "Zelda" in page and "Zora<" not in page
    seen = Event.objects.get(verb="HISTORY_VIEWED")
    assert seen.actor_uid == cast.bea.uid and seen.detail.content["fields"] == ["survivor.first_name"]
    assert "They do not differ" in client.get(page_of(case, record, kind="survivor", first=2, second=2)).text


def test_the_order_of_the_two_does_not_matter_and_odd_numbers_are_hidden(cast, case, sign_in):
    record = renamed(cast, case, "Zora")
    client = sign_in(cast.amina)
    turned = client.get(page_of(case, record, first=2, second=1)).text
    assert 'value="1" selected' in turned and 'value="2" selected' in turned
    for odd in ("9", "0", "x", "-1", "٣", "99999999999"):
        assert client.get(page_of(case, record, first=odd)).status_code == 404, odd


def test_a_colleague_without_the_section_is_refused_and_a_stranger_finds_nothing(cast, case, sign_in):
    note = notes.add_note(**of(cast, case), privilege_class="ADVOCATE_CONFIDENTIAL", body="Quiet words")
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    url = page_of(case, note, kind="note")
    assert sign_in(cast.gita).get(url).status_code == 403
    assert sign_in(cast.dana).get(url).status_code == 404
    assert sign_in(cast.amina).get(url).status_code == 200
    other = make.case(cast.amina, cast.team_of("amina"))
    assert sign_in(cast.amina).get(page_of(other, note, kind="note")).status_code == 404
    for name in ("case-version-restore", "case-version-correct"):
        assert sign_in(cast.gita).get(page_of(case, note, name, kind="note")).status_code == 403


def test_what_gives_access_has_pages_of_its_own():
    kinds = {model._meta.model_name for model in record_versions.kinds_with_versions()}
    assert {"survivor", "note", "safetyplan", "task", "document", "traffickingprofile", "contactinstruction"} <= kinds
    assert {"hearing", "deadline", "filing", "goal", "servicerecord", "followup", "legalmatter", "matter"} <= kinds
    assert not kinds & {"accessgrant", "release", "wall", "case", "timelineentry", "due", "notice", "correction"}


def test_every_way_back_names_sealed_fields_of_its_record():
    for model in record_versions.kinds_with_versions():
        sealed = {column.name for column in record_versions.sealed_fields_of(model)}
        for way in ways_of(model._meta.model_name):
            assert set(way.fields) <= sealed, model
            assert (way.do is None) != (way.verb is None), "an action, or a verb"


def test_a_former_name_comes_back_as_a_new_version_by_the_ordinary_action(cast, case, sign_in):
    record = renamed(cast, case, "Zora")
    client = sign_in(cast.amina)
    url = page_of(case, record, "case-version-restore", kind="survivor", version=1)
    page = client.get(url)
    key = re.search(r'name="form_key" value="([^"]+)"', page.text)[1]
    assert "First name" in page.text and "Zoraida" not in page.text
    sent = {"version": "1", "chosen": ["first_name"], "form_key": key}
    assert client.post(url, sent).status_code == 302
    assert reading(cast.amina, case, record, "first_name") == "Zoraida"
    assert record.history.count() == 3
    event = Event.objects.filter(verb="SURVIVOR_CHANGED").latest("pk")
    assert event.detail.content["fields"] == ["survivor.first_name"]
    assert client.post(url, sent).status_code == 302 and record.history.count() == 3, "a second click"


def test_answers_come_back_whole_and_what_was_added_since_goes(cast, case):
    actions.change_contact_details(**of(cast, case), contact={"prs_PhonePrimary": "+1 202 555 0101"})
    actions.change_contact_details(**of(cast, case), contact={"prs_PhonePrimary": "", "prs_Email": "z@example.org"})
    record = access.within(Survivor, case).get()
    before = record.history.count() - 1
    restore_version(**of(cast, case), record_uid=record.uid, kind="survivor", number=before, fields=["contact"])
    assert reading(cast.amina, case, record, "contact") == {"prs_PhonePrimary": "+1 202 555 0101"}


def test_notes_plans_risks_and_tasks_come_back(cast, case):
    note = notes.add_note(**of(cast, case), privilege_class="ADVOCATE_CONFIDENTIAL", body="First words")
    notes.edit_note(**of(cast, case), note_uid=note.uid, version=1, body="Second words")
    restore_version(**of(cast, case), record_uid=note.uid, kind="note", number=1, fields=["body"])
    assert reading(cast.amina, case, note, "body") == "First words"
    assert Note._base_manager.get(pk=note.pk).version == 3
    task = tasks.add_task(**of(cast, case), title="Call the clinic", due_on=clock.now().date() + timedelta(3))
    tasks.change_task(**of(cast, case), task_uid=task.uid, title="Call nobody")
    restore_version(**of(cast, case), record_uid=task.uid, kind="task", number=1, fields=["title"])
    assert reading(cast.amina, case, task, "title") == "Call the clinic"
    due = access.within(Due, case).get(subject_uid=task.uid)
    assert reading(cast.amina, case, due, "line") == "Call the clinic"
    plan = safety.set_risk(**of(cast, case), level="HIGH", reason="He knows the street")
    safety.set_risk(**of(cast, case), level="LOW", reason="She moved")
    number = plan.history.count() - 1
    restore_version(
        **of(cast, case), record_uid=plan.uid, kind="safetyplan", number=number, fields=["risk_level", "reason"]
    )
    assert reading(cast.amina, case, plan, "risk_level") == "HIGH"
    assert reading(cast.amina, case, plan, "reason") == "He knows the street"


def test_the_workshops_records_come_back_with_their_own_event(cast, case):
    goal = reintegration.set_goal(**of(cast, case), title="A bakery", area="LIVELIHOOD")
    reintegration.note_progress(**of(cast, case), goal_uid=goal.uid, progress=10, words="Looked at ovens")
    reintegration.note_progress(**of(cast, case), goal_uid=goal.uid, progress=20, words="Bought one")
    restore_version(**of(cast, case), record_uid=goal.uid, kind="goal", number=2, fields=["latest"])
    assert reading(cast.amina, case, goal, "latest") == "Looked at ovens"
    assert Goal._base_manager.get(pk=goal.pk).progress == 20
    event = Event.objects.get(verb="GOAL_CHANGED")
    assert event.changed_rows == 1 and event.basis["kind"]
    assert event.detail.content["codes"] == {"kind": "RESTORED", "before": 2}


def test_only_who_writes_the_part_brings_back(cast, case):
    record = renamed(cast, case, "Zora")
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    common = {"now": clock.now(), "case_uid": case.uid, "record_uid": record.uid, "kind": "survivor", "number": 1}
    with pytest.raises((Refused, Hidden)):
        restore_version(actor=cast.gita, **common, fields=["first_name"])
    with pytest.raises(Hidden):
        restore_version(actor=cast.dana, **common, fields=["first_name"])
    with pytest.raises(Hidden):
        restore_version(actor=cast.amina, **common, fields=["id"])
    with pytest.raises(NothingToRestore):
        restore_version(actor=cast.amina, **common, fields=["second_name"])
    assert record.history.count() == 2


def test_a_closed_case_takes_nothing_back(cast, case):
    record = renamed(cast, case, "Zora")
    make.closed(case, cast.amina)
    with pytest.raises(CaseIsClosed):
        restore_version(**of(cast, case), record_uid=record.uid, kind="survivor", number=1, fields=["first_name"])


def test_what_was_erased_says_so_and_does_not_come_back(cast, case, sign_in):
    note = notes.add_note(**of(cast, case), privilege_class="ADVOCATE_CONFIDENTIAL", body="First words")
    notes.edit_note(**of(cast, case), note_uid=note.uid, version=1, body="Second words")
    CaseKey.objects.filter(case_uid=case.uid, retention_class="ADVOCACY").delete()
    keyring.forget()
    page = sign_in(cast.amina).post(page_of(case, note, kind="note"), {"first": "1", "second": "2"}).text
    assert "The content was erased." in page and "First words" not in page
    with pytest.raises(FormerValueIsGone):
        restore_version(**of(cast, case), record_uid=note.uid, kind="note", number=1, fields=["body"])


def test_an_event_leads_to_all_versions_of_what_it_changed(cast, case, sign_in):
    record = renamed(cast, case, "Zora")
    event = Event.objects.filter(verb="SURVIVOR_CHANGED").latest("pk")
    page = sign_in(cast.amina).get(reverse("case-history-event", args=[case.uid, event.uid])).text
    assert page_of(case, record, kind="survivor") in page
