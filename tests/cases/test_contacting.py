"""Reaching her: her rule comes first, what stands against it needs a reason, and the attempt is on record before the number."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from cases import access
from cases.actions.contacting import begin_contact, note_contact
from cases.actions.safety import SafeContact, replace_contact
from cases.actions.survivor import change_contact_details
from cases.choices.survivor import Weekday
from cases.contacting import is_in_window, obstacles
from cases.errors.survivor import ContactIsNoted, ContactNotNow, RuleNotRead
from cases.models import ContactAttempt, ContactInstruction
from tests import make

#: A Monday in New York, four hours behind.
MONDAY = datetime(2026, 6, 1, 14, 30, tzinfo=UTC)
NUMBER = "+1 202 555 0123"


@pytest.fixture
def case(cast):
    """Taken in today, so that her rule was checked with her lately."""
    return make.case(cast.amina, cast.team_of("amina"), opened_on=timezone.localdate())


def told(case, actor, **changes):
    """Her rule, anew."""
    facts = {"channel": "SMS", "words": "Any day", "verified_on": timezone.localdate(), "value": NUMBER, **changes}
    return replace_contact(actor=actor, now=clock.now(), case_uid=case.uid, contact=SafeContact(**facts))


def page(name, case, *more):
    return reverse(name, args=[case.uid, *more])


def begin(case, actor, **changes):
    facts = {"channel": "SMS", "has_read": True, **changes}
    return begin_contact(actor=actor, now=clock.now(), case_uid=case.uid, **facts)


# ---- The rule alone ----


@pytest.mark.parametrize(
    ("rule", "hours", "is_safe"),
    [
        ({}, 0, True),
        ({"begins": "09:00", "ends": "12:00", "zone": "America/New_York"}, 0, True),
        ({"begins": "09:00", "ends": "12:00", "zone": "America/New_York"}, 2, False),
        ({"begins": "09:00", "ends": "12:00", "zone": "America/New_York"}, -2, False),
        ({"begins": "09:00", "ends": "12:00", "zone": "Asia/Dhaka"}, 0, False),
        ({"days": ["MON", "WED"], "zone": "America/New_York"}, 0, True),
        ({"days": ["TUE"], "zone": "America/New_York"}, 0, False),
        # Tuesday in Auckland, at half past two in the morning.
        ({"days": ["TUE"], "zone": "Pacific/Auckland"}, 0, True),
        # From ten at night until two: at one o'clock on Tuesday it is still Monday's night.
        ({"days": ["MON"], "begins": "22:00", "ends": "02:00", "zone": "America/New_York"}, 14.5, True),
        ({"days": ["TUE"], "begins": "22:00", "ends": "02:00", "zone": "America/New_York"}, 14.5, False),
        ({"begins": "22:00", "ends": "02:00", "zone": "America/New_York"}, 0, False),
        ({"begins": "09:00", "zone": "America/New_York"}, -3, False),
        ({"ends": "10:30", "zone": "America/New_York"}, 0, False),
    ],
)
def test_days_and_hours_are_those_of_her_clock(rule, hours, is_safe):
    assert is_in_window(rule, MONDAY + timedelta(hours=hours)) is is_safe


def test_what_stands_against_it_is_named_and_the_gravest_comes_first():
    fresh, old = MONDAY.date(), MONDAY.date() - timedelta(days=91)
    call = {"channel": "PHONE"}
    assert obstacles(None, None, "PHONE", MONDAY) == ["NO_RULE"]
    assert obstacles(call, fresh, "PHONE", MONDAY) == []
    assert obstacles(call, fresh, "SMS", MONDAY) == ["OTHER_WAY"]
    assert obstacles({"channel": "NONE"}, fresh, "PHONE", MONDAY) == ["DO_NOT_CONTACT"]
    assert obstacles(call, MONDAY.date() - timedelta(days=90), "PHONE", MONDAY) == []
    late = call | {"days": ["SUN"], "zone": "America/New_York"}
    assert obstacles(late, old, "SMS", MONDAY) == ["OTHER_WAY", "OUTSIDE_HOURS", "NOT_CHECKED"]


# ---- From the page to the record ----


def test_the_number_is_shown_only_after_her_rule_was_read_and_only_for_some_minutes(cast, case, sign_in, events):
    client, reach = sign_in(cast.amina), page("case-reach", case)
    first = client.get(reach).text
    assert "Text on weekday mornings only." in first and NUMBER not in first
    unread = client.post(reach, {"channel": "SMS", "reason": ""})
    assert unread.status_code == 422 and "has_read" in unread.context["form"].errors
    form = {"channel": "SMS", "has_read": "on", "reason": "", "form_key": str(uuid4())}
    for _again in range(2):
        went = client.post(reach, form)
        assert went.status_code == 302
    [attempt] = access.for_the_house(ContactAttempt).filter(case=case)
    assert went.url == page("case-contact-attempt", case, attempt.uid)
    assert NUMBER in client.get(went.url).text
    [began] = events("CONTACT_BEGAN", case.uid)
    assert began.detail.shown()["codes"] == {"kind": "SMS", "count": 0} and began.subject_uid == attempt.uid
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert NUMBER not in sign_in(cast.amina).get(went.url).text
    assert client.post(went.url, {"outcome": "REACHED", "words": "She is at her aunt's."}).status_code == 302
    assert NUMBER not in client.get(went.url).text
    tab = client.get(page("case-safety", case)).text
    assert "Reached her" in tab and "She is at her aunt&#x27;s." in tab
    assert "Text message: Reached her" in client.get(page("case-overview", case)).text
    with pytest.raises(ContactIsNoted):
        note_contact(actor=cast.amina, now=clock.now(), case_uid=case.uid, attempt_uid=attempt.uid, outcome="NO_ANSWER")
    assert len(events("CONTACT_NOTED", case.uid)) == 1


@pytest.mark.parametrize("against", ["way", "hour", "age", "none", "no contact"])
def test_what_her_rule_forbids_needs_a_reason_which_stays(cast, case, sign_in, against):
    way = "PHONE" if against == "way" else "SMS"
    if against == "hour":
        tomorrow = Weekday.values[(clock.now().weekday() + 1) % 7]
        told(case, cast.amina, days=[tomorrow], zone="UTC")
    elif against == "age":
        told(case, cast.amina, verified_on=timezone.localdate() - timedelta(days=91))
    elif against == "no contact":
        told(case, cast.amina, channel="NONE", words="", value="")
    elif against == "none":
        for row in access.for_the_house(ContactInstruction).filter(case=case):
            row.ended_at = clock.now()
            row.save(update_fields=["ended_at"])
    with pytest.raises(ContactNotNow):
        begin(case, cast.amina, channel=way)
    client = sign_in(cast.amina)
    refused = client.post(page("case-reach", case), {"channel": way, "has_read": "on", "reason": "  "})
    assert refused.status_code == 422 and "reason" in refused.context["form"].errors
    attempt = begin(case, cast.amina, channel=way, reason="The shelter is on fire")
    shown = client.get(page("case-contact-attempt", case, attempt.uid)).text
    assert "The shelter is on fire" in shown
    assert ("No number is kept with her rule." in shown) is (against in ("none", "no contact"))


def test_who_may_not_know_how_to_reach_her(cast, case, sign_in):
    make.colleague(case, cast.amina, cast.jonas, "RESIDENCE")
    attempt = begin(case, cast.amina)
    names = [("case-reach",), ("case-contact-attempt", attempt.uid)]
    for name, *more in names:
        assert sign_in(cast.dana).get(page(name, case, *more)).status_code == 404
        assert sign_in(cast.jonas).get(page(name, case, *more)).status_code == 403
    with pytest.raises(Hidden):
        begin(case, cast.dana)
    with pytest.raises(Refused):
        begin(case, cast.jonas)
    make.colleague(case, cast.bea, cast.dana, "ASSIGNMENT")
    # A colleague reads how it went, but the number was shown to whoever began.
    assert NUMBER not in sign_in(cast.dana).get(page("case-contact-attempt", case, attempt.uid)).text
    with pytest.raises(Hidden):
        note_contact(actor=cast.dana, now=clock.now(), case_uid=case.uid, attempt_uid=attempt.uid, outcome="REACHED")
    elsewhere = make.case(cast.amina, cast.team_of("amina"))
    assert sign_in(cast.amina).get(page("case-contact-attempt", elsewhere, attempt.uid)).status_code == 404


def test_a_closed_case_is_reached_for_follow_ups(cast, case):
    make.closed(case, cast.amina)
    assert begin(case, cast.amina).pk


def test_an_attempt_without_having_read_is_none(cast, case):
    with pytest.raises(RuleNotRead):
        begin(case, cast.amina, has_read=False)
    assert not access.for_the_house(ContactAttempt).exists()


def test_a_clinician_who_reads_her_identity_reaches_her_by_the_same_rule(cast, case, clinician, sign_in):
    client = sign_in(clinician)
    assert NUMBER not in client.get(page("case-safety", case)).text
    went = client.post(page("case-reach", case), {"channel": "SMS", "has_read": "on", "reason": ""})
    assert NUMBER in client.get(went.url).text


def test_her_telephones_and_e_mail_stand_on_no_page_and_no_paper_before_her_rule_was_read(cast, case, sign_in):
    kept = {"prs_MobilePhone": "+12025550188", "prs_HomePhone": "+12025550189", "prs_Email": "she@quiet.example"}
    change_contact_details(actor=cast.amina, now=clock.now(), case_uid=case.uid, contact=kept)
    client = sign_in(cast.amina, is_fresh=True)
    for name in ("case-survivor", "case-safety", "case-overview", "case-print", "case-exit-summary", "case-reach"):
        shown = client.get(page(name, case))
        assert shown.status_code == 200
        assert not [value for value in (*kept.values(), NUMBER) if value in shown.text], name
    assert "Read the rule first" in client.get(page("case-survivor", case)).text
    went = client.post(page("case-reach", case), {"channel": "SMS", "has_read": "on", "reason": ""})
    assert all(value in client.get(went.url).text for value in (*kept.values(), NUMBER))
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        later = sign_in(cast.amina).get(went.url).text
    assert not [value for value in (*kept.values(), NUMBER) if value in later]
