"""A director of a partner is none of this house: she hands no team over, reads no numbers, and is told nothing."""

import pytest
from django.urls import reverse

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.accounts.actions.roles import assign_role
from casemgmt.accounts.choices import Role
from casemgmt.accounts.permits import answerable_by
from cases.actions.handing import NOTICE_NOBODY, hand_over_team
from cases.actions.organisations import restore_organisation, suspend_organisation
from cases.actions.people import record_leaving
from cases.models import Notice


@pytest.fixture
def director(cast):
    """Hugo, who also directs his clinic."""
    assign_role(actor=cast.farid, now=clock.now(), user=cast.hugo, role=Role.DIRECTOR)
    return cast.hugo


@pytest.fixture
def waiting(cast, case, director):
    """Amina's case, which nobody leads: her supervisor left before her."""
    record_leaving(actor=cast.omar, now=clock.now(), person=cast.bea)
    record_leaving(actor=cast.farid, now=clock.now(), person=cast.amina)
    return case


def test_she_hands_no_team_over(cast, case, director, sign_in):
    with pytest.raises(Hidden):
        hand_over_team(actor=director, now=clock.now(), team=case.team, person=cast.bea)
    page = reverse("hand-over-team", args=[case.team.uid])
    assert sign_in(director).get(page).status_code == 404
    assert sign_in(cast.omar).get(page).status_code == 200


def test_she_reads_no_numbers_and_is_told_nothing(cast, waiting, director, sign_in):
    hers, his = (sign_in(person).get(reverse("hand-overs")).context for person in (director, cast.omar))
    assert (hers["unseen"], hers["teams"]) == (0, []) and his["unseen"] == 1 and his["teams"]
    told = Notice._base_manager.filter(kind=NOTICE_NOBODY).values_list("person__name", flat=True)
    assert set(told) == {cast.omar.name}
    assert answerable_by(director, clock.now()) == []


def test_she_suspends_and_restores_nobody_and_sees_none_of_the_people(cast, director, sign_in):
    firm, client = cast.chidi.organisation, sign_in(director, is_fresh=True)
    with pytest.raises(Refused):
        suspend_organisation(actor=director, now=clock.now(), organisation=firm)
    suspend_organisation(actor=cast.omar, now=clock.now(), organisation=firm)
    with pytest.raises(Refused):
        restore_organisation(actor=director, now=clock.now(), organisation=firm)
    assert client.get(reverse("organisations")).status_code == 404
    assert client.get(reverse("organisation-act", args=[firm.uid, "restore"])).status_code == 404
    listed = client.get(reverse("colleagues")).text
    assert "Amina Rivers" not in listed and reverse("organisations") not in listed
    assert not Notice._base_manager.filter(person=director).exists()


def test_her_home_is_her_own_account(cast, director, sign_in):
    assert sign_in(director).get(reverse("desk")).url == reverse("my-account")
    assert sign_in(cast.omar).get(reverse("desk")).status_code == 200
