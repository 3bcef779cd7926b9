"""Where the day begins: my work, and a supervisor's team."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.accounts.actions.teams import add_member
from cases import access
from cases.actions.grants import revoke_access
from cases.actions.tasks import add_task
from cases.models import AccessGrant, Notice
from tests import make

pytestmark = pytest.mark.walks

DAY, TEAM = reverse("day"), reverse("team")


def given(case, actor, title, days=0, **more):
    due_on = timezone.localdate() + timedelta(days=days)
    return add_task(actor=actor, now=clock.now(), case_uid=case.uid, title=title, due_on=due_on, **more)


def test_a_caseworkers_day(cast, case, sign_in, events):
    given(case, cast.amina, "Umbrella today")
    given(case, cast.amina, "Umbrella soon", days=9)
    given(case, cast.amina, "Umbrella far", days=99)
    page = sign_in(cast.amina).get(DAY)
    now_due = [line["title"] for line in page.context["now_due"]]
    assert "Umbrella today" in now_due and "Assess safety" in now_due
    assert [line["title"] for line in page.context["coming"]] == ["Umbrella soon"]
    assert case.number in page.text and "Zoraida" not in page.text
    [event] = events("CASES_LISTED")
    assert event.actor_uid == cast.amina.uid and str(case.uid) in str(event.objects_touched)


def test_nothing_of_others_is_on_it(cast, case, sign_in):
    given(case, cast.amina, "Umbrella")
    for other in (cast.bea, cast.dana, cast.gita):
        page = sign_in(other).get(DAY)
        assert page.status_code == 200 and "Umbrella" not in page.text


@pytest.mark.sql
def test_a_revoked_grant_empties_the_day_at_once(cast, case, sign_in):
    make.colleague(case, cast.bea, cast.dana, "ASSIGNMENT")
    given(case, cast.dana, "Umbrella", section="ADVOCACY")
    client = sign_in(cast.dana)
    assert "Umbrella" in client.get(DAY).text
    grant = access.for_the_house(AccessGrant).get(person=cast.dana)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=grant.uid)
    assert "Umbrella" not in client.get(DAY).text and "Umbrella" not in client.get(reverse("tasks")).text


def test_notices_are_counted_and_can_be_seen(cast, case, sign_in, events):
    for number in range(3):
        given(case, cast.amina, f"Umbrella {number}", assigned_to=cast.bea)
    client = sign_in(cast.bea)
    [notice] = client.get(DAY).context["notices"]
    assert notice["number"] == 3
    assert client.post(reverse("notices-seen")).status_code == 302
    assert client.get(DAY).context["notices"] == [] and len(events("NOTICES_READ")) == 1
    client.post(reverse("notices-seen"))
    assert len(events("NOTICES_READ")) == 1
    assert access.own(Notice, cast.bea, "person").filter(read_at__isnull=True).count() == 0


def test_a_supervisors_team(cast, case, sign_in, events):
    given(case, cast.amina, "Umbrella")
    south = make.case(cast.dana, cast.team_of("dana"))
    page = sign_in(cast.bea).get(TEAM)
    assert page.context["cases_open"] == 1 and page.context["led_by_nobody"] == 0
    assert (cast.amina.name, 1) in [(line["name"], line["load"].cases) for line in page.context["people"]]
    assert case.number in page.text and south.number not in page.text
    assert "Umbrella" in page.text and cast.dana.name not in page.text
    assert events("CASES_LISTED")[-1].actor_uid == cast.bea.uid


@pytest.mark.sql
def test_it_says_which_cases_nobody_of_the_team_leads(cast, case, sign_in):
    member = cast.amina.memberships.get()
    type(member).objects.filter(pk=member.pk).audited_update(ends_at=clock.now())
    assert sign_in(cast.bea).get(TEAM).context["led_by_nobody"] == 1


def test_who_waits_to_join_is_said_with_the_way_to_answer(cast, case, sign_in):
    make.colleague(case, cast.amina, cast.bea, "SUPERVISION")
    team = cast.team_of("amina")
    type(team).objects.filter(pk=team.pk).audited_update(holds_grants=True)
    team.refresh_from_db()
    add_member(actor=cast.farid, now=clock.now(), team=team, user=cast.dana)
    page = sign_in(cast.bea).get(TEAM)
    assert cast.dana.name in page.text and reverse("my-account") in page.text


@pytest.mark.parametrize("url", [DAY, TEAM])
def test_homes_are_for_their_roles(cast, sign_in, url):
    for nobody in (cast.farid, getattr(cast, "elif"), cast.chidi, cast.hugo):
        assert sign_in(nobody).get(url).status_code == 404
    assert sign_in(cast.bea).post(url).status_code == 405


def test_amina_has_no_team_page(cast, sign_in):
    assert sign_in(cast.amina).get(TEAM).status_code == 404


@pytest.mark.parametrize(("who", "url"), [("amina", DAY), ("bea", TEAM)])
def test_a_home_costs_the_same_for_two_and_twenty(cast, sign_in, who, url):
    client = sign_in(getattr(cast, who))
    counts = []
    for number in (2, 18):
        for each in range(number):
            case = make.case(cast.amina, cast.team_of("amina"))
            given(case, cast.amina, f"Umbrella {each}")
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1] > 0
