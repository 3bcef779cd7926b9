"""Organisations: suspended with an incident, restored, and what the end of an agreement takes and leaves."""

import pytest
from django.urls import reverse

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Refused
from casemgmt.accounts.actions.people import accept_invitation, invite_person
from casemgmt.accounts.errors import AlreadyResting, InvitationOver, NotResting, OwnHouse
from casemgmt.accounts.models import Incident, Organisation
from cases import access
from cases.actions.organisations import close_incident, end_agreement, restore_organisation, suspend_organisation
from cases.actions.walls import place_wall
from tests.accounts.signing_in import sign_in
from tests.services.test_release_and_matter import a_matter, release


@pytest.fixture
def matter(cast, case):
    """Chidi's matter on Amina's case, with a release to his firm."""
    found = a_matter(cast, case)
    release(cast, case, found)
    return found


def firm(cast):
    return Organisation.objects.get(pk=cast.chidi.organisation_id)


def test_suspending_rests_everything_at_the_next_click_and_opens_an_incident(cast, case, matter):
    client = sign_in(cast.chidi)
    address = reverse("matter", args=[matter.uid])
    assert client.get(address).status_code == 200
    suspend_organisation(actor=cast.kemi, now=clock.now(), organisation=firm(cast))
    assert client.get(address).url.startswith("/sign-in/")
    assert not cast.chidi.is_active and access.visible_matters(cast.chidi) == []
    [incident] = Incident.objects.all()
    assert incident.organisation == firm(cast) and incident.closed_at is None
    found = list(Event.objects.filter(pk__gt=cast.last_event).values_list("verb", flat=True))
    assert "ORGANISATION_SUSPENDED" in found and "INCIDENT_OPENED" in found
    with pytest.raises(AlreadyResting):
        suspend_organisation(actor=cast.omar, now=clock.now(), organisation=firm(cast))


def test_restoring_gives_all_of_it_back_and_the_incident_is_closed_by_a_person(cast, case, matter):
    before = {grant.pk for grant in access.grants_with_grounds().filter(person=cast.chidi, revoked_at__isnull=True)}
    suspend_organisation(actor=cast.farid, now=clock.now(), organisation=firm(cast))
    for stranger in (cast.farid, cast.bea, cast.amina):
        with pytest.raises(Refused):
            restore_organisation(actor=stranger, now=clock.now(), organisation=firm(cast))
    restore_organisation(actor=cast.omar, now=clock.now(), organisation=firm(cast))
    assert cast.chidi.is_active and [one.pk for one in access.visible_matters(cast.chidi)] == [matter.pk]
    assert before == {
        grant.pk for grant in access.grants_with_grounds().filter(person=cast.chidi, revoked_at__isnull=True)
    }
    assert access.drift() == []
    with pytest.raises(NotResting):
        restore_organisation(actor=cast.omar, now=clock.now(), organisation=firm(cast))
    incident = Incident.objects.get()
    close_incident(actor=cast.omar, now=clock.now(), incident=incident)
    assert Incident.objects.get().closed_by == cast.omar


def test_nobody_joins_a_suspended_organisation_and_our_own_is_not_suspended(cast):
    invitation = invite_person(
        actor=cast.farid, now=clock.now(), email="late@example.org", name="Late", organisation=firm(cast)
    )
    suspend_organisation(actor=cast.omar, now=clock.now(), organisation=firm(cast))
    with pytest.raises(InvitationOver):
        accept_invitation(
            actor=invitation.user, now=clock.now(), token=invitation.token, name="Late", password="a long pass phrase"
        )
    with pytest.raises(OwnHouse):
        suspend_organisation(actor=cast.omar, now=clock.now(), organisation=cast.amina.organisation)


def test_the_end_of_an_agreement_leaves_the_attorney_her_own_file_and_nothing_of_the_house(cast, case, matter):
    assert access.visible(type(case), cast.chidi).filter(pk=case.pk).exists()
    change = end_agreement(actor=cast.omar, now=clock.now(), organisation=firm(cast))
    chidi = cast.chidi
    assert chidi.is_active and [one.pk for one in access.visible_matters(chidi)] == [matter.pk]
    assert not access.visible(type(case), chidi).filter(pk=case.pk).exists()
    assert change.counts["access"] == 1 and change.counts["kept"] == 1
    assert access.drift() == []
    with pytest.raises(AlreadyResting):
        end_agreement(actor=cast.omar, now=clock.now(), organisation=firm(cast))


def test_whoever_has_no_file_of_her_own_has_the_account_closed(cast):
    clinic = Organisation.objects.get(pk=cast.hugo.organisation_id)
    client = sign_in(cast.hugo)
    for stranger in (cast.farid, cast.bea, cast.hugo):
        with pytest.raises(Refused):
            end_agreement(actor=stranger, now=clock.now(), organisation=clinic)
    end_agreement(actor=cast.omar, now=clock.now(), organisation=clinic)
    assert not cast.hugo.is_active and client.get("/account/").url.startswith("/sign-in/")


def test_before_the_button_the_page_says_what_its_people_would_lose(cast, case, matter):
    kemi = sign_in(cast.kemi, is_fresh=True)
    [line] = kemi.get(reverse("organisation-act", args=[firm(cast).uid, "suspend"])).context["losing"]
    assert line["who"] == "Chidi Okafor" and (line["cases"], line["matters"]) == (1, 1)
    assert {"Identity and contact", "Legal: attorney's file"} <= {str(one) for one in line["sections"]}
    answer = kemi.get(reverse("organisation-act", args=[firm(cast).uid, "end"]))
    [line] = answer.context["losing"]
    assert line["matters"] == 0, "her own file stays with her"
    assert "No longer sees:" in answer.text and case.number not in answer.text
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.chidi)
    walled = kemi.get(reverse("organisation-act", args=[firm(cast).uid, "end"]))
    assert walled.context["losing"] == [line], "no wall is told"
    clinic = Organisation.objects.get(pk=cast.hugo.organisation_id)
    assert "They open nothing" in kemi.get(reverse("organisation-act", args=[clinic.uid, "suspend"])).text


def test_by_their_pages(cast, case, matter):
    kemi = sign_in(cast.kemi, is_fresh=True)
    address = reverse("organisation-act", args=[firm(cast).uid, "suspend"])
    assert "/account/confirm/" in sign_in(cast.kemi).get(address).url
    assert "1 person is signed out" in kemi.get(address).text
    assert kemi.post(address).url == reverse("organisations")
    assert "Open incidents" in kemi.get(reverse("organisations")).text
    farid = sign_in(cast.farid, is_fresh=True)
    assert farid.get(reverse("organisation-act", args=[firm(cast).uid, "restore"])).status_code == 404
    assert kemi.post(reverse("organisation-act", args=[firm(cast).uid, "restore"])).status_code == 302
    end = reverse("organisation-act", args=[firm(cast).uid, "end"])
    shown = kemi.get(end).text
    assert "own file stays" in shown and case.number not in shown
    done = kemi.post(end)
    assert case.number not in kemi.get(done.url).text
    [incident] = Incident.objects.all()
    assert kemi.post(reverse("incident-close", args=[incident.uid])).status_code == 302
    for key in ("amina", "bea", "elif_", "chidi"):
        client = sign_in(getattr(cast, key), is_fresh=True)
        assert client.get(reverse("organisations")).status_code == 404, key
        assert client.post(address).status_code == 404, key
