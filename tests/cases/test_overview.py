"""The first tab of a case: timeline, what is due, what one cannot see; and the name, once."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from cases.actions.notes import add_note
from cases.actions.tasks import add_task
from cases.actions.walls import place_wall
from cases.views import overview
from tests import make

pytestmark = pytest.mark.walks


def page_of(case):
    return reverse("case-overview", args=[case.uid])


def noted(case, actor, body, kind="ADVOCATE_CONFIDENTIAL"):
    return add_note(actor=actor, now=clock.now(), case_uid=case.uid, privilege_class=kind, body=body)


def test_its_caseworker_sees_alias_and_timeline(cast, case, sign_in):
    page = sign_in(cast.amina).get(page_of(case))
    assert page.status_code == 200
    assert case.number in page.text and "Case opened" in page.text and "Text on weekday mornings only." in page.text
    assert "Zoraida" not in page.text


def test_a_stranger_a_walled_colleague_and_an_unknown_uid_read_the_same_bytes(cast, case, sign_in):
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.bea)
    unknown = sign_in(cast.dana).get(reverse("case-overview", args=[uuid4()]))
    foreign = sign_in(cast.dana).get(page_of(case))
    walled = sign_in(cast.bea).get(page_of(case))
    assert unknown.status_code == foreign.status_code == walled.status_code == 404
    assert unknown.content == foreign.content == walled.content


def test_looking_is_recorded_with_the_right_it_rests_on(cast, case, sign_in, events):
    sign_in(cast.bea).get(page_of(case))
    [event] = events("CASE_VIEWED", case.uid)
    assert event.actor_uid == cast.bea.uid and event.basis["kind"] == "SUPERVISION" and event.purpose == "SUPERVISION"
    assert "CARD" in event.section_codes and "IDENTITY" not in event.section_codes
    assert "by you" not in sign_in(cast.amina).get(page_of(case)).text
    assert "by you" in sign_in(cast.amina).get(page_of(case)).text


def test_the_name_shows_on_one_page_only_and_is_recorded(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    page = client.post(reverse("case-name", args=[case.uid]))
    assert "Zoraida Quillfeather" in page.text
    [event] = events("NAME_SHOWN", case.uid)
    assert event.actor_uid == cast.amina.uid and event.basis["kind"] == "ASSIGNMENT"
    assert "Zoraida" not in client.get(page_of(case)).text
    assert client.get(reverse("case-name", args=[case.uid])).status_code == 405


def test_whoever_may_not_read_the_name_is_refused_it(cast, case, sign_in, events):
    make.colleague(case, cast.bea, cast.jonas, "RESIDENCE")
    client = sign_in(cast.jonas)
    assert "Show name" not in client.get(page_of(case)).text
    assert client.post(reverse("case-name", args=[case.uid])).status_code == 403
    assert sign_in(cast.dana).post(reverse("case-name", args=[case.uid])).status_code == 404
    assert events("NAME_SHOWN") == []


def test_the_timeline_holds_only_lines_of_sections_one_reads(cast, case, clinician, sign_in):
    noted(case, cast.amina, "Umbrella in the hall")
    noted(case, clinician, "Pressure is fine", kind="MEDICAL")
    mine, hers = sign_in(cast.amina).get(page_of(case)).text, sign_in(clinician).get(page_of(case)).text
    assert "Umbrella" in mine and "Pressure" not in mine
    assert "Pressure" in hers and "Umbrella" not in hers


def test_staff_are_told_which_parts_are_kept_to_fewer_people(cast, case, clinician, sign_in):
    page = sign_in(clinician).get(page_of(case)).text
    told = next(line for line in page.splitlines() if "Kept to fewer people" in line)
    assert "Caseworkers" in told and "Identity" not in told


@pytest.mark.sql
def test_the_timeline_narrows_by_kind_and_goes_on_by_token(cast, case, sign_in, monkeypatch):
    monkeypatch.setattr(overview, "PAGE", 2)
    for number in range(4):
        noted(case, cast.amina, f"Umbrella {number}")
    client = sign_in(cast.amina)
    first = client.get(page_of(case) + "?kind=notes")
    assert "Umbrella 3" in first.text and "Umbrella 1" not in first.text and "Case opened" not in first.text
    older = first.context["older"]
    assert "Umbrella 1" in client.get(older).text
    assert sign_in(cast.bea).get(older).status_code == 404
    assert "Umbrella" not in client.get(page_of(case) + "?kind=case").text
    assert client.get(page_of(case) + "?kind=nonsense").status_code == 200
    assert client.get(page_of(case) + "?before=2").status_code == 404


@pytest.mark.sql
def test_what_is_due_stands_first_by_date(cast, case, sign_in):
    add_task(actor=cast.amina, now=clock.now(), case_uid=case.uid, title="Umbrella", due_on=timezone.localdate())
    dues = sign_in(cast.amina).get(page_of(case)).context["dues"]
    assert [due["title"] for due in dues] == ["Assess safety", "Umbrella", "Write her plan, with her"]
    assert dues[1]["url"] == reverse("case-tasks", args=[case.uid])


def test_the_quick_note_says_who_reads_it_and_is_not_for_readers_only(cast, case, sign_in):
    page = sign_in(cast.amina).get(page_of(case))
    assert page.context["quick_note"]["names"] == [cast.amina.name, cast.bea.name]
    make.colleague(case, cast.bea, cast.jonas, "RESIDENCE")
    assert sign_in(cast.jonas).get(page_of(case)).context["quick_note"]["kind"] == "Shelter house note"
    make.closed(case, cast.amina)
    assert sign_in(cast.amina).get(page_of(case)).context["quick_note"] is None


def test_an_outsider_reads_nobodys_name_but_her_own(cast, case, rf):
    case.viewers = None
    names = overview.visible_names(cast.hugo, case, [], "CARD")
    assert names == [cast.hugo.name]


def test_the_page_costs_the_same_however_long_the_story(cast, case, sign_in):
    client = sign_in(cast.amina)
    noted(case, cast.amina, "One")
    client.get(page_of(case))
    with CaptureQueriesContext(connection) as few:
        client.get(page_of(case))
    few_queries = len(few)
    for number in range(20):
        noted(case, cast.amina, f"More {number}")
        add_task(actor=cast.amina, now=clock.now(), case_uid=case.uid, title=f"T{number}", due_on=timezone.localdate())
    client.get(page_of(case))
    with CaptureQueriesContext(connection) as many:
        client.get(page_of(case))
    assert len(many) == few_queries > 0


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_wrong_method(cast, case, sign_in, method):
    assert getattr(sign_in(cast.amina), method)(page_of(case)).status_code == 405


def test_a_supervisor_chooses_another_lead_from_the_case_and_nobody_else_is_offered_it(cast, case, sign_in):
    choose = reverse("case-hand-over", args=[case.uid])
    assert choose in sign_in(cast.bea).get(page_of(case)).text
    assert choose not in sign_in(cast.amina).get(page_of(case)).text
    assert sign_in(cast.bea).get(choose).status_code == 200
