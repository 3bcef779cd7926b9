"""The table of reporting authorities: kept by the administrator, chosen beside a report, of one organisation only."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.action import Repeated
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.session import for_house
from casemgmt.accounts.actions.people import note_mandate
from casemgmt.accounts.choices import OrganisationKind
from casemgmt.accounts.models import Organisation
from cases import access, authorities
from cases.actions.authorities import LookedUp, add_authority, change_authority, end_authority, look_again
from cases.actions.disclosures import Report, record_report
from cases.desk import reading_own
from cases.errors.authorities import (
    AuthorityChangedMeanwhile,
    AuthorityIsOver,
    AuthorityLacks,
    AuthorityNamesSomebody,
    AuthorityStands,
    HoursWithoutWriting,
    LookedUpLater,
)
from cases.models import MandatedReport, ReportingAuthority
from tests import make

pytestmark = pytest.mark.usefixtures("ledger")

TABLE = "/this-office/authorities/"
REPORT = "/duties/report/"


def today():
    return timezone.localdate()


def found(**changes):
    child_line = LookedUp(
        trigger="CHILD_ABUSE", jurisdiction="Example State, USA", authority="Example Code § 12-345", agency="Child Line",
        looked_up_on=today(), phone="+1 202 555 0120", hours=24, in_writing=True, writing_hours=48,
    )  # fmt: skip
    return replace(child_line, **changes)


def added(cast, **changes):
    return add_authority(actor=cast.farid, now=clock.now(), found=found(**changes))


def changed(cast, row, version=1, **changes):
    return change_authority(
        actor=cast.farid, now=clock.now(), authority_uid=row.uid, version=version, found=found(**changes)
    )


def ended(cast, row):
    return end_authority(actor=cast.farid, now=clock.now(), authority_uid=row.uid)


def rows():
    return list(access.for_the_house(ReportingAuthority).order_by("pk"))


def elsewhere(is_ours=True):
    """Another organisation on this installation, and one row of its own."""
    other = Organisation(
        name="Elsewhere", kind=OrganisationKind.SERVICE_PROVIDER, is_ours=is_ours, created_at=clock.now()
    )
    other.save()
    return other


def row_of(organisation, cast):
    facts = {name: getattr(found(), name) for name in LookedUp.__dataclass_fields__}
    row = ReportingAuthority(
        **{**facts, "agency": "Hotline of elsewhere"}, organisation=organisation, looked_up_by=cast.farid,
        changed_by=cast.farid, changed_at=clock.now(),
    )  # fmt: skip
    row.save()
    return row


def moved(person, organisation):
    """Somebody who works for another organisation now."""
    person.organisation = organisation
    person.save(update_fields=["organisation"])
    return person


def sent(**changes):
    facts = {
        "trigger": "CHILD_ABUSE", "jurisdiction": "Example State, USA", "authority": "Example Code § 12-345",
        "agency": "Child Line", "phone": "+1 202 555 0120", "hours": "24", "in_writing": "on", "writing_hours": "48",
        "looked_up_on": today().isoformat(),
    }  # fmt: skip
    return {**facts, **changes}


def value_of(page, name):
    """What stands in a field of a page."""
    tag = re.search(rf'<(?:input|select)[^>]*name="{name}"[^>]*>', page).group()
    if tag.startswith("<select"):
        options = page[page.index(tag) : page.index("</select>", page.index(tag))]
        return re.search(r'<option value="([^"]*)" selected', options).group(1)
    if 'type="checkbox"' in tag:
        return "checked" in tag
    value = re.search(r'value="([^"]*)"', tag)
    return unescape(value.group(1)) if value else ""


# ---- Kept by the administrator ----


def test_a_row_is_added_changed_looked_up_again_and_ended_with_its_history(cast, events):
    row = added(cast, looked_up_on=today() - timedelta(days=400))
    changed(cast, row, hours=36, looked_up_on=row.looked_up_on)
    again = look_again(actor=cast.farid, now=clock.now(), authority_uid=row.uid)
    assert (again.looked_up_on, again.looked_up_by, again.version) == (today(), cast.farid, 3)
    assert look_again(actor=cast.farid, now=clock.now(), authority_uid=row.uid).version == 3, "once a day"
    ended(cast, row)
    with for_house():
        (kept,) = rows()
        assert kept.ended_at is not None and [one.hours for one in kept.history.order_by("history_id")] == [
            24,
            36,
            36,
            36,
        ]
    told = events("REPORTING_AUTHORITY_CHANGED")
    assert [event.detail.shown()["codes"]["kind"] for event in told] == ["ADDED", "CHANGED", "LOOKED_AGAIN", "ENDED"]
    assert told[1].detail.shown()["fields"] == ["reporting_authority.hours"]
    assert {event.case_uid for event in told} == {None} and {event.actor_uid for event in told} == {cast.farid.uid}
    assert "Child Line" not in str([event.detail.shown() for event in told])
    for late in (lambda: ended(cast, row), lambda: changed(cast, row, version=4, hours=48)):
        with pytest.raises(AuthorityIsOver):
            late()


def test_nothing_changed_is_no_event_and_another_version_is_refused(cast, events):
    row = added(cast)
    assert changed(cast, row).version == 1 and len(events("REPORTING_AUTHORITY_CHANGED")) == 1
    everything = {
        "trigger": "CHILD_TRAFFICKING", "jurisdiction": "Neighbour State, USA", "authority": "Statutes 1.23",
        "agency": "Hotline", "phone": "+1 202 555 0122", "hours": None, "in_writing": False, "writing_hours": None,
        "looked_up_on": today() - timedelta(days=1),
    }  # fmt: skip
    assert changed(cast, row, **everything).version == 2
    with pytest.raises(AuthorityChangedMeanwhile):
        changed(cast, row, hours=36)


@pytest.mark.parametrize(("wrong", "error"), [
    ({"jurisdiction": " "}, AuthorityLacks), ({"authority": ""}, AuthorityLacks), ({"agency": ""}, AuthorityLacks),
    ({"agency": "About HV-7Q4K-29MX"}, AuthorityNamesSomebody), ({"phone": "123-45-6789"}, AuthorityNamesSomebody),
    ({"in_writing": False}, HoursWithoutWriting), ({"looked_up_on": None}, TypeError), ({"hours": 12}, ValueError),
    ({"writing_hours": 24}, ValueError), ({"trigger": "ADULT_TRAFFICKING"}, ValueError),
])  # fmt: skip
def test_what_is_no_row_is_refused(cast, wrong, error):
    with pytest.raises(error):
        added(cast, **wrong)
    with for_house():
        assert rows() == []


def test_a_day_to_come_and_a_second_row_of_the_same_duty_are_refused(cast):
    with pytest.raises(LookedUpLater):
        added(cast, looked_up_on=today() + timedelta(days=1))
    first = added(cast)
    with pytest.raises(AuthorityStands):
        added(cast, hours=48)
    other = added(cast, agency="Police")
    with pytest.raises(AuthorityStands):
        changed(cast, other)
    ended(cast, first)
    added(cast)


@pytest.mark.sql
def test_the_database_holds_the_same_rules(cast):
    house = cast.farid.organisation
    row = row_of(house, cast)
    for column, value in (("hours", 12), ("writing_hours", 24)):
        with pytest.raises(IntegrityError), transaction.atomic():
            setattr(row, column, value)
            row.save(update_fields=[column])
        row.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic():
        row_of(house, cast)
    row.in_writing = False
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(update_fields=["in_writing"])


@pytest.mark.parametrize("name", ["amina", "bea", "kemi", "luis", "omar", "elif", "chidi", "dana", "hugo"])
def test_nobody_else_keeps_it(cast, name, sign_in):
    person, row = getattr(cast, name), added(cast)
    client = sign_in(person)
    for address in (TABLE, TABLE + "new/", f"{TABLE}{row.uid}/", f"{TABLE}{row.uid}/end/", f"{TABLE}{row.uid}/looked/"):
        assert client.get(address).status_code in (404, 405), address
        assert client.post(address, sent()).status_code in (404, 405), address
    for act in (
        lambda: add_authority(actor=person, now=clock.now(), found=found(agency="Mine")),
        lambda: change_authority(actor=person, now=clock.now(), authority_uid=row.uid, version=1, found=found()),
        lambda: look_again(actor=person, now=clock.now(), authority_uid=row.uid),
        lambda: end_authority(actor=person, now=clock.now(), authority_uid=row.uid),
    ):
        with pytest.raises(Refused):
            act()
    with for_house():
        assert [(one.version, one.ended_at) for one in rows()] == [(1, None)]


def test_an_administrator_of_another_organisation_finds_only_his_own(cast, sign_in):
    row = added(cast)
    theirs = row_of(elsewhere(), cast)
    farid = moved(cast.farid, theirs.organisation)
    client = sign_in(farid)
    page = client.get(TABLE).text
    assert "Hotline of elsewhere" in page and "Child Line" not in page
    for step in ("", "end/"):
        assert client.get(f"{TABLE}{row.uid}/{step}").status_code == 404
        assert client.post(f"{TABLE}{row.uid}/{step}", sent(version="1")).status_code == 404
    assert client.post(f"{TABLE}{row.uid}/looked/").status_code == 404
    for act in (lambda: ended(cast, row), lambda: changed(cast, row, hours=36)):
        with pytest.raises(Hidden):
            act()
    added(cast)  # the same duty in another house is no twin


def test_outside_the_house_there_is_no_table(cast, sign_in):
    assert sign_in(moved(cast.farid, elsewhere(is_ours=False))).get(TABLE).status_code == 404
    with pytest.raises(Refused):
        added(cast)


# ---- By its pages ----


def test_the_empty_page_says_what_to_enter_and_suggests_one_row(cast, sign_in):
    farid = sign_in(cast.farid)
    page = farid.get(TABLE).text
    assert "No state's law is shipped" in page and "Other organisations do so of their own will" in page
    assert reverse("reporting-authorities") in farid.get(reverse("this-office")).text
    with for_house():
        assert rows() == [], "a suggestion is no row"
    form = farid.get(TABLE + "new/?suggested=federal").text
    assert value_of(form, "trigger") == "CHILD_TRAFFICKING" and value_of(form, "jurisdiction") == "USA (federal)"
    assert value_of(form, "authority").startswith("22 USC 7105(b)(1)(H)") and value_of(form, "hours") == "24"
    assert value_of(form, "looked_up_on") == "", "nobody can suggest that somebody looked"
    assert value_of(farid.get(TABLE + "new/").text, "looked_up_on") == today().isoformat()
    facts = {name: value_of(form, name) for name in ("trigger", "jurisdiction", "authority", "agency", "hours")}
    refused = farid.post(TABLE + "new/?suggested=federal", facts)
    assert refused.status_code == 422 and "Enter a day." in refused.text
    assert farid.post(TABLE + "new/", {**facts, "looked_up_on": today().isoformat()}).status_code == 302
    page = farid.get(TABLE).text
    assert "USA (federal)" in page and "suggested=federal" not in page


def test_by_the_pages_errors_stand_beside_their_field_and_nothing_typed_is_lost(cast, sign_in):
    farid = sign_in(cast.farid)
    wrong = farid.post(TABLE + "new/", sent(phone="call us", writing_hours="48", in_writing=""))
    assert wrong.status_code == 422 and "Write digits, with + and the country code" in wrong.text
    wrong = farid.post(TABLE + "new/", {**sent(), "in_writing": ""})
    assert 'href="#id_writing_hours"' in wrong.text and "or choose no hours here" in wrong.text
    assert value_of(wrong.text, "agency") == "Child Line" and value_of(wrong.text, "hours") == "24"
    named = farid.post(TABLE + "new/", sent(agency="About HV-7Q4K-29MX"))
    assert 'href="#id_agency"' in named.text and "number of a case or of a person" in named.text
    assert farid.post(TABLE + "new/", sent()).status_code == 302
    with for_house():
        (row,) = rows()
    assert row.phone == "+1 202 555 0120", "as it is read out"
    page = farid.get(TABLE).text
    assert 'href="tel:+12025550120">' in page and "by telephone within 24 hours" in page
    assert "in writing within 48 hours" in page and "please look again" not in page
    address = f"{TABLE}{row.uid}/"
    assert value_of(farid.get(address).text, "writing_hours") == "48"
    assert farid.post(address, sent(version="1", hours="36")).status_code == 302
    late = farid.post(address, sent(version="1", agency="Another line"))
    assert late.status_code == 422 and "Somebody changed this row" in late.text
    assert value_of(late.text, "agency") == "Another line"
    assert "by telephone within 24 hours" in farid.get(address).text, "as it stood before"
    end = address + "end/"
    assert "Nobody is offered this row any more" in farid.get(end).text
    key = str(uuid4())
    assert [farid.post(end, {"form_key": key}).status_code for _time in range(2)] == [302, 302]
    assert farid.get(address).status_code == 404 and "No longer offered" in farid.get(TABLE).text
    over = farid.post(address, sent(version="2", agency="Typed for long"))
    assert over.status_code == 422 and "This row was ended" in over.text and "Typed for long" in over.text


def test_a_repeated_form_makes_one_row_and_one_event(cast, sign_in, events):
    farid, key = sign_in(cast.farid), str(uuid4())
    assert [farid.post(TABLE + "new/", sent(form_key=key)).status_code for _time in range(2)] == [302, 302]
    with for_house():
        (row,) = rows()
    for address, what in ((f"{TABLE}{row.uid}/", sent(version="1", hours="72")), (f"{TABLE}{row.uid}/looked/", {})):
        key = str(uuid4())
        assert [farid.post(address, {**what, "form_key": key}).status_code for _time in range(2)] == [302, 302]
    kinds = [event.detail.shown()["codes"]["kind"] for event in events("REPORTING_AUTHORITY_CHANGED")]
    assert kinds == ["ADDED", "CHANGED"], "looked up today already"
    key = uuid4()
    first = add_authority(actor=cast.farid, now=clock.now(), found=found(agency="Police"), form_key=key)
    again = add_authority(actor=cast.farid, now=clock.now(), found=found(agency="Police"), form_key=key)
    assert isinstance(again, Repeated) and again.uid == first.uid


def test_after_a_year_both_are_asked_to_look_again(cast, sign_in):
    just, late = today() - timedelta(days=365), today() - timedelta(days=366)
    added(cast, looked_up_on=just)
    farid, kemi = sign_in(cast.farid), sign_in(cast.kemi)
    for client, address in ((farid, TABLE), (kemi, REPORT)):
        assert "please look again" not in client.get(address).text
    with for_house():
        (row,) = rows()
    changed(cast, row, looked_up_on=late)
    for client, address in ((farid, TABLE), (farid, f"{TABLE}{row.uid}/"), (kemi, REPORT)):
        page = client.get(address).text
        assert "please look again" in page and "&lt;time" not in page, address
    assert farid.post(f"{TABLE}{row.uid}/looked/").status_code == 302
    assert "please look again" not in kemi.get(REPORT).text
    ended(cast, row)
    answer = farid.post(f"{TABLE}{row.uid}/looked/", follow=True)
    assert "This row was ended" in answer.text


# ---- Beside a report ----


def test_a_row_fills_the_report_keeps_what_was_typed_and_records_nothing(cast, case, sign_in, events):
    row = added(cast)
    kemi = sign_in(cast.kemi)
    page = kemi.get(f"{REPORT}?case={case.uid}").text
    assert "Choose from your organisation's table" in page and 'href="tel:+12025550120">' in page
    learned = today() - timedelta(days=1)
    typed = {
        "number": "HV-TYPO", "trigger": "", "jurisdiction": "", "reporter": "Nurse Ptarmigan", "is_informed_before": "on",
        "discovered_on": learned.isoformat(), "hours": "", "due_on": "", "reference": "R-1", "use": str(row.uid),
    }  # fmt: skip
    answer = kemi.post(REPORT, typed)
    assert answer.status_code == 200
    page = answer.text
    for name, value in (
        ("number", "HV-TYPO"), ("reporter", "Nurse Ptarmigan"), ("reference", "R-1"), ("is_informed_before", True),
        ("discovered_on", learned.isoformat()), ("trigger", "CHILD_ABUSE"), ("jurisdiction", "Example State, USA"),
        ("authority", "Example Code § 12-345"), ("agency", "Child Line"), ("hours", "24"), ("in_writing", True),
        ("due_on", (learned + timedelta(days=2)).isoformat()), ("chosen", str(row.uid)),
    ):  # fmt: skip
        assert value_of(page, name) == value, name
    assert "Filled in from your table" in page and "errsum" not in page
    assert MandatedReport._base_manager.count() == 0 and events("MANDATED_REPORT_RECORDED") == []
    # What was found by the number stays found, and is judged only when she records it.
    told = kemi.post(REPORT, {**typed, "use": str(uuid4())})
    assert told.status_code == 200 and "not in your table any more" in told.text
    assert value_of(told.text, "reporter") == "Nurse Ptarmigan" and MandatedReport._base_manager.count() == 0


def test_values_are_changed_by_hand_and_the_report_keeps_its_own_copy(cast, case, sign_in):
    row = added(cast)
    kemi = sign_in(cast.kemi)
    facts = {
        "number": case.number, "trigger": "CHILD_ABUSE", "jurisdiction": "Example State, USA", "authority": "Another § 9",
        "agency": "Child Line", "discovered_on": today().isoformat(), "hours": "36", "chosen": str(row.uid),
    }  # fmt: skip
    short = kemi.post(REPORT, facts)
    assert short.status_code == 422 and "Filled in from your table" in short.text, "its telephone stays at hand"
    assert kemi.post(REPORT, {**facts, "due_on": today().isoformat()}).status_code == 302
    changed(cast, row, authority="Repealed § 1")
    report = MandatedReport._base_manager.get()
    with reading_own(report):
        assert report.facts["authority"] == "Another § 9" and report.facts["agency"] == "Child Line"


def test_the_day_counts_from_the_hour_when_it_was_learned(cast, settings):
    settings.TIME_ZONE = "America/New_York"
    row = added(cast, writing_hours=36)
    monday = authorities.clocks.start_of(today())
    assert authorities.due_on(row, learned_on=today(), learned_at=None) == today() + timedelta(days=1)
    late = monday + timedelta(hours=20)
    assert authorities.due_on(row, learned_on=today(), learned_at=late) == today() + timedelta(days=2)
    row = added(cast, agency="Spoken only", in_writing=False, writing_hours=None, hours=24)
    assert authorities.due_on(row, learned_on=today(), learned_at=None) == today() + timedelta(days=1), "the only one"
    row = added(cast, agency="In days", writing_hours=None)
    assert authorities.due_on(row, learned_on=today(), learned_at=None) is None, (
        "where the law counts days, she enters it"
    )


def test_only_rows_of_her_house_that_stand_are_offered(cast, sign_in):
    kemi = sign_in(cast.kemi)
    assert "table of authorities is empty" in kemi.get(REPORT).text
    row_of(elsewhere(), cast)
    over = added(cast, agency="Closed line")
    ended(cast, over)
    added(cast)
    page = kemi.get(REPORT).text
    assert page.count('name="use"') == 1 and "Child Line" in page
    for words in ("elsewhere", "Closed line"):
        assert words not in page
    answer = kemi.post(REPORT, {"use": str(over.uid)})
    assert "not in your table any more" in answer.text and value_of(answer.text, "agency") == ""


def test_rows_of_her_own_place_stand_first(cast, sign_in):
    added(cast, jurisdiction="Alabama, USA", agency="Line of Alabama")
    added(cast, jurisdiction="Virginia, USA", agency="Line of Virginia")
    added(cast, jurisdiction="West Virginia, USA", agency="Line of West Virginia")
    kemi = sign_in(cast.kemi)

    def order():
        page = kemi.get(REPORT).text
        return sorted(("Alabama", "Virginia", "West Virginia"), key=lambda place: page.index(f"Line of {place}")), page

    assert order()[0] == ["Alabama", "Virginia", "West Virginia"] and "Your place" not in order()[1]
    where = {"user": cast.kemi, "mandated_in": "Ohio and West Virginia, USA"}
    note_mandate(actor=cast.farid, now=clock.now(), mandated="YES", **where)
    assert order()[0] == ["West Virginia", "Alabama", "Virginia"] and order()[1].count("Your place") == 1
    note_mandate(actor=cast.farid, now=clock.now(), mandated="NO", **where)
    assert order()[0] == ["Alabama", "Virginia", "West Virginia"]


@pytest.mark.parametrize("name", ["amina", "bea", "chidi", "dana", "elif", "farid", "hugo"])
def test_nobody_else_reads_it_beside_a_report(cast, name, sign_in):
    row = added(cast)
    client = sign_in(getattr(cast, name))
    assert client.get(REPORT).status_code == 404
    assert client.post(REPORT, {"use": str(row.uid)}).status_code == 404


def test_counsel_with_a_matter_reads_it_too(cast, case, sign_in):
    added(cast)
    make.colleague(case, cast.bea, cast.luis, "STAFF_COUNSEL")
    assert "Child Line" in sign_in(cast.luis).get(f"{REPORT}?case={case.uid}").text


def test_enter_records_and_never_fills_in(cast, sign_in):
    added(cast)
    page = sign_in(cast.kemi).get(REPORT).text
    form = page[page.index("<form", page.index("<h1")) :]
    first = re.search(r"<button[^>]*>", form).group()
    assert "name=" not in first and 'tabindex="-1"' in first


def test_one_query_for_the_table_however_long(cast, django_assert_num_queries):
    for number in range(6):
        added(cast, agency=f"Line {number}")
    kemi = cast.kemi
    with django_assert_num_queries(1):
        assert [line.row.looked_up_by.name for line in authorities.offered(kemi)] == ["Farid Field"] * 6


def test_a_report_needs_no_row(cast, case):
    report = Report("CHILD_ABUSE", "Nowhere", "By hand", "An agency", today(), today())
    assert record_report(actor=cast.kemi, now=clock.now(), case_uid=case.uid, report=report).pk
