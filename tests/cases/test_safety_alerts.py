"""Alerts for those who may see them, and what happened to her (domain.md §8.1, §8.3, R19)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.crypto.errors import SealedShut
from cases import access, opening
from cases.actions.alerts import AlertFacts, acknowledge_alert, end_alert, keep_alert, raise_alert
from cases.actions.incidents import JUST_NOW, Happened, note_incident
from cases.actions.safety import set_alerts, set_risk
from cases.choices.casework import DueKind
from cases.choices.safety import CODED_ALONE, NEVER_ON_CARD, URGENT_INCIDENTS, AlertCode, IncidentKind
from cases.errors.survivor import AlertIsCodedAlone, AlertNotForEverybody
from cases.models import CaseAlert, Due, SafetyCall, SafetyIncident, SafetyPlan, Task
from tests import make

WORDS = "nothing to the uncle"


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def url(name, case, *more):
    return reverse(name, args=[case.uid, *more])


def warn(case, actor, code=AlertCode.NO_DISCLOSURE_TO, section="ADVOCACY", words="", **changes):
    facts = AlertFacts(code, section, words=words, **changes)
    return raise_alert(actor=actor, now=clock.now(), case_uid=case.uid, warning=facts)


def of(case, actor):
    return {"actor": actor, "now": clock.now(), "case_uid": case.uid}


TABS = ("case-overview", "case-survivor", "case-safety", "case-documents", "case-sharing", "case-history", "case-legal")


def test_an_alert_stands_on_every_tab_for_those_who_may_see_it_and_for_nobody_else(cast, case, sign_in):
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    make.colleague(case, cast.amina, cast.jonas, "RESIDENCE")
    sent = {
        "code": "NO_DISCLOSURE_TO",
        "severity": "HIGH",
        "section": "ADVOCACY",
        "words": WORDS,
        "form_key": str(uuid4()),
    }
    amina = sign_in(cast.amina)
    for _again in range(2):
        assert amina.post(url("case-alert-new", case), sent).status_code == 302
    [row] = access.within(CaseAlert, case)
    for name in TABS:
        assert "Tell nothing to certain people" in amina.get(url(name, case)).text, name
    assert WORDS in amina.get(url("case-safety", case)).text and WORDS in amina.get(url("case-reach", case)).text
    gita, jonas = sign_in(cast.gita), sign_in(cast.jonas)
    for client, names in ((gita, ("case-overview", "case-safety", "case-reach")), (jonas, ("case-overview",))):
        for name in names:
            page = client.get(url(name, case))
            assert page.status_code == 200
            assert "Tell nothing to certain people" not in page.text and WORDS not in page.text
    with opening.open_case(cast.gita, access.get_for(cast.gita, case.uid)):
        stolen = access.for_the_house(CaseAlert).get(pk=row.pk)
        with pytest.raises((Refused, SealedShut)):
            stolen.what


def test_who_may_not_see_an_alert_is_told_of_none(cast, case, sign_in):
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    row = warn(case, cast.amina)
    for name in ("case-alert-seen", "case-alert-keep", "case-alert-end"):
        for person in (cast.dana, cast.gita):
            assert sign_in(person).post(url(name, case, row.uid)).status_code == 404
    for act in (acknowledge_alert, keep_alert, end_alert):
        with pytest.raises(Hidden):
            act(**of(case, cast.gita), alert_uid=row.uid)
    shared = warn(case, cast.amina, AlertCode.TRAFFICKER_RELEASED, "SAFETY")
    acknowledge_alert(**of(case, cast.gita), alert_uid=shared.uid)
    with pytest.raises(Refused):
        end_alert(**of(case, cast.gita), alert_uid=shared.uid)
    with pytest.raises(Refused):
        warn(case, cast.gita, section="SAFETY")
    assert sign_in(cast.gita).get(url("case-alert-new", case)).status_code == 403
    assert sign_in(cast.dana).get(url("case-alert-new", case)).status_code == 404


def test_an_alert_is_seen_once_kept_and_ended_and_the_card_follows(cast, case, sign_in, events):
    row = warn(case, cast.amina, AlertCode.PROTECTION_ORDER, "CARD")
    due = access.within(Due, case).get(subject_uid=row.uid)
    assert due.kind == DueKind.SAFETY_REVIEW and due.due_on == row.review_on and due.section == "CARD"
    client = sign_in(cast.bea)
    assert "Protection order" in client.get(url("case-overview", case)).text
    for _again in range(2):
        client.post(url("case-alert-seen", case, row.uid))
    assert len(events("ALERT_SEEN", case.uid)) == 1
    assert "seen by 1 person" in client.get(url("case-safety", case)).text
    client.post(url("case-alert-keep", case, row.uid))
    assert len(events("ALERT_KEPT", case.uid)) == 1
    client.post(url("case-alert-end", case, row.uid))
    row.refresh_from_db()
    due.refresh_from_db()
    assert row.ended_by == cast.bea and due.done_at is not None
    assert "Protection order" not in client.get(url("case-overview", case)).text
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)) as _gate:
        assert access.get_for(cast.amina, case.uid).alerts in ([], None)
    assert len(events("ALERT_ENDED", case.uid)) == 1


@pytest.mark.parametrize("code", sorted(CODED_ALONE))
def test_what_could_shame_her_is_a_code_without_words(cast, case, code, sign_in):
    with pytest.raises(AlertIsCodedAlone):
        warn(case, cast.amina, code, "SAFETY", "she is dirty")
    assert warn(case, cast.amina, code, "SAFETY").pk
    sent = {"code": code, "severity": "USUAL", "section": "SAFETY", "words": "x", "form_key": str(uuid4())}
    answer = sign_in(cast.amina).post(url("case-alert-new", case), sent)
    assert answer.status_code == 422 and "words" in answer.context["form"].errors


@pytest.mark.parametrize("code", sorted(NEVER_ON_CARD))
def test_what_few_need_to_know_is_never_on_the_card(cast, case, code, sign_in):
    with pytest.raises(AlertNotForEverybody):
        warn(case, cast.amina, code, "CARD")
    with pytest.raises(AlertNotForEverybody):
        set_alerts(**of(case, cast.amina), codes=[code])
    assert sign_in(cast.amina).post(url("case-alerts", case), {"codes": [code]}).status_code == 422
    assert not access.within(CaseAlert, case).exists()


def test_the_ticks_of_the_card_have_rows_which_end_with_them(cast, case):
    set_alerts(**of(case, cast.amina), codes=["MINOR", "LEGAL_HOLD"])
    assert access.within(CaseAlert, case).filter(section="CARD", ended_at__isnull=True).count() == 2
    set_alerts(**of(case, cast.amina), codes=["MINOR", "MEDIA_INTEREST"])
    rows = access.within(CaseAlert, case)
    assert rows.filter(ended_at__isnull=True).count() == 2 and rows.count() == 3


def test_an_alert_that_begins_later_warns_nobody_yet(cast, case, sign_in):
    tomorrow = timezone.localdate() + timedelta(days=2)
    warn(case, cast.amina, AlertCode.TRAFFICKER_RELEASED, "SAFETY", starts_on=tomorrow)
    assert "Alleged trafficker at large again" not in sign_in(cast.amina).get(url("case-overview", case)).text


# ---- R19, and the next look ----


@pytest.mark.parametrize("way", ["raised", "ticked", "ticked twice"])
def test_r19_contact_by_the_trafficker_calls_somebody_within_the_hour(cast, case, way, events):
    if way == "raised":
        warn(case, cast.amina, AlertCode.TRAFFICKER_CONTACT, "SAFETY")
    else:
        for _again in range(2 if way == "ticked twice" else 1):
            set_alerts(**of(case, cast.amina), codes=[AlertCode.TRAFFICKER_CONTACT])
    [call] = access.within(SafetyCall, case)
    assert call.asked == cast.bea and call.answer_by == call.called_at + timedelta(hours=1)
    assert len(events("SAFETY_CALLED", case.uid)) == 1


def test_other_alerts_call_nobody(cast, case):
    set_alerts(**of(case, cast.amina), codes=["MINOR", "TRAFFICKER_RELEASED"])
    assert not access.within(SafetyCall, case).exists()


@pytest.mark.parametrize("kind", list(IncidentKind))
def test_what_happened_brings_the_next_look_forward_and_of_these_hours_calls_somebody(
    cast, case, kind, sign_in, events
):
    set_risk(**of(case, cast.amina), level="LOW", reason="Quiet.")
    tomorrow = timezone.localdate() + timedelta(days=1)
    happened = Happened(
        kind, clock.now(), "He stood there.", "We went home.", "Her sister", "Change the lock", tomorrow
    )
    row = note_incident(**of(case, cast.amina), happened=happened)
    plan = access.within(SafetyPlan, case).get()
    due = access.within(Due, case).get(kind=DueKind.SAFETY_REVIEW, subject_uid=plan.uid, done_at=None)
    assert plan.review_on == due.due_on == tomorrow
    assert access.within(SafetyCall, case).exists() is (kind in URGENT_INCIDENTS)
    task = access.within(Task, case).get()
    assert task.section == "SAFETY" and task.due_on == tomorrow and task.assigned_to == cast.amina
    [event] = events("SAFETY_INCIDENT_NOTED", case.uid)
    assert event.subject_uid == row.uid and kind.value not in str(event.detail.content)
    tab = sign_in(cast.amina).get(url("case-safety", case)).text
    assert "He stood there." in tab and "Her sister" in tab and "Change the lock" in tab


def test_what_lies_back_calls_nobody_and_a_nearer_look_stays(cast, case):
    set_risk(**of(case, cast.amina), level="HIGH", reason="Seen.")
    plan = access.within(SafetyPlan, case).get()
    plan.review_on = timezone.localdate()
    plan.save(update_fields=["review_on"])
    back = clock.now() - JUST_NOW - timedelta(minutes=1)
    note_incident(**of(case, cast.amina), happened=Happened("ASSAULT", back, "Last week."))
    plan.refresh_from_db()
    assert plan.review_on == timezone.localdate() and not access.within(SafetyCall, case).exists()


def test_the_form_of_an_incident(cast, case, sign_in):
    client, page = sign_in(cast.amina), url("case-incident-new", case)
    now = timezone.localtime(clock.now())
    facts = {
        "kind": "POLICE",
        "happened_at": now.strftime("%Y-%m-%dT%H:%M"),
        "what": "Two men.",
        "form_key": str(uuid4()),
    }
    to_come = (now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    for wrong, name in (
        ({"happened_at": to_come}, "happened_at"),
        ({"follow_up": "Ask"}, "follow_up_on"),
        ({"what": ""}, "what"),
    ):
        answer = client.post(page, {**facts, **wrong})
        assert answer.status_code == 422 and name in answer.context["form"].errors
    for _again in range(2):
        assert client.post(page, facts).status_code == 302
    assert access.within(SafetyIncident, case).count() == 1
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    assert sign_in(cast.gita).get(page).status_code == 403 and sign_in(cast.dana).get(page).status_code == 404
    assert "Two men." in sign_in(cast.gita).get(url("case-safety", case)).text
