"""What goes with somebody who leaves, moves or rests: turns on duty, appointments, and what was lent."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from audit import clock
from audit.models import Event
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import RoleAssignment
from cases import access
from cases.actions.bookings import book
from cases.actions.delegation import delegate_access
from cases.actions.grants import write_grant
from cases.actions.kinds import PERMISSIONS_OF_KIND
from cases.actions.people import begin_leave, change_role, end_leave, move_person, record_leaving
from cases.choices.sharing import GrantKind, PeopleChangeKind
from cases.leaving import foresee
from cases.models import Booking, Notice
from tests import make
from tests.accounts.test_people import new_person
from tests.cases.leaving_people import is_over, led_by, sees, sign_in, turn


@pytest.fixture
def led(cast, case):
    """Amina's case, which she leads, with an open task of hers."""
    return led_by(cast.amina, case)


def test_leaving_ends_the_turns_that_run_and_those_to_come_on_every_rota(cast, led):
    running, coming = turn(cast, cast.amina, starts=timedelta()), turn(cast, cast.amina)
    elsewhere, others = turn(cast, cast.amina, team="dana", by="nadia"), turn(cast, cast.jonas)
    before = foresee(cast.amina, PeopleChangeKind.LEFT, clock.now())
    assert before.counts["shifts"] == 3
    change = record_leaving(actor=cast.omar, now=clock.now(), person=cast.amina)
    assert change.counts == before.counts
    assert [is_over(one) for one in (running, coming, elsewhere, others)] == [True, True, True, False]
    events = Event.objects.filter(verb="ROTA_CHANGED", actor_uid=cast.omar.uid)
    assert [event.detail.content["codes"]["kind"] for event in events] == ["SHIFT_ENDED"] * 3
    for key, number in (("bea", 2), ("nadia", 1)):
        assert Notice._base_manager.filter(person=getattr(cast, key), kind="TURN_LEFT_OPEN").count() == number
    assert access.drift() == []


def test_moving_ends_the_turns_of_the_old_team_and_what_came_with_their_alerts(cast, led):
    here, there = turn(cast, cast.amina, starts=timedelta()), turn(cast, cast.amina, team="dana", by="nadia")
    elsewhere = make.case(cast.dana, cast.team_of("dana"))
    with transaction.atomic():
        woken = write_grant(
            actor=cast.dana, now=clock.now(), case=elsewhere, person=cast.amina, kind=GrantKind.ON_CALL, shift=here,
            permissions=PERMISSIONS_OF_KIND[GrantKind.ON_CALL], until=here.ends_at,
        )  # fmt: skip
    assert sees(cast.amina, elsewhere)
    move_person(actor=cast.bea, now=clock.now(), person=cast.amina, from_team=led.team, to_team=cast.team_of("gita"))
    assert is_over(here) and not is_over(there)
    assert not sees(cast.amina, elsewhere) and access.every_grant().get(pk=woken.pk).revoked_by == cast.bea
    assert access.drift() == []


def test_what_she_lent_of_the_old_teams_cases_ends_when_she_moves_and_stands_in_the_list(cast, led):
    delegate_access(
        actor=cast.amina, now=clock.now(), colleague=cast.dana, until=clock.now() + timedelta(days=9)
    )  # fmt: skip
    assert sees(cast.dana, led)
    before = foresee(cast.amina, PeopleChangeKind.MOVED, clock.now(), team=led.team)
    assert before.counts["lent"] == 1
    change = move_person(
        actor=cast.bea, now=clock.now(), person=cast.amina, from_team=led.team, to_team=cast.team_of("gita")
    )
    assert not sees(cast.dana, led) and access.drift() == []
    shown = sign_in(cast.bea).get(reverse("people-changed", args=[change.uid]))
    assert {grant.kind for _case, grant in shown.context["ended"]} == {GrantKind.ASSIGNMENT, GrantKind.DELEGATION}
    assert "Dana Hill" in shown.text


def test_on_leave_she_keeps_her_cases_and_stands_in_for_nobody(cast, led):
    hers = make.case(cast.dana, cast.team_of("dana"))
    coming = turn(cast, cast.amina)
    until = clock.now() + timedelta(days=9)
    delegate_access(actor=cast.dana, now=clock.now(), colleague=cast.amina, until=until)
    delegate_access(actor=cast.amina, now=clock.now(), colleague=cast.dana, until=until)
    assert sees(cast.amina, hers)
    begin_leave(actor=cast.bea, now=clock.now(), person=cast.amina)
    assert is_over(coming) and sees(cast.dana, led), "whoever stands in for her stays"
    end_leave(actor=cast.bea, now=clock.now(), person=cast.amina)
    assert sees(cast.amina, led) and not sees(cast.amina, hers) and is_over(coming)
    assert access.drift() == []


def test_a_role_that_may_be_on_duty_keeps_the_turns_and_another_does_not(cast, led):
    one = turn(cast, cast.amina)
    assignment = RoleAssignment.objects.get(user=cast.amina)
    change_role(actor=cast.farid, now=clock.now(), person=cast.amina, ends=assignment, role=Role.HOTLINE_ADVOCATE)
    assert not is_over(one)
    held = cast.amina.role_assignments.get(role=Role.HOTLINE_ADVOCATE)
    change_role(actor=cast.farid, now=clock.now(), person=cast.amina, ends=held, role=Role.GRANTS)
    assert is_over(one)


def test_an_appointment_is_called_off_when_the_interpreter_leaves_and_whoever_booked_is_told(cast, led):
    person = new_person(cast, Role.INTERPRETER)
    begins = clock.now() + timedelta(days=3)
    booked = book(
        actor=cast.amina, now=clock.now(), case_uid=led.uid, person=person, starts_at=begins,
        ends_at=begins + timedelta(hours=1), language="Tigrinya", alias="Marigold", place="Town hall",
    )  # fmt: skip
    before = foresee(person, PeopleChangeKind.LEFT, clock.now())
    assert before.counts["bookings"] == 1
    record_leaving(actor=cast.omar, now=clock.now(), person=person)
    assert access.for_the_house(Booking).get(pk=booked.pk).called_off_at is not None
    assert Notice._base_manager.filter(person=cast.amina, kind="BOOKING_CALLED_OFF", about_uid=booked.uid).exists()
