"""Programmes of one house that are kept apart (28 CFR 90.4): no access across without her release, and it ends with that."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read
from casemgmt.accounts.models import Team
from cases import access, programmes
from cases.actions.delegation import delegate_access
from cases.actions.emergency import take_emergency_access
from cases.actions.grants import give_access
from cases.actions.handing import hand_over
from cases.actions.releases import Terms, withdraw_release
from cases.actions.rota import add_shift, alert_on_duty
from cases.choices.sharing import GrantKind
from cases.errors.guarding import NothingToDelegate
from cases.errors.releases import ReleaseLacks
from cases.errors.sharing import NeedsReleaseAcross, NothingNamedAcross
from cases.models import Release
from services.actions.aftercare import begin_stay
from tests import make
from tests.cases import releasing
from tests.services.test_release_and_matter import a_matter

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

LEGAL_WORK = {"purpose": "LEGAL_REPRESENTATION", "purpose_text": "Her papers"}


@pytest.fixture
def apart(settings):
    """The house keeps its programmes apart."""
    settings.PROGRAMMES_KEPT_APART = True


def release(cast, case, key="luis", *, categories=("IDENTITY", "IMMIGRATION"), **changes):
    """Her release to the programme of somebody's team."""
    return releasing.release(
        cast.amina, case, case.organisation, recipient_team=cast.team_of(key), terms=Terms(categories=list(categories)),
        **{**LEGAL_WORK, **changes},
    )  # fmt: skip


def counsel(cast, case, **changes):
    return give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.STAFF_COUNSEL, person=cast.luis, **changes
    )


def test_off_it_asks_nothing(cast, case):
    counsel(cast, case)
    assert access.get_for(cast.luis, case.uid, read(Section.LEGAL))
    assert programmes.teams_across(case) == []


def test_nothing_goes_across_without_a_release_that_names_the_programme(cast, case, apart):
    for kind, whom in (
        (GrantKind.STAFF_COUNSEL, {"person": cast.luis}),
        (GrantKind.CLINICAL, {"person": cast.gita}),
        (GrantKind.RESIDENCE, {"team": cast.team_of("jonas")}),
    ):
        with pytest.raises(NeedsReleaseAcross):
            give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=kind, **whom)
    # Another team of the same programme, and whoever belongs to no team at all.
    assert give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=cast.dana)
    cast.mara.role_assignments.model(user=cast.mara, role="CASEWORKER", starts_at=clock.now()).save()
    with pytest.raises(NeedsReleaseAcross):
        give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=cast.mara)
    assert not access.holdings(cast.luis, [case]) and not access.holdings(cast.mara, [case])


def test_it_opens_what_the_release_names_and_ends_with_it(cast, case, apart):
    given = release(cast, case)
    grant = counsel(cast, case, release_uid=given.uid)
    holding = access.get_for(cast.luis, case.uid).holding
    assert holding.readable == [Section.CARD, Section.IDENTITY, Section.STATUS]
    assert holding.writes(Section.STATUS) and not holding.reads(Section.LEGAL)
    assert grant.expires_at == given.expires_at and grant.release_id == given.pk
    with time_machine.travel(given.expires_at, tick=False), pytest.raises(Hidden):
        access.get_for(cast.luis, case.uid)
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    with pytest.raises(Hidden):
        access.get_for(cast.luis, case.uid)
    assert access.drift() == []
    with pytest.raises(NeedsReleaseAcross):
        counsel(cast, case, release_uid=given.uid)


def test_a_release_names_one_programme_and_perhaps_one_person(cast, case, apart):
    clinic = release(cast, case, "gita", categories=["IDENTITY"])
    with pytest.raises(NeedsReleaseAcross):
        counsel(cast, case, release_uid=clinic.uid)
    elsewhere = make.case(cast.amina, case.team)
    with pytest.raises(Hidden):
        counsel(cast, case, release_uid=release(cast, elsewhere).uid)
    with pytest.raises(Hidden):
        counsel(cast, case, release_uid=releasing.release(cast.amina, case, cast.hugo.organisation).uid)
    for_another = release(cast, case, recipient_person=cast.gita)
    with pytest.raises(NeedsReleaseAcross):
        counsel(cast, case, release_uid=for_another.uid)
    assert counsel(cast, case, release_uid=release(cast, case, recipient_person=cast.luis).uid)


def test_where_she_stays_never_goes_across_and_the_card_alone_is_nothing(cast, case, apart):
    plan = release(cast, case, categories=["SERVICE_PLAN"])
    with pytest.raises(NothingNamedAcross):
        counsel(cast, case, release_uid=plan.uid)
    cast.gita.role_assignments.model(user=cast.gita, role="CASEWORKER", starts_at=clock.now()).save()
    given = release(cast, case, "gita", categories=["SAFETY_PLAN"])
    grant = give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=cast.gita, with_location=True,
        release_uid=given.uid,
    )  # fmt: skip
    assert grant.permissions == ["read_card", "write_card", "read_safety", "write_safety"]
    # No category names it; whatever a later one would, it stays here.
    asked = ["read_card", "read_location", "read_safety"]
    opened = programmes.narrowed(asked, kind=GrantKind.ASSIGNMENT, named=[Section.LOCATION, Section.SAFETY])
    assert opened == ["read_card", "read_safety"]


def test_a_matter_of_counsel_comes_with_it(cast, case, apart):
    matter = a_matter(cast, case)
    given = release(cast, case, categories=["SERVICE_PLAN"])
    counsel(cast, case, matter_uid=matter.uid, release_uid=given.uid)
    assert access.get_matter_for(cast.luis, matter.uid)
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    with pytest.raises(Hidden):
        access.get_matter_for(cast.luis, matter.uid)


def test_a_stay_in_the_shelter_finds_its_release_and_ends_with_it(cast, case, apart):
    stay = {
        "actor": cast.amina, "case_uid": case.uid, "team": cast.team_of("jonas"), "entered_on": timezone.localdate(),
    }  # fmt: skip
    with pytest.raises(NeedsReleaseAcross):
        begin_stay(now=clock.now(), **stay)
    given = release(cast, case, "jonas", categories=["SAFETY_PLAN"], purpose="REFERRAL")
    begin_stay(now=clock.now(), **stay)
    assert access.get_for(cast.jonas, case.uid).holding.readable == [Section.CARD, Section.SHELTER_OPS]
    with time_machine.travel(given.expires_at, tick=False), pytest.raises(Hidden):
        access.get_for(cast.jonas, case.uid)


def test_a_renewed_release_carries_on_what_both_name(cast, case, apart, events):
    former = release(cast, case)
    grant = counsel(cast, case, release_uid=former.uid)
    renewed = release(cast, case, renews_uid=former.uid, categories=["IDENTITY", "FINANCIAL"], days=40)
    assert access.get_for(cast.luis, case.uid).holding.readable == [Section.CARD, Section.IDENTITY]
    again = access.every_grant().get(pk=grant.pk)
    assert again.release_id == renewed.pk and again.expires_at == renewed.expires_at and access.drift() == []
    assert len(events("ACCESS_CHANGED", case.uid)) == 1
    release(cast, case, renews_uid=renewed.uid, categories=["FINANCIAL"])
    with pytest.raises(Hidden):
        access.get_for(cast.luis, case.uid)
    assert access.drift() == []


def test_neither_standing_in_nor_a_new_lead_goes_across(cast, case, apart):
    Team.objects.filter(pk=cast.team_of("dana").pk).audited_update(programme="Harbour hotline")
    with pytest.raises((NeedsReleaseAcross, NothingToDelegate)):
        delegate_access(
            actor=cast.amina, now=clock.now(), colleague=cast.dana, until=clock.now() + timedelta(days=3)
        )  # fmt: skip
    with pytest.raises(NeedsReleaseAcross):
        hand_over(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.dana)
    assert not access.holdings(cast.dana, [case])


def test_danger_waits_for_no_release(cast, case, apart):
    now = clock.now()
    assert take_emergency_access(
        actor=cast.gita, now=now, reason="She called from the street and hung up.", number=case.number
    )
    add_shift(
        actor=cast.bea, now=now, team_uid=case.team.uid, person=cast.jonas, starts_at=now,
        ends_at=now + timedelta(hours=8),
    )  # fmt: skip
    assert alert_on_duty(actor=cast.amina, now=clock.now(), case_uid=case.uid)
    assert access.get_for(cast.jonas, case.uid)


def test_within_the_house_only_a_team_of_another_programme_is_a_recipient(cast, case):
    for team in (None, cast.team_of("amina"), cast.team_of("dana")):
        with pytest.raises(ReleaseLacks):
            releasing.release(cast.amina, case, case.organisation, recipient_team=team)
    with pytest.raises(ReleaseLacks):
        releasing.release(cast.amina, case, cast.hugo.organisation, recipient_team=cast.team_of("luis"))
    assert not access.for_the_house(Release).exists()


# ---- Pages ----


def test_from_the_release_to_the_access_on_the_pages(cast, case, apart, sign_in):
    client = sign_in(cast.amina, is_fresh=True)
    new, sharing = reverse("release-new", args=[case.uid]), reverse("case-sharing", args=[case.uid])
    legal = cast.team_of("luis")
    assert "Legal (Harbour legal aid)" in client.get(new).text
    chosen = {"recipient_team": str(legal.pk), "purpose": "REFERRAL", "categories": ["IDENTITY", "CONTACT"]}
    both = client.post(new, releasing.terms_page(**chosen, recipient=str(cast.hugo.organisation_id)))
    assert both.status_code == 422 and "One release names one recipient" in both.text
    text = client.post(new, releasing.terms_page(**chosen))
    assert text.status_code == 200 and "Legal (Harbour legal aid)" in text.text
    assert client.post(new, releasing.sign_page(**chosen)).status_code == 302
    made = access.for_the_house(Release).get()
    assert made.recipient_team == legal and made.recipient == case.organisation
    assert "Legal" in client.get(sharing).text
    bea, give = sign_in(cast.bea), reverse("access-new", args=[case.uid])
    facts = {"kind": "STAFF_COUNSEL", "person": cast.luis.pk, "reason": "Her papers."}
    refused = bea.post(give, facts)
    assert refused.status_code == 422 and "another programme" in refused.text
    assert bea.post(give, {**facts, "release": str(made.uid)}).status_code == 302
    with pytest.raises(Refused):
        access.get_for(cast.luis, case.uid, read(Section.STATUS))
    assert access.get_for(cast.luis, case.uid, read(Section.IDENTITY))


def test_off_no_page_asks_for_a_programme(cast, case, sign_in):
    assert "programme" not in sign_in(cast.bea).get(reverse("access-new", args=[case.uid])).text
    page = sign_in(cast.amina, is_fresh=True).get(reverse("release-new", args=[case.uid])).text
    assert "Harbour legal aid" not in page
