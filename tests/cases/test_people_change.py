"""People who leave, move, go on leave and come back, or change their role; and the cases that change hands with them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.actions import teams
from casemgmt.accounts.choices import AbsenceKind, MembershipStatus, Role
from casemgmt.accounts.errors import LastAdministrator, NotOnOneself
from casemgmt.accounts.models import Absence, Membership, RoleAssignment, Session, Team
from cases import access
from cases.actions.grants import give_access
from cases.actions.handing import hand_over, hand_over_team
from cases.actions.people import begin_leave, change_role, end_leave, move_person, record_leaving
from cases.actions.tasks import add_task
from cases.actions.walls import place_wall
from cases.choices.sharing import GrantKind, PeopleChangeKind
from cases.errors.people import CannotLead, CannotSupervise, NoSuchTeamOfHers
from cases.leaving import foresee
from cases.models import Notice, Task
from tests import make
from tests.accounts.test_people import new_person
from tests.cases.leaving_people import due_of, fresh, led_by, sees, sign_in, task_of, waiting


@pytest.fixture
def led(cast, case):
    """Amina's case, which she leads, with an open task of hers."""
    return led_by(cast.amina, case)


def test_the_case_begins_as_these_tests_believe(cast, led):
    assert led.lead == cast.amina and sees(cast.amina, led) and sees(cast.bea, led) and not sees(cast.dana, led)


# ---- Leaving ----


@pytest.mark.sql
def test_leaving_ends_everything_at_the_next_click_and_nobody_is_orphaned(cast, led):
    client = sign_in(cast.amina)
    address = reverse("case-overview", args=[led.uid])
    assert client.get(address).status_code == 200
    amina = cast.amina
    change = record_leaving(actor=cast.bea, now=clock.now(), person=amina)
    assert client.get(address).url.startswith("/sign-in/")
    assert not Session.objects.filter(user=amina).exists()
    amina = cast.amina
    assert not amina.is_active and amina.roles_now() == set() and amina.team_group_ids() == []
    assert not amina.memberships.not_over(clock.now()).exists() and not sees(amina, led)
    assert access.grants_with_grounds().get(case=led, person=amina).revoked_by == cast.bea
    assert fresh(led).lead == cast.bea
    [one] = waiting(led)
    assert one.was_lead and one.interim == cast.bea and one.change == change
    assert due_of(led).assigned_to == cast.bea and task_of(led).assigned_to == amina
    assert access.drift() == []
    found = [event.verb for event in Event.objects.filter(pk__gt=cast.last_event)]
    for verb in ("PERSON_LEFT", "ACCESS_REVOKED", "MEMBERSHIP_ENDED", "ROLE_ENDED", "CASE_HANDED_OVER"):
        assert verb in found, verb
    assert Notice._base_manager.filter(person=cast.bea, kind="CASE_NEEDS_LEAD", about_uid=one.uid).exists()


def test_what_is_shown_before_is_what_happens(cast, led):
    before = foresee(cast.amina, PeopleChangeKind.LEFT, clock.now())
    assert before.counts["led"] == 1 and before.counts["tasks"] == 1 and before.counts["access"] == 1
    change = record_leaving(actor=cast.bea, now=clock.now(), person=cast.amina)
    assert change.counts == before.counts
    after = foresee(cast.amina, PeopleChangeKind.LEFT, clock.now())
    assert after.counts["access"] == after.counts["led"] == after.counts["teams"] == after.counts["roles"] == 0


@pytest.mark.parametrize("who", ["dana", "nadia", "elif_", "kemi", "chidi", "gita", "ines"])
def test_nobody_else_records_that_somebody_leaves(cast, led, who):
    with pytest.raises(Refused):
        record_leaving(actor=getattr(cast, who), now=clock.now(), person=cast.amina)
    assert cast.amina.is_active


def test_nobody_leaves_by_her_own_hand_and_the_last_administrator_stays(cast):
    with pytest.raises(NotOnOneself):
        record_leaving(actor=cast.bea, now=clock.now(), person=cast.bea)
    with pytest.raises(LastAdministrator):
        record_leaving(actor=cast.omar, now=clock.now(), person=cast.farid)


def test_when_the_only_supervisor_leaves_the_director_is_told_and_hands_the_team_over(cast, led):
    record_leaving(actor=cast.omar, now=clock.now(), person=cast.bea)
    record_leaving(actor=cast.farid, now=clock.now(), person=cast.amina)
    kinds = set(Notice._base_manager.filter(person=cast.omar).values_list("kind", flat=True))
    assert {"TEAM_UNSUPERVISED", "CASES_WITHOUT_LEAD"} <= kinds
    [one] = waiting(led)
    assert one.interim is None and fresh(led).lead is None
    person = new_person(cast, Role.SUPERVISOR)
    north = Team.objects.get(pk=led.team_id)
    with pytest.raises(CannotSupervise):
        hand_over_team(actor=cast.omar, now=clock.now(), team=north, person=person)
    waits = teams.add_member(actor=cast.farid, now=clock.now(), team=north, user=person, is_supervisor=True)
    assert waits.status == MembershipStatus.ACCEPTED
    assert hand_over_team(actor=cast.omar, now=clock.now(), team=north, person=person) == 1
    assert sees(person, led) and fresh(led).lead == person
    assert waiting(led)[0].interim == person
    assert not sees(cast.omar, led)


def test_a_walled_supervisor_does_not_lead_not_even_for_now(cast, led):
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=led.uid, person=cast.bea)
    record_leaving(actor=cast.farid, now=clock.now(), person=cast.amina)
    assert fresh(led).lead is None and waiting(led)[0].interim is None
    assert not sees(cast.bea, led)


# ---- Handing over ----


def test_a_supervisor_chooses_the_new_lead_and_the_work_goes_with_it(cast, led):
    record_leaving(actor=cast.bea, now=clock.now(), person=cast.amina)
    hand_over(actor=cast.bea, now=clock.now(), case_uid=led.uid, person=cast.dana)
    assert fresh(led).lead == cast.dana and sees(cast.dana, led)
    assert task_of(led).assigned_to == cast.dana and due_of(led).assigned_to == cast.dana
    assert waiting(led) == []
    assert access.drift() == []
    assert Notice._base_manager.filter(person=cast.dana, kind="CASE_HANDED_OVER").exists()


def test_only_a_supervisor_of_the_case_hands_it_over_and_not_to_anybody(cast, led):
    for stranger in (cast.dana, cast.nadia, cast.omar, cast.farid, cast.kemi):
        with pytest.raises(Hidden):
            hand_over(actor=stranger, now=clock.now(), case_uid=led.uid, person=cast.dana)
    with pytest.raises(Refused):
        hand_over(actor=cast.amina, now=clock.now(), case_uid=led.uid, person=cast.dana)
    for unfit in (cast.chidi, cast.ines, cast.farid, cast.elif_):
        with pytest.raises(CannotLead):
            hand_over(actor=cast.bea, now=clock.now(), case_uid=led.uid, person=unfit)
    assert fresh(led).lead == cast.amina


def test_a_task_of_a_part_the_new_lead_does_not_write_stays_on_the_list(cast, led, clinician):
    add_task(
        actor=cast.gita, now=clock.now(), case_uid=led.uid, title="Ask about the violet pills", section="HEALTH",
        due_on=timezone.localdate() + timedelta(days=2),
    )  # fmt: skip
    record_leaving(actor=cast.farid, now=clock.now(), person=cast.gita)
    [one] = waiting(led)
    assert not one.was_lead and fresh(led).lead == cast.amina
    hand_over(actor=cast.bea, now=clock.now(), case_uid=led.uid, person=cast.dana)
    [still] = waiting(led)
    assert still.pk == one.pk
    assert access.for_the_house(Task).get(case=led, section="HEALTH").assigned_to == cast.gita


# ---- Moving ----


def test_moving_ends_the_old_teams_cases(cast, led):
    south = cast.team_of("dana")
    make.case(cast.dana, south)
    move_person(actor=cast.bea, now=clock.now(), person=cast.amina, from_team=cast.team_of("amina"), to_team=south)
    amina = cast.amina
    assert amina.is_active and not sees(amina, led) and fresh(led).lead == cast.bea
    membership = Membership.objects.get(user=amina, team=south)
    assert membership.status == MembershipStatus.ACCEPTED, "no case is given to that team as a whole"
    assert not Membership.objects.not_over(clock.now()).filter(user=amina, team=led.team_id).exists()


def test_moving_to_a_team_with_cases_is_pending(cast, led):
    south = cast.team_of("dana")
    teams.mark_team_holding(south)
    move_person(actor=cast.bea, now=clock.now(), person=cast.amina, from_team=led.team, to_team=south)
    assert Membership.objects.get(user=cast.amina, team=south).status == MembershipStatus.PENDING
    assert cast.amina.team_group_ids() == []


def test_one_moves_only_from_a_team_of_ones_own(cast, led):
    with pytest.raises(NoSuchTeamOfHers):
        move_person(
            actor=cast.bea, now=clock.now(), person=cast.amina, from_team=cast.team_of("dana"),
            to_team=cast.team_of("gita"),
        )  # fmt: skip
    assert fresh(led).lead == cast.amina


# ---- Leave ----


def test_leave_rests_and_coming_back_gives_back_what_nobody_took(cast, led):
    second = make.case(cast.amina, led.team)
    now = clock.now()
    begin_leave(actor=cast.bea, now=now, person=cast.amina, expected_back_on=timezone.localdate() + timedelta(days=90))
    amina = cast.amina
    assert not amina.is_active and not sees(amina, led)
    assert fresh(led).lead == fresh(second).lead == cast.bea and due_of(led).assigned_to == cast.bea
    assert access.grants_with_grounds().get(case=led, person=amina).revoked_at is None
    hand_over(actor=cast.bea, now=clock.now(), case_uid=second.uid, person=cast.dana)
    end_leave(actor=cast.bea, now=clock.now(), person=amina)
    assert cast.amina.is_active and sees(cast.amina, led)
    assert fresh(led).lead == cast.amina and due_of(led).assigned_to == cast.amina
    assert fresh(second).lead == cast.dana
    assert waiting(led) == waiting(second) == []


def test_the_past_knows_that_she_was_away(cast, led):
    before = clock.now()
    begin_leave(actor=cast.bea, now=clock.now(), person=cast.amina)
    during = clock.now()
    end_leave(actor=cast.bea, now=clock.now(), person=cast.amina)
    assert cast.amina in access.who_could_see(led, READ_CARD, before)
    assert cast.amina not in access.who_could_see(led, READ_CARD, during)
    assert cast.amina in access.who_could_see(led, READ_CARD, clock.now())


def test_leaving_from_leave_goes_on_in_one_list(cast, led):
    begin_leave(actor=cast.bea, now=clock.now(), person=cast.amina)
    record_leaving(actor=cast.bea, now=clock.now(), person=cast.amina)
    assert len(waiting(led)) == 1 and fresh(led).lead == cast.bea
    standing = {one.kind for one in Absence.objects.filter(user=cast.amina, ended_at__isnull=True)}
    assert standing == {AbsenceKind.LEAVE, AbsenceKind.LEFT}
    end_leave(actor=cast.farid, now=clock.now(), person=cast.amina)
    assert not cast.amina.is_active, "who has left is not back because the leave is over"


# ---- Another role ----


def test_another_role_ends_what_it_may_not_hold(cast, led):
    assignment = RoleAssignment.objects.get(user=cast.amina)
    change_role(actor=cast.farid, now=clock.now(), person=cast.amina, ends=assignment, role=Role.GRANTS)
    assert cast.amina.roles_now() == {Role.GRANTS} and not sees(cast.amina, led)
    assert fresh(led).lead == cast.bea


def test_a_caseworker_who_becomes_auditor_loses_every_case_and_team_first(cast, led):
    assignment = RoleAssignment.objects.get(user=cast.amina)
    change_role(actor=cast.farid, now=clock.now(), person=cast.amina, ends=assignment, role=Role.INTERNAL_AUDITOR)
    assert cast.amina.roles_now() == {Role.INTERNAL_AUDITOR}
    assert cast.amina.team_group_ids() == [] and not sees(cast.amina, led)


def test_a_role_that_the_grants_may_keep_takes_nothing(cast, led):
    assignment = RoleAssignment.objects.get(user=cast.amina)
    change_role(actor=cast.farid, now=clock.now(), person=cast.amina, ends=assignment, role=Role.HOTLINE_ADVOCATE)
    assert sees(cast.amina, led) and fresh(led).lead == cast.amina


def test_only_an_administrator_changes_roles(cast, led):
    with pytest.raises(Refused):
        change_role(
            actor=cast.bea, now=clock.now(), person=cast.amina, ends=RoleAssignment.objects.get(user=cast.amina),
            role=Role.SUPERVISOR,
        )  # fmt: skip


def test_a_case_given_meanwhile_is_not_left_behind(cast, led, monkeypatch):
    """Between the look and the locks somebody gave her another case: the act says so instead of forgetting it."""
    from cases.actions import people as acts
    from cases.errors.casework import ChangedMeanwhile

    other = make.case(cast.bea, led.team)
    lock_cases = access.lock_cases

    def give_first(keys):
        give_access(actor=cast.bea, now=clock.now(), case_uid=other.uid, kind=GrantKind.ASSIGNMENT, person=cast.amina)
        return lock_cases(keys)

    monkeypatch.setattr(acts.access, "lock_cases", give_first)
    with pytest.raises(ChangedMeanwhile):
        record_leaving(actor=cast.bea, now=clock.now(), person=cast.amina)
    assert cast.amina.is_active
