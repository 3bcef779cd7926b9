"""The list of cases: only what one may open, a page at a time, one event, always the same number of queries."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from cases.actions.cases import change_stage
from cases.actions.walls import place_wall, restrict_case
from cases.views import listing
from tests import make

pytestmark = pytest.mark.sql

CASES = reverse("cases")


def numbers_in(page):
    return re.findall(r"HV-\w{4}-\w{4}", page.text)


@pytest.fixture
def many(cast):
    """``many(5)``: that many cases of Amina."""
    team = cast.team_of("amina")
    return lambda count: [make.case(cast.amina, team, first_name=f"Zora{number}") for number in range(count)]


def test_everybody_sees_what_she_may_open_and_nothing_else(cast, case, sign_in):
    south = make.case(cast.dana, cast.team_of("dana"))
    assert numbers_in(sign_in(cast.amina).get(CASES)) == [case.number]
    assert numbers_in(sign_in(cast.bea).get(CASES)) == [case.number]
    assert numbers_in(sign_in(cast.dana).get(CASES)) == [south.number]
    for nobody in (getattr(cast, "elif"), cast.farid, cast.chidi, cast.hugo):
        page = sign_in(nobody).get(CASES)
        assert page.status_code == 200 and numbers_in(page) == []


def test_a_wall_and_a_restriction_count_here_too(cast, case, sign_in):
    restrict_case(actor=cast.amina, now=clock.now(), case_uid=case.uid, is_restricted=True)
    assert numbers_in(sign_in(cast.bea).get(CASES)) == [case.number]
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.bea)
    assert numbers_in(sign_in(cast.bea).get(CASES)) == []


def test_one_event_a_page_names_the_cases_that_were_shown(cast, many, sign_in, events):
    shown = many(3)
    sign_in(cast.amina).get(CASES)
    [event] = events("CASES_LISTED")
    assert event.section_codes == ["CARD"] and event.detail.content["codes"]["count"] == 3
    assert {uid for kind, uid, _case in event.objects_touched} == {str(case.uid) for case in shown}


def test_it_costs_the_same_for_three_and_thirty(cast, many, sign_in):
    client = sign_in(cast.amina)
    counts = []
    for number in (3, 27):
        many(number)
        client.get(CASES)
        with CaptureQueriesContext(connection) as queries:
            client.get(CASES)
        counts.append(len(queries))
    assert counts[0] == counts[1] > 0


def test_older_pages_by_a_token_that_is_nobody_elses(cast, many, sign_in, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 2)
    made = [case.number for case in many(5)]
    client, seen, url = sign_in(cast.amina), [], CASES
    while url:
        page = client.get(url)
        seen += numbers_in(page)
        older = re.search(r'href="([^"]+)" rel="next"', page.text)
        url = older.group(1).replace("&amp;", "&") if older else ""
        if url:
            assert not re.search(r"before=\d+(&|$)", url)
            token_url = url
    assert seen == made[::-1]
    assert sign_in(cast.bea).get(token_url).status_code == 404
    assert client.get(f"{CASES}?before=12").status_code == 404


def test_filters_are_codes_and_can_be_taken_off(cast, case, sign_in):
    other = make.case(cast.amina, cast.team_of("amina"))
    change_stage(actor=cast.amina, now=clock.now(), case_uid=other.uid, stage="LEGAL", status="ON_HOLD")
    client = sign_in(cast.amina)
    assert numbers_in(client.get(f"{CASES}?stage=LEGAL")) == [other.number]
    page = client.get(f"{CASES}?stage=LEGAL&status=ON_HOLD")
    assert numbers_in(page) == [other.number]
    assert f'href="{CASES}?stage=LEGAL"' in page.text and f'href="{CASES}?status=ON_HOLD"' in page.text
    assert numbers_in(client.get(f"{CASES}?status=CLOSED")) == []
    assert numbers_in(sign_in(cast.bea).get(f"{CASES}?mine=1")) == []
    assert len(numbers_in(client.get(f"{CASES}?stage=NONSENSE&team=x&status=%00"))) == 2


def test_closed_cases_show_where_they_are_asked_for(cast, case, sign_in):
    make.closed(case, cast.amina)
    client = sign_in(cast.amina)
    assert numbers_in(client.get(CASES)) == []
    assert numbers_in(client.get(f"{CASES}?status=CLOSED")) == [case.number]
    assert numbers_in(client.get(f"{CASES}?status=ANY")) == [case.number]


def test_names_show_after_a_recorded_click_until_they_are_hidden(cast, case, clinician, sign_in, events):
    client = sign_in(cast.amina)
    assert "Zoraida" not in client.get(CASES).text
    client.post(reverse("case-names"), {"names": "show"})
    client.post(reverse("case-names"), {"names": "show"})
    assert "Zoraida Quillfeather" in client.get(CASES).text
    assert len(events("NAMES_SHOWN")) == 1
    assert "IDENTITY" in events("CASES_LISTED")[-1].section_codes
    client.post(reverse("case-names"), {"names": "hide"})
    assert "Zoraida" not in client.get(CASES).text
    assert client.get(reverse("case-names")).status_code == 405


def test_whoever_opens_no_cases_is_offered_none(cast, case, clinician, sign_in):
    assert reverse("intake") in sign_in(cast.amina).get(CASES).text
    assert reverse("intake") not in sign_in(clinician).get(CASES).text


def test_wrong_method(cast, sign_in):
    assert sign_in(cast.amina).post(CASES).status_code == 405
