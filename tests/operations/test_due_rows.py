"""Notices for what is due: in time, once, to somebody who may still read it, and without a word of it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from audit import clock
from audit.context import audit_context
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.sections import Section
from cases import access
from cases.actions import due
from cases.actions.trail import set_due
from cases.choices.casework import DueKind
from cases.models import Due, Notice
from tests import make


@pytest.fixture
def amina(cast):
    return cast.amina


@pytest.fixture
def case(cast):
    """A case of Amina's, whose own due rows have been told already."""
    made = make.case(cast.amina, cast.team_of("amina"))
    stamp()
    return made


def put(case, person, *, on: date, kind: str = DueKind.TASK, section: str = Section.ADVOCACY) -> Due:
    """One due row, as an action of the case room leaves it."""
    with audit_context("test", "a due row"):
        return set_due(
            case=case, section=section, kind=kind, line="Call the clinic.", subject=case, due_on=on, assigned_to=person
        )


def stamp() -> int:
    with audit_context("job", "a test"):
        return due.stamp_everything_due()


def notices() -> list[Notice]:
    return list(access.for_the_house(Notice).filter(about_kind="due", kind=DueKind.TASK).order_by("pk"))


def today() -> date:
    return timezone.now().date()


def test_notice_and_stamp(case, amina):
    row = put(case, amina, on=today())
    assert stamp() == 1
    (notice,) = notices()
    assert (notice.person, notice.kind, notice.about_uid, notice.case) == (amina, DueKind.TASK, row.uid, case)
    assert access.for_the_house(Due).get(uid=row.uid).noticed_at is not None
    event = Event.objects.filter(verb=Verb.DUE_STAMPED).latest("pk")
    assert (event.source, event.actor_uid, event.case_uid) == ("job", None, case.uid)


def test_second_run_leaves_nothing(case, amina):
    put(case, amina, on=today())
    stamp()
    assert stamp() == 0
    assert len(notices()) == 1


@pytest.mark.parametrize(("days", "stamped"), [(7, 1), (8, 0)])
def test_a_deadline_is_told_a_week_before(case, amina, days, stamped):
    put(case, amina, on=today() + timedelta(days=days), kind=DueKind.DEADLINE)
    assert stamp() == stamped


def test_done_rows_are_left_alone(case, amina):
    row = put(case, amina, on=today())
    with audit_context("test", "done"):
        row.done_at = clock.now()
        row.save(update_fields=["done_at"])
    assert stamp() == 0


def test_whoever_may_not_read_it_hears_nothing_and_the_lead_does(case, cast):
    put(case, cast.dana, on=today())
    assert stamp() == 1
    assert [notice.person for notice in notices()] == [case.lead]


def test_nobody_to_tell_keeps_the_row_for_later(case, cast):
    with audit_context("test", "nobody leads"):
        case.lead = None
        case.save(update_fields=["lead"])
    put(case, None, on=today(), section=Section.COUNSELLING)
    assert stamp() == 0
    assert access.for_the_house(Due).filter(case=case, noticed_at__isnull=True, kind=DueKind.TASK).exists()


def test_without_a_person_and_a_lead_the_supervisor_hears(case, cast):
    with audit_context("test", "nobody leads"):
        case.lead = None
        case.save(update_fields=["lead"])
    put(case, None, on=today())
    assert stamp() == 1
    assert [notice.person for notice in notices()] == [cast.bea]


def test_every_kind_has_its_days():
    assert set(due.NOTICE_DAYS) == set(DueKind)


@pytest.mark.parametrize(
    ("kind", "days_ago", "is_over"),
    [
        (DueKind.HEARING, 0, False), (DueKind.HEARING, 3, True), (DueKind.ACCESS_ENDS, 3, True),
        (DueKind.RELEASE_ENDS, 3, False), (DueKind.RELEASE_ENDS, 17, True),
        (DueKind.TASK, 400, False), (DueKind.DEADLINE, 400, False), (DueKind.SAFETY_REVIEW, 400, False),
    ],
)  # fmt: skip
def test_what_nobody_closes_is_over_by_itself_and_work_never_is(case, amina, kind, days_ago, is_over):
    row = put(case, amina, on=today() - timedelta(days=days_ago), kind=kind)
    stamp()
    assert (access.for_the_house(Due).get(uid=row.uid).done_at is not None) is is_over
