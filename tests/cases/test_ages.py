"""Dates by age: a monthly reminder that tells nothing, and a page that is looked up when somebody opens it."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from cases import access, minors
from cases.actions.ages import ask_to_look, first_working_day, remind_of_ages
from cases.actions.kin import add_family_member
from cases.models import Due, HouseDue, Notice, Task
from tests import make

AGES = reverse("age-dates")


def birthday_in(days, age):
    """Born so that the birthday of that age comes in so many days."""
    day = timezone.localdate() + timedelta(days=days)
    day = day if (day.month, day.day) != (2, 29) else day + timedelta(days=1)
    return day.replace(year=day.year - age)


def notices():
    return access.for_the_house(Notice).filter(kind="AGE_DATES")


def next_month(day=15):
    here = timezone.localdate().replace(day=1) + timedelta(days=32)
    return datetime(here.year, here.month, day, 9, tzinfo=UTC)


def test_everybody_who_leads_an_open_case_is_asked_once_a_month_whatever_the_dates(cast, events):
    make.case(cast.amina, cast.team_of("amina"), birth_date=birthday_in(30, 18))
    make.case(cast.dana, cast.team_of("dana"), birth_date=date(1980, 1, 1))
    before = [access.for_the_house(model).count() for model in (Due, HouseDue, Task)]
    with time_machine.travel(next_month()):
        assert remind_of_ages() == 2
        assert remind_of_ages() == 0
        rows = list(notices().select_related("person").order_by("person"))
        assert {row.person for row in rows} == {cast.amina, cast.dana}
        # A row of hers and a row of one who has nobody of that age differ in nothing but in whose they are.
        assert {(row.case_id, row.about_kind, row.created_at) for row in rows} == {(None, "month", rows[0].created_at)}
        assert [access.for_the_house(model).count() for model in (Due, HouseDue, Task)] == before
        [stamped] = [event for event in events("DUE_STAMPED") if event.subject_kind == "month"]
        assert stamped.case_uid is None and stamped.detail.shown()["codes"] == {"count": 2}
        assert not [one for one in events("JOB_RUN") if "age" in str(one.detail.shown())], "nothing was opened"
    with time_machine.travel(next_month() + timedelta(days=31)):
        assert remind_of_ages() == 2


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 11, 23), date(2026, 11, 2)),
        (date(2026, 12, 1), date(2026, 12, 1)),
        (date(2027, 5, 1), date(2027, 5, 3)),
    ],
)
def test_the_first_working_day_of_a_month(day, first):
    assert first_working_day(day) == first


def test_not_before_the_first_working_day_and_not_for_closed_cases(cast, monkeypatch):
    case = make.case(cast.amina, cast.team_of("amina"))
    monkeypatch.setattr("cases.actions.ages.first_working_day", lambda day: day + timedelta(days=1))
    assert remind_of_ages() == 0
    monkeypatch.undo()
    make.closed(case, cast.amina)
    with time_machine.travel(next_month()):
        assert remind_of_ages() == 0


def test_the_notice_leads_to_the_page_which_says_who_and_when(cast, sign_in, events):
    soon = make.case(cast.amina, cast.team_of("amina"), birth_date=birthday_in(30, 18))
    later = make.case(cast.amina, cast.team_of("amina"), birth_date=birthday_in(90, 21))
    far = make.case(cast.amina, cast.team_of("amina"), birth_date=birthday_in(91, 18))
    past = make.case(cast.amina, cast.team_of("amina"), birth_date=birthday_in(0, 18))
    assert ask_to_look(actor=None, now=clock.now()) == 1
    client = sign_in(cast.amina)
    home = client.get(reverse("day")).text
    assert "Once a month" in home and f'href="{AGES}"' in home
    page = client.get(AGES).text
    assert "She turns 18 in 30 days" in page and "She turns 21 in 90 days" in page
    assert soon.number in page and later.number in page and far.number not in page and past.number not in page
    listed = events("CASES_LISTED")[-1]
    assert "IDENTITY" in listed.section_codes
    assert soon.number not in sign_in(cast.bea).get(AGES).text, "for the lead alone"
    assert sign_in(cast.dana).get(AGES).text.count("Nobody soon") == 1


def test_of_her_family_it_says_that_there_is_somebody_and_no_name(cast, sign_in):
    case = make.case(cast.amina, cast.team_of("amina"), birth_date=date(1990, 1, 1))
    who = {"x_KinName": "Linnetto", "x_KinRelation": "CHILD"}
    facts = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid}
    client = sign_in(cast.amina)
    add_family_member(**facts, who={**who, "x_KinBornOn": "1999-01-01"})
    assert case.number not in client.get(AGES).text
    add_family_member(**facts, who={**who, "x_KinBornOn": birthday_in(20, 21).isoformat()})
    page = client.get(AGES).text
    assert "Somebody of her family turns 21" in page and "Linnetto" not in page
    assert reverse("case-family", args=[case.uid]) in page


@pytest.mark.parametrize(
    ("born", "year", "ages"),
    [
        (date(2008, 12, 1), None, [18]),
        (date(2008, 11, 23), None, []),
        (date(2005, 12, 1), 2005, [21]),
        (None, 2008, [18]),
        (None, 2009, [18]),
        (None, 2010, []),
        (None, None, []),
    ],
)
def test_where_only_the_year_is_known_all_of_it_counts(born, year, ages):
    assert minors.is_ahead(born, year, date(2026, 11, 23)) == ages


def test_the_queries_do_not_grow_with_the_cases(cast, sign_in):
    client = sign_in(cast.amina)
    make.case(cast.amina, cast.team_of("amina"), birth_date=birthday_in(30, 18))
    client.get(AGES)
    with CaptureQueriesContext(connection) as one:
        client.get(AGES)
    for _more in range(3):
        make.case(cast.amina, cast.team_of("amina"), birth_date=birthday_in(30, 18))
    with CaptureQueriesContext(connection) as four:
        assert client.get(AGES).text.count("She turns 18") == 4
    assert len(four) <= len(one) + 1
