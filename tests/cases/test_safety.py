"""The Safety tab: safe contact, alerts, danger, plan, and the next look."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Refused
from cases import access, contacting, opening
from cases.actions import safety as actions
from cases.actions.grants import give_access
from cases.actions.safety import SafeContact
from cases.actions.safety_calls import NOTICE_IMMEDIATE
from cases.choices.casework import DueKind
from cases.choices.safety import REASSESS_AFTER_DAYS, AlertCode, RiskLevel
from cases.errors.casework import StaleVersion
from cases.marks import mark_of
from cases.models import ContactInstruction, Due, Notice, SafetyPlan
from tests import make

PAGES = ("case-contact", "case-alerts", "case-risk", "case-safety-plan")


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def tab(case):
    return reverse("case-safety", args=[case.uid])


def of(case, name):
    return reverse(name, args=[case.uid])


def rule(**changes):
    return {
        "channel": "SMS", "value": "+12025550177", "words": "Weekdays before ten.", "leave_message": "NO",
        "shared_device": "YES", "hide_number": "YES", "identify_as": "the library", "verified_on": "2026-03-02",
        "form_key": str(uuid4()), "language": "", "who_may_answer": "", "do_not_say": "", **changes,
    }  # fmt: skip


@pytest.mark.sql
def test_a_new_rule_ends_the_old_one_and_stands_above_every_page(cast, case, tab, sign_in):
    client = sign_in(cast.amina)
    assert client.post(of(case, "case-contact"), rule()).url == tab
    old, new = access.within(ContactInstruction, case).order_by("pk")
    assert old.ended_at is not None and new.ended_at is None
    overview = client.get(of(case, "case-overview")).text
    assert (
        "Weekdays before ten. Say that you are: the library. Hide our number. Leave no message. Others use this phone, too."
        in overview
    )
    page = client.get(tab).text
    assert (
        "2025550177" not in page
        and "Read the rule first" in page
        and "1 rule that has ended" in page
        and "Text on weekday mornings only." in page
    )
    event = Event.objects.get(verb="CONTACT_CHANGED")
    assert event.subject_uid == new.uid and set(event.section_codes) == {"CARD", "IDENTITY"}
    assert "2025550177" not in str(event.detail.content)


def test_do_not_contact_is_an_instruction_without_a_number(cast, case, sign_in):
    client = sign_in(cast.amina)
    assert client.post(of(case, "case-contact"), rule(channel="NONE")).status_code == 422
    assert client.post(of(case, "case-contact"), rule(channel="NONE", value="", words="")).status_code == 302
    assert "Do not contact." in client.get(of(case, "case-overview")).text
    assert client.post(of(case, "case-contact"), rule(words="")).status_code == 422


@pytest.mark.parametrize("why", ["alert", "shelter"])
def test_r13_no_letter_names_an_address_where_none_may_be_kept(cast, case, sign_in, why):
    client, letter = sign_in(cast.amina), {"channel": "POST", "value": "4 Canaryhouse Lane"}
    assert client.post(of(case, "case-contact"), rule(**letter)).status_code == 302
    if why == "alert":
        actions.set_alerts(actor=cast.amina, now=clock.now(), case_uid=case.uid, codes=[AlertCode.ADDRESS_CONFIDENTIAL])
    else:
        give_access(
            actor=cast.amina, now=clock.now(), case_uid=case.uid, kind="RESIDENCE", team=cast.team_of("jonas"),
            until=clock.now() + timedelta(days=9),
        )  # fmt: skip
    refused = client.post(of(case, "case-contact"), rule(**letter))
    assert refused.status_code == 422 and "4 Canaryhouse Lane" in refused.text, "what was typed is kept"
    assert "value" in refused.context["form"].errors
    assert client.post(of(case, "case-contact"), rule(**{**letter, "value": ""})).status_code == 302
    assert client.post(of(case, "case-contact"), rule()).status_code == 302, "a telephone is no address"


@pytest.mark.sql
def test_two_people_who_replace_the_rule_meet(cast, case, sign_in):
    standing = access.within(ContactInstruction, case).get()
    mark, client = mark_of(standing, *actions.CONTACT), sign_in(cast.amina)
    assert client.post(of(case, "case-contact"), rule(mark=mark)).status_code == 302
    answer = client.post(of(case, "case-contact"), rule(mark=mark, words="Evenings only."))
    assert answer.status_code == 409 and "Weekdays before ten." in answer.text and "Evenings only." in answer.text
    assert access.within(ContactInstruction, case).count() == 2


def test_the_number_stands_on_no_tab_and_a_reader_of_the_card_alone_has_none(cast, case, tab, sign_in):
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    page = sign_in(cast.gita).get(tab).text
    assert "202 555 0123" not in page and "Read the rule first" in page and "Replace the rule" not in page
    assert "202 555 0123" not in sign_in(cast.amina).get(tab).text
    make.colleague(case, cast.amina, cast.jonas, "RESIDENCE")
    assert sign_in(cast.jonas).get(tab).status_code == 403
    assert "Text on weekday mornings only." in sign_in(cast.jonas).get(of(case, "case-overview")).text


def test_an_old_rule_asks_to_be_checked(cast, case, tab, sign_in):
    long_ago = timezone.localdate() - timedelta(days=contacting.VERIFY_AFTER_DAYS + 1)
    contact = SafeContact(channel="PHONE", words="Call.", verified_on=long_ago)
    actions.replace_contact(actor=cast.amina, now=clock.now(), case_uid=case.uid, contact=contact)
    assert "It was checked with her 91 days ago." in sign_in(cast.amina).get(tab).text


def test_alerts_stand_on_the_card_and_nowhere_in_the_ledger(cast, case, sign_in):
    client = sign_in(cast.amina)
    sent = {"codes": [AlertCode.STAFF_SAFETY, AlertCode.TRAFFICKER_CONTACT]}
    assert client.post(of(case, "case-alerts"), sent).status_code == 302
    make.colleague(case, cast.amina, cast.jonas, "RESIDENCE")
    assert "Go in pairs" in sign_in(cast.jonas).get(of(case, "case-overview")).text
    event = Event.objects.get(verb="CASE_CHANGED")
    assert event.detail.content["fields"] == ["case.alerts"] and "STAFF_SAFETY" not in str(event.detail.content)
    client.post(of(case, "case-alerts"), sent)
    assert Event.objects.filter(verb="CASE_CHANGED").count() == 1
    assert client.post(of(case, "case-alerts"), {"codes": ["NONSENSE"]}).status_code == 422


def test_the_danger_decides_when_to_look_again(cast, case, tab, sign_in):
    client = sign_in(cast.amina)
    for level in RiskLevel:
        sent = {"risk_level": level, "reason": "He was seen.", "own_view": "8", "form_key": str(uuid4())}
        assert client.post(of(case, "case-risk"), sent).status_code == 302
        due = access.within(Due, case).get(kind=DueKind.SAFETY_REVIEW, done_at=None)
        assert due.due_on == timezone.localdate() + timedelta(days=REASSESS_AFTER_DAYS[level])
        assert due.assigned_to == cast.amina and due.section == "SAFETY"
    page = client.get(tab).text
    assert "8 of 10" in page and "He was seen." in page and "Amina Rivers" in page
    assert client.post(of(case, "case-risk"), {"risk_level": "HIGH", "reason": ""}).status_code == 422


def test_immediate_danger_tells_the_supervisors_that_something_waits(cast, case):
    actions.set_risk(actor=cast.amina, now=clock.now(), case_uid=case.uid, level=RiskLevel.IMMEDIATE, reason="x")
    notice = access.own(Notice, cast.bea, "person").get(kind=NOTICE_IMMEDIATE)
    assert notice.case == case and Event.objects.filter(verb="SAFETY_CHANGED").count() == 1


def test_the_plan_is_kept_by_topic(cast, case, tab, sign_in):
    client = sign_in(cast.amina)
    sent = {"SAFE_PLACES": "The library.\nAsk for the blue door.", "SAFE_WORDS": "", "copy": "SURVIVOR"}
    assert client.post(of(case, "case-safety-plan"), sent).status_code == 302
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        plan = access.within(SafetyPlan, case).get()
        assert plan.plan == {"topics": {"SAFE_PLACES": sent["SAFE_PLACES"].replace("\r", "")}, "copy": "SURVIVOR"}
    page = client.get(tab).text
    assert "Ask for the blue door." in page and "She holds one" in page
    stale = mark_of(plan, *actions.PLAN)
    client.post(of(case, "case-safety-plan"), {**sent, "SAFE_PLACES": "Elsewhere."})
    with pytest.raises(StaleVersion):
        actions.write_plan(actor=cast.amina, now=clock.now(), case_uid=case.uid, topics={}, mark=stale)


def test_reviewed_and_nothing_changed_moves_the_date(cast, case, tab, sign_in):
    client = sign_in(cast.amina)
    assert client.post(of(case, "case-safety-review")).url == tab
    plan = access.within(SafetyPlan, case).get()
    assert plan.reviewed_by == cast.amina and plan.review_on == timezone.localdate() + timedelta(days=7)
    make.closed(case, cast.amina)
    assert "This case is closed" in client.post(of(case, "case-safety-review"), follow=True).text


def test_who_may_not_is_kept_out(cast, case, tab, sign_in):
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    stranger, clinician, supervisor = sign_in(cast.dana), sign_in(cast.gita), sign_in(cast.bea)
    assert {stranger.get(of(case, name)).status_code for name in (*PAGES, "case-safety")} == {404}
    assert stranger.post(of(case, "case-safety-review")).status_code == 404
    assert clinician.get(tab).status_code == 200, "she reads safety"
    assert {clinician.post(of(case, name), {}).status_code for name in (*PAGES, "case-safety-review")} == {403}
    assert supervisor.get(of(case, "case-alerts")).status_code == 200, "a supervisor writes the card"
    assert {supervisor.get(of(case, name)).status_code for name in ("case-contact", "case-risk")} == {403}
    assert sign_in(cast.amina).get(of(case, "case-safety-review")).status_code == 405
    with pytest.raises(Refused):
        actions.set_risk(actor=cast.gita, now=clock.now(), case_uid=case.uid, level="LOW", reason="x")
