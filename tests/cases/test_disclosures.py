"""What left the organisation: each with its ground, the least that was needed, a task to tell her, and her own account."""

from datetime import timedelta
from functools import partial
from html import unescape

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.context import audit_context
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from cases import access
from cases.actions.disclosures import (
    Given,
    Report,
    disclose_by_law,
    disclose_by_release,
    note_told,
    record_process,
    record_report,
)
from cases.actions.releases import Terms, withdraw_release
from cases.choices.releases import InfoCategory, MandateTrigger
from cases.errors.releases import DisclosureLacks, NotAJudge, ReleaseHasEnded
from cases.models import Disclosure, Due, LegalProcess, MandatedReport, Task
from cases.release_words import PART2_NOTICE
from tests import make
from tests.accounts import signing_in
from tests.cases.releasing import release
from tests.services.test_release_and_matter import a_matter
from tests.services.test_release_and_matter import release as to_attorney


@pytest.fixture
def sign_in():
    """People who have just shown their second factor once more: what leaves the house asks for it."""
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def clinic(cast):
    return cast.hugo.organisation


@pytest.fixture
def kemi(cast):
    """The privacy officer, who holds no access to any case."""
    return cast.kemi


def today():
    return timezone.localdate()


def given(*categories, **changes):
    facts = {"how": "LETTER", "given_on": today(), "is_minimised": True, **changes}
    return Given(categories=list(categories or ["IDENTITY"]), **facts)


def a_report(actor, case, **changes):
    facts = {
        "trigger": MandateTrigger.CHILD_ABUSE, "jurisdiction": "New York", "authority": "Soc. Serv. Law § 413",
        "agency": "State Central Register", "discovered_on": today(), "due_on": today() + timedelta(days=1),
        "reporter": "Nurse Ptarmigan", **changes,
    }  # fmt: skip
    return record_report(actor=actor, now=clock.now(), case_uid=case.uid, report=Report(**facts))


def a_process(actor, case, kind="COURT_ORDER", **changes):
    facts = {
        "kind": kind, "issuer": "County Court, part 5", "reference": "Order 77", "scope": "Dates of service in May",
        "received_on": today(), "due_on": today() + timedelta(days=10), **changes,
    }  # fmt: skip
    return record_process(actor=actor, now=clock.now(), case_uid=case.uid, **facts)


def by_law(actor, case, what=None, **ground):
    return disclose_by_law(actor=actor, now=clock.now(), case_uid=case.uid, given=what or given(), **ground)


def events(verb):
    return Event.objects.filter(verb=verb)


# ---- By her release ----


def test_r8_information_goes_out_as_her_release_names_it_while_it_stands(cast, case, clinic):
    standing = release(cast.amina, case, clinic)
    facts = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid, "release_uid": standing.uid}
    made = disclose_by_release(**facts, given=given("IDENTITY"))
    assert (made.basis, made.release_id, made.recipient_id) == ("RELEASE", standing.pk, clinic.pk)
    for wrong in (given("MEDICAL"), given("IDENTITY", "MEDICAL"), Given([], "LETTER", today())):
        with pytest.raises(DisclosureLacks):
            disclose_by_release(**facts, given=wrong)
    with pytest.raises(DisclosureLacks):
        disclose_by_release(**facts, given=given(given_on=today() + timedelta(days=2)))
    with pytest.raises(ReleaseHasEnded):
        disclose_by_release(**facts, given=given(given_on=today() - timedelta(days=3)))
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=standing.uid, how="ORAL")
    with pytest.raises(ReleaseHasEnded):
        disclose_by_release(**{**facts, "now": clock.now()}, given=given("IDENTITY"))
    assert access.for_the_house(Disclosure).count() == events(Verb.DISCLOSURE_MADE).count() == 1
    assert not access.for_the_house(Task).exists(), "she gave the release herself"


def test_only_who_keeps_her_duties_notes_it(cast, case, clinic, clinician):
    standing = release(cast.amina, case, clinic)
    for actor, error in ((cast.dana, Hidden), (clinician, Refused)):
        with pytest.raises(error):
            disclose_by_release(
                actor=actor, now=clock.now(), case_uid=case.uid, release_uid=standing.uid, given=given()
            )


# ---- By law and by a judge ----


def test_the_privacy_officer_records_a_report_without_opening_the_case(kemi, case, cast):
    report = a_report(kemi, case)
    assert events(Verb.MANDATED_REPORT_RECORDED).get().actor_uid == kemi.uid
    with pytest.raises(Hidden):
        access.get_for(kemi, case.uid)
    assert access.for_the_house(Due).get(subject_uid=report.uid).due_on == report.due_on
    made = by_law(kemi, case, report_uid=report.uid)
    report.refresh_from_db()
    assert (made.basis, made.report_id, report.reported_on) == ("STATUTORY_MANDATE", report.pk, today())
    assert access.for_the_house(Due).get(subject_uid=report.uid).done_at is not None
    [task] = access.for_the_house(Task)
    assert (task.assigned_to, task.section, task.due_on) == (cast.amina, "DUTIES", today() + timedelta(days=2))


def test_counsel_on_the_case_records_and_counsel_elsewhere_does_not(cast, case):
    with pytest.raises(Hidden):
        a_process(cast.luis, case)
    make.colleague(case, cast.bea, cast.luis, "STAFF_COUNSEL")
    assert by_law(cast.luis, case, process_uid=a_process(cast.luis, case).uid).basis == "COURT_ORDER"


@pytest.mark.parametrize("key", ["amina", "bea", "chidi", "dana", "elif_", "farid", "gita", "hugo", "ines", "jonas"])
def test_nobody_else_does(cast, case, kemi, key):
    report = a_report(kemi, case)
    who = getattr(cast, key)
    for act in (a_report, a_process, lambda actor, about: by_law(actor, about, report_uid=report.uid)):
        with pytest.raises(Hidden):
            act(who, case)


@pytest.mark.parametrize("kind", ["SUBPOENA", "ADMINISTRATIVE", "REQUEST"])
def test_a_subpoena_is_no_order_and_opens_nothing(kemi, case, kind):
    process = a_process(kemi, case, kind)
    with pytest.raises(NotAJudge):
        by_law(kemi, case, process_uid=process.uid)
    assert not access.for_the_house(Disclosure).exists() and not process.is_judicial


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (Given([], "LETTER", today(), True), "categories"),
        (Given(list(InfoCategory.values), "LETTER", today(), True), "everything"),
        (Given(["IDENTITY"], "LETTER", today(), False), "minimised"),
    ],
)
def test_only_the_least_may_go(kemi, case, what, why):
    process = a_process(kemi, case)
    with pytest.raises(DisclosureLacks) as lack:
        by_law(kemi, case, what, process_uid=process.uid)
    assert lack.value.what == why


def test_a_disclosure_by_law_names_its_ground_and_one_only(kemi, case, cast):
    report, process = a_report(kemi, case), a_process(kemi, case)
    for ground in ({}, {"report_uid": report.uid, "process_uid": process.uid}):
        with pytest.raises(DisclosureLacks):
            by_law(kemi, case, **ground)
    elsewhere = a_report(kemi, make.case(cast.amina, cast.team_of("amina")))
    with pytest.raises(Hidden):
        by_law(kemi, case, report_uid=elsewhere.uid)


@pytest.mark.parametrize(
    "facts",
    [
        {"basis": "RELEASE"},
        {"basis": "STATUTORY_MANDATE", "is_minimised": True},
        {"basis": "COURT_ORDER", "is_minimised": True},
    ],
)
def test_the_database_demands_the_ground(cast, case, clinic, facts):
    with audit_context("test", "past every action"), pytest.raises(IntegrityError), transaction.atomic():
        Disclosure(
            case=case, recipient=clinic, categories=["IDENTITY"], how="LETTER", disclosed_by=cast.amina,
            disclosed_at=clock.now(), **facts,
        ).save()  # fmt: skip


def test_she_is_told_and_it_is_noted_once(cast, kemi, case):
    made = by_law(kemi, case, report_uid=a_report(kemi, case).uid)
    for _time in range(2):
        note_told(actor=cast.amina, now=clock.now(), case_uid=case.uid, disclosure_uid=made.uid)
    assert events(Verb.SURVIVOR_NOTIFIED).count() == 1
    made.refresh_from_db()
    assert made.notified_by_id == cast.amina.pk


# ---- The pages ----


def test_the_list_of_a_case_and_that_she_was_told(cast, kemi, case, sign_in):
    made = by_law(kemi, case, given("SUBSTANCE_USE"), process_uid=a_process(kemi, case).uid)
    client = sign_in(cast.amina)
    page = client.get(reverse("case-disclosures", args=[case.uid])).content.decode()
    for words in (
        "Court order", "County Court, part 5", "Order 77", "Substance use treatment", PART2_NOTICE, "has not been told yet",
    ):  # fmt: skip
        assert words in page, words
    told = reverse("disclosure-told", args=[case.uid, made.uid])
    assert client.get(told).status_code == 405
    assert client.post(told).status_code == 302
    assert "has not been told yet" not in client.get(reverse("case-disclosures", args=[case.uid])).content.decode()
    assert reverse("case-disclosures", args=[case.uid]) in client.get(reverse("case-sharing", args=[case.uid])).text


def test_her_account_leaves_out_who_reported_and_every_other_person(cast, kemi, case, clinic, sign_in):
    by_law(kemi, case, report_uid=a_report(kemi, case).uid)
    by_law(kemi, case, process_uid=a_process(kemi, case).uid)
    standing = release(
        cast.amina, case, clinic, terms=Terms(categories=["IDENTITY", "CONTACT"], recipient_role="Dr. Kestrel")
    )
    disclose_by_release(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, release_uid=standing.uid, given=given("CONTACT")
    )
    to_attorney(cast, case, a_matter(cast, case))
    client = sign_in(cast.bea)
    page = client.get(reverse("case-account", args=[case.uid])).content.decode()
    account = unescape(page[page.index("Given out") : page.index("</main>")])
    for words in (
        "State Central Register", "County Court, part 5", clinic.name, "How to reach her", "Release", "Court order",
        "Duty to report by law", cast.chidi.organisation.name, "Which services, and when",
    ):  # fmt: skip
        assert words in account, words
    for person in ("Ptarmigan", "Kestrel", kemi.name, cast.amina.name, cast.chidi.name):
        assert person not in account, person
    assert events(Verb.DISCLOSURES_ACCOUNTED).get().actor_uid == cast.bea.uid
    assert sign_in(cast.dana).get(reverse("case-account", args=[case.uid])).status_code == 404


def test_the_privacy_officer_at_her_desk(cast, kemi, case, sign_in):
    client = sign_in(kemi)
    home = client.get(reverse("duties"))
    assert home.status_code == 200
    facts = {
        "number": case.number, "trigger": "CHILD_ABUSE", "jurisdiction": "New York", "authority": "Soc. Serv. Law § 413",
        "agency": "State Central Register", "discovered_on": today().isoformat(),
        "due_on": (today() + timedelta(days=1)).isoformat(), "reporter": "Nurse Ptarmigan",
    }  # fmt: skip
    assert client.post(reverse("report-new"), {**facts, "number": "HV-0000-0000"}).status_code == 422
    sent = client.post(reverse("report-new"), facts)
    report = access.for_the_house(MandatedReport).get()
    assert sent.url == reverse("report-given", args=[report.uid])
    what = {"categories": ["IDENTITY"], "how": "SPOKEN", "given_on": today().isoformat()}
    short = client.post(sent.url, what)
    assert short.status_code == 422 and not access.for_the_house(Disclosure).exists()
    assert client.post(sent.url, {**what, "is_minimised": "on"}).status_code == 302
    subpoena = {
        "number": case.number, "kind": "SUBPOENA", "issuer": "Counsel for the accused", "received_on": today().isoformat(),
        "scope": "The entire file",
    }  # fmt: skip
    assert client.post(reverse("process-new"), subpoena).status_code == 302
    process = access.for_the_house(LegalProcess).get()
    refused = client.post(reverse("process-given", args=[process.uid]), {**what, "is_minimised": "on"})
    assert refused.status_code == 422 and "not an order of a judge" in refused.content.decode()
    page = client.get(reverse("duties")).content.decode()
    assert "State Central Register" in page and "Counsel for the accused" in page and "Ptarmigan" not in page
    assert client.get(reverse("case-overview", args=[case.uid])).status_code == 404


@pytest.mark.parametrize("key", ["amina", "bea", "chidi", "dana", "elif_", "farid", "gita", "hugo", "ines", "jonas"])
def test_the_desk_is_closed_to_everybody_else(cast, case, kemi, sign_in, key):
    report, process = a_report(kemi, case), a_process(kemi, case)
    client = sign_in(getattr(cast, key))
    for address in (
        reverse("duties"), reverse("report-new"), reverse("process-new"), reverse("report-given", args=[report.uid]),
        reverse("process-given", args=[process.uid]),
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address


def test_counsel_of_another_case_sees_none_of_it(cast, case, kemi, sign_in):
    report = a_report(kemi, case)
    client = sign_in(cast.luis)
    assert "State Central Register" not in client.get(reverse("duties")).content.decode()
    assert client.get(reverse("report-given", args=[report.uid])).status_code == 404
    make.colleague(case, cast.bea, cast.luis, "STAFF_COUNSEL")
    assert "State Central Register" in client.get(reverse("duties")).content.decode()


def test_the_form_of_a_release_offers_only_what_it_names(cast, case, clinic, sign_in):
    standing = release(cast.amina, case, clinic)
    client = sign_in(cast.amina)
    address = reverse("disclosure-new", args=[case.uid, standing.uid])
    page = client.get(address).content.decode()
    assert 'value="CONTACT"' in page and 'value="MEDICAL"' not in page
    what = {"how": "LETTER", "given_on": today().isoformat()}
    assert client.post(address, {**what, "categories": ["MEDICAL"]}).status_code == 422
    assert client.post(address, {**what, "categories": ["CONTACT"]}).status_code == 302
    assert access.for_the_house(Disclosure).get().release_id == standing.pk
