"""The whole timeline: everything its reader may see, narrowed by kind, part, person and days; quick with a thousand lines."""

import re
from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.action import action
from audit.log import record
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.sections import Section
from cases import access
from cases.actions.trail import add_line
from cases.choices.documents import DocumentCategory
from cases.choices.sharing import GrantKind
from cases.models import TimelineEntry
from tests import make


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def whole(case):
    return reverse("case-timeline", args=[case.uid])


@action
def write_lines(*, actor, now, case, count, section=Section.ADVOCACY):
    """Many lines at once, one a day into the past."""
    held = access.lock_for_write(actor, case.uid, section)
    for number in range(count):
        add_line(
            case=held.case, section=section, kind=Verb.TASK_ADDED, subject=held.case, author=actor,
            at=now - timedelta(days=number), line=f"Line {number:04d}",
        )  # fmt: skip
    record(Verb.TASK_ADDED, actor=actor, subject=held.case, held=held)


def lines(text):
    return re.findall(r"Line (\d{4})", text)


def queries(client, address):
    """How many queries a page costs; asked once before, so that nothing is counted that only the first one does."""
    client.get(address)
    seen = [CaptureQueriesContext(connections[alias]) for alias in ("default", "keystore")]
    with seen[0], seen[1]:
        answer = client.get(address)
    assert answer.status_code == 200
    return sum(len(one) for one in seen), answer.text


def test_a_thousand_lines_cost_as_many_queries_as_sixty(cast, case, whole, sign_in):
    client = sign_in(cast.amina)
    write_lines(actor=cast.amina, now=clock.now(), case=case, count=60)
    few, _text = queries(client, whole)
    write_lines(actor=cast.amina, now=clock.now(), case=case, count=1000)
    many, text = queries(client, whole)
    assert many <= few
    assert len(lines(text)) >= 49
    assert re.search(r"1 to 50 of 10\d\d", text)


def test_older_and_newer_lead_through_all_of_it_and_back(cast, case, whole, sign_in):
    write_lines(actor=cast.amina, now=clock.now(), case=case, count=120)
    client, address, seen = sign_in(cast.amina), whole, []
    while address:
        text = client.get(address).text
        seen += lines(text)
        last, found = address, re.search(r'rel="next" href="([^"]+)"', text)
        address = found[1].replace("&amp;", "&") if found else ""
    assert seen == [f"{number:04d}" for number in range(120)]
    back = re.search(r'rel="prev" href="([^"]+)"', client.get(last).text)[1].replace("&amp;", "&")
    assert "0050" in lines(client.get(back).text)
    assert sign_in(cast.bea).get(last).status_code == 404  # a place of one person is nobody else's


def test_it_is_narrowed_by_kind_part_person_and_days(cast, case, whole, sign_in):
    make.document(case, cast.amina, name="card.txt", category=DocumentCategory.IDENTITY_DOCUMENT)
    write_lines(actor=cast.amina, now=clock.now(), case=case, count=10)
    client, today = sign_in(cast.amina), timezone.localdate()
    assert "card.txt" in client.get(whole, {"kind": "documents"}).text and not lines(
        client.get(whole, {"kind": "documents"}).text
    )
    advocacy = client.get(whole, {"section": "ADVOCACY"}).text
    assert len(lines(advocacy)) == 10 and "card.txt" not in advocacy
    week = client.get(whole, {"since": today - timedelta(days=3), "until": today - timedelta(days=2)}).text
    assert lines(week) == ["0002", "0003"]
    assert len(lines(client.get(whole, {"who": cast.amina.uid}).text)) == 10
    assert client.get(whole, {"who": cast.bea.uid}).status_code == 422  # who wrote nothing here is no choice
    assert "Nothing is left with these filters" in client.get(whole, {"until": "2001-01-01"}).text
    assert client.get(whole, {"since": today, "until": today - timedelta(days=2)}).status_code == 422


def test_each_reader_finds_her_own_parts_and_no_choice_tells_of_another(cast, case, whole, sign_in):
    write_lines(actor=cast.amina, now=clock.now(), case=case, count=3)
    make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
    text = sign_in(cast.gita).get(whole).text
    assert not lines(text) and 'value="ADVOCACY"' not in text
    assert sign_in(cast.gita).get(whole, {"section": "ADVOCACY"}).status_code == 422


def test_a_stranger_and_the_auditor_find_nothing(cast, case, whole, sign_in):
    assert sign_in(cast.dana).get(whole).status_code == 404
    assert sign_in(cast.elif_).get(whole).status_code in (403, 404)
    assert sign_in(cast.amina).post(whole).status_code == 405


def test_what_was_looked_at_is_recorded(cast, case, whole, sign_in):
    sign_in(cast.amina).get(whole)
    event = Event.objects.filter(verb="CASE_VIEWED", case_uid=case.uid).latest("pk")
    assert event.actor_uid == cast.amina.uid and "timeline.line" in event.detail.content["fields"]
    assert access.within(TimelineEntry, case).exists()
