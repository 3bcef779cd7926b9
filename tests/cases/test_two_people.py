"""The rule of two people: what leaves with weight opens nothing until another person has agreed."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read
from casemgmt.accounts.models import DegradedMode
from cases import access
from cases.actions.grants import revoke_access
from cases.actions.releases import Signing, Terms, withdraw_release
from cases.actions.two_people import approve_access, decline_access, waiting_for
from cases.actions.walls import place_wall
from cases.choices.releases import InfoCategory
from cases.errors.releases import ReleaseHasEnded
from cases.errors.sharing import NotForThisRole, NotTheSecondPerson
from cases.models import AccessGrant, CaseUserPermission, Notice
from cases.opening import open_case
from tests import make
from tests.accounts.signing_in import code_of, give_app
from tests.crypto import raw
from tests.services.test_release_and_matter import a_matter, release

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

WITH_STATUS = Terms(categories=[InfoCategory.IDENTITY, InfoCategory.IMMIGRATION])


@pytest.fixture
def waiting(cast, case):
    """Amina's release to Chidi that names her status, too: that part waits."""
    release(cast, case, a_matter(cast, case), terms=WITH_STATUS)
    return access.waiting_grants().get()


def rows_of(grant):
    return CaseUserPermission.objects.filter(grant=grant).count()


def test_what_is_light_begins_at_once_and_the_rest_waits_without_a_row(cast, case, waiting, events):
    assert rows_of(waiting) == 0 and access.drift() == []
    holding = access.get_for(cast.chidi, case.uid).holding
    assert holding.reads(Section.IDENTITY) and holding.matters and not holding.reads(Section.STATUS)
    assert not access.explain(cast.chidi, case, read(Section.STATUS)).allowed
    assert all(Section.STATUS not in one.sections for one in access.who_can_see(case) if one.who == cast.chidi.name)
    [event] = events("ACCESS_PROPOSED", case.uid)
    assert event.actor_uid == cast.amina.uid and event.subject_uid == waiting.uid


def test_a_supervisor_approves_and_it_opens_now(cast, case, waiting, events):
    assert [one.pk for one in waiting_for(cast.bea, at=clock.now())] == [waiting.pk]
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        now = clock.now()
        approve_access(actor=cast.bea, now=now, grant_uid=waiting.uid)
        grant = access.grants_with_grounds().get(pk=waiting.pk)
        assert grant.valid_from == now and grant.expires_at == waiting.expires_at
        assert access.get_for(cast.chidi, case.uid, read(Section.STATUS))
        assert not access.explain(cast.chidi, case, read(Section.STATUS), at=now - timedelta(seconds=1)).allowed
        assert access.drift() == [] and waiting_for(cast.bea, at=now) == []
    [event] = events("ACCESS_APPROVED", case.uid)
    assert event.actor_uid == cast.bea.uid
    told = set(access.own(Notice, cast.amina, "person").values_list("kind", flat=True))
    assert "ACCESS_APPROVED" in told
    with pytest.raises(Hidden):
        approve_access(actor=cast.bea, now=clock.now(), grant_uid=waiting.uid)


def test_neither_proposer_nor_recipient_nor_a_stranger_decides(cast, case, waiting):
    for person, error in (
        (cast.amina, NotTheSecondPerson), (cast.chidi, NotTheSecondPerson), (cast.dana, Hidden), (cast.nadia, Hidden),
        (cast.farid, Hidden), (cast.elif_, Hidden),
    ):  # fmt: skip
        assert waiting_for(person, at=clock.now()) == []
        for decide in (approve_access, decline_access):
            with pytest.raises(error):
                decide(actor=person, now=clock.now(), grant_uid=waiting.uid)
    assert rows_of(waiting) == 0


def test_a_supervisor_who_proposed_it_needs_the_house(cast, case):
    release(cast, case, a_matter(cast, case), terms=WITH_STATUS, actor=cast.bea)
    grant = access.waiting_grants().get()
    with pytest.raises(NotTheSecondPerson):
        approve_access(actor=cast.bea, now=clock.now(), grant_uid=grant.uid)
    told = {
        one.person.name for one in access.for_the_house(Notice).filter(kind="ACCESS_WAITS").select_related("person")
    }
    assert told == {cast.kemi.name, cast.omar.name}
    approve_access(actor=cast.kemi, now=clock.now(), grant_uid=grant.uid)
    assert access.get_for(cast.chidi, case.uid, read(Section.STATUS))
    with pytest.raises(Hidden):
        access.get_for(cast.kemi, case.uid)


def test_declined_it_never_begins(cast, case, waiting, events):
    decline_access(actor=cast.omar, now=clock.now(), grant_uid=waiting.uid, reason="Not needed yet")
    assert rows_of(waiting) == 0 and waiting_for(cast.bea, at=clock.now()) == []
    with pytest.raises(Refused):
        access.get_for(cast.chidi, case.uid, read(Section.STATUS))
    with pytest.raises(Hidden):
        approve_access(actor=cast.bea, now=clock.now(), grant_uid=waiting.uid)
    assert events("ACCESS_DECLINED", case.uid)[0].actor_uid == cast.omar.uid
    assert b"Not needed yet" not in raw.dump("default")
    with open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        assert access.every_grant().get(pk=waiting.pk).reason == "Not needed yet"


def test_it_is_not_approved_after_its_release_has_ended(cast, case, waiting):
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=waiting.release.uid, how="ORAL")
    with pytest.raises(ReleaseHasEnded):
        approve_access(actor=cast.bea, now=clock.now(), grant_uid=waiting.uid)
    assert rows_of(waiting) == 0 and access.drift() == []


def test_the_proposer_takes_it_back(cast, case, waiting):
    revoke_access(actor=cast.amina, now=clock.now(), grant_uid=waiting.uid)
    with pytest.raises(Hidden):
        approve_access(actor=cast.bea, now=clock.now(), grant_uid=waiting.uid)


def test_when_the_parent_ends_so_does_what_was_approved(cast, case, waiting):
    approve_access(actor=cast.bea, now=clock.now(), grant_uid=waiting.uid)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=waiting.parent.uid)
    with pytest.raises(Hidden):
        access.get_for(cast.chidi, case.uid)
    assert not CaseUserPermission.objects.filter(grant=waiting, expires_at__gt=clock.now()).exists()
    assert access.drift() == []


def test_of_a_minor_everything_waits_and_is_decided_together(cast):
    minor = make.case(cast.amina, cast.team_of("amina"), birth_date=clock.now().date() - timedelta(days=365 * 15))
    matter = a_matter(cast, minor)
    signing = make_signing()
    release(cast, minor, matter, signing=signing)
    assert access.waiting_grants().count() == 2
    for open_it in (
        lambda: access.get_for(cast.chidi, minor.uid),
        lambda: access.get_matter_for(cast.chidi, matter.uid),
    ):
        with pytest.raises(Hidden):
            open_it()
    [head] = waiting_for(cast.bea, at=clock.now())
    assert "read_matter" in head.permissions
    approve_access(actor=cast.bea, now=clock.now(), grant_uid=head.uid)
    assert access.get_matter_for(cast.chidi, matter.uid) and access.get_for(
        cast.chidi, minor.uid, read(Section.IDENTITY)
    )
    assert access.drift() == []


def make_signing():
    facts = {
        "signer": "PARENT_GUARDIAN", "risks_discussed": True, "not_conditioned": True, "revocable_explained": True,
        "guardian_is_not_abuser": True, "signer_name": "Ona Quillfeather", "evidence": "PAPER", "kept_where": "Binder 3",
    }  # fmt: skip
    return Signing(**facts)


def test_a_walled_supervisor_neither_sees_nor_decides(cast, case, waiting):
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.bea)
    assert waiting_for(cast.bea, at=clock.now()) == []
    with pytest.raises(Hidden):
        approve_access(actor=cast.bea, now=clock.now(), grant_uid=waiting.uid)


# ---- Pages ----


@pytest.mark.sql
def test_from_the_home_to_a_decision(cast, case, waiting, sign_in):
    secret = give_app(cast.bea)
    client = sign_in(cast.bea)
    page = reverse("decisions")
    assert page in client.get(reverse("team")).text
    listed = client.get(page)
    url = reverse("access-decide", args=[waiting.uid])
    assert listed.status_code == 200 and url in listed.text and case.number in listed.text
    assert "Zoraida" not in listed.text
    stopped = client.get(url)
    assert stopped.status_code == 302 and "/account/confirm/" in stopped.url
    client.post(stopped.url.replace("/confirm/", "/confirm/code/"), {"code": code_of(secret)})
    shown = client.get(url).text
    assert "Immigration and criminal status" in shown and cast.chidi.name in shown and "Zoraida" not in shown
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"decision": "DECLINE", "reason": ""}).status_code == 422
    assert client.post(url, {"decision": "APPROVE"}).status_code == 302
    assert AccessGrant._base_manager.get(pk=waiting.pk).approved_at is not None
    assert client.get(url).status_code == 404


def test_the_pages_are_the_same_404_for_everybody_else(cast, case, waiting, sign_in):
    url, nowhere = (reverse("access-decide", args=[uid]) for uid in (waiting.uid, uuid4()))
    for person in (cast.amina, cast.dana, cast.chidi, cast.farid, cast.nadia):
        client = sign_in(person, is_fresh=True)
        assert url not in client.get(reverse("decisions")).text
        assert client.get(url).status_code == client.get(nowhere).status_code == 404
    for person in (cast.kemi, cast.omar):
        client = sign_in(person)
        assert reverse("decisions") in client.get(reverse("erasure")).text
        assert url in client.get(reverse("decisions")).text


def test_the_sharing_tab_shows_what_waits_and_lets_it_be_taken_back(cast, case, waiting, sign_in):
    client, page = sign_in(cast.amina), reverse("case-sharing", args=[case.uid])
    back = reverse("access-unpropose", args=[case.uid, waiting.uid])
    assert "Waits: nothing is open yet" in client.get(page).text and back in client.get(page).text
    assert "Waits: nothing" not in sign_in(cast.chidi).get(page).text
    assert sign_in(cast.dana).post(back).status_code == 404 and client.get(back).status_code == 405
    assert client.post(back).status_code == 302
    assert "Waits: nothing" not in client.get(page).text and client.post(back).status_code == 404
    assert access.waiting_grants().count() == 0


def test_who_proposed_it_reads_why_it_was_declined(cast, case, waiting, sign_in):
    decline_access(actor=cast.bea, now=clock.now(), grant_uid=waiting.uid, reason="Ask her once more.")
    shown = sign_in(cast.amina).get(reverse("case-sharing", args=[case.uid])).text
    assert "Ask her once more." in shown and "Declined" in shown


def test_in_a_declared_small_house_the_second_person_comes_from_outside(cast, case, sign_in):
    """Bea proposed it, no officer is there: Hugo, who can open no case, is the declared second person."""
    now = clock.now()
    for role in cast.kemi.role_assignments.model.objects.filter(role__in=["PRIVACY_OFFICER", "DIRECTOR"]):
        role.ends_at = now
        role.save()
    release(cast, case, a_matter(cast, case), terms=WITH_STATUS, actor=cast.bea)
    first = access.waiting_grants().get()
    assert not access.for_the_house(Notice).filter(kind="ACCESS_WAITS").exists()
    with pytest.raises(Hidden):
        approve_access(actor=cast.hugo, now=now, grant_uid=first.uid)
    mode = DegradedMode(
        organisation=case.organisation, second_approver=cast.hugo, reason="Three people work here.", starts_at=now,
        declared_by=cast.omar, expires_at=now + timedelta(days=30),
    )  # fmt: skip
    mode.save()
    client = sign_in(cast.hugo)
    assert reverse("decisions") in client.get(reverse("my-account")).text
    assert reverse("access-decide", args=[first.uid]) in client.get(reverse("decisions")).text
    approve_access(actor=cast.hugo, now=clock.now(), grant_uid=first.uid)
    assert access.get_for(cast.chidi, case.uid, read(Section.STATUS))
    with pytest.raises(Hidden):
        access.get_for(cast.hugo, case.uid)


def test_in_a_small_house_an_administrator_may_hold_a_case_and_an_auditor_never(cast, case):
    now = clock.now()
    for person in (cast.farid, cast.elif_):
        person.role_assignments.model(user=person, role="CASEWORKER", starts_at=now).save()
        with pytest.raises(NotForThisRole):
            make.colleague(case, cast.bea, person, "ASSIGNMENT")
    DegradedMode(
        organisation=case.organisation, second_approver=cast.hugo, reason="Three people work here.", starts_at=now,
        declared_by=cast.omar, expires_at=now + timedelta(days=30),
    ).save()  # fmt: skip
    assert make.colleague(case, cast.bea, cast.farid, "ASSIGNMENT")
    with pytest.raises(NotForThisRole):
        make.colleague(case, cast.bea, cast.elif_, "ASSIGNMENT")
