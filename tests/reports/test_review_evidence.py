"""The evidence of the reviews of access: numbers and pseudonyms for auditors, case numbers for the privacy officer."""

import csv
import hashlib
import io
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock, pseudonyms
from audit.models import Event
from casemgmt.accounts.actions.roles import assign_role
from casemgmt.accounts.choices import Role
from casemgmt.reports.review_evidence import EvidenceReader, csv_of, lines_of, row_of
from cases.actions.grants import give_access
from cases.actions.reviews import decide_on_access, keep_reviews
from cases.actions.walls import place_wall
from cases.choices.sharing import GrantKind
from tests import make
from tests.cases.reviewing import colleagues, line_of, reviewed
from tests.operations.row_security_role import bound_by_policies
from tests.services.test_release_and_matter import a_matter, release

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def review(cast, case):
    """A review of four accesses, of which Bea decided on one."""
    release(cast, case, a_matter(cast, case))
    found = reviewed(cast, case)
    decide_on_access(
        actor=cast.bea,
        now=clock.now(),
        line_uid=line_of(found, cast.amina).uid,
        decision="KEEP",
        reason="Quillfeather needs her",
    )
    return found


@pytest.fixture
def outsider(cast):
    """Somebody who audits the house from outside."""
    [person] = colleagues(cast, 1, role=Role.EXTERNAL_AUDITOR)
    # Such a role lasts for 90 days, and these colleagues came long ago: given again today.
    assign_role(actor=cast.farid, now=clock.now(), user=person, role=Role.EXTERNAL_AUDITOR)
    return person


def page(client, review):
    return client.get(reverse("access-evidence-review", args=[review.uid]))


def file_of(client, review):
    answer = client.get(reverse("access-evidence-file", args=[review.uid]))
    return answer, list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_internal_auditor_reads_pseudonyms_and_no_reason(cast, case, review, sign_in):
    client = sign_in(cast.elif_, is_fresh=True)
    assert reverse("access-evidence") in client.get(reverse("auditor-home")).text
    listed = client.get(reverse("access-evidence")).text
    assert "North casework" in listed and "fewer than 5" in listed
    shown = page(client, review).text
    assert pseudonyms.of_case(case.uid) in shown and "Amina Rivers" in shown and "reason recorded" in shown
    assert case.number not in shown and str(case.uid) not in shown and "Quillfeather" not in shown
    answer, rows = file_of(client, review)
    assert len(rows) == 5 and {row[0] for row in rows[1:]} == {pseudonyms.of_case(case.uid)}
    assert case.number not in answer.text and "Quillfeather" not in answer.text
    [event] = Event.objects.filter(verb="EXPORT_MADE", actor_uid=cast.elif_.uid)
    assert event.detail.content["codes"]["sha256"] == hashlib.sha256(answer.content).hexdigest()
    read = Event.objects.filter(verb="LEDGER_READ", actor_uid=cast.elif_.uid)
    assert [one.detail.content["codes"]["page"] for one in read.order_by("pk")][-2:] == [
        "ACCESS_REVIEWS",
        "ACCESS_REVIEWS",
    ]


def test_an_external_auditor_reads_counts_alone(cast, case, review, outsider, sign_in):
    client = sign_in(outsider, is_fresh=True)
    shown = page(client, review).text
    assert "fewer than 11" in shown and "Single accesses are not shown" in shown
    for secret in (case.number, pseudonyms.of_case(case.uid), "Amina Rivers", "Chidi Okafor"):
        assert secret not in shown, secret
    answer, rows = file_of(client, review)
    assert rows[0] == ["What", "How many"] and ["Looked at", "fewer than 11"] in rows
    assert "Amina" not in answer.text and "S-" not in answer.text


def test_the_privacy_officer_reads_numbers_and_opens_nothing(cast, case, review, sign_in):
    client = sign_in(cast.kemi, is_fresh=True)
    shown = page(client, review).text
    assert (
        case.number in shown
        and "Chidi Okafor" in shown
        and "Okafor &amp; Partners (demo)" in shown
        and "Quillfeather" not in shown
    )
    _answer, rows = file_of(client, review)
    assert [row[8] for row in rows[1:]] == ["Kept", "Open", "Open", "Open"]
    assert not Event.objects.filter(verb="CASE_VIEWED", case_uid=case.uid).exists()
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.kemi)
    assert case.number not in page(client, review).text
    assert len(file_of(client, review)[1]) == 1


def test_what_became_of_each_access_is_in_the_figures(cast, case, review, sign_in):
    with time_machine.travel(review.escalates_until + timedelta(days=1)):
        keep_reviews()
    shown = page(sign_in(cast.omar), review).text
    for words in ("Looked at", "Kept", "Ended, because nobody decided", "Nobody decided; it stays", "Over since"):
        assert words in shown, words


def test_a_file_leaves_after_a_fresh_proof_alone(cast, review, sign_in):
    address = reverse("access-evidence-file", args=[review.uid])
    answer = sign_in(cast.elif_).get(address)
    assert answer.status_code == 302 and "next=" in answer.url
    assert not Event.objects.filter(verb="EXPORT_MADE").exists()
    taken = sign_in(cast.elif_, is_fresh=True).get(address)
    assert taken.status_code == 200 and taken["Cache-Control"] == "no-store"


def test_nobody_else_finds_it(cast, review, sign_in):
    urls = [
        reverse("access-evidence"), reverse("access-evidence-review", args=[review.uid]),
        reverse("access-evidence-file", args=[review.uid]),
    ]  # fmt: skip
    for person in (cast.amina, cast.bea, cast.chidi, cast.farid, cast.ines, cast.hugo):
        assert [sign_in(person).get(url).status_code for url in urls] == [404, 404, 404], person
    assert sign_in(cast.elif_).post(urls[0]).status_code == 405


def test_a_cell_is_no_formula(cast, case, sign_in):
    person = cast.gita
    person.name = "=HYPERLINK(1)"
    make.colleague(case, cast.bea, cast.gita, GrantKind.CLINICAL)
    review = reviewed(cast, case)
    line = next(one for one in lines_of(EvidenceReader(cast.kemi), review) if one.grant.person_id == person.pk)
    line.grant.person = person
    assert b"'=HYPERLINK(1)" in csv_of([row_of(EvidenceReader(cast.kemi), line)])


def test_the_same_number_of_queries_for_few_and_for_many_lines(cast, case, sign_in):
    few, numbers = make.case(cast.dana, cast.team_of("dana")), []
    client = sign_in(cast.elif_)
    for one, lead, people in ((few, cast.dana, colleagues(cast, 3)), (case, cast.amina, colleagues(cast, 46, first=3))):
        for person in people:
            give_access(actor=lead, now=clock.now(), case_uid=one.uid, kind=GrantKind.ASSIGNMENT, person=person)
        review = reviewed(cast, one)
        with CaptureQueriesContext(connection) as seen:
            shown = page(client, review).text
        numbers.append(len(seen))
    assert "Person 048" in shown and numbers[0] == numbers[1], numbers


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="Policies are a matter of PostgreSQL.")
def test_the_file_is_whole_behind_the_second_wall(cast, case, review, sign_in):
    """Whoever opens no case reads it in the name of the house, to the last line."""
    client = sign_in(cast.kemi, is_fresh=True)
    without = file_of(client, review)[1]
    with bound_by_policies():
        assert file_of(client, review)[1] == without and len(without) == 5
