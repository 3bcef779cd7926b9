"""The pages of a review of access: one line after the other, for whoever decides, and on whose list it stands."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from cases import access
from cases.actions.grants import give_access
from cases.actions.reviews import (
    REMINDED_BEFORE,
    keep_reviews,
)
from cases.choices.sharing import GrantKind
from cases.models import AccessReview, HouseDue
from tests import make
from tests.cases.reviewing import colleagues, decide, fresh, line_of, listed, reviewed
from tests.cases.stored import dump

pytestmark = [
    pytest.mark.walks,
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
]


@pytest.mark.sql
def test_the_reason_is_sealed_and_shown_with_the_access(cast, case, sign_in):
    review = reviewed(cast, case)
    decide(cast.bea, line_of(review, cast.amina), reason="Xylophone lessons go on")
    assert b"Xylophone" not in dump()
    page = sign_in(cast.amina).get(reverse("case-sharing", args=[case.uid])).text
    assert "Xylophone lessons go on" in page and "by Bea Meadows: Kept" in page
    make.colleague(case, cast.bea, cast.gita, GrantKind.CLINICAL)
    assert "Xylophone" not in sign_in(cast.gita).get(reverse("case-sharing", args=[case.uid])).text


# ---- Pages ----


def test_a_supervisor_goes_through_her_list_one_by_one(cast, case, sign_in):
    make.colleague(case, cast.bea, cast.gita, GrantKind.CLINICAL)
    review = reviewed(cast, case)
    client = sign_in(cast.bea)
    home = client.get(reverse("team")).text
    assert reverse("access-review", args=[review.uid]) in home and "3 accesses wait" in home
    listed = client.get(reverse("access-reviews")).text
    assert "0 of 3 decided" in listed and "Begin a review now" not in listed
    page = client.get(reverse("access-review", args=[review.uid])).text
    for words in (
        "Amina Rivers",
        "Gita Marsh",
        "Clinical care",
        case.number,
        "With opening the case on",
        "Given by Bea Meadows",
        "never",
    ):
        assert words in page, words
    assert "Zoraida" not in page and "Your own access" in page
    first, second = line_of(review, cast.amina), line_of(review, cast.gita)
    url = reverse("access-review-line", args=[review.uid, first.uid])
    shown = client.get(url).text
    assert "If it ends, the case needs another lead." in shown and "Keep it as it is" in shown
    for wrong in ({}, {"decision": "KEEP"}, {"decision": "SHORTEN", "reason": "Soon"}, {"decision": "ALL", "reason": "No"},
                  {"decision": "KEEP", "reason": "Yes", "until": "2027-01-01"}):  # fmt: skip
        answer = client.post(url, wrong)
        assert answer.status_code == 422, wrong
    assert (
        client.post(url, {"decision": "SHORTEN", "until": "2020-01-01", "reason": "Kept text"}).text.count("Kept text")
        == 1
    )
    done = client.post(url, {"decision": "KEEP", "reason": "Her caseworker"})
    assert done.status_code == 302 and done.url == reverse("access-review-line", args=[review.uid, second.uid])
    again = client.post(url, {"decision": "REVOKE", "reason": "Changed my mind"})
    assert again.status_code == 422 and "decided on this access already" in again.text
    last = client.post(done.url, {"decision": "REVOKE", "reason": "Not needed"})
    assert last.url == reverse("access-review", args=[review.uid])
    assert "2 of 3 decided" in client.get(last.url).text
    own = reverse("access-review-line", args=[review.uid, line_of(review, cast.bea).uid])
    assert "The director decides on it" in client.get(own).text
    assert client.post(own, {"decision": "KEEP", "reason": "Me"}).status_code == 404
    assert sign_in(cast.omar).post(own, {"decision": "KEEP", "reason": "She leads the team"}).status_code == 302
    assert fresh(review).ended_at is not None


@pytest.mark.sql
def test_a_form_sent_twice_decides_once(cast, case, sign_in):
    review = reviewed(cast, case)
    url = reverse("access-review-line", args=[review.uid, line_of(review, cast.amina).uid])
    client = sign_in(cast.bea)
    form = {"decision": "KEEP", "reason": "Once", "form_key": "7c1b54f2-8a1c-4a53-9f12-5d5a1f0a1c11"}
    assert [client.post(url, form).status_code for _ in range(2)] == [302, 302]


def test_director_and_privacy_officer_begin_on_the_page_and_others_find_none(cast, case, sign_in):
    client = sign_in(cast.omar)
    page = client.get(reverse("access-reviews"))
    assert "Begin a review now" in page.text
    assert client.post(reverse("access-reviews"), {}).status_code == 422
    begun = client.post(reverse("access-reviews"), {"team": case.team_id})
    assert begun.status_code == 302
    again = client.post(reverse("access-reviews"), {"team": case.team_id})
    assert again.status_code == 422 and "A review of this team is under way" in again.text
    assert sign_in(cast.bea).post(reverse("access-reviews"), {"team": case.team_id}).status_code == 404
    review = access.for_the_house(AccessReview).get()
    urls = [
        reverse("access-review", args=[review.uid]),
        reverse("access-review-line", args=[review.uid, line_of(review, cast.amina).uid]),
    ]
    assert [sign_in(cast.kemi).get(url).status_code for url in urls] == [200, 200]
    assert sign_in(cast.kemi).post(urls[1], {"decision": "KEEP", "reason": "No"}).status_code == 404
    for person in (cast.nadia, cast.amina, cast.farid, cast.elif_, cast.chidi):
        assert [sign_in(person).get(url).status_code for url in urls] == [404, 404], person


def test_there_is_no_way_to_keep_everything_at_once(cast, case, sign_in):
    review = reviewed(cast, case)
    client = sign_in(cast.bea)
    page = client.get(reverse("access-review", args=[review.uid])).text
    assert page.count("<form") == client.get(reverse("access-reviews")).text.count("<form"), (
        "only the forms of every page"
    )
    assert client.post(reverse("access-review", args=[review.uid])).status_code == 405


def test_the_same_number_of_queries_for_few_and_for_many_lines(cast, case, sign_in):
    few, client, numbers = make.case(cast.dana, cast.team_of("dana")), sign_in(cast.omar), []
    for one, lead, people in ((few, cast.dana, colleagues(cast, 3)), (case, cast.amina, colleagues(cast, 46, first=3))):
        for person in people:
            give_access(actor=lead, now=clock.now(), case_uid=one.uid, kind=GrantKind.ASSIGNMENT, person=person)
        review = reviewed(cast, one)
        with CaptureQueriesContext(connection) as seen:
            page = client.get(reverse("access-review", args=[review.uid])).text
        numbers.append(len(seen))
    assert "Person 048" in page and numbers[0] == numbers[1], numbers


# ---- On whose list it stands ----


def test_the_supervisor_sees_it_on_her_home_with_its_date_until_it_is_done(cast, case, sign_in):
    client = sign_in(cast.bea)
    assert "Review of access" not in client.get(reverse("team")).text
    review = reviewed(cast, case)
    assert listed(cast.bea) == [timezone.localdate(review.ends_at)] and listed(cast.nadia) == listed(cast.omar) == []
    home, decisions = client.get(reverse("team")), client.get(reverse("decisions"))
    for page in (home, decisions):
        assert reverse("access-review", args=[review.uid]) in page.text and "30 days left" in page.text
    assert reverse("access-review", args=[review.uid]) not in sign_in(cast.nadia).get(reverse("decisions")).text
    decide(cast.bea, line_of(review, cast.amina))
    assert listed(cast.bea), "one line is left"
    decide(cast.omar, line_of(review, cast.bea))
    assert listed(cast.bea) == [] and "30 days left" not in client.get(reverse("team")).text


def test_it_is_reminded_goes_to_the_director_and_off_every_list_in_the_end(cast, case, sign_in):
    review = reviewed(cast, case)
    with time_machine.travel(review.ends_at - REMINDED_BEFORE + timedelta(hours=1)):
        keep_reviews()
        assert access.own(HouseDue, cast.bea, "person").get().noticed_at is not None
    with time_machine.travel(review.ends_at + timedelta(minutes=1)):
        keep_reviews()
        assert listed(cast.bea) == [] and listed(cast.omar) == [timezone.localdate(review.escalates_until)]
        assert "14 days left" in sign_in(cast.omar).get(reverse("decisions")).text
    with time_machine.travel(review.escalates_until + timedelta(minutes=1)):
        keep_reviews()
        assert listed(cast.omar) == [] and fresh(review).ended_at is not None
