"""The safety plan in three phases, its versions, and what paper can do (domain.md §8.2)."""

from uuid import uuid4

import pytest
from django.urls import reverse

from audit import clock
from cases import access, opening
from cases.actions.safety import write_plan
from cases.choices.safety import PlanPhase, SafetyTopic
from cases.models import SafetyPlan
from cases.safety_plan import of_phase, plan_parts, with_phase
from tests import make


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def url(name, case, *more):
    return reverse(name, args=[case.uid, *more])


def test_each_phase_is_written_without_touching_the_others():
    kept = with_phase({}, "", {"PETS": "At her sister's"})
    for phase in PlanPhase:
        kept = with_phase(kept, phase, {"PETS": f"in {phase}", "MONEY": "In the shoe"})
    kept = with_phase(kept, PlanPhase.LEAVING, {"TRAVEL": "The early bus"})
    assert of_phase(kept, "") == {"PETS": "At her sister's"}
    assert of_phase(kept, PlanPhase.LEAVING) == {"TRAVEL": "The early bus"}
    assert of_phase(kept, PlanPhase.AFTER) == {"PETS": "in after", "MONEY": "In the shoe"}
    assert [str(heading) for heading, _topics in plan_parts({"topics": kept})] == [
        "At any time", *(str(phase.label) for phase in PlanPhase),
    ]  # fmt: skip
    assert of_phase(with_phase(kept, "", {}), "") == {} and len(SafetyTopic) == 18


def test_three_phases_by_their_pages_and_every_version_stays_readable(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    assert (
        client.post(url("case-safety-plan", case), {"SAFE_PLACES": "The library.", "copy": "NONE"}).status_code == 302
    )
    for phase in PlanPhase:
        page = url("case-safety-plan-phase", case, phase)
        assert client.get(page).status_code == 200
        sent = {"SAFE_PLACES": f"Place for {phase}.", "copy": "NONE", "form_key": str(uuid4())}
        for _again in range(2):
            assert client.post(page, sent).status_code == 302
    assert len(events("SAFETY_CHANGED", case.uid)) == 4
    tab = client.get(url("case-safety", case)).text
    assert all(words in tab for words in ("The library.", *(f"Place for {phase}." for phase in PlanPhase)))
    assert "Nobody: it is only here" in tab
    plan = access.within(SafetyPlan, case).get()
    versions = url("case-record-versions", case, plan.uid) + "?kind=safetyplan"
    assert versions in tab
    client.post(url("case-safety-plan-phase", case, "leaving"), {"SAFE_PLACES": "Elsewhere.", "copy": "SURVIVOR"})
    shown = client.post(versions, {}).text
    assert "Place for leaving." in shown and "Elsewhere." in shown
    assert client.get(url("case-safety-plan-phase", case, "nonsense")).status_code == 404


def test_the_page_of_a_phase_shows_what_stands_there(cast, case, sign_in):
    write_plan(actor=cast.amina, now=clock.now(), case_uid=case.uid, topics={"PETS": "The cat"}, phase="after")
    client = sign_in(cast.amina)
    assert "The cat" in client.get(url("case-safety-plan-phase", case, "after")).text
    assert "The cat" not in client.get(url("case-safety-plan-phase", case, "leaving")).text
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        assert access.within(SafetyPlan, case).get().plan == {"topics": {"after:PETS": "The cat"}, "copy": "NONE"}


def test_paper_could_be_found_says_the_page_before_and_the_ledger_keeps_it(cast, case, sign_in, events):
    write_plan(actor=cast.amina, now=clock.now(), case_uid=case.uid, topics={"PETS": "The cat"}, phase="after")
    page = url("case-safety-plan-print", case)
    assert sign_in(cast.amina).get(page).status_code == 302, "a fresh proof comes first"
    client = sign_in(cast.amina, is_fresh=True)
    before = client.get(page).text
    assert "Paper could be found" in before and "The cat" not in before
    assert client.post(page, {}).status_code == 422 and not events("PRINT_MADE", case.uid)
    paper = client.post(page, {"understood": "on"})
    assert "The cat" in paper.text and "could be found" in paper.text
    main = paper.text.partition("<main")[2]
    assert case.number not in main, "nothing on it says whose it is"
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        named = [case.survivor.first_name, access.get_for(cast.amina, case.uid).alias]
    assert not [name for name in named if name and name in main]
    [event] = events("PRINT_MADE", case.uid)
    assert event.subject_uid == access.within(SafetyPlan, case).get().uid and "SAFETY" in event.section_codes


def test_who_may_not_neither_writes_nor_prints(cast, case, sign_in):
    make.colleague(case, cast.amina, cast.jonas, "RESIDENCE")
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    write, paper = url("case-safety-plan-phase", case, "after"), url("case-safety-plan-print", case)
    for person, on_write, on_print in ((cast.dana, 404, 404), (cast.jonas, 403, 403), (cast.gita, 403, 200)):
        client = sign_in(person, is_fresh=True)
        assert client.get(write).status_code == on_write and client.get(paper).status_code == on_print
