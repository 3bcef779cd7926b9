"""The whole house: the locked office, and roles that may meet where very few people are."""

from datetime import timedelta

import pytest
from django.urls import reverse

from audit import clock
from casemgmt.access.errors import Refused
from casemgmt.accounts.actions import house, people, roles, teams
from casemgmt.accounts.actions.requests import ask_for_account, confirm_request
from casemgmt.accounts.choices import AccountRequestKind, Role
from casemgmt.accounts.errors import (
    AlreadyResting,
    ApproverMustBeOutside,
    CannotBelong,
    HouseIsLargeEnough,
    RolesCannotMeet,
)
from casemgmt.accounts.models import OfficeLock, Session, User
from casemgmt.crypto import keyring
from casemgmt.crypto.models import KeystoreVersion
from tests.accounts.signing_in import fresh, joined, sign_in
from tests.accounts.test_people import new_person, verbs

# ---- The locked office ----


def test_locking_the_office_ends_all_sessions_moves_the_keys_and_destroys_nothing(
    cast, django_capture_on_commit_callbacks
):
    amina, omar = sign_in(cast.amina), sign_in(cast.omar)
    before = KeystoreVersion.objects.get().number
    with django_capture_on_commit_callbacks(execute=True):
        assert omar.post(reverse("office")).url == "/sign-in/"
    assert not Session.objects.filter(user__isnull=False).exists()
    assert KeystoreVersion.objects.get().number == before + 1
    assert len(keyring._opened) == 0
    assert amina.get("/account/").url.startswith("/sign-in/")
    again = sign_in(cast.amina)
    for address in ("/", "/account/", "/cases/", "/day/", "/people/"):
        assert again.get(address).url == reverse("office"), address
    page = again.get(reverse("office"))
    assert page.status_code == 200 and "The office is locked" in page.text and "Open the office" not in page.text
    assert again.post("/sign-out/").status_code == 302


def test_two_people_open_it_again_and_each_proves_who_she_is(cast):
    house.lock_office(actor=cast.bea, now=clock.now())
    stale = sign_in(cast.omar)
    assert "/account/confirm/" in stale.post(reverse("office")).url
    assert OfficeLock.objects.get().first_yes_by is None
    omar = fresh(cast.omar)
    assert omar.post(reverse("office")).url == reverse("office")
    omar.post(reverse("office"))
    assert OfficeLock.objects.get().ended_at is None
    assert fresh(cast.amina).post(reverse("office")).status_code == 403
    assert fresh(cast.farid).post(reverse("office")).status_code == 403
    assert fresh(cast.kemi).post(reverse("office")).url == reverse("home")
    assert OfficeLock.objects.get().ended_by == cast.kemi
    assert sign_in(cast.amina).get("/account/").status_code == 200
    assert verbs().count("OFFICE_OPENED") == 2


@pytest.mark.parametrize("who", ["amina", "dana", "elif_", "chidi", "gita", "ines", "hugo"])
def test_others_cannot_lock_the_office(cast, who):
    client = sign_in(getattr(cast, who))
    assert client.get(reverse("office")).status_code == 404
    assert client.post(reverse("office")).status_code == 404
    assert not OfficeLock.objects.exists()


def test_nobody_of_a_partner_locks_or_opens_the_office(cast):
    for role in (Role.SUPERVISOR, Role.DIRECTOR):
        roles.assign_role(actor=cast.farid, now=clock.now(), user=cast.hugo, role=role)
    with pytest.raises(Refused):
        house.lock_office(actor=cast.hugo, now=clock.now())
    hugo = sign_in(cast.hugo)
    assert hugo.get(reverse("office")).status_code == 404 and reverse("office") not in hugo.get("/account/").text
    house.lock_office(actor=cast.omar, now=clock.now())
    with pytest.raises(Refused):
        house.open_office(actor=cast.hugo, now=clock.now())
    assert fresh(cast.hugo).post(reverse("office")).status_code == 403


def test_two_who_lock_it_in_the_same_moment_both_find_it_locked(cast, monkeypatch):
    house.lock_office(actor=cast.omar, now=clock.now())
    monkeypatch.setattr(house, "standing_lock", lambda: None)
    with pytest.raises(AlreadyResting):
        house.lock_office(actor=cast.bea, now=clock.now())
    assert OfficeLock.objects.get().began_by == cast.omar


# ---- The very small house ----


def small(cast):
    """A house of three: everybody but Omar, Farid and Bea has gone."""
    keep = {cast.omar.pk, cast.farid.pk, cast.bea.pk}
    for user in User.objects.filter(organisation=cast.omar.organisation, is_active=True).exclude(pk__in=keep):
        people.deactivate_person(actor=cast.farid, now=clock.now(), user=user)


def outsider(cast):
    """Somebody of the law firm without any role."""
    return joined(cast, email="sec@example.org", name="Sela Outside", organisation=cast.chidi.organisation)


def declare(cast, approver, days=90):
    return house.declare_degraded(
        actor=cast.omar, now=clock.now(), second_approver=approver, reason="We are three people.",
        expires_at=clock.now() + timedelta(days=days),
    )  # fmt: skip


def test_only_a_very_small_house_declares_it_with_somebody_blind_from_outside(cast):
    sela = outsider(cast)
    with pytest.raises(HouseIsLargeEnough):
        declare(cast, sela)
    small(cast)
    for unfit in (cast.chidi, cast.bea, cast.hugo, cast.farid):
        with pytest.raises(ApproverMustBeOutside):
            declare(cast, unfit)
    with pytest.raises(Refused):
        house.declare_degraded(
            actor=cast.farid,
            now=clock.now(),
            second_approver=sela,
            reason="x",
            expires_at=clock.now() + timedelta(days=1),
        )
    declare(cast, sela)
    assert verbs()[-1] == "DEGRADED_MODE_DECLARED"


def test_in_it_an_administrator_may_work_on_cases_but_an_auditor_never_and_the_outsider_is_the_second(cast):
    sela, second = outsider(cast), new_person(cast, Role.ADMINISTRATOR, email="two@example.org")
    small(cast)
    people.reactivate_person(actor=cast.farid, now=clock.now(), user=second)
    second = User.objects.get(pk=second.pk)
    with pytest.raises(RolesCannotMeet):
        roles.assign_role(actor=second, now=clock.now(), user=cast.farid, role=Role.CASEWORKER)
    declare(cast, sela)
    roles.assign_role(actor=second, now=clock.now(), user=cast.farid, role=Role.CASEWORKER)
    with pytest.raises(RolesCannotMeet):
        roles.assign_role(actor=second, now=clock.now(), user=cast.bea, role=Role.INTERNAL_AUDITOR)
    team = cast.team_of("bea")
    teams.mark_team_holding(team)
    waiting = teams.add_member(actor=second, now=clock.now(), team=team, user=cast.farid)
    with pytest.raises(Refused):
        teams.accept_membership(actor=second, now=clock.now(), membership=waiting)
    teams.accept_membership(actor=sela, now=clock.now(), membership=waiting)
    asked = ask_for_account(actor=cast.farid, now=clock.now(), user=cast.bea, kind=AccountRequestKind.FACTOR_RESET)
    confirm_request(actor=sela, now=clock.now(), request=asked)
    with pytest.raises(RolesCannotMeet):
        house.end_degraded(actor=cast.omar, now=clock.now())
    roles.end_role(actor=second, now=clock.now(), assignment=cast.farid.role_assignments.get(role=Role.CASEWORKER))
    house.end_degraded(actor=cast.omar, now=clock.now())
    with pytest.raises(CannotBelong):
        teams.add_member(actor=second, now=clock.now(), team=cast.team_of("bea"), user=cast.farid)


def test_in_it_the_outsider_is_the_second_who_opens_the_office(cast):
    sela = outsider(cast)
    small(cast)
    house.lock_office(actor=cast.farid, now=clock.now())
    with pytest.raises(Refused):
        house.open_office(actor=sela, now=clock.now())
    declare(cast, sela)
    house.open_office(actor=cast.omar, now=clock.now())
    assert fresh(sela).post(reverse("office")).url == reverse("home")
    assert OfficeLock.objects.get().ended_by == sela


def test_the_auditor_sees_it_on_a_page_and_nobody_else_declares(cast):
    sela = outsider(cast)
    elif_ = sign_in(cast.elif_)
    assert "Roles are kept apart" in elif_.get(reverse("small-house")).text
    small(cast)
    omar = fresh(cast.omar)
    page = omar.get(reverse("small-house"))
    assert "Sela Outside" in page.text and "Chidi" not in page.text
    until = (clock.now() + timedelta(days=60)).date().isoformat()
    empty = omar.post(reverse("small-house"), {"declare": "1", "reason": ""})
    assert empty.status_code == 422
    posted = {"declare": "1", "second_approver": str(sela.uid), "reason": "We are three people.", "until": until}
    assert fresh(cast.farid).post(reverse("small-house"), posted).status_code == 404
    assert omar.post(reverse("small-house"), posted).status_code == 302
    people.reactivate_person(actor=cast.farid, now=clock.now(), user=cast.elif_)
    seen = sign_in(cast.elif_).get(reverse("small-house")).text
    assert "We are three people." in seen and "Sela Outside" in seen
    assert reverse("small-house") in sign_in(cast.elif_).get(reverse("auditor-home")).text
    assert sign_in(cast.bea).get(reverse("small-house")).status_code == 404
