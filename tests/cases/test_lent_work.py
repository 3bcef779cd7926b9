"""Whoever lends her work does not choose her own supervisor: lent casework decides nothing that needs a supervisor of the case."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from audit import clock
from casemgmt.access.errors import Refused
from casemgmt.access.sections import Section
from cases import access, desk, walls
from cases.actions.delegation import delegate_access
from cases.actions.grants import give_access, revoke_access
from cases.actions.holds import place_hold
from cases.actions.releases import Terms
from cases.actions.two_people import may_decide
from cases.actions.walls import place_wall
from cases.choices.sharing import GrantKind
from cases.models import AccessGrant, Case
from tests.accounts.signing_in import sign_in
from tests.cast import Cast
from tests.services.test_release_and_matter import a_matter, release

pytestmark = [
    pytest.mark.sql,
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
]


@pytest.fixture
def waiting(cast: Cast, case: Case) -> AccessGrant:
    """An access that Amina proposed, and for which a second person must say yes."""
    release(cast, case, a_matter(cast, case), terms=Terms(categories=["IDENTITY", "MEDICAL"]))
    return access.waiting_grants().get(case=case)


def lent(giver: Any, cast: Cast) -> None:
    until = clock.now() + timedelta(days=2)
    delegate_access(actor=giver, now=clock.now(), colleague=cast.nadia, until=until)


def test_a_supervisor_who_stands_in_for_a_caseworker_is_no_second_person_for_her(
    cast: Cast, case: Case, waiting: AccessGrant
) -> None:
    lent(cast.amina, cast)
    assert access.holdings(cast.nadia, [case])[case.pk].may_write(Section.DUTIES)  # the work is lent, and can be done
    assert not may_decide(cast.nadia, waiting, at=clock.now())
    standing = desk.Standing(cast.nadia, case, at=clock.now())
    assert not (standing.may_wall or standing.may_approve or standing.may_ask) and standing.may_stop


def test_a_supervisor_who_stands_in_for_the_cases_supervisor_is(cast: Cast, case: Case, waiting: AccessGrant) -> None:
    lent(cast.bea, cast)
    assert may_decide(cast.nadia, waiting, at=clock.now())
    assert desk.Standing(cast.nadia, case, at=clock.now()).may_wall


def test_a_ground_of_her_own_counts_beside_what_was_lent(cast: Cast, case: Case, waiting: AccessGrant) -> None:
    lent(cast.amina, cast)
    give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.SUPERVISION, person=cast.nadia)
    assert may_decide(cast.nadia, waiting, at=clock.now())


def test_lent_casework_sends_no_supervisor_away(cast: Cast, case: Case) -> None:
    supervision = access.every_grant().get(case=case, kind=GrantKind.SUPERVISION, person=cast.bea)
    lent(cast.amina, cast)
    with pytest.raises(Refused):
        revoke_access(actor=cast.nadia, now=clock.now(), grant_uid=supervision.uid)
    page = reverse("access-revoke", args=[case.uid, supervision.uid])
    assert page not in sign_in(cast.nadia).get(reverse("case-sharing", args=[case.uid])).text


def test_lent_casework_shows_no_walls_and_no_pages_of_a_supervisors_acts(cast: Cast, case: Case) -> None:
    wall = place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.gita, reason="They are related")
    hold = place_hold(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, authority="LITIGATION", reason="A claim was filed",
        review_on=clock.now().date() + timedelta(days=30),
    )  # fmt: skip
    lift, unhold = reverse("wall-lift", args=[wall.uid]), reverse("hold-lift", args=[hold.uid])
    lent(cast.amina, cast)
    nadia = sign_in(cast.nadia, is_fresh=True)
    assert [nadia.get(path).status_code for path in (lift, unhold)] == [404, 404]
    assert not walls.walls_for(cast.nadia, at=clock.now()).exists()
    lent(cast.bea, cast)
    assert [nadia.get(path).status_code for path in (lift, unhold)] == [200, 200]
