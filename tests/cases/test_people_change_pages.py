"""The pages of somebody who leaves or moves: what she would lose before, what is left to hand over after, and for whom."""

import pytest
from django.urls import reverse

from audit import clock
from casemgmt.access.sections import Section
from cases import access
from cases.actions.grants import give_access
from cases.actions.people import record_leaving
from cases.actions.walls import place_wall
from cases.choices.sharing import GrantKind, PeopleChangeKind
from cases.leaving import foresee
from cases.models import PeopleChange
from cases.views.losing import losses_of_consequences
from tests import make
from tests.cases.leaving_people import fresh, led_by, sign_in, turn

pytestmark = pytest.mark.walks


@pytest.fixture
def led(cast, case):
    """Amina's case, which she leads, with an open task of hers."""
    return led_by(cast.amina, case)


def test_the_supervisor_reads_case_numbers_before_and_the_administrator_only_counts(cast, led):
    address = reverse("colleague-change", args=[cast.amina.uid, "left"])
    supervisor, administrator = sign_in(cast.bea).get(address), sign_in(cast.farid).get(address)
    assert supervisor.status_code == administrator.status_code == 200
    assert led.number in supervisor.text
    assert led.number not in administrator.text and str(led.uid) not in administrator.text
    assert administrator.context["outlook"]["counts"]["led"] == 1 and administrator.context["outlook"]["unseen"] == 1


def test_leaving_by_its_page_and_the_list_afterwards(cast, led):
    client = sign_in(cast.bea)
    address = reverse("colleague-change", args=[cast.amina.uid, "left"])
    page = client.get(address)
    done = client.post(address, {"do": "1", "form_key": str(page.context["form"]["form_key"].value())})
    assert done.status_code == 302
    made = access.for_the_house(PeopleChange).get(kind=PeopleChangeKind.LEFT)
    assert done.url == reverse("people-changed", args=[made.uid])
    after = client.get(done.url)
    assert led.number in after.text and reverse("case-hand-over", args=[led.uid]) in after.text
    farid = sign_in(cast.farid).get(done.url)
    assert farid.status_code == 200 and led.number not in farid.text
    assert sign_in(cast.dana).get(done.url).status_code == 404
    again = client.post(address, {"do": "1"})
    assert again.status_code == 404, "she has left already"


def test_the_hand_over_pages(cast, led):
    record_leaving(actor=cast.bea, now=clock.now(), person=cast.amina)
    client = sign_in(cast.bea)
    listed = client.get(reverse("hand-overs"))
    assert led.number in listed.text
    director = sign_in(cast.omar).get(reverse("hand-overs"))
    assert led.number not in director.text and director.context["unseen"] == 1
    address = reverse("case-hand-over", args=[led.uid])
    assert "Call the turquoise clinic" in client.get(address).text
    refused = client.post(address, {"person": "nobody"})
    assert refused.status_code == 422
    assert client.post(address, {"person": str(cast.dana.uid)}).status_code == 302
    assert fresh(led).lead == cast.dana
    assert sign_in(cast.nadia).get(address).status_code == 404
    assert sign_in(cast.dana).get(address).status_code == 403, "the lead knows the case, and hands nothing over"


@pytest.mark.parametrize("who", ["amina", "dana", "elif_", "chidi", "gita", "ines", "jonas", "hugo"])
def test_the_pages_do_not_exist_for_others(cast, led, who):
    client = sign_in(getattr(cast, who))
    for address in (
        reverse("colleagues"),
        reverse("colleague", args=[cast.bea.uid]),
        reverse("colleague-change", args=[cast.bea.uid, "left"]),
        reverse("hand-overs"),
        reverse("organisations"),
    ):
        assert client.get(address).status_code == 404, address


def test_a_supervisor_sees_her_own_people_only_and_every_change_asks_for_a_fresh_proof(cast, led):
    client = sign_in(cast.nadia)
    listed = client.get(reverse("colleagues")).text
    assert "Dana Hill" in listed and "Amina Rivers" not in listed
    assert sign_in(cast.nadia).get(reverse("colleague-change", args=[cast.amina.uid, "left"])).status_code == 404
    stale = sign_in(cast.nadia, is_fresh=False)
    asked = stale.get(reverse("colleague-change", args=[cast.dana.uid, "left"]))
    assert asked.status_code == 302 and asked.url.startswith("/account/confirm/")


def test_the_turns_stand_on_the_page_before_and_in_the_list_after(cast, led):
    turn(cast, cast.amina)
    client, address = sign_in(cast.bea), reverse("colleague-change", args=[cast.amina.uid, "left"])
    assert "On duty for North casework" in client.get(address).text
    after = client.get(client.post(address, {"do": "1"}).url)
    assert [shift.user for shift in after.context["shifts"]] == [cast.amina]
    assert "Turns on duty that somebody else has to take" in after.text and "North casework" in after.text


# ---- What she would lose, before ----


def test_before_somebody_leaves_the_page_says_what_she_would_lose_and_names_no_wall(cast, led):
    other = make.case(cast.bea, led.team)
    give_access(
        actor=cast.bea, now=clock.now(), case_uid=other.uid, kind=GrantKind.ASSIGNMENT, person=cast.amina,
        sections=[Section.SAFETY],
    )  # fmt: skip
    client, address = sign_in(cast.bea), reverse("colleague-change", args=[cast.amina.uid, "left"])
    losing = client.get(address).context["outlook"]["losing"]
    assert [(line["number"], line["leads"]) for line in losing["cases"]] == [(led.number, True), (other.number, False)]
    assert losing["cases"][0]["dues"] == 2 and Section.NARRATIVE.label in losing["cases"][0]["sections"]
    assert losing["cases"][1]["sections"] == [Section.CARD.label, Section.SAFETY.label]
    before = body(client.get(address))
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=led.uid, person=cast.amina)
    hidden = client.get(address).context["outlook"]["losing"]["cases"]
    assert [line["number"] for line in hidden] == [led.number, other.number], "a wall changes nothing of it"
    assert "No longer sees:" in before
    farid = sign_in(cast.farid).get(address)
    assert farid.context["outlook"]["losing"]["unseen"] == 2 and led.number not in farid.text


def body(answer):
    return answer.text.split("<main")[1].split("</main>")[0]


def test_before_a_move_only_what_the_old_team_opens_is_told(cast, led):
    """Of another team's cases she keeps what is hers by name, and loses what only her old team opened to her."""
    south = cast.team_of("dana")
    for whom in ({"person": cast.amina}, {"team": led.team}):
        case = make.case(cast.dana, south)
        give_access(actor=cast.nadia, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, **whom)
    sent = {"from_team": str(led.team.uid), "to_team": str(cast.team_of("gita").uid)}
    page = sign_in(cast.bea).post(reverse("colleague-change", args=[cast.amina.uid, "moved"]), sent)
    losing = page.context["outlook"]["losing"]
    assert [line["number"] for line in losing["cases"]] == [led.number] and losing["unseen"] == 0
    assert losing["through_teams"] == 1


@pytest.mark.sql
def test_what_her_team_keeps_for_her_is_lost_with_the_team_only(cast, led):
    """Of a case that is hers by name and by her team: leaving takes both, the end of what she has by name takes nothing."""
    make.colleague(led, cast.bea, cast.dana, GrantKind.ASSIGNMENT)
    give_access(actor=cast.dana, now=clock.now(), case_uid=led.uid, kind=GrantKind.ASSIGNMENT, team=led.team)
    named = list(access.grants_with_grounds().filter(case=led, person=cast.amina))
    assert access.losses_of_change(cast.amina, named) == []
    [loss] = access.losses_of_change(cast.amina, named, teams=[led.team_id])
    assert loss.leads and Section.NARRATIVE in loss.sections
    [line] = losses_of_consequences(cast.bea, foresee(cast.amina, PeopleChangeKind.LEFT, clock.now()), clock.now())[
        "cases"
    ]
    assert line["number"] == led.number and line["leads"]


def test_what_a_team_opens_to_everybody_in_it_is_a_number(cast, led):
    shared = make.case(cast.dana, cast.team_of("dana"))
    give_access(
        actor=cast.nadia, now=clock.now(), case_uid=shared.uid, kind=GrantKind.RESIDENCE, team=cast.team_of("jonas")
    )
    losing = losses_of_consequences(
        cast.bea, foresee(cast.jonas, PeopleChangeKind.LEFT, clock.now()), clock.now()
    )  # fmt: skip
    assert losing["cases"] == [] and losing["through_teams"] == 1
    leave = sign_in(cast.omar).get(reverse("colleague-change", args=[cast.jonas.uid, "leave"])).text
    assert "does not open meanwhile" in leave and "1 further case" in leave and shared.number not in leave
