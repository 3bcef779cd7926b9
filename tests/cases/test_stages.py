"""Moving a case on, closing it and opening it again."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from cases import access
from cases.actions.cases import change_stage, close_case, reopen_case
from cases.choices.casework import DueKind
from cases.errors.casework import (
    CaseAlreadyClosed,
    CaseIsClosed,
    CaseIsNotClosed,
    ClosedBeforeOpened,
    DayHasNotCome,
    OpenServicesRemain,
)
from cases.models import Case, Due
from tests import make


def page(name, case):
    return reverse(name, args=[case.uid])


def now_of(case):
    return access.for_the_house(Case).get(uid=case.uid)


def close(case, actor, on=None, reason="GOALS_MET"):
    return close_case(
        actor=actor, now=clock.now(), case_uid=case.uid, reason=reason, closed_on=on or timezone.localdate()
    )


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
    assert case.number in first and "Nothing is deleted" in first and "Safety review" in first
    form = {"reason": "GOALS_MET", "closed_on": str(timezone.localdate())}
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
    early = client.post(page("case-close", case), {"reason": "GOALS_MET", "closed_on": "2026-03-01"})
    assert early.status_code == 422 and "opened after this day" in early.text
    future = client.post(page("case-close", case), {"reason": "GOALS_MET", "closed_on": "2999-01-01"})
    assert future.status_code == 422 and "not come yet" in future.text
    assert client.post(page("case-close", case), {}).status_code == 422
    make.closed(case, cast.amina)
    form = {"reason": "GOALS_MET", "closed_on": str(timezone.localdate())}
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
    form = {"reason": "GOALS_MET", "closed_on": str(timezone.localdate()), "form_key": str(uuid4())}
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
