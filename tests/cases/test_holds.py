"""Legal holds: placed, looked at again, lifted; and what holds by itself."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.context import audit_context
from casemgmt.access.errors import Hidden
from cases import access, holds
from cases.actions.erasure import what_holds
from cases.actions.holds import lift_hold, place_hold
from cases.errors.erasing import DayHasPassed, HoldIsLifted, HoldStands, NothingToErase
from cases.holds import ProvisionalHold
from cases.models import Due, LegalHold
from services.actions.legal import add_deadline, add_hearing, close_matter, meet_deadline
from tests import make
from tests.cases.erasing import ask, erase
from tests.cases.stored import dump
from tests.services.test_release_and_matter import a_matter


def soon(days=60):
    return timezone.localdate() + timedelta(days=days)


def hold(cast, case, actor=None, **changes):
    facts = {"authority": "SUBPOENA", "reason": "Marzipan process", "review_on": soon(), **changes}
    return place_hold(actor=actor or cast.kemi, now=clock.now(), case_uid=case.uid, **facts)


def words(case, *classes):
    return what_holds(case, classes or ("ADVOCACY",))[1]


def test_a_hold_is_placed_content_blind_and_stands_on_the_lists(cast, case, events):
    row = hold(cast, case)
    assert sorted(row.classes) == ["ADVOCACY", "CLINICAL", "CORE", "LEGAL", "SERVICES"]
    [event] = events("HOLD_PLACED", case.uid)
    assert event.detail.content["codes"]["hold"] == str(row.uid) and event.detail.content["fields"] == ["hold.terms"]
    [due] = access.for_the_house(Due).filter(case=case, kind="HOLD_REVIEW")
    assert due.due_on == row.review_on and due.done_at is None
    assert b"Marzipan" not in dump() and words(case) == ["LEGAL_HOLD"]


def test_who_may_hold(cast, case, clinician):
    for person in (cast.amina, clinician, cast.dana, cast.nadia, cast.elif_, cast.farid, cast.luis, cast.chidi):
        with pytest.raises(Hidden):
            hold(cast, case, actor=person)
    make.colleague(case, cast.bea, cast.luis, "STAFF_COUNSEL")
    for person in (cast.kemi, cast.omar, cast.bea, cast.luis):
        assert hold(cast, case, actor=person).placed_by == person


def test_its_rules(cast, case):
    with pytest.raises(DayHasPassed):
        hold(cast, case, review_on=timezone.localdate())
    with pytest.raises(ValueError, match="NONSENSE"):
        hold(cast, case, authority="NONSENSE")
    with pytest.raises(ValueError, match="ALL"):
        hold(cast, case, classes=["ALL"])


def test_lifting_ends_it_once(cast, case, events):
    row = hold(cast, case)
    with pytest.raises(Hidden):
        lift_hold(actor=cast.amina, now=clock.now(), hold_uid=row.uid, reason="Me too")
    lift_hold(actor=cast.omar, now=clock.now(), hold_uid=row.uid, reason="Process is over")
    assert words(case) == [] and len(events("HOLD_LIFTED", case.uid)) == 1
    assert not access.for_the_house(Due).filter(case=case, kind="HOLD_REVIEW", done_at__isnull=True).exists()
    with pytest.raises(HoldIsLifted):
        lift_hold(actor=cast.omar, now=clock.now(), hold_uid=row.uid, reason="Again")
    assert ask(cast, case, "ADVOCACY").state == "ASKED"


def test_what_is_left_of_a_partly_erased_case_can_be_held(cast, case, settings):
    """The class that seals the desk's words is gone: they are sealed under the card from then on."""
    settings.ERASURE_COOLING_DAYS = 0
    old = hold(cast, case, classes=["SERVICES"])
    erase(cast, case, "LEGAL")
    row = hold(cast, case)
    assert row.section == "CARD" and "LEGAL" not in row.classes
    lift_hold(actor=cast.kemi, now=clock.now(), hold_uid=old.uid, reason="Over")
    assert words(case, "LEGAL") == [] and words(case, "SERVICES") == ["LEGAL_HOLD"]
    assert access.for_the_house(LegalHold).get(uid=old.uid).lifted_by == cast.kemi
    with pytest.raises(NothingToErase):
        hold(cast, case, classes=["LEGAL"])


# ---- What holds by itself ----


def test_open_legal_work_holds_by_itself(cast, case):
    matter = a_matter(cast, case)
    assert words(case) == ["OPEN_MATTER"]
    with pytest.raises(HoldStands, match="a legal matter is open"), audit_context("test", "a refusal"):
        ask(cast, case, "SERVICES")
    close_matter(
        actor=cast.amina, now=clock.now(), matter_uid=matter.uid, outcome="GRANTED", closed_on=timezone.localdate()
    )
    assert words(case) == []


def test_dates_ahead_hold_by_themselves(cast, case):
    matter = a_matter(cast, case)
    add_hearing(
        actor=cast.amina, now=clock.now(), matter_uid=matter.uid, starts_at=clock.now() + timedelta(days=9),
        time_zone="America/New_York", hearing_type="BIOMETRICS", place="Room 4", must_attend=True, interpreter_needed=False,
    )  # fmt: skip
    deadline = add_deadline(
        actor=cast.amina, now=clock.now(), matter_uid=matter.uid, due_on=soon(30), kind="COURT_ORDERED", title="Brief",
        authority="Rule 5",
    )  # fmt: skip
    assert words(case) == ["OPEN_DEADLINE", "HEARING_AHEAD", "OPEN_MATTER"]
    meet_deadline(actor=cast.amina, now=clock.now(), deadline_uid=deadline.uid)
    assert words(case) == ["HEARING_AHEAD", "OPEN_MATTER"]


def test_a_later_kind_plugs_in(cast, case):
    holds.register("a test kind", lambda found: [ProvisionalHold("TEST", "a test", frozenset({"CLINICAL"}))])
    try:
        assert words(case, "CLINICAL") == ["TEST"] and words(case, "ADVOCACY") == []
        with pytest.raises(HoldStands, match="a test"), audit_context("test", "a refusal"):
            ask(cast, case, "CLINICAL")
    finally:
        holds.forget("a test kind")
    assert ask(cast, case, "CLINICAL").state == "ASKED"


def test_the_kinds_that_exist_are_registered():
    assert holds.registered() == [
        "alerts", "breaches", "legal dates", "legal matters", "legal processes", "mandated reports", "quarantine",
        "subject requests",
    ]  # fmt: skip


# ---- Pages ----


def test_the_desk_places_and_lifts_by_number(cast, case, sign_in, events):
    client = sign_in(cast.kemi)
    assert "No hold was placed" in client.get(reverse("holds")).text
    form = {
        "number": case.number.lower(), "authority": "LITIGATION", "review_on": str(soon()), "reason": "Marzipan suit",
        "classes": ["ADVOCACY"],
    }  # fmt: skip
    assert client.post(reverse("hold-new"), {**form, "number": "HV-0000-0000"}).status_code == 422
    assert client.post(reverse("hold-new"), {**form, "review_on": str(date(2020, 1, 1))}).status_code == 422
    assert client.post(reverse("hold-new"), form).status_code == 302
    page = client.get(reverse("holds")).text
    assert "Marzipan suit" in page and case.number in page and "Lift this hold" in page
    assert case_names_are_absent(page)
    [row] = access.for_the_house(LegalHold)
    # Reading the desk's words is an event on the case, and opens nothing else of it.
    viewed = events("CASE_VIEWED", case.uid)[-1]
    assert viewed.basis["kind"] == "ERASURE_DESK" and viewed.detail.content["fields"] == ["hold.terms"]
    lift = reverse("hold-lift", args=[row.uid])
    assert client.post(lift, {"reason": ""}).status_code == 422
    assert client.post(lift, {"reason": "Settled"}).status_code == 302
    assert client.post(lift, {"reason": "Settled"}).status_code == 422
    assert "Settled" in client.get(reverse("holds")).text


def case_names_are_absent(page):
    return not any(word in page for word in ("Zoraida", "Quillfeather", "Text on weekday mornings"))


def test_others_find_no_desk(cast, case, sign_in):
    row = hold(cast, case)
    for person in (cast.amina, cast.dana, cast.elif_, cast.farid, cast.chidi, cast.ines):
        client = sign_in(person)
        for page in (reverse("holds"), reverse("hold-new"), reverse("hold-lift", args=[row.uid])):
            assert client.get(page).status_code == 404
    # Counsel and supervisors of other cases come to the desk and find nothing of this one.
    for person in (cast.luis, cast.nadia):
        client = sign_in(person)
        assert case.number not in client.get(reverse("holds")).text
        assert client.get(reverse("hold-lift", args=[row.uid])).status_code == 404


def test_the_case_has_a_page_of_its_holds(cast, case, clinician, sign_in):
    hold(cast, case)
    page = sign_in(cast.amina).get(reverse("case-holds", args=[case.uid])).text
    assert "Marzipan process" in page and "Place a hold" not in page
    assert "Place a hold" in sign_in(cast.bea).get(reverse("case-holds", args=[case.uid])).text
    assert sign_in(clinician).get(reverse("case-holds", args=[case.uid])).status_code == 403
    assert sign_in(cast.dana).get(reverse("case-holds", args=[case.uid])).status_code == 404
    assert sign_in(cast.amina).post(reverse("case-holds", args=[case.uid])).status_code == 405
    linked = sign_in(cast.bea).get(f"{reverse('hold-new')}?case={case.uid}").text
    assert case.number in linked
    assert case.number not in sign_in(cast.nadia).get(f"{reverse('hold-new')}?case={case.uid}").text


@pytest.mark.sql
def test_a_form_sent_twice_places_one(cast, case, sign_in):
    client = sign_in(cast.kemi)
    form = {
        "number": case.number, "authority": "AUDIT", "review_on": str(soon()), "reason": "Audit",
        "form_key": "7a0f8a30-0d86-4a86-9a52-0d5d7f6a9d11",
    }  # fmt: skip
    for _time in range(2):
        assert client.post(reverse("hold-new"), form).status_code == 302
    assert access.for_the_house(LegalHold).count() == 1


def test_a_closed_case_is_held_too(cast, case):
    make.closed(case, cast.amina)
    assert hold(cast, case).lifted_at is None
