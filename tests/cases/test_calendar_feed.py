"""The calendar feed: off by default, hours and days without a word, and it ends as a session does."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from audit import clock
from casemgmt.accounts.actions.absences import begin_travel, end_travel, lock_person
from casemgmt.accounts.actions.house import lock_office, open_office
from casemgmt.accounts.actions.people import deactivate_person
from casemgmt.accounts.models import User
from casemgmt.crypto.keyring import index_fingerprint
from cases import access
from cases.actions.calendar import end_feed, make_feed
from cases.actions.grants import revoke_access
from cases.actions.organisations import suspend_organisation
from cases.actions.people import begin_leave
from cases.actions.tasks import add_task
from cases.ical import Entry, calendar
from cases.models import AccessGrant, CalendarFeed
from services.actions import legal
from tests import make
from tests.services.test_release_and_matter import a_matter

PAGE, NEW, END = reverse("my-calendar"), reverse("calendar-address"), reverse("calendar-end")


def made(person) -> str:
    return make_feed(actor=person, now=clock.now()).token


def fetched(token, **more):
    return Client().get(reverse("calendar-feed", args=[token]), **more)


def events_in(response):
    assert response.status_code == 200
    return Calendar.from_ical(response.content).walk("VEVENT")


def given(case, actor, title="Canarydale", days=0, **more):
    due_on = clock.now().date() + timedelta(days=days)
    return add_task(actor=actor, now=clock.now(), case_uid=case.uid, title=title, due_on=due_on, **more)


def is_as_unknown(response) -> bool:
    """Whether the answer is the one that any unknown address gives to the same visitor."""
    unknown = Client().get("/calendar/no-such-place/at-all.ics")
    asked = response.wsgi_request.path
    return response.status_code == unknown.status_code == 302 and (
        response.url.replace(asked, "X") == unknown.url.replace(unknown.wsgi_request.path, "X")
        and response.content == unknown.content
        and set(response.headers) == set(unknown.headers)
    )


def test_it_is_off_until_somebody_turns_it_on_after_a_proof(cast, sign_in, events):
    assert not access.own(CalendarFeed, cast.amina, "person").exists()
    stale = sign_in(cast.amina)
    assert "Off" in stale.get(PAGE).text
    assert stale.get(NEW).status_code == 302 and stale.post(NEW).status_code == 303
    assert not access.own(CalendarFeed, cast.amina, "person").exists()
    client = sign_in(cast.amina, is_fresh=True)
    key = re.search(r'name="form_key" value="([^"]+)"', client.get(NEW).text)[1]
    shown = client.post(NEW, {"form_key": key}).text
    token = re.search(r"/calendar/([\w-]+)\.ics", shown)[1]
    assert len(token) >= 43, "256 bits"
    feed = access.own(CalendarFeed, cast.amina, "person").get()
    assert token not in client.get(PAGE).text and bytes(feed.token_digest) != token.encode()
    assert bytes(feed.token_digest) == index_fingerprint("calendar feed", token)
    assert len(events("CALENDAR_FEED_MADE")) == 1
    again = client.post(NEW, {"form_key": key})
    assert again.url == PAGE and access.own(CalendarFeed, cast.amina, "person").count() == 1
    assert fetched(token).status_code == 200


@pytest.mark.sql
def test_nobody_is_led_to_a_week_that_she_does_not_have(cast, sign_in):
    for key, has_one in (("amina", True), ("elif_", False), ("farid", False)):
        client = sign_in(getattr(cast, key))
        page = client.get(reverse("my-calendar")).text
        assert (f'href="{reverse("week")}"' in page) is has_one
        assert (client.get(reverse("week")).status_code == 200) is has_one


def test_it_says_when_and_nothing_else(cast, case):
    matter = a_matter(cast, case)
    starts = (clock.now() + timedelta(days=9)).replace(hour=14, minute=30, second=0, microsecond=0)
    zone = ZoneInfo("America/New_York")
    for _twice in range(2):
        legal.add_hearing(
            actor=cast.amina, now=clock.now(), matter_uid=matter.uid, starts_at=starts.astimezone(zone),
            time_zone=str(zone), hearing_type="MOTION", place="Canarydale Court", must_attend=True,
            interpreter_needed=True,
        )  # fmt: skip
    for number in range(3):
        task = given(case, cast.amina, f"Canarydale {number}", days=3)
    given(case, cast.amina, days=61)
    token = made(cast.amina)
    response = fetched(token)
    found = events_in(response)
    assert {str(one["SUMMARY"]) for one in found} == {"Haven: appointment", "Haven: due"}
    whole_days = [one["DTSTART"].dt for one in found if not isinstance(one["DTSTART"].dt, datetime)]
    moments = [one["DTSTART"].dt for one in found if isinstance(one["DTSTART"].dt, datetime)]
    day = clock.now().date()
    assert whole_days.count(day + timedelta(days=3)) == 1, "how many there are is not told"
    assert max(whole_days) <= day + timedelta(days=60) and moments == [starts]
    assert {key for one in found for key in one} == {"UID", "DTSTAMP", "DTSTART", "SUMMARY", "CLASS", "TRANSP"}
    told = response.content.decode()
    for word in (
        "Canarydale", case.number, "HV-", str(case.uid), case.uid.hex, str(task.uid), task.uid.hex, str(cast.amina.uid),
        cast.amina.uid.hex, "Amina", "New_York", "MOTION", "Hearing", "Task", cast.amina.organisation.name, "Zoraida",
    ):  # fmt: skip
        assert word not in told, word
    uids = [str(one["UID"]) for one in found]
    assert len(set(uids)) == len(uids) and [str(one["UID"]) for one in events_in(fetched(token))] == uids
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in response.headers


def test_the_file_is_as_rfc_5545_has_it():
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    words = "Haven; die Stadt, so groß: " + "ärger" * 30 + "\\n"
    there = datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("America/New_York"))
    raw = calendar([Entry("a" * 40, there, words), Entry("b" * 40, date(2026, 12, 1), "x")], name="Haven", at=at)
    lines = raw.split(b"\r\n")
    assert raw.endswith(b"\r\n") and b"\n" not in raw.replace(b"\r\n", b"") and max(map(len, lines)) <= 75
    for line in lines:
        line.decode()  # never folded inside a character
    read = Calendar.from_ical(raw)
    assert read["VERSION"] == "2.0" and read["PRODID"] and not read.errors
    first, second = read.walk("VEVENT")
    assert str(first["SUMMARY"]) == words and first["DTSTART"].dt == there and first["DTSTART"].dt.tzinfo is not None
    assert b"DTSTART:20260329T063000Z" in lines and b"DTSTART;VALUE=DATE:20261201" in lines
    assert second["DTSTART"].dt == date(2026, 12, 1) and first["DTSTAMP"].dt == at


@pytest.mark.sql
def test_only_what_is_hers_and_what_she_may_still_see(cast, case):
    make.colleague(case, cast.bea, cast.dana, "ASSIGNMENT")
    given(case, cast.dana, days=20, section="ADVOCACY", assigned_to=cast.dana)
    token, other = made(cast.dana), made(cast.gita)
    day = clock.now().date() + timedelta(days=20)
    assert day in [one["DTSTART"].dt for one in events_in(fetched(token))]
    assert day not in [one["DTSTART"].dt for one in events_in(fetched(other))]
    grant = access.for_the_house(AccessGrant).get(person=cast.dana)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=grant.uid)
    assert day not in [one["DTSTART"].dt for one in events_in(fetched(token))]


def test_a_wrong_secret_is_an_unknown_address(cast, sign_in):
    token = made(cast.amina)
    assert fetched(token).status_code == 200
    for wrong in (token[:-1], token + "A", token.swapcase(), "x"):
        assert is_as_unknown(fetched(wrong)), wrong
    assert sign_in(cast.dana).get(reverse("calendar-feed", args=["x"])).status_code == 404
    assert sign_in(cast.dana).post(reverse("calendar-feed", args=[token])).status_code == 405


def test_it_ends_when_she_ends_it_and_when_a_new_one_is_made(cast, sign_in, events):
    first = made(cast.amina)
    second = made(cast.amina)
    assert is_as_unknown(fetched(first)) and fetched(second).status_code == 200
    client = sign_in(cast.amina)
    assert client.get(END).status_code == 405
    assert client.post(END).url == PAGE and is_as_unknown(fetched(second))
    assert len(events("CALENDAR_FEED_ENDED")) == 1
    assert end_feed(actor=cast.amina, now=clock.now()) == 0 and len(events("CALENDAR_FEED_ENDED")) == 1


def travel(cast, person):
    begin_travel(actor=person, now=clock.now())


def lock(cast, person):
    lock_person(actor=cast.bea, now=clock.now(), user=person)


def leave(cast, person):
    begin_leave(actor=cast.bea, now=clock.now(), person=person, expected_back_on=None)


def close(cast, person):
    deactivate_person(actor=cast.farid, now=clock.now(), user=person)


def office(cast, person):
    lock_office(actor=cast.omar, now=clock.now())


@pytest.mark.parametrize("ends_it", [travel, lock, leave, close, office])
def test_it_ends_as_sessions_do(cast, ends_it):
    token = made(cast.amina)
    assert fetched(token).status_code == 200
    ends_it(cast, cast.amina)
    assert is_as_unknown(fetched(token))


def test_it_ends_with_the_suspension_of_an_organisation(cast):
    token = made(cast.hugo)
    suspend_organisation(actor=cast.kemi, now=clock.now(), organisation=cast.hugo.organisation)
    assert is_as_unknown(fetched(token))


def test_coming_back_does_not_bring_it_back(cast, sign_in):
    token = made(cast.amina)
    begin_travel(actor=cast.amina, now=clock.now())
    end_travel(actor=cast.bea, now=clock.now(), user=cast.amina)
    amina = User.objects.get(pk=cast.amina.pk)
    assert amina.is_active and is_as_unknown(fetched(token)) and "Off" in sign_in(amina).get(PAGE).text
    new = made(amina)
    assert fetched(new).status_code == 200
    lock_office(actor=cast.omar, now=clock.now())
    for one in (cast.bea, cast.kemi):
        open_office(actor=one, now=clock.now())
    assert is_as_unknown(fetched(new))


@pytest.mark.sql
def test_a_fetch_leaves_one_event_a_day_for_each_client(cast, case, events):
    token = made(cast.amina)
    for _again in range(3):
        assert fetched(token).status_code == 200
    [event] = events("CALENDAR_FETCHED")
    assert event.actor_uid is None and str(cast.amina.uid) in str(event.objects_touched)
    fetched(token, REMOTE_ADDR="192.0.2.9")
    assert len(events("CALENDAR_FETCHED")) == 2
    with time_machine.travel(clock.now() + timedelta(days=1, hours=1)):
        fetched(token)
    assert len(events("CALENDAR_FETCHED")) == 3


def test_it_is_not_asked_without_end(cast):
    token = made(cast.amina)
    with time_machine.travel(clock.now().replace(minute=1)):
        answers = [fetched(token).status_code for _each in range(14)]
    assert answers[:12] == [200] * 12 and answers[12:] == [429, 429]


def test_the_words_are_in_her_language_and_under_the_shown_name(cast, case, settings):
    settings.SITE_NAME = "Garden club"
    given(case, cast.amina)
    told = fetched(made(cast.amina)).content.decode()
    assert "Garden club: due" in told and "Haven:" not in told
