"""Who can see this, why can I see it, and who could see it then."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from audit import clock
from audit.context import demo_context
from audit.models import Event
from casemgmt.access.sections import Section, read
from casemgmt.accounts.actions.people import deactivate_person
from cases import access
from cases.actions.grants import give_access
from cases.actions.releases import withdraw_release
from cases.actions.walls import place_wall
from cases.choices.sharing import GrantKind
from cases.models import AccessGrant
from tests import make
from tests.cases.reviewing import colleagues, give_new_end
from tests.services.test_release_and_matter import a_matter, release

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


def sharing(client, case) -> str:
    return client.get(reverse("case-sharing", args=[case.uid])).text


def grant_of(case, person, kind=None) -> AccessGrant:
    return next(
        one.grant for one in access.live_access(case)
        if one.grant.person_id == person.pk and kind in (None, one.grant.kind)
    )  # fmt: skip


def written(moment) -> str:
    return date_format(timezone.localdate(moment), "j F Y")


# ---- Who can see this ----


@pytest.mark.sql
def test_each_line_says_who_why_what_until_and_last_used(cast, case, sign_in):
    until = clock.now() + timedelta(days=40)
    give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita, until=until
    )
    give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.RESIDENCE, team=cast.team_of("jonas")
    )
    before = sharing(sign_in(cast.bea), case)
    for words in (
        "Gita Marsh",
        "Clinical care",
        "Counselling",
        f'datetime="{timezone.localdate(until).isoformat()}"',
        "Jonas Shore",
        "Reads and writes:",
    ):
        assert words in before, words
    assert before.count(">never<") == 4, "nobody has opened it yet, not even whoever opened the case"
    assert sign_in(cast.gita).get(reverse("case-overview", args=[case.uid])).status_code == 200
    after = sharing(sign_in(cast.bea), case)
    assert after.count(">never<") == 2, "Gita, and Bea herself"
    used = access.LastUses([case.uid])
    assert used.of(grant_of(case, cast.gita)) == Event.objects.filter(actor_uid=cast.gita.uid).latest("at").at
    assert used.of(grant_of(case, cast.amina)) is None


def test_a_list_is_no_use_and_a_teams_use_is_that_of_its_people(cast, case, sign_in):
    given = give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.RESIDENCE, team=cast.team_of("jonas")
    )
    assert sign_in(cast.amina).get(reverse("cases")).status_code == 200
    members = access.members_behind(case, access.live_access(case))
    assert [one.name for one in members[given.pk]] == ["Jonas Shore"]
    assert access.LastUses([case.uid]).of(grant_of(case, cast.amina)) is None
    assert access.LastUses([case.uid]).of(given, members[given.pk]) is None
    assert sign_in(cast.jonas).get(reverse("case-overview", args=[case.uid])).status_code == 200
    assert access.LastUses([case.uid]).of(given, members[given.pk]) is not None
    assert access.LastUses([case.uid]).of(given) is not None, (
        "by the ground in the event, also when he has left the team"
    )


def test_an_outsider_sees_only_her_own_lines(cast, case, sign_in):
    release(cast, case, a_matter(cast, case))
    page = sharing(sign_in(cast.chidi), case)
    assert "Chidi Okafor" in page and "Pro bono attorney" in page and "You see your own line only" in page
    assert "Amina Rivers" not in page and "Bea Meadows" not in page


def test_what_rests_is_shown_only_to_whoever_places_walls(cast, case, sign_in):
    give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=cast.dana)
    give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita)
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.dana)
    deactivate_person(actor=cast.farid, now=clock.now(), user=cast.gita)
    assert {one.who for one in access.who_can_see(case)} == {"Amina Rivers", "Bea Meadows"}
    hers, his = sharing(sign_in(cast.amina), case), sharing(sign_in(cast.bea), case)
    assert "Dana Hill" not in hers and "Gita Marsh" not in hers
    assert "opens nothing now" in his and "Dana Hill" in his and "Gita Marsh" in his
    url = reverse("access-revoke", args=[case.uid, grant_of(case, cast.dana).uid])
    assert sign_in(cast.amina).get(url).status_code == 404
    assert sign_in(cast.bea).get(url).status_code == 200


def test_the_same_number_of_queries_with_five_and_with_fifty_viewers(cast, case, sign_in):
    client = sign_in(cast.bea)
    numbers = []
    for first, count in ((0, 3), (3, 45)):
        for person in colleagues(cast, count, first=first):
            give_access(actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=person)
        with CaptureQueriesContext(connection) as seen:
            page = sharing(client, case)
        numbers.append(len(seen))
        grant = grant_of(case, cast.amina)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("access-revoke", args=[case.uid, grant.uid])).status_code == 200
        numbers.append(len(seen))
        with CaptureQueriesContext(connection) as seen:
            assert access.sections_seen(case, clock.now())
        numbers.append(len(seen))
    assert "Person 047" in page and len(access.who_can_see(case)) == 50
    assert numbers[:3] == numbers[3:], numbers


# ---- Why can I see this ----


def test_the_header_of_every_tab_leads_to_why(cast, case, sign_in):
    client = sign_in(cast.amina)
    url = reverse("case-why", args=[case.uid])
    for tab in (
        "overview",
        "survivor",
        "safety",
        "legal",
        "aftercare",
        "reintegration",
        "documents",
        "sharing",
        "history",
    ):
        assert f'href="{url}"' in client.get(reverse(f"case-{tab}", args=[case.uid])).text, tab
    page = client.get(url).text
    assert "You are assigned to this case, until it is taken back." in page
    assert "It came with opening the case on" in page and "What happened" in page
    assert client.post(url).status_code == 405
    assert sign_in(cast.dana).get(url).status_code == 404


def test_a_sentence_for_each_ground(cast, case):
    until = clock.now() + timedelta(days=20)
    north = cast.team_of("amina")
    give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita, until=until
    )
    with demo_context():
        from_team = give_access(
            actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.RESIDENCE, team=cast.team_of("jonas")
        )
    [only] = access.grounds(cast.gita, case)
    assert only.sentence == f"You give her clinical care, until {written(until)}."
    assert only.origin == [f"Bea Meadows gave it on {written(clock.now())}."]
    [his] = access.grounds(cast.jonas, case)
    assert his.viewer.grant.pk == from_team.pk and "You have it through your team, Shelter." in his.origin
    assert access.grounds(cast.dana, case) == [] and north.name == "North casework"
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.gita)
    assert access.grounds(cast.gita, case) == []


def test_an_end_is_told_by_the_reader_s_own_calendar(cast, case):
    auckland = ZoneInfo("Pacific/Auckland")
    # In the morning there, and the day before by universal time.
    ends = (clock.now() + timedelta(days=20)).astimezone(auckland).replace(hour=6)
    give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita, until=ends
    )
    with timezone.override(auckland):
        assert access.explain(cast.gita, case).sentence.endswith(f"until {date_format(ends.date(), 'j F Y')}.")
        assert access.explain(cast.gita, case, at=ends).sentence.endswith(f"on {date_format(ends.date(), 'j F Y')}.")


def test_an_attorney_reads_why_of_one_matter_and_of_nobody_else(cast, case, sign_in):
    matter, other = a_matter(cast, case), a_matter(cast, case, "Restitution")
    given = release(cast, case, matter)
    client = sign_in(cast.chidi)
    url = reverse("matter-why", args=[matter.uid])
    assert f'href="{url}"' in client.get(reverse("matter", args=[matter.uid])).text
    page = client.get(url).text
    assert page.count("You represent her in a legal matter, until") == 2
    assert "It rests on her release of" in page and "Harbour House (demo) gave it on" in page
    assert "Amina" not in page and not re.search(r"\bBea\b", page), "an alias may be Beacon"
    assert client.get(reverse("matter-why", args=[other.uid])).status_code == 403
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    assert client.get(url).text.count("You represent her") == 1, "her own file stays"
    assert client.get(reverse("case-why", args=[case.uid])).status_code == 404


# ---- Who could see it on a date ----


def at_date(client, case, then, **changes):
    facts = {"number": case.number, "at": timezone.localtime(then).strftime("%Y-%m-%dT%H:%M"), **changes}
    return client.post(reverse("who-could-see"), facts)


@pytest.fixture
def past(cast):
    """A case of a hundred days ago; Gita had it from day 10 to day 40, and again from day 60."""
    start = (clock.now() - timedelta(days=100)).replace(second=0, microsecond=0)
    with demo_context():
        case = make.case(cast.amina, cast.team_of("amina"), now=start)
        given = give_access(
            actor=cast.bea, now=start + timedelta(days=10), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita,
            until=start + timedelta(days=40),
        )  # fmt: skip
    return case, given, start


def test_the_privacy_officer_asks_by_number_and_opens_nothing(cast, past, sign_in, events):
    case, _given, start = past
    client = sign_in(cast.kemi)
    assert reverse("who-could-see") in client.get(reverse("access-reviews")).text
    then = at_date(client, case, start + timedelta(days=20))
    assert then.status_code == 200
    for words in ("Gita Marsh", "Clinical care", "Counselling", "Amina Rivers", case.number):
        assert words in then.text, words
    assert "Zoraida" not in then.text and "Text on weekday mornings" not in then.text
    assert "Gita Marsh" not in at_date(client, case, start + timedelta(days=50)).text
    assert "Nobody could see it then" in at_date(client, case, start - timedelta(days=1)).text
    asked = events("SHARING_VIEWED", case.uid)
    assert len(asked) == 3 and {one.actor_uid for one in asked} == {cast.kemi.uid}
    assert asked[0].basis == {"kind": "SHARING_DESK"} and not events("CASE_VIEWED", case.uid)


def test_only_whoever_answers_for_the_case_gets_an_answer(cast, case, sign_in):
    now = clock.now()
    assert at_date(sign_in(cast.bea), case, now).status_code == 200
    for person in (cast.amina, cast.omar, cast.elif_, cast.farid, cast.chidi):
        assert at_date(sign_in(person), case, now).status_code == 404, person
    answers = [at_date(sign_in(cast.nadia), case, now), at_date(sign_in(cast.nadia), case, now, number="HV-0000-0000")]
    assert [one.status_code for one in answers] == [422, 422]
    assert all("No case of this number is within your reach" in one.text for one in answers)
    place_wall(actor=cast.bea, now=now, case_uid=case.uid, person=cast.kemi)
    assert at_date(sign_in(cast.kemi), case, now).status_code == 422


def test_bad_input_has_its_words_beside_the_field(cast, case, sign_in):
    client = sign_in(cast.kemi)
    later = at_date(client, case, clock.now() + timedelta(days=2))
    assert later.status_code == 422 and "This moment has not come yet" in later.text
    for wrong in ({"at": ""}, {"at": "yesterday"}, {"number": ""}):
        assert at_date(client, case, clock.now(), **wrong).status_code == 422, wrong
    assert client.get(f"{reverse('who-could-see')}?case=nonsense").status_code == 200
    assert case.number in client.get(f"{reverse('who-could-see')}?case={case.uid}").text


def test_all_sections_at_once_are_what_each_section_says_alone(cast, past):
    case, _given, start = past
    for days in (5, 20, 50):
        at = start + timedelta(days=days)
        together = access.sections_seen(case, at)
        for section in Section:
            codename = "read_matter" if section == Section.LEGAL_FILE else read(section)
            alone = access.who_could_see(case, codename, at)
            assert {person: grants for person, found in together.items() if (grants := found.get(section))} == alone


def test_an_access_given_again_after_a_gap_is_not_told_for_the_gap(cast, past):
    case, given, start = past
    with demo_context():
        now = start + timedelta(days=60)
        give_new_end(actor=cast.bea, now=now, grant=given, until=now + timedelta(days=20))
    seen = {
        days: cast.gita in access.who_could_see(case, read(Section.HEALTH), start + timedelta(days=days))
        for days in (5, 20, 50, 70, 90)
    }
    assert seen == {5: False, 20: True, 50: False, 70: True, 90: False}
