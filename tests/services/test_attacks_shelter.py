"""A house that she has left must not learn where she went, and no house of others is ever told."""

from datetime import date

import pytest
from django.urls import reverse

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.accounts.actions.teams import create_team
from casemgmt.accounts.choices import Discipline
from casemgmt.accounts.models import Organisation, Team
from cases import access
from cases.actions.grants import give_access
from cases.choices.sharing import GrantKind
from cases.errors.sharing import NotForThisRole, NotToOneself
from cases.models import Case
from services.actions.aftercare import begin_stay, end_stay
from services.models import ShelterStay
from tests import make
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


def a_house(cast: Cast, organisation: Organisation, discipline: str = Discipline.SHELTER) -> Team:
    return create_team(
        actor=cast.farid, now=clock.now(), name="Second house", organisation=organisation, discipline=discipline,
        programme="",
    )  # fmt: skip


def stay(cast: Cast, case: Case, team: Team) -> ShelterStay:
    return begin_stay(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, team=team, entered_on=date(2026, 3, 4), room="Blue room"
    )


def test_the_house_she_left_loses_her_when_she_enters_another(cast: Cast, case: Case, sign_in) -> None:
    first = stay(cast, case, cast.team_of("jonas"))
    end_stay(actor=cast.jonas, now=clock.now(), stay_uid=first.uid, left_on=date(2026, 3, 9), exit_to="OTHER_SHELTER")
    assert access.get_for(cast.jonas, case.uid), "72 hours to hand over"
    stay(cast, case, a_house(cast, case.organisation))
    with pytest.raises(Hidden):
        access.get_for(cast.jonas, case.uid)
    assert "Blue room" not in sign_in(cast.jonas).get(reverse("house")).content.decode()
    assert access.drift() == []


def test_a_house_with_other_ground_to_read_house_notes_sees_its_own_stays_only(cast: Cast, case: Case, sign_in) -> None:
    stay(cast, case, a_house(cast, case.organisation))
    make.colleague(case, cast.amina, cast.jonas, GrantKind.RESIDENCE)
    client = sign_in(cast.jonas)
    for path in (reverse("house"), reverse("case-aftercare", args=[case.uid])):
        page = client.get(path)
        assert page.status_code == 200 and b"Blue room" not in page.content and b"Second house" not in page.content


def test_a_team_of_another_organisation_or_profession_never_becomes_her_house(cast: Cast, case: Case) -> None:
    for team in (a_house(cast, cast.hugo.organisation), cast.team_of("dana")):
        with pytest.raises(NotForThisRole):
            stay(cast, case, team)
    assert not access.within(ShelterStay, case).exists()


def test_nobody_gives_a_case_to_her_own_team_or_to_an_outside_one(cast: Cast, case: Case) -> None:
    give = {"actor": cast.bea, "now": clock.now(), "case_uid": case.uid, "kind": GrantKind.ASSIGNMENT}
    with pytest.raises(NotToOneself):
        give_access(team=cast.team_of("bea"), **give)
    with pytest.raises(NotForThisRole):
        give_access(team=a_house(cast, cast.hugo.organisation, Discipline.CASEWORK), **give)


def test_a_stay_is_not_ended_through_the_address_of_another_case(cast: Cast, case: Case, sign_in) -> None:
    other = make.case(cast.amina, cast.team_of("amina"))
    lives_here = stay(cast, case, cast.team_of("jonas"))
    client = sign_in(cast.amina)
    answers = {"left_on": "2026-03-09", "exit_to": "OTHER_SHELTER"}
    for method in (client.get, client.post):
        assert method(reverse("stay-end", args=[other.uid, lives_here.uid]), answers).status_code == 404
    lives_here.refresh_from_db()
    assert lives_here.left_on is None


def test_who_may_not_write_about_her_stay_is_shown_no_form_to_end_it(cast: Cast, case: Case, sign_in) -> None:
    make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
    lives_here = stay(cast, case, cast.team_of("jonas"))
    assert sign_in(cast.gita).get(reverse("stay-end", args=[case.uid, lives_here.uid])).status_code == 403
