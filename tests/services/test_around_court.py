"""A day in court moves the look at her safety (domain.md §8.1): a week before it, and on the day after."""

from datetime import date, timedelta

import pytest
import time_machine

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from cases import access
from cases.choices.casework import DueKind
from cases.models import Case, Due, Matter, SafetyPlan
from services.actions.legal import add_hearing, record_hearing
from services.models import Hearing
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


@pytest.fixture(autouse=True)
def late_look(case: Case) -> None:
    """The look at safety is far away, so that every move shows."""
    SafetyPlan._base_manager.filter(case=case).update(review_on=clock.now().date() + timedelta(days=90))


def in_court(cast: Cast, matter: Matter, days: int, *, actor: object = None, must_attend: bool = True) -> Hearing:
    return add_hearing(
        actor=actor or cast.amina, now=clock.now(), matter_uid=matter.uid, starts_at=clock.now() + timedelta(days=days),
        time_zone="America/New_York", hearing_type="MOTION", place="", must_attend=must_attend, interpreter_needed=False,
    )  # fmt: skip


def changes_of(case: Case) -> list[Event]:
    return list(Event.objects.filter(verb=Verb.SAFETY_CHANGED, case_uid=case.uid).order_by("pk"))


def look_on(case: Case) -> date:
    return access.for_the_house(SafetyPlan).get(case=case).review_on


def test_a_week_before_and_at_the_earliest_tomorrow(cast, case, matter):
    today = clock.now().date()
    hearing = in_court(cast, matter, 30)
    assert look_on(case) == hearing.starts_at.date() - timedelta(days=7)
    [due] = Due._base_manager.filter(
        case=case, kind=DueKind.SAFETY_REVIEW, done_at__isnull=True, subject_kind="safetyplan"
    )
    assert due.due_on == look_on(case) and due.assigned_to == case.lead
    assert [change.detail.content["fields"] for change in changes_of(case)] == [["safety.review_on"]]
    in_court(cast, matter, 3)
    assert look_on(case) in (today + timedelta(days=1), today + timedelta(days=2)), "by the worker's own clock"
    told = len(changes_of(case))
    in_court(cast, matter, 40)
    assert len(changes_of(case)) == told, "a nearer day stays, and nothing is said of it"


def test_where_she_need_not_be_nothing_moves(cast, case, matter):
    before = look_on(case)
    in_court(cast, matter, 30, must_attend=False)
    assert look_on(case) == before


def test_her_attorney_moves_it_without_seeing_it(cast, case, matter, engagement):
    hearing = in_court(cast, matter, 30, actor=cast.chidi)
    assert look_on(case) == hearing.starts_at.date() - timedelta(days=7)


def test_after_the_hearing_it_is_looked_at_at_once(cast, case, matter):
    hearing = in_court(cast, matter, 30)
    SafetyPlan._base_manager.filter(case=case).update(review_on=clock.now().date() + timedelta(days=200))
    with time_machine.travel(hearing.starts_at + timedelta(hours=2), tick=False):
        record_hearing(
            actor=cast.amina, now=clock.now(), matter_uid=matter.uid, hearing_uid=hearing.uid, outcome="Heard"
        )
        assert look_on(case) <= clock.now().date() + timedelta(days=1)
