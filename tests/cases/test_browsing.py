"""The browsing brake: the thirty-first case of an hour asks for a fresh proof and tells the supervisor, without content."""

import pytest
from django.test import Client
from django.urls import reverse

from audit import clock
from audit.models import Event
from cases import access, browsing
from cases.models import Notice
from tests import make
from tests.accounts.signing_in import code_of, give_app, sign_in

pytestmark = pytest.mark.walks

FEW = 3


@pytest.fixture
def cases(cast, monkeypatch):
    """Six cases of Amina's; the limit is three here, so that the test stays quick."""
    monkeypatch.setattr(browsing, "MOST_CASES", FEW)
    return [make.case(cast.amina, cast.team_of("amina")) for _number in range(2 * FEW + 1)]


def page(case, name="case-overview"):
    return reverse(name, args=[case.uid])


def brakes():
    return list(Event.objects.filter(verb="BROWSING_BRAKED"))


def opened(client, chosen):
    return [client.get(page(case)).status_code for case in chosen]


def test_the_limit_is_what_the_design_says():
    assert browsing.MOST_CASES == 30 and browsing.WITHIN.total_seconds() == 3600


def test_up_to_the_limit_nothing_is_asked_and_the_same_case_counts_once(cast, cases):
    client = sign_in(cast.amina)
    assert opened(client, [*cases[:FEW], *cases[:FEW], *cases[:FEW]]) == [200] * 3 * FEW
    assert brakes() == []


def test_lists_and_searches_do_not_count(cast, cases):
    client = sign_in(cast.amina)
    assert client.get(reverse("cases")).status_code == client.get(reverse("day")).status_code == 200
    assert opened(client, cases[:FEW]) == [200] * FEW and brakes() == []


@pytest.mark.sql
def test_one_more_asks_for_the_factor_comes_back_and_tells_the_supervisor(
    cast, cases, mailoutbox, django_capture_on_commit_callbacks
):
    secret = give_app(cast.amina)
    client = sign_in(cast.amina)
    opened(client, cases[:FEW])
    with django_capture_on_commit_callbacks(execute=True):
        asked = client.get(page(cases[FEW]))
    assert asked.status_code == 302 and asked.url.startswith("/account/confirm/?next=")
    assert client.get(page(cases[FEW + 1])).status_code == 302, "another one is no way around"
    assert client.get(page(cases[0])).status_code == 200, "what is open stays open"
    [brake] = brakes()
    assert brake.actor_uid == cast.amina.uid and brake.case_uid is None
    [notice] = Notice._base_manager.filter(kind="BROWSING_BRAKED")
    assert notice.person == cast.bea and notice.case_id is None
    [letter] = mailoutbox
    assert letter.to == [cast.bea.email]
    assert all(case.number not in letter.body for case in cases) and "Amina" not in letter.body
    confirm = asked.url.replace("/confirm/", "/confirm/code/")
    client.post(confirm, {"code": "000000"})
    assert client.get(page(cases[FEW])).status_code == 302
    back = client.post(confirm, {"code": code_of(secret)})
    assert back.url == page(cases[FEW])
    assert opened(client, cases[FEW : 2 * FEW]) == [200] * FEW
    assert client.get(page(cases[2 * FEW])).status_code == 302
    assert len(brakes()) == 2


def test_a_second_session_and_another_way_in_do_not_get_around_it(cast, cases):
    opened(sign_in(cast.amina), cases[:FEW])
    other = sign_in(cast.amina)
    for name in ("case-overview", "case-survivor", "case-print", "case-history", "case-documents"):
        assert other.get(page(cases[FEW], name)).url.startswith("/account/confirm/"), name
    assert other.post(page(cases[FEW], "case-name")).status_code == 303


def test_a_posted_form_is_kept(cast, cases):
    client = sign_in(cast.amina)
    opened(client, cases[:FEW])
    answer = client.post(page(cases[FEW], "case-note-add"), {"body": "A long thought about the brass kettle"})
    assert answer.status_code == 303 and "%2Faccount%2Fkept%2F" in answer.url
    [kept] = cast.amina.held_forms.all()
    assert "brass kettle" in client.get(reverse("held-form", args=[kept.uid])).text


def test_a_stranger_still_hears_that_there_is_no_such_case(cast, cases):
    mine = [make.case(cast.dana, cast.team_of("dana")) for _number in range(FEW)]
    dana = sign_in(cast.dana)
    opened(dana, mine)
    assert dana.get(page(cases[0])).status_code == 404 and brakes() == []
    assert Client().get(page(cases[0])).url.startswith("/sign-in/")


@pytest.mark.sql
def test_openings_of_more_than_an_hour_ago_do_not_count(cast, cases, monkeypatch):
    client = sign_in(cast.amina)
    opened(client, cases[:FEW])
    later = clock.now() + browsing.WITHIN
    assert browsing.opened_since(cast.amina, clock.now() - browsing.WITHIN) == {case.uid for case in cases[:FEW]}
    assert browsing.opened_since(cast.amina, later) == set()
    assert access.visible(type(cases[0]), cast.amina).count() == len(cases)
