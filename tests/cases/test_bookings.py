"""An interpreter or driver for one appointment, and a partner's people: as much as it needs, as long as it needs."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read
from cases import access
from cases.actions.bookings import book, bookings_of, call_off
from cases.actions.partners import attest_access, give_partner_access
from cases.actions.releases import Terms, record_release, withdraw_release
from cases.actions.two_people import approve_access
from cases.actions.walls import place_wall
from cases.choices.releases import InfoCategory
from cases.errors.guarding import AppointmentIsOdd
from cases.errors.releases import ReleaseHasEnded
from cases.errors.sharing import NotForThisRole, NotOfThisPartner
from cases.models import Booking
from tests.accounts.signing_in import code_of, give_app
from tests.crypto import raw
from tests.services.test_release_and_matter import SIGNED

pytestmark = [
    pytest.mark.sql,
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
]


@pytest.fixture
def ivo(cast):
    """Dana, who interprets this once."""
    cast.dana.role_assignments.model(user=cast.dana, role="INTERPRETER", starts_at=clock.now()).save()
    return cast.dana


def booked(cast, case, person, **changes):
    begins = clock.now() + timedelta(days=3)
    facts = {
        "actor": cast.amina, "now": clock.now(), "case_uid": case.uid, "person": person, "starts_at": begins,
        "ends_at": begins + timedelta(hours=2), "language": "Tigrinya", "alias": "Marigold", "place": "Town hall, room 4",
        **changes,
    }  # fmt: skip
    return book(**facts)


def test_time_language_alias_and_place_from_a_day_before_until_two_hours_after(cast, case, ivo, events):
    one = booked(cast, case, ivo)
    opens, closes = one.starts_at - timedelta(hours=24), one.ends_at + timedelta(hours=2)
    for at, seen in (
        (opens - timedelta(microseconds=1), []), (opens, [one]), (closes - timedelta(microseconds=1), [one]), (closes, []),
    ):  # fmt: skip
        assert bookings_of(ivo, at=at) == seen, at
    with time_machine.travel(opens, tick=False):
        with pytest.raises(Hidden):
            access.get_for(ivo, case.uid)
        assert access.holdings(ivo, [case]) == {} and bookings_of(cast.amina, at=opens) == []
    stored = raw.dump("default")
    assert not any(word.encode() in stored for word in ("Tigrinya", "Marigold", "Town hall"))
    assert access.drift() == []


def test_called_off_or_walled_it_is_closed(cast, case, ivo):
    one = booked(cast, case, ivo)
    at = one.starts_at
    with time_machine.travel(at, tick=False):
        place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=ivo)
        assert bookings_of(ivo, at=at) == []
    other = booked(cast, case, cast.dana)
    call_off(actor=cast.amina, now=clock.now(), booking_uid=other.uid)
    assert access.for_the_house(Booking).get(pk=other.pk).called_off_at is not None
    with pytest.raises(Refused):
        call_off(actor=cast.bea, now=clock.now(), booking_uid=one.uid)


def test_what_is_no_appointment_and_who_cannot_be_booked(cast, case, ivo):
    now = clock.now()
    for starts, ends in ((1, 1), (2, 1), (-3, -1), (0, 13)):
        with pytest.raises(AppointmentIsOdd):
            booked(cast, case, ivo, starts_at=now + timedelta(hours=starts), ends_at=now + timedelta(hours=ends))
    with pytest.raises(NotForThisRole):
        booked(cast, case, cast.jonas)
    one = booked(cast, case, ivo)
    one.ends_at = one.starts_at + timedelta(hours=12, minutes=1)
    with pytest.raises(IntegrityError, match="booking_is_one_appointment"), transaction.atomic():
        one.save()


def moment(value):
    return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M")


def test_the_pages_of_an_appointment(cast, case, ivo, sign_in, events):
    amina, begins = sign_in(cast.amina), clock.now() + timedelta(hours=5)
    listed, add = (reverse(name, args=[case.uid]) for name in ("case-bookings", "booking-new"))
    assert listed in amina.get(reverse("case-overview", args=[case.uid])).text and add in amina.get(listed).text
    good = {
        "person": ivo.pk, "starts_at": moment(begins), "ends_at": moment(begins + timedelta(hours=1)),
        "other_language": "Tigrinya", "alias": "Marigold", "place": "Town hall",
    }  # fmt: skip
    for wrong in ({**good, "person": ""}, {**good, "other_language": ""}, {**good, "ends_at": good["starts_at"]}):
        assert amina.post(add, wrong).status_code == 422, wrong
    assert amina.get(add).status_code == 200 and amina.post(add, good).status_code == 302
    assert "Marigold" in amina.get(listed).text
    client = sign_in(ivo)
    shown = client.get(reverse("bookings"))
    assert "Marigold" in shown.text and "Town hall" in shown.text and "Zoraida" not in shown.text
    assert case.number not in shown.text
    event = events("CASE_VIEWED", case.uid)[-1]
    assert event.actor_uid == ivo.uid and event.basis["kind"] == "BOOKING"
    for url in (listed, add, reverse("case-overview", args=[case.uid])):
        assert client.get(url).status_code == 404
    assert sign_in(cast.gita).get(reverse("bookings")).status_code == 404
    one = access.for_the_house(Booking).get()
    off = reverse("booking-call-off", args=[case.uid, one.uid])
    assert amina.get(off).status_code == 405 and client.post(off).status_code == 404
    assert amina.post(off).status_code == 302 and "Marigold" not in client.get(reverse("bookings")).text


# ---- A partner's people ----


@pytest.fixture
def shared(cast, case):
    """Her release to Hugo's clinic: identity, status and what services she had."""
    categories = [InfoCategory.IDENTITY, InfoCategory.IMMIGRATION, InfoCategory.SERVICES_DATES]
    return record_release(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, recipient=cast.hugo.organisation, purpose="REFERRAL",
        purpose_text="Dental care", terms=Terms(categories=categories), signing=SIGNED,
        expires_at=clock.now() + timedelta(days=25),
    )  # fmt: skip


def give(cast, case, release, **changes):
    facts = {
        "actor": cast.amina, "now": clock.now(), "case_uid": case.uid, "kind": "REFERRAL", "release_uid": release.uid,
        "person": cast.hugo,
    }  # fmt: skip
    return give_partner_access(**{**facts, **changes})


def test_a_named_person_sees_what_the_release_names_and_status_only_with_its_own_tick(cast, case, shared):
    [plain] = give(cast, case, shared)
    holding = access.get_for(cast.hugo, case.uid).holding
    assert holding.readable == [Section.CARD, Section.IDENTITY, Section.SERVICES]
    assert not any(one.startswith("write_") for one in holding.permissions) and plain.expires_at == shared.expires_at
    [again, status] = give(cast, case, shared, with_status=True)
    assert not again.is_waiting and status.is_waiting
    with pytest.raises(Refused):
        access.get_for(cast.hugo, case.uid, read(Section.STATUS))
    approve_access(actor=cast.bea, now=clock.now(), grant_uid=status.uid)
    assert access.get_for(cast.hugo, case.uid, read(Section.STATUS)) and access.drift() == []


def test_the_end_of_the_release_ends_it(cast, case, shared):
    give(cast, case, shared)
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=shared.uid, how="ORAL")
    with pytest.raises(Hidden):
        access.get_for(cast.hugo, case.uid)
    with pytest.raises(ReleaseHasEnded):
        give(cast, case, shared)


def test_only_a_person_of_that_partner_with_that_role(cast, case, shared):
    for person, error in ((cast.chidi, NotOfThisPartner), (cast.dana, NotOfThisPartner)):
        with pytest.raises(error):
            give(cast, case, shared, person=person)
    for kind in ("PRO_BONO", "ASSIGNMENT", "EMERGENCY"):
        with pytest.raises(NotForThisRole):
            give(cast, case, shared, kind=kind)
    with pytest.raises(Hidden):
        give(cast, case, shared, actor=cast.dana)


def test_without_attestation_it_lapses_and_with_it_it_goes_on(cast, case, events):
    long = record_release(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, recipient=cast.hugo.organisation, purpose="REFERRAL",
        purpose_text="Dental care", terms=Terms(categories=[InfoCategory.IDENTITY]),
        signing=replace(SIGNED, reason="The treatment lasts half a year."), expires_at=clock.now() + timedelta(days=150),
    )  # fmt: skip
    [grant] = give(cast, case, long)
    lapses = grant.valid_from + timedelta(days=90)
    assert grant.expires_at == lapses
    assert access.explain(cast.hugo, case, at=lapses - timedelta(microseconds=1)).allowed
    assert not access.explain(cast.hugo, case, at=lapses).allowed
    with time_machine.travel(lapses - timedelta(days=10), tick=False):
        changed = attest_access(actor=cast.amina, now=clock.now(), grant_uid=grant.uid)
        # Ninety days more would be longer than her release.
        assert changed.expires_at == long.expires_at and changed.attested_by == cast.amina
        with pytest.raises(Hidden):
            attest_access(actor=cast.dana, now=clock.now(), grant_uid=grant.uid)
    with time_machine.travel(lapses, tick=False):
        assert access.get_for(cast.hugo, case.uid, read(Section.IDENTITY))
    assert len(events("ATTESTED", case.uid)) == 1 and access.drift() == []
    with time_machine.travel(long.expires_at, tick=False):
        with pytest.raises(ReleaseHasEnded):
            attest_access(actor=cast.amina, now=clock.now(), grant_uid=grant.uid)
        with pytest.raises(Hidden):
            access.get_for(cast.hugo, case.uid)


def test_the_page_for_a_partner(cast, case, shared, sign_in):
    secret, client = give_app(cast.amina), sign_in(cast.amina)
    page = reverse("partner-access-new", args=[case.uid])
    stopped = client.get(page)
    assert stopped.status_code == 302 and "/account/confirm/" in stopped.url
    client.post(stopped.url.replace("/confirm/", "/confirm/code/"), {"code": code_of(secret)})
    assert cast.hugo.name in client.get(page).text
    assert client.post(page, {"release": str(shared.uid), "kind": "REFERRAL"}).status_code == 422
    good = {"release": str(shared.uid), "kind": "REFERRAL", "person": cast.hugo.pk}
    assert client.post(page, good).status_code == 302
    hugo = sign_in(cast.hugo)
    assert hugo.get(reverse("home")).url == reverse("cases")
    overview = reverse("case-overview", args=[case.uid])
    assert overview in hugo.get(reverse("cases")).text and hugo.get(overview).status_code == 200
    assert hugo.get(page).status_code in (302, 403)
    grant = access.grants_with_grounds().get(person=cast.hugo)
    attest = reverse("access-attest", args=[case.uid, grant.uid])
    assert attest in client.get(reverse("case-sharing", args=[case.uid])).text
    assert client.get(attest).status_code == 200 and client.post(attest).status_code == 302
    assert sign_in(cast.dana).get(attest).status_code == 404
