"""The pages of walls and of restricted cases: who may place one reads them, and nobody else."""

import pytest
from django.urls import reverse

from audit import clock
from casemgmt.access.sections import Section, write
from casemgmt.accounts.choices import Role
from cases import access
from cases.actions.grants import give_access
from cases.actions.trail import notify
from cases.actions.walls import restrict_case
from cases.choices.sharing import GrantKind
from cases.choices.walls import WallKind
from cases.errors.walls import NobodyIsNamed
from cases.models import Case, Wall
from tests.cases.walling import WHY, newcomer, sees, wall
from tests.services.test_release_and_matter import a_matter, release

pytestmark = pytest.mark.walks


@pytest.fixture
def matter(cast, case):
    found = a_matter(cast, case)
    release(cast, case, found)
    return found


WALLS = reverse("walls")


# ---- The page ----


def test_the_page_shows_them_to_those_who_may_place_them(cast, case, sign_in):
    placed = wall(case, cast.bea, person=cast.dana, kind=WallKind.RELATIVE_OF_ACCUSED, reason=WHY)
    for person in (cast.bea, cast.kemi):
        page = sign_in(person).get(WALLS).text
        assert all(word in page for word in ("Dana Hill", case.number, "Relative of somebody she accuses", WHY))
    assert case.number not in sign_in(cast.nadia).get(WALLS).text
    for person in (cast.amina, cast.dana, cast.farid, cast.elif_, cast.omar):
        for address in (WALLS, reverse("wall-new"), reverse("wall-lift", args=[placed.uid])):
            assert sign_in(person).get(address).status_code == 404


def test_the_privacy_officer_who_is_behind_a_wall_sees_none_of_that_case(cast, case, sign_in):
    wall(case, cast.bea, person=cast.dana)
    mine = wall(case, cast.bea, person=cast.kemi)
    client = sign_in(cast.kemi)
    assert case.number not in client.get(WALLS).text
    assert client.get(reverse("wall-lift", args=[mine.uid])).status_code == 404
    answer = client.post(
        reverse("wall-new"), {"number": case.number, "person": cast.dana.pk, "kind": "CONFLICT", "reason": "x"}
    )
    nothing = client.post(
        reverse("wall-new"), {"number": "HV-0000-0000", "person": cast.dana.pk, "kind": "CONFLICT", "reason": "x"}
    )
    assert answer.status_code == nothing.status_code == 422
    assert "No case of this number" in answer.text and "No case of this number" in nothing.text


@pytest.mark.sql
def test_placing_and_lifting_by_the_page(cast, case, sign_in):
    client = sign_in(cast.kemi)
    form = {"number": case.number, "kind": "CONFLICT", "reason": WHY}
    assert "Choose one: a person" in client.post(reverse("wall-new"), form).text
    both = {**form, "person": cast.dana.pk, "team": cast.team_of("dana").pk}
    assert "Choose one: a person" in client.post(reverse("wall-new"), both).text
    assert (
        "Write an answer here" in client.post(reverse("wall-new"), {**form, "reason": "", "person": cast.dana.pk}).text
    )
    key = "7c5f2a54-50a9-4d8e-9a0c-3a1f6b0e0001"
    for _again in range(2):
        sent = client.post(reverse("wall-new"), {**form, "person": cast.dana.pk, "form_key": key})
        assert sent.status_code == 302
    placed = Wall._base_manager.get()
    page = client.get(WALLS).text
    assert "Dana Hill" in page and WHY in page
    lift = reverse("wall-lift", args=[placed.uid])
    assert WHY in client.get(lift).text and client.post(lift, {"reason": ""}).status_code == 422
    assert client.post(lift, {"reason": "Cleared"}).status_code == 302
    page = client.get(WALLS).text
    assert "No wall stands" in page and "Cleared" in page
    assert "lifted already" in client.post(lift, {"reason": "Again"}).text
    assert client.delete(WALLS).status_code == 405


def test_the_case_leads_there_whoever_may_place_one(cast, case, sign_in):
    sharing, page = reverse("case-sharing", args=[case.uid]), f"{reverse('wall-new')}?case={case.uid}"
    assert page not in sign_in(cast.amina).get(sharing).text
    client = sign_in(cast.bea)
    assert page in client.get(sharing).text
    assert f'value="{case.number}"' in client.get(page).text
    assert case.number not in sign_in(cast.nadia).get(page).text


def test_reading_the_words_is_recorded_and_shown_in_no_history(cast, case, sign_in, events):
    wall(case, cast.bea, person=cast.dana, reason=WHY)
    sign_in(cast.kemi).get(WALLS)
    [event] = events("CASE_VIEWED", case.uid)
    assert event.subject_kind == "wallreason" and event.detail.content["fields"] == ["wall.reason"]
    assert event.basis_kind == "WALL_DESK"
    history = reverse("case-history", args=[case.uid])
    amina, bea = sign_in(cast.amina), sign_in(cast.bea)
    assert "placed a wall" not in amina.get(history).text and "Kemi" not in amina.get(history).text
    assert "placed a wall" in bea.get(history).text
    placed = events("WALL_PLACED")[0]
    path = reverse("case-history-event", args=[case.uid, placed.uid])
    assert amina.get(path).status_code == 404 and bea.get(path).status_code == 200


def test_no_notice_is_left_of_a_case_behind_a_wall(cast, case, sign_in):
    notify(person=cast.amina, kind="TASK", about=case, now=clock.now(), case=case)
    client = sign_in(cast.amina)
    assert "New for you" in client.get(reverse("day")).text
    wall(case, cast.bea, person=cast.amina)
    assert "New for you" not in client.get(reverse("day")).text


def test_a_new_access_for_somebody_behind_a_wall_tells_the_giver_nothing(cast, case, sign_in):
    wall(case, cast.kemi, person=cast.gita)
    client = sign_in(cast.amina)
    given = client.post(
        reverse("access-new", args=[case.uid]), {"kind": "CLINICAL", "person": cast.gita.pk, "reason": "Care"}
    )
    assert given.status_code == 302 and not sees(cast.gita, case)
    for name in ("case-sharing", "case-history", "case-overview"):
        assert "wall" not in client.get(reverse(name, args=[case.uid])).text.lower(), name


# ---- Restricted cases ----


def test_the_page_says_who_keeps_it_and_which_teams_lose_it(cast, case, sign_in, events):
    give_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.RESIDENCE, team=cast.team_of("jonas")
    )
    client, page = sign_in(cast.amina), reverse("case-restrict", args=[case.uid])
    text = client.get(page).text
    assert "Shelter" in text and "Amina Rivers" in text and "Bea Meadows" in text
    assert page in client.get(reverse("case-overview", args=[case.uid])).text
    assert client.post(page, {"restrict": "yes"}).status_code == 302
    assert not sees(cast.jonas, case) and sees(cast.bea, case)
    assert "End the restriction" in client.get(page).text
    assert client.post(page, {"restrict": "no"}).status_code == 302 and sees(cast.jonas, case)
    assert len(events("CASE_RESTRICTED")) == len(events("CASE_UNRESTRICTED")) == 1


def test_who_writes_no_duties_cannot_restrict(cast, case, clinician, sign_in):
    page = reverse("case-restrict", args=[case.uid])
    assert sign_in(clinician).post(page, {"restrict": "yes"}).status_code == 403
    assert sign_in(cast.dana).post(page, {"restrict": "yes"}).status_code == 404
    assert sign_in(cast.amina).delete(page).status_code == 405
    assert not Case._base_manager.get(pk=case.pk).is_restricted


@pytest.mark.sql
def test_a_case_that_nobody_has_by_name_is_not_restricted(cast, case, sign_in):
    """Else nobody could work on it, nor open it again."""
    give_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, team=cast.team_of("dana")
    )
    for person in (cast.amina, cast.bea):
        wall(case, cast.kemi, person=person)
    with pytest.raises(NobodyIsNamed):
        restrict_case(actor=cast.dana, now=clock.now(), case_uid=case.uid, is_restricted=True)
    page = reverse("case-restrict", args=[case.uid])
    answer = sign_in(cast.dana).post(page, {"restrict": "yes"})
    assert answer.status_code == 422 and "Nobody has this case by name" in answer.text
    assert write(Section.DUTIES) in access.permissions_on(cast.dana, [case])[case.pk]


def test_the_notice_stands_on_the_home_of_whoever_is_told_and_says_nothing_more(cast, case, matter, sign_in):
    boss = newcomer(cast, "ottilie", cast.chidi.organisation, Role.SUPERVISOR)
    wall(case, cast.bea, person=cast.chidi, reason=WHY)
    page = sign_in(boss).get(reverse("home"), follow=True).text
    assert "A file of your firm rests" in page
    for secret in ("Chidi", case.number, str(case.uid), WHY):
        assert secret not in page, secret
    wall(case, cast.bea, organisation=cast.chidi.organisation)
    kemi = sign_in(cast.kemi)
    assert "the firm has to be told" not in kemi.get(reverse("home"), follow=True).text, "the boss was told before"


def test_a_privacy_officer_is_led_from_the_notice_to_the_page(cast, case, matter, sign_in):
    wall(case, cast.bea, person=cast.chidi)
    client = sign_in(cast.kemi)
    page = client.get(reverse("home"), follow=True).text
    assert "the firm has to be told" in page and f'href="{WALLS}"' in page
    client.post(reverse("notices-seen"))
    assert "the firm has to be told" not in client.get(reverse("home"), follow=True).text
