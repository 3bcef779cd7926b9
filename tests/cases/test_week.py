"""The calendar: my week and my team's, of what is on the lists and of nothing else."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from audit import clock
from casemgmt.accounts.actions.people import change_preferences
from cases import access
from cases.actions.grants import revoke_access
from cases.actions.rota import add_shift
from cases.actions.tasks import add_task
from cases.actions.walls import place_wall
from cases.models import AccessGrant
from cases.weeks import Week
from services.actions import legal
from tests import make
from tests.services.test_release_and_matter import a_matter, release

pytestmark = pytest.mark.walks

WEEK, TEAM_WEEK = reverse("week"), reverse("team-week")
#: A Wednesday, with room on both sides of its week.
WEDNESDAY = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(WEDNESDAY, tick=True):
        yield


def given(case, actor, title, days=0, **more):
    due_on = timezone.localdate() + timedelta(days=days)
    return add_task(actor=actor, now=clock.now(), case_uid=case.uid, title=title, due_on=due_on, **more)


def titles(page):
    return {day["on"].isoformat(): [line["title"] for line in day["lines"]] for day in page.context["days"]}


def test_seven_days_with_what_is_mine(cast, case, sign_in, events):
    given(case, cast.amina, "Umbrella today")
    given(case, cast.amina, "Umbrella on Sunday", days=4)
    given(case, cast.amina, "Umbrella next week", days=5)
    given(case, cast.amina, "Umbrella of Bea", assigned_to=cast.bea)
    client = sign_in(cast.amina)
    page = client.get(WEEK)
    assert list(titles(page)) == [f"2026-11-{day}" for day in range(23, 30)]
    assert "Umbrella today" in titles(page)["2026-11-25"] and titles(page)["2026-11-29"] == ["Umbrella on Sunday"]
    for other in ("Umbrella next week", "Umbrella of Bea", "Zoraida"):
        assert other not in page.text
    assert case.number in page.text or case.uid.hex in page.text.replace("-", "")
    later = client.get(page.context["later"])
    assert titles(later)["2026-11-30"] == ["Umbrella next week"] and "Umbrella today" not in later.text
    assert titles(client.get(later.context["earlier"])) == titles(page)
    event = events("CASES_LISTED")[0]
    assert event.actor_uid == cast.amina.uid and str(case.uid) in str(event.objects_touched)


@pytest.mark.parametrize("odd", ["", "tomorrow", "0001-01-01", "9999-12-31", "2026-13-99", "<script>"])
def test_an_odd_day_is_this_week(cast, case, sign_in, odd):
    page = sign_in(cast.amina).get(WEEK, {"of": odd})
    assert page.status_code == 200 and page.context["is_this_week"] and "<script>" not in page.text


@pytest.mark.parametrize(("language", "first"), [("en", "2026-11-23"), ("fr", "2026-11-23"), ("ar", "2026-11-21")])
def test_a_week_begins_as_the_language_has_it(language, first):
    with translation.override(language):
        week = Week.of(WEDNESDAY.date())
        assert week.first.isoformat() == first and WEDNESDAY.date() in week.days


def test_the_days_are_the_readers_own(cast, case, sign_in):
    change_preferences(actor=cast.amina, now=clock.now(), name="Amina", language="en", time_zone="Pacific/Auckland")
    with time_machine.travel(datetime(2026, 11, 29, 12, tzinfo=UTC)):
        assert sign_in(cast.amina).get(WEEK).context["week"].first.isoformat() == "2026-11-30"
        assert sign_in(cast.bea).get(WEEK).context["week"].first.isoformat() == "2026-11-23"


def test_a_hearing_stands_at_the_courts_hour(cast, case, sign_in):
    matter = a_matter(cast, case)
    starts = datetime(2026, 11, 26, 9, 30, tzinfo=ZoneInfo("America/New_York"))
    legal.add_hearing(
        actor=cast.amina, now=clock.now(), matter_uid=matter.uid, starts_at=starts, time_zone="America/New_York",
        hearing_type="MOTION", place="Canarydale Court", must_attend=True, interpreter_needed=False,
    )  # fmt: skip
    page = sign_in(cast.amina).get(WEEK)
    [line] = next(day["lines"] for day in page.context["days"] if day["on"].isoformat() == "2026-11-26")
    hour = line["hour"]
    assert (f"{hour.there:%H:%M}", hour.zone, f"{hour.here:%H:%M}") == ("09:30", "America/New_York", "14:30")
    assert "09:30" in page.text and "America/New_York" in page.text and "Canarydale" not in page.text
    change_preferences(actor=cast.amina, now=clock.now(), name="Amina", language="en", time_zone="America/New_York")
    page = sign_in(cast.amina).get(WEEK)
    assert "09:30" in page.text and "14:30" not in page.text


def test_an_attorney_sees_the_dates_of_her_matter_alone(cast, case, sign_in):
    matter = a_matter(cast, case)
    legal.add_deadline(
        actor=cast.amina, now=clock.now(), matter_uid=matter.uid, due_on=WEDNESDAY.date(), kind="AGENCY",
        title="Umbrella brief", authority="Order",
    )  # fmt: skip
    given(case, cast.amina, "Umbrella of the house")
    client = sign_in(cast.chidi)
    assert "Umbrella" not in client.get(WEEK).text
    release(cast, case, matter)
    page = client.get(WEEK)
    assert "Umbrella brief" in page.text and "Umbrella of the house" not in page.text


def test_my_turns_on_duty(cast, case, sign_in):
    team = cast.team_of("amina")
    starts = WEDNESDAY + timedelta(hours=8)
    add_shift(
        actor=cast.bea, now=clock.now(), team_uid=team.uid, person=cast.amina, starts_at=starts,
        ends_at=starts + timedelta(hours=12),
    )  # fmt: skip
    page = sign_in(cast.amina).get(WEEK)
    on = [day["on"].isoformat() for day in page.context["days"] if day["shifts"]]
    assert on == ["2026-11-25", "2026-11-26"] and team.name in page.text
    assert not any(day["shifts"] for day in sign_in(cast.gita).get(WEEK).context["days"])
    [bea] = [one for one in sign_in(cast.bea).get(TEAM_WEEK).context["people"] if one["name"] == cast.amina.name]
    assert len(bea["shifts"]) == 1


@pytest.mark.sql
def test_what_was_taken_away_is_gone_at_once(cast, case, sign_in):
    make.colleague(case, cast.bea, cast.dana, "ASSIGNMENT")
    given(case, cast.dana, "Umbrella", section="ADVOCACY")
    client = sign_in(cast.dana)
    assert "Umbrella" in client.get(WEEK).text
    grant = access.for_the_house(AccessGrant).get(person=cast.dana)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=grant.uid)
    assert "Umbrella" not in client.get(WEEK).text


@pytest.mark.sql
def test_the_teams_week_by_person_of_cases_the_reader_may_see(cast, case, sign_in, events):
    given(case, cast.amina, "Umbrella")
    south = make.case(cast.dana, cast.team_of("dana"))
    given(south, cast.dana, "Parasol")
    page = sign_in(cast.bea).get(TEAM_WEEK)
    by_name = {one["name"]: [line["title"] for line in one["lines"]] for one in page.context["people"]}
    assert "Umbrella" in by_name[cast.amina.name] and cast.dana.name not in page.text and "Parasol" not in page.text
    assert events("CASES_LISTED")[-1].actor_uid == cast.bea.uid
    assert "Umbrella" in sign_in(cast.amina).get(TEAM_WEEK).text
    place_wall(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.amina, reason="An aunt", kind="KNOWS_SURVIVOR"
    )
    walled = sign_in(cast.amina).get(TEAM_WEEK)
    assert "Umbrella" not in walled.text and str(case.uid) not in walled.text
    assert not any(one["lines"] for one in walled.context["people"])


@pytest.mark.parametrize("url", [WEEK, TEAM_WEEK])
def test_weeks_are_for_their_roles(cast, sign_in, url):
    for nobody in (cast.farid, getattr(cast, "elif"), cast.hugo):
        assert sign_in(nobody).get(url).status_code == 404
    assert sign_in(cast.bea).post(url).status_code == 405
    assert sign_in(cast.chidi).get(TEAM_WEEK).status_code == 404


def test_both_are_found_from_the_homes(cast, case, sign_in):
    assert f'href="{WEEK}"' in sign_in(cast.amina).get(reverse("day")).text
    team = sign_in(cast.bea).get(reverse("team")).text
    assert f'href="{WEEK}"' in team and f'href="{TEAM_WEEK}"' in team
    assert f'href="{WEEK}"' in sign_in(cast.chidi).get(reverse("attorney-home")).text
    assert f'href="{TEAM_WEEK}?' in sign_in(cast.amina).get(WEEK).text
    # Luis belongs to a team and has no page of its week: nothing leads him there.
    assert cast.luis.memberships.exists() and sign_in(cast.luis).get(TEAM_WEEK).status_code == 404
    assert TEAM_WEEK not in sign_in(cast.luis).get(WEEK).text


def test_a_task_is_done_from_the_week(cast, case, sign_in):
    task = given(case, cast.amina, "Umbrella")
    client = sign_in(cast.amina)
    done = client.post(reverse("case-task-done", args=[case.uid, task.uid]), {"back": "week"})
    assert done.status_code == 302 and done.url == WEEK and "Umbrella" not in client.get(WEEK).text


@pytest.mark.parametrize(("who", "url"), [("amina", WEEK), ("bea", TEAM_WEEK)])
def test_a_week_costs_the_same_for_two_and_twenty(cast, sign_in, who, url):
    client = sign_in(getattr(cast, who))
    counts = []
    for number in (2, 18):
        for each in range(number):
            given(make.case(cast.amina, cast.team_of("amina")), cast.amina, f"Umbrella {each}")
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1] > 0
