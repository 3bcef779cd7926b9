"""Totals without persons that were given out: on no case, in no survivor's account, and never anything that names one."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Refused
from cases import access
from cases.actions.disclosures import Given, disclose_by_release
from cases.actions.totals import Totals, record_totals
from cases.errors.releases import TotalsLack
from cases.models import Disclosure, TotalsGiven
from tests.accounts import signing_in
from tests.cases.releasing import release

LIST, NEW = reverse("given-out"), reverse("totals-new")


@pytest.fixture
def sign_in():
    """People who have just shown their second factor once more: what leaves the house asks for it."""
    return partial(signing_in.sign_in, is_fresh=True)


def totals(**changes) -> Totals:
    facts = {
        "kind": "FUNDER_REPORT", "recipient": "Office of the Brass Kettle", "period_from": date(2026, 1, 1),
        "period_until": date(2026, 6, 30), "how": "ELECTRONIC", "given_on": timezone.localdate(),
        "is_without_persons": True, **changes,
    }  # fmt: skip
    return Totals(**facts)


def page(**changes) -> dict[str, str]:
    return {
        "kind": "FUNDER_REPORT", "recipient": "Office of the Brass Kettle", "period_from": "2026-01-01",
        "period_until": "2026-06-30", "how": "ELECTRONIC", "given_on": timezone.localdate().isoformat(),
        "is_without_persons": "on", **changes,
    }  # fmt: skip


@pytest.mark.parametrize("key", ["kemi", "bea", "ines"])
def test_who_answers_for_it_or_makes_statistics_writes_it_down(cast, key, sign_in, events):
    client = sign_in(getattr(cast, key))
    assert LIST in client.get(reverse("home"), follow=True).content.decode(), "a link leads there"
    assert NEW in client.get(LIST).content.decode()
    sent = client.post(NEW, page(), follow=True).content.decode()
    assert "Office of the Brass Kettle" in sent and "Totals without persons" in sent and "Report to a funder" in sent
    [event] = events("DISCLOSURE_MADE")
    assert event.case_uid is None and event.detail.content["codes"] == {"basis": "AGGREGATE", "kind": "FUNDER_REPORT"}


@pytest.mark.sql
def test_sent_twice_it_stands_once(cast, sign_in):
    client, key = sign_in(cast.kemi), "7c5f2a54-50a9-4d8e-9a0c-3a1f6b0e0011"
    for _time in range(2):
        assert client.post(NEW, page(form_key=key)).status_code == 302
    assert access.for_the_house(TotalsGiven).count() == 1


@pytest.mark.parametrize("key", ["amina", "chidi", "dana", "elif_", "farid", "gita", "hugo", "jonas", "luis"])
def test_nobody_else(cast, key, sign_in):
    person = getattr(cast, key)
    client = sign_in(person)
    assert client.get(LIST).status_code == 404 and client.get(NEW).status_code == 404
    with pytest.raises(Refused):
        record_totals(actor=person, now=clock.now(), totals=totals())


@pytest.mark.parametrize(
    "recipient",
    [
        "About HV-7Q4K-29MX", "For case hv-7q4k-29mx", "The auditor, S-ABCD-2345", "A000777000", "202-555-0123",
        "+1 (202) 555 0199", "11/23/1987", "canary@quillmoor.example", "0c4e5ad2-f001-4d0a-9a55-7c5e1f0a2f1e", "12345678", "   ",
    ],
)  # fmt: skip
def test_whatever_points_to_one_case_or_person_is_refused(cast, recipient, sign_in):
    with pytest.raises(TotalsLack) as lack:
        record_totals(actor=cast.kemi, now=clock.now(), totals=totals(recipient=recipient))
    assert lack.value.what == "recipient"
    answer = sign_in(cast.kemi).post(NEW, page(recipient=recipient))
    assert answer.status_code == 422 and 'id="id_recipient_error"' in answer.content.decode()
    assert not access.for_the_house(TotalsGiven).exists()


@pytest.mark.parametrize("recipient", ["Office 2026", "Fund for 50 Towns", "St. Brannoc's Trust, 3rd round"])
def test_an_ordinary_name_is_not(cast, recipient):
    assert record_totals(actor=cast.kemi, now=clock.now(), totals=totals(recipient=recipient)).recipient == recipient


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"is_without_persons": ""}, "is_without_persons", "Totals leave only without persons"),
        ({"period_until": "2025-12-31"}, "period_until", "ends after it begins"),
        ({"given_on": (date.today() + timedelta(days=3)).isoformat()}, "given_on", ""),
        ({"kind": "EVERYTHING"}, "kind", ""),
    ],
)
def test_what_is_missing_or_odd_is_said_beside_its_field(cast, changes, field, words, sign_in):
    answer = sign_in(cast.kemi).post(NEW, page(**changes))
    text = answer.content.decode()
    assert answer.status_code == 422 and f'id="id_{field}_error"' in text and words in text
    assert "Office of the Brass Kettle" in text and not access.for_the_house(TotalsGiven).exists()


def test_it_is_in_the_list_of_the_organisation_and_in_no_account_of_a_survivor(cast, case, sign_in):
    record_totals(actor=cast.kemi, now=clock.now(), totals=totals())
    given = release(cast.amina, case, cast.hugo.organisation)
    disclose_by_release(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, release_uid=given.uid,
        given=Given(["IDENTITY"], "LETTER", timezone.localdate()),
    )  # fmt: skip
    whole = sign_in(cast.kemi).get(LIST).content.decode()
    assert "Brass Kettle" in whole and case.number in whole and given.recipient.name in whole
    counts = sign_in(cast.ines).get(LIST).content.decode()
    assert "Brass Kettle" in counts and case.number not in counts
    amina = sign_in(cast.amina)
    for name in ("case-account", "case-disclosures", "case-sharing"):
        assert "Brass Kettle" not in amina.get(reverse(name, args=[case.uid])).content.decode(), name
    assert access.for_the_house(Disclosure).count() == 1


def test_a_supervisor_sees_disclosures_of_her_cases_and_of_no_other(cast, case, sign_in):
    given = release(cast.amina, case, cast.hugo.organisation)
    disclose_by_release(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, release_uid=given.uid,
        given=Given(["IDENTITY"], "LETTER", timezone.localdate()),
    )  # fmt: skip
    assert case.number in sign_in(cast.bea).get(LIST).content.decode()
    assert case.number not in sign_in(cast.nadia).get(LIST).content.decode()


def test_the_database_holds_the_rules_and_changes_nothing_afterwards(cast):
    given = record_totals(actor=cast.kemi, now=clock.now(), totals=totals())
    for column, value in (("is_without_persons", False), ("period_until", date(2025, 1, 1))):
        copy = TotalsGiven(**{
            name: getattr(given, name)
            for name in ("organisation", "kind", "recipient", "how", "period_from", "period_until", "is_without_persons",
                         "given_on", "given_by", "recorded_at")
        })  # fmt: skip
        setattr(copy, column, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save()
    for statement in ("UPDATE cases_totalsgiven SET recipient = 'x'", "DELETE FROM cases_totalsgiven"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
