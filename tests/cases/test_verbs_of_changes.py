"""Acts that nothing else in the tests records: former values of every kind of record, a consent put right, a factor gone."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from django.test import RequestFactory

from audit import clock
from audit.log import record
from audit.models import Event
from cases import access
from cases.actions import survivor
from cases.actions.restoring import restore_version
from cases.models import Consent
from cases.opening import open_case
from services.actions import aftercare, legal, reintegration
from services.models import FollowUp
from tests import make

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def last(verb: str) -> Event:
    return Event.objects.filter(verb=verb).latest("pk")


def brought_back(cast, case, row: Any, kind: str, field: str, value: Any) -> None:
    """A second version with another value, and the first one's value back."""
    setattr(row, field, value)
    row.save()
    record("CASE_CHANGED", actor=None, subject=row)
    number = row.history.count() - 1
    restore_version(
        actor=cast.amina,
        now=clock.now(),
        case_uid=case.uid,
        record_uid=row.uid,
        kind=kind,
        number=number,
        fields=[field],
    )


def test_what_stood_in_a_matter_comes_back_by_its_own_verb(cast, case) -> None:
    now, today = clock.now(), date.today()
    matter = legal.open_matter(
        actor=cast.amina, now=now, case_uid=case.uid, title="Her visa", matter_type="T_VISA", jurisdiction="USCIS",
        stage="DRAFTING", opened_on=today,
    )  # fmt: skip
    hearing = legal.add_hearing(
        actor=cast.amina, now=now, matter_uid=matter.uid, starts_at=now + timedelta(days=5), time_zone="UTC",
        hearing_type="MASTER_CALENDAR", place="A court", must_attend=True, interpreter_needed=False,
    )  # fmt: skip
    deadline = legal.add_deadline(
        actor=cast.amina, now=now, matter_uid=matter.uid, due_on=today + timedelta(days=9), kind="AGENCY", title="A day",
        authority="8 CFR 214.11",
    )  # fmt: skip
    for row, kind, field, verb in (
        (hearing, "hearing", "place", "HEARING_CHANGED"),
        (deadline, "deadline", "title", "DEADLINE_CHANGED"),
    ):
        brought_back(cast, case, row, kind, field, "Other words")
        assert last(verb).subject_uid == row.uid and last(verb).detail.content["codes"]["kind"] == "RESTORED"


def test_what_stood_in_other_records_comes_back_by_its_own_verb(cast, case) -> None:
    now, today = clock.now(), date.today()
    service = aftercare.record_service(
        actor=cast.amina, now=now, case_uid=case.uid, given_on=today, service="CASE_MGMT", quantity=Decimal(30),
        outcome="PROVIDED", mode="IN_PERSON", remark="Tea",
    )  # fmt: skip
    reintegration.plan_follow_ups(actor=cast.amina, now=now, case_uid=case.uid, exit_on=today)
    follow_up = FollowUp._base_manager.filter(case=case).first()
    paper = make.document(case, cast.amina, b"Words", name="words.txt")
    for row, kind, field, value, verb in (
        (service, "servicerecord", "remark", "Coffee", "SERVICE_CHANGED"),
        (follow_up, "followup", "result", "Well", "FOLLOW_UP_CHANGED"),
        (paper, "document", "name", "other.txt", "DOCUMENT_CHANGED"),
    ):
        brought_back(cast, case, row, kind, field, value)
        assert last(verb).subject_uid == row.uid and last(verb).basis["kind"] == "ASSIGNMENT"


def test_a_consent_that_is_put_right_is_changed_and_not_given_anew(cast, case) -> None:
    consent = Consent._base_manager.get(case=case)
    with open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        state, told = consent.state, consent.told or {}
    survivor.record_consent(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, state=state,
        told=told, facts={"language": "Tigrinya"},
    )  # fmt: skip
    assert last("CONSENT_CHANGED").subject_uid == consent.uid


def test_a_second_factor_that_is_taken_off_is_recorded(cast) -> None:
    factor = Authenticator(user=cast.amina, type=Authenticator.Type.TOTP, data={})
    request = RequestFactory().get("/")
    authenticator_removed.send(sender=Authenticator, request=request, user=cast.amina, authenticator=factor)
    assert last("SECOND_FACTOR_REMOVED").subject_uid == cast.amina.uid
