"""Moving a case on, closing it and opening it again."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from cases import access
from cases.actions.cases import change_stage, close_case, reopen_case
from cases.actions.contacting import begin_contact
from cases.actions.safety import review_safety
from cases.choices.casework import DueKind
from cases.closing import Farewell
from cases.errors.casework import (
    CaseAlreadyClosed,
    CaseIsClosed,
    CaseIsNotClosed,
    ClosedBeforeLastService,
    ClosedBeforeOpened,
    DayHasNotCome,
    NotTold,
    NotTriedEnough,
    OpenServicesRemain,
    SafetyPlanUnseen,
)
from cases.models import Case, Due
from services.actions.aftercare import record_service
from services.actions.legal import add_deadline, close_matter
from services.models import FollowUp
from tests import make
from tests.services.test_release_and_matter import a_matter
from tests.services.test_release_and_matter import release as to_attorney


def page(name, case):
    return reverse(name, args=[case.uid])


def now_of(case):
    return access.for_the_house(Case).get(uid=case.uid)


def close(case, actor, on=None, reason="GOALS_MET", **said):
    """As ``make.closed`` does, with the safety plan looked at in the same act, unless something else is said."""
    farewell = Farewell(**{"told": "IN_PERSON", "safety_reviewed": True, **said})
    return close_case(
        actor=actor,
        now=clock.now(),
        case_uid=case.uid,
        reason=reason,
        closed_on=on or timezone.localdate(),
        farewell=farewell,
    )


def ended(**said):
    """The form of the page."""
    return {
        "reason": "GOALS_MET",
        "closed_on": str(timezone.localdate()),
        "told": "IN_PERSON",
        "safety_reviewed": "on",
        **said,
    }


def test_a_case_moves_on(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    assert client.post(page("case-stage", case), {"stage": "LEGAL", "status": "ACTIVE"}).status_code == 302
    assert now_of(case).stage == "LEGAL"
    [event] = events("CASE_CHANGED", case.uid)
    assert event.detail.content["codes"] == {"before": "INTAKE+ACTIVE", "after": "LEGAL+ACTIVE"}
    client.post(page("case-stage", case), {"stage": "LEGAL", "status": "ACTIVE"})
    assert len(events("CASE_CHANGED")) == 1
    assert client.post(page("case-stage", case), {"stage": "LEGAL", "status": "CLOSED"}).status_code == 422


def test_closing_says_its_effect_and_is_recorded(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    first = client.get(page("case-close", case)).text
    assert case.number in first and "Nothing is deleted" in first
    assert "Safety review" not in first, "it comes off the lists, so it is not among what stays"
    form = ended()
    assert client.post(page("case-close", case), form).status_code == 302
    closed = now_of(case)
    assert closed.is_closed and closed.closed_on == timezone.localdate()
    assert len(events("CASE_CLOSED", case.uid)) == 1
    reviews = access.for_the_house(Due).filter(case=closed, kind=DueKind.SAFETY_REVIEW, done_at__isnull=True)
    assert not reviews.exists()


def test_closing_has_its_rules(cast, case):
    with pytest.raises(ClosedBeforeOpened):
        close(case, cast.amina, on=date(2026, 3, 1))
    with pytest.raises(DayHasNotCome):
        close(case, cast.amina, on=timezone.localdate() + timedelta(days=2))
    with pytest.raises(ValueError, match="BECAUSE"):
        close(case, cast.amina, reason="BECAUSE")
    stored = now_of(case)
    stored.open_services = 1
    stored.save(update_fields=["open_services"])
    with pytest.raises(OpenServicesRemain):
        close(case, cast.amina)
    stored.open_services = 0
    stored.save(update_fields=["open_services"])
    close(case, cast.amina)
    with pytest.raises(CaseAlreadyClosed):
        close(case, cast.amina)
    with pytest.raises(CaseIsClosed):
        change_stage(actor=cast.amina, now=clock.now(), case_uid=case.uid, stage="LEGAL", status="ACTIVE")


def test_a_rule_is_said_on_the_page(cast, case, sign_in):
    client = sign_in(cast.amina)
    early = client.post(page("case-close", case), ended(closed_on="2026-03-01"))
    assert early.status_code == 422 and "opened after this day" in early.text
    future = client.post(page("case-close", case), ended(closed_on="2999-01-01"))
    assert future.status_code == 422 and "not come yet" in future.text
    assert client.post(page("case-close", case), {}).status_code == 422
    make.closed(case, cast.amina)
    form = ended()
    assert "already closed" in client.post(page("case-close", case), form).text


def test_a_closed_case_is_opened_again(cast, case, sign_in, events):
    with pytest.raises(CaseIsNotClosed):
        reopen_case(actor=cast.amina, now=clock.now(), case_uid=case.uid, stage="LEGAL")
    make.closed(case, cast.amina)
    client = sign_in(cast.amina)
    assert "Goals met" in client.get(page("case-reopen", case)).text
    assert client.post(page("case-reopen", case), {"stage": "REINTEGRATE"}).status_code == 302
    again = now_of(case)
    assert (again.status, again.stage, again.closed_on) == ("ACTIVE", "REINTEGRATE", None)
    assert len(events("CASE_REOPENED", case.uid)) == 1


@pytest.mark.sql
def test_a_form_sent_twice_closes_once(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    form = ended(form_key=str(uuid4()))
    assert client.post(page("case-close", case), form).status_code == 302
    assert client.post(page("case-close", case), form).status_code == 302
    assert len(events("CASE_CLOSED")) == 1


@pytest.mark.parametrize("name", ["case-stage", "case-close", "case-reopen"])
def test_a_stranger_gets_404_and_a_reader_403(cast, case, clinician, sign_in, name):
    assert sign_in(cast.dana).get(page(name, case)).status_code == 404
    assert sign_in(clinician).get(page(name, case)).status_code == 403
    assert sign_in(cast.amina).delete(page(name, case)).status_code == 405


def test_the_actions_check_by_themselves(cast, case, clinician):
    with pytest.raises(Hidden):
        close(case, cast.dana)
    with pytest.raises(Refused):
        close(case, clinician)


# ---- R9: what an end needs ----


@pytest.mark.parametrize("told", ["IN_PERSON", "SAFE_WAY", "NOT_REACHED", "UNSAFE"])
def test_r9_she_was_told_or_it_is_said_why_not(cast, case, told):
    with pytest.raises(NotTold):
        close(case, cast.amina, told="NOBODY")
    assert close(case, cast.amina, told=told).is_closed


@pytest.mark.parametrize("reason", ["DECEASED", "DUPLICATE"])
def test_r9_where_nobody_can_be_told_no_plan_is_looked_at_with_her(cast, case, reason):
    with pytest.raises(NotTold):
        close(case, cast.amina, reason=reason)
    assert close(case, cast.amina, reason=reason, told="NOBODY", safety_reviewed=False).is_closed


def test_r9_the_safety_plan_was_looked_at(cast, case, sign_in, events):
    with pytest.raises(SafetyPlanUnseen):
        close(case, cast.amina, safety_reviewed=False)
    client = sign_in(cast.amina)
    unseen = ended()
    unseen.pop("safety_reviewed")
    refused = client.post(page("case-close", case), unseen)
    assert refused.status_code == 422 and "safety_reviewed" in refused.context["form"].errors
    # Who may not write that part can close once a colleague has looked, and is not offered to say it herself.
    assert 'name="safety_reviewed"' not in sign_in(cast.bea).get(page("case-close", case)).text
    with pytest.raises(SafetyPlanUnseen):
        close(case, cast.bea)
    review_safety(actor=cast.amina, now=clock.now(), case_uid=case.uid)
    with time_machine.travel(clock.now() + timedelta(days=31)), pytest.raises(SafetyPlanUnseen):
        close(case, cast.bea)
    assert close(case, cast.bea).is_closed


def test_r9_no_legal_date_stays_open(cast, case):
    matter = a_matter(cast, case)
    of_matter = {"actor": cast.amina, "now": clock.now(), "matter_uid": matter.uid}
    add_deadline(
        **of_matter,
        title="Answer",
        due_on=timezone.localdate() + timedelta(days=9),
        kind="AGENCY",
        authority="8 CFR 214.204",
    )
    with pytest.raises(OpenServicesRemain):
        close(case, cast.amina)
    close_matter(**of_matter, outcome="GRANTED", closed_on=timezone.localdate())
    assert close(case, cast.amina).is_closed
    assert not access.for_the_house(Due).filter(case=case, kind=DueKind.DEADLINE, done_at__isnull=True).exists()


def test_r9_no_case_ends_before_the_last_help(cast, case, sign_in):
    given = {"service": "TRANSPORT", "quantity": Decimal(1), "outcome": "PROVIDED", "mode": "FIELD"}
    record_service(actor=cast.amina, now=clock.now(), case_uid=case.uid, given_on=timezone.localdate(), **given)
    before = timezone.localdate() - timedelta(days=1)
    with pytest.raises(ClosedBeforeLastService):
        close(case, cast.amina, on=before)
    refused = sign_in(cast.amina).post(page("case-close", case), ended(closed_on=str(before)))
    assert refused.status_code == 422 and "closed_on" in refused.context["form"].errors
    assert close(case, cast.amina).is_closed


def test_r9_access_from_outside_ends_and_an_attorneys_own_file_stays_hers(cast, case, sign_in, events):
    matter = a_matter(cast, case)
    to_attorney(cast, case, matter)
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        close_matter(
            actor=cast.amina, now=clock.now(), matter_uid=matter.uid, outcome="GRANTED", closed_on=timezone.localdate()
        )
        assert cast.chidi.name in sign_in(cast.amina).get(page("case-close", case)).text
        assert access.get_for(cast.chidi, case.uid)
        close(case, cast.amina)
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        with pytest.raises(Hidden):
            access.get_for(cast.chidi, case.uid)
        assert access.get_matter_for(cast.chidi, matter.uid).uid == matter.uid
    ends = [event.detail.shown()["codes"] for event in events("ACCESS_REVOKED", case.uid)]
    assert sorted("until" in one for one in ends) == [False, True], (
        "what was released closes, her own file does so later"
    )
    assert access.drift() == []


def test_contact_is_lost_only_after_three_attempts_on_record(cast, case):
    """domain.md §4.5, LOST_CONTACT."""
    for _try in range(3):
        with pytest.raises(NotTriedEnough):
            close(case, cast.amina, reason="LOST_CONTACT", told="NOT_REACHED")
        begin_contact(
            actor=cast.amina, now=clock.now(), case_uid=case.uid, channel="SMS", has_read=True, reason="Her hearing"
        )
    with time_machine.travel(clock.now() + timedelta(days=91)), pytest.raises(NotTriedEnough):
        close(case, cast.amina, reason="LOST_CONTACT", told="NOT_REACHED")
    assert close(case, cast.amina, reason="LOST_CONTACT", told="NOT_REACHED").is_closed


# ---- What she takes along, and what goes on ----


def test_follow_ups_are_handed_over_and_the_summary_is_hers(cast, case, sign_in, events):
    given = {"service": "TRANSPORT", "quantity": Decimal(1), "mode": "FIELD", "provider": "Zebrafinch Cabs"}
    for outcome in ("PROVIDED", "PARTIAL", "NO_SHOW"):
        record_service(
            actor=cast.amina,
            now=clock.now(),
            case_uid=case.uid,
            given_on=timezone.localdate(),
            outcome=outcome,
            **given,
        )
    client = sign_in(cast.amina)
    told = ended(follow_up="on", agreed="Your sister has the key.")
    assert client.post(page("case-close", case), told).status_code == 302
    planned = list(access.for_the_house(FollowUp).filter(case=case).order_by("planned_on"))
    assert [(one.planned_on - timezone.localdate()).days for one in planned] == [30, 90, 182, 365]
    paper = client.get(page("case-exit-summary", case)).text
    paper = paper[paper.index("<main") : paper.index("</main>")]
    assert "Transport" in paper and "2 times" in paper and "Your sister has the key." in paper
    assert cast.amina.organisation.name in paper and date_format(planned[0].planned_on, "j F Y") in paper
    for word in ("Zoraida", "Quillfeather", case.number, "Zebrafinch", "Goals met", cast.amina.name):
        assert word not in paper, word
    quiet = client.get(page("case-exit-summary", case) + "?discreet=on").text
    assert cast.amina.organisation.name not in quiet[quiet.index("<main") : quiet.index("</main>")]
    hers = client.get(page("case-exit-summary", case) + "?language=es").text
    assert '<html lang="es"' in hers and "La ayuda que usted tuvo" in hers and "Siempre puede volver." in hers
    [first, *_others] = events("PRINT_MADE", case.uid)
    assert first.detail.shown()["codes"] == {"kind": "EXIT_SUMMARY"} and "SERVICES" in first.section_codes
    assert sign_in(cast.dana).get(page("case-exit-summary", case)).status_code == 404
    back = client.get(page("case-reopen", case)).text
    assert "Your sister has the key." in back and "Yes, in person" in back
    reopen_case(actor=cast.amina, now=clock.now(), case_uid=case.uid, stage="REINTEGRATE")
    assert "Your sister has the key." not in client.get(page("case-exit-summary", case)).text


def test_whoever_does_not_write_services_hands_nobody_over(cast, case, sign_in):
    review_safety(actor=cast.amina, now=clock.now(), case_uid=case.uid)
    assert 'name="follow_up"' not in sign_in(cast.bea).get(page("case-close", case)).text
    with pytest.raises(Refused):
        close(case, cast.bea, follow_up=True)
    assert not now_of(case).is_closed
