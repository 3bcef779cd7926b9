"""The danger: a rule suggests, a person sets, and somebody looks within the hour (domain.md §8.1, R19)."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from cases import access, opening, risk
from cases.actions.rota import add_shift
from cases.actions.safety import set_risk
from cases.actions.safety_calls import NOTICE_CALL_LATE, NOTICE_IMMEDIATE, escalate_calls, take_call
from cases.choices.casework import DueKind
from cases.choices.safety import GRAVE_ITEMS, ITEMS_OF_GROUP, RiskGroup, RiskItem, RiskLevel
from cases.models import Draft, Due, Notice, SafetyAssessment, SafetyCall
from tests import make

PROTECTIVE = ITEMS_OF_GROUP[RiskGroup.PROTECTIVE]


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def on_duty(cast, person):
    now = clock.now()
    return add_shift(
        actor=cast.bea, now=now, team_uid=cast.team_of("amina").uid, person=person, starts_at=now,
        ends_at=now + timedelta(hours=8),
    )  # fmt: skip


def assess(case, actor, level=RiskLevel.IMMEDIATE, **changes):
    facts = {"level": level, "reason": "He waits outside.", **changes}
    return set_risk(actor=actor, now=clock.now(), case_uid=case.uid, **facts)


def url(name, case, *more):
    return reverse(name, args=[case.uid, *more])


# ---- What the answers suggest ----


def test_every_item_stands_in_one_group():
    listed = [item for group in RiskGroup for item in ITEMS_OF_GROUP[group]]
    assert sorted(listed) == sorted(RiskItem) and len(GRAVE_ITEMS) == 12
    assert not GRAVE_ITEMS & set(PROTECTIVE)


@pytest.mark.parametrize("item", sorted(GRAVE_ITEMS))
def test_one_grave_item_with_yes_suggests_immediate_and_names_itself(item):
    everything_protects = dict.fromkeys(PROTECTIVE, "YES")
    assert risk.suggest({item: "YES", **everything_protects}) == risk.Suggestion(RiskLevel.IMMEDIATE, (item,))
    for other in ("NO", "UNKNOWN", "DECLINED", "NOT_ASKED"):
        assert risk.suggest({item: other}).level != RiskLevel.IMMEDIATE


def test_below_that_the_number_of_dangers_and_her_own_view_decide():
    every_no = {item: "NO" for item in RiskItem if item not in PROTECTIVE}
    assert risk.suggest({}).level == RiskLevel.UNKNOWN, "what was not asked is no no"
    assert risk.suggest(every_no) == risk.Suggestion(RiskLevel.LOW)
    one, three = {"AT_LARGE": "YES"}, {"AT_LARGE": "YES", "DEBT": "YES", "PETS": "YES"}
    assert risk.suggest(every_no | one) == risk.Suggestion(RiskLevel.MODERATE, ("AT_LARGE",))
    assert risk.suggest(every_no | three).level == RiskLevel.HIGH
    assert risk.suggest(every_no, own_view=3).level == RiskLevel.LOW
    assert risk.suggest(every_no, own_view=4) == risk.Suggestion(RiskLevel.MODERATE, (risk.OWN_VIEW,))
    assert risk.suggest(every_no | one, own_view=7) == risk.Suggestion(RiskLevel.HIGH, ("AT_LARGE", risk.OWN_VIEW))


# ---- Step by step ----


def test_step_by_step_a_suggestion_with_its_causes_and_a_person_who_decides_otherwise(cast, case, sign_in):
    client = sign_in(cast.amina)
    sent = {"THREAT_TO_KILL": "YES", "DEBT": "DECLINED", "onward": "1"}
    for group in RiskGroup:
        page = client.get(url("case-risk-items", case, group))
        assert page.status_code == 200 and str(RiskItem(ITEMS_OF_GROUP[group][0]).label) in page.text
        went = client.post(
            url("case-risk-items", case, group), sent if group == RiskGroup.TRAFFICKER else {"onward": "1"}
        )
        assert went.status_code == 302
    assert went.url == url("case-risk", case)
    page = client.get(went.url).text
    assert "The answers suggest: Immediate, because of: They threatened to kill." in page
    said = {
        "risk_level": "HIGH",
        "reason": "He is in custody since today.",
        "own_view": "9",
        "concerns": "His brothers.",
    }
    assert client.post(went.url, {**said, "form_key": str(uuid4())}).status_code == 302
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        [row] = access.within(SafetyAssessment, case)
        assert row.answers["THREAT_TO_KILL"] == "YES" and row.answers["DEBT"] == "DECLINED"
        assert row.answers["PETS"] == "NOT_ASKED"
        assert row.verdict == {
            "level": "HIGH", "suggested": "IMMEDIATE", "because": ["THREAT_TO_KILL"], "own_view": 9,
            "reason": "He is in custody since today.", "concerns": "His brothers.",
        }  # fmt: skip
    assert not access.own(Draft, cast.amina).exists(), "the steps were scratch paper"
    tab = client.get(url("case-safety", case)).text
    assert "suggested:" in tab and "They threatened to kill" in tab and "His brothers." in tab
    again = client.get(url("case-risk-items", case, RiskGroup.TRAFFICKER)).text
    assert "These are the answers of" in again
    assert not access.within(SafetyCall, case).exists(), "what a person set counts, not what was suggested"


def test_an_assessment_is_kept_beside_the_next_and_a_retried_form_makes_one(cast, case, sign_in):
    client, form = sign_in(cast.amina), {"risk_level": "LOW", "reason": "Quiet.", "form_key": str(uuid4())}
    for _again in range(2):
        assert client.post(url("case-risk", case), form).status_code == 302
    client.post(url("case-risk", case), {"risk_level": "HIGH", "reason": "Seen.", "form_key": str(uuid4())})
    assert access.within(SafetyAssessment, case).count() == 2
    tab = client.get(url("case-safety", case)).text
    assert "2 assessments" in tab and tab.index("Seen.") < tab.rindex("Quiet.")
    assert client.get(url("case-risk-items", case, "nonsense")).status_code == 404


# ---- R19 ----


def test_r19_immediate_puts_a_task_before_whoever_is_on_duty_within_the_hour_without_content(cast, case, events):
    on_duty(cast, cast.jonas)
    began = clock.now()
    assess(case, cast.amina)
    call = access.within(SafetyCall, case).get()
    assert call.asked == cast.jonas and call.answer_by - call.called_at == timedelta(hours=1)
    due = access.within(Due, case).get(kind=DueKind.SAFETY_CALL)
    assert due.assigned_to == cast.jonas and due.section == "SAFETY" and due.due_at == call.answer_by
    assert call.called_at >= began and access.get_for(cast.jonas, case.uid)
    for person, kind in ((cast.jonas, "ON_CALL_ALERT"), (cast.bea, NOTICE_IMMEDIATE)):
        notice = access.own(Notice, person, "person").get(kind=kind)
        assert {field.name for field in notice._meta.fields} == {
            "id", "uid", "person", "kind", "case", "about_kind", "about_uid", "created_at", "read_at", "mailed_at",
        }  # fmt: skip
    [event] = events("SAFETY_CALLED", case.uid)
    assert "IMMEDIATE" not in str(event.detail.content) and "outside" not in str(event.detail.content)


def test_r19_with_nobody_on_duty_a_supervisor_is_asked_and_a_second_danger_makes_no_second_call(cast, case):
    assess(case, cast.amina)
    first = access.within(SafetyCall, case).get()
    assert first.asked == cast.bea
    assess(case, cast.amina, reason="Again.")
    assert access.within(SafetyCall, case).get() == first, "its hour does not begin anew"
    for level in (RiskLevel.HIGH, RiskLevel.UNKNOWN):
        other = make.case(cast.amina, cast.team_of("amina"))
        assess(other, cast.amina, level)
        assert not access.within(SafetyCall, other).exists()


def test_r19_it_is_taken_once_by_somebody_who_reads_safety(cast, case, sign_in, events):
    on_duty(cast, cast.jonas)
    assess(case, cast.amina)
    call = access.within(SafetyCall, case).get()
    take = url("case-safety-call-take", case, call.uid)
    assert sign_in(cast.dana).post(take).status_code == 404
    with pytest.raises(Hidden):
        take_call(actor=cast.dana, now=clock.now(), case_uid=case.uid, call_uid=call.uid)
    jonas = sign_in(cast.jonas)
    assert "Somebody has to look by" in jonas.get(url("case-safety", case)).text
    for _again in range(2):
        assert jonas.post(take).url == url("case-safety", case)
    assert "A colleague looks at it already." in sign_in(cast.amina).post(take, follow=True).text
    call.refresh_from_db()
    assert call.taken_by == cast.jonas and len(events("SAFETY_CALL_TAKEN", case.uid)) == 1
    assert access.within(Due, case).get(kind=DueKind.SAFETY_CALL).done_at is not None
    with pytest.raises(Hidden):
        take_call(actor=cast.amina, now=clock.now(), case_uid=case.uid, call_uid=uuid4())


def test_r19_what_nobody_takes_goes_to_the_supervisors_once(cast, case, events):
    on_duty(cast, cast.jonas)
    assess(case, cast.amina)
    call = access.within(SafetyCall, case).get()
    with time_machine.travel(call.answer_by - timedelta(seconds=1), tick=False):
        assert escalate_calls() == 0
    with time_machine.travel(call.answer_by, tick=False):
        assert escalate_calls() == 1 and escalate_calls() == 0
    call.refresh_from_db()
    due = access.within(Due, case).get(kind=DueKind.SAFETY_CALL, done_at__isnull=True)
    assert call.asked == cast.bea == due.assigned_to and call.escalated_at is not None
    assert access.own(Notice, cast.bea, "person").get(kind=NOTICE_CALL_LATE).about_uid == call.uid
    assert len(events("SAFETY_CALL_ESCALATED", case.uid)) == 1
    take_call(actor=cast.amina, now=clock.now(), case_uid=case.uid, call_uid=call.uid)
    other = make.case(cast.amina, cast.team_of("amina"))
    assess(other, cast.amina)
    taken = access.within(SafetyCall, other).get()
    take_call(actor=cast.amina, now=clock.now(), case_uid=other.uid, call_uid=taken.uid)
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assert escalate_calls() == 0, "what was taken is nobody's any more"


def test_r19_who_reads_the_card_alone_may_not_take_it(cast, case, sign_in):
    make.colleague(case, cast.amina, cast.jonas, "RESIDENCE")
    assess(case, cast.amina)
    call = access.within(SafetyCall, case).get()
    with pytest.raises(Refused):
        take_call(actor=cast.jonas, now=clock.now(), case_uid=case.uid, call_uid=call.uid)
    assert sign_in(cast.jonas).post(url("case-safety-call-take", case, call.uid)).status_code == 403
    call.refresh_from_db()
    assert call.taken_at is None
