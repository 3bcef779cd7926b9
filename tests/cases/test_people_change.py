"""People who leave, move, go on leave and come back, or change their role; and the cases that change hands with them."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.actions import teams
from casemgmt.accounts.choices import AbsenceKind, MembershipStatus, Role
from casemgmt.accounts.errors import LastAdministrator, NotOnOneself
from casemgmt.accounts.models import Absence, Membership, RoleAssignment, Session, Shift, Team
from cases import access
from cases.actions.bookings import book
from cases.actions.delegation import delegate_access
from cases.actions.grants import give_access, write_grant
from cases.actions.handing import hand_over, hand_over_team
from cases.actions.kinds import PERMISSIONS_OF_KIND
from cases.actions.people import begin_leave, change_role, end_leave, move_person, record_leaving
from cases.actions.rota import add_shift
from cases.actions.tasks import add_task
from cases.actions.walls import place_wall
from cases.choices.sharing import GrantKind, PeopleChangeKind
from cases.errors.people import CannotLead, CannotSupervise, NoSuchTeamOfHers
from cases.leaving import foresee
from cases.models import Booking, Case, Due, HandOver, Notice, PeopleChange, Task
from cases.views.losing import losses_of_consequences
from tests import make
from tests.accounts.signing_in import sign_in as signed_in
from tests.accounts.test_people import new_person


@pytest.fixture
def led(cast, case):
    """Amina's case, which she leads, with an open task of hers."""
    add_task(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, title="Call the turquoise clinic",
        due_on=timezone.localdate() + timedelta(days=3),
    )  # fmt: skip
    return fresh(case)


def sign_in(user, *, is_fresh=True):
    """A client that has just shown its second factor once more, unless told otherwise."""
    return signed_in(user, is_fresh=is_fresh)


def fresh(case):
    """The case as it stands in the database."""
    return access.for_the_house(Case).select_related("lead", "team").get(pk=case.pk)


def waiting(case):
    return list(access.for_the_house(HandOver).filter(case=case, settled_at__isnull=True))


def task_of(case):
    return access.for_the_house(Task).get(case=case)


def due_of(case):
    return access.for_the_house(Due).get(case=case, kind="TASK")


def sees(person, case):
    return access.visible(Case, person).filter(pk=case.pk).exists()


def test_the_case_begins_as_these_tests_believe(cast, led):
    assert led.lead == cast.amina and sees(cast.amina, led) and sees(cast.bea, led) and not sees(cast.dana, led)


# ---- Leaving ----


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


# ---- Pages ----


def test_the_supervisor_reads_case_numbers_before_and_the_administrator_only_counts(cast, led):
    address = reverse("colleague-change", args=[cast.amina.uid, "left"])
    supervisor, administrator = sign_in(cast.bea).get(address), sign_in(cast.farid).get(address)
    assert supervisor.status_code == administrator.status_code == 200
    assert led.number in supervisor.text
    assert led.number not in administrator.text and str(led.uid) not in administrator.text
    assert administrator.context["outlook"]["counts"]["led"] == 1 and administrator.context["outlook"]["unseen"] == 1


def test_leaving_by_its_page_and_the_list_afterwards(cast, led):
    client = sign_in(cast.bea)
    address = reverse("colleague-change", args=[cast.amina.uid, "left"])
    page = client.get(address)
    done = client.post(address, {"do": "1", "form_key": str(page.context["form"]["form_key"].value())})
    assert done.status_code == 302
    made = access.for_the_house(PeopleChange).get(kind=PeopleChangeKind.LEFT)
    assert done.url == reverse("people-changed", args=[made.uid])
    after = client.get(done.url)
    assert led.number in after.text and reverse("case-hand-over", args=[led.uid]) in after.text
    farid = sign_in(cast.farid).get(done.url)
    assert farid.status_code == 200 and led.number not in farid.text
    assert sign_in(cast.dana).get(done.url).status_code == 404
    again = client.post(address, {"do": "1"})
    assert again.status_code == 404, "she has left already"


def test_the_hand_over_pages(cast, led):
    record_leaving(actor=cast.bea, now=clock.now(), person=cast.amina)
    client = sign_in(cast.bea)
    listed = client.get(reverse("hand-overs"))
    assert led.number in listed.text
    director = sign_in(cast.omar).get(reverse("hand-overs"))
    assert led.number not in director.text and director.context["unseen"] == 1
    address = reverse("case-hand-over", args=[led.uid])
    assert "Call the turquoise clinic" in client.get(address).text
    refused = client.post(address, {"person": "nobody"})
    assert refused.status_code == 422
    assert client.post(address, {"person": str(cast.dana.uid)}).status_code == 302
    assert fresh(led).lead == cast.dana
    assert sign_in(cast.nadia).get(address).status_code == 404
    assert sign_in(cast.dana).get(address).status_code == 403, "the lead knows the case, and hands nothing over"


@pytest.mark.parametrize("who", ["amina", "dana", "elif_", "chidi", "gita", "ines", "jonas", "hugo"])
def test_the_pages_do_not_exist_for_others(cast, led, who):
    client = sign_in(getattr(cast, who))
    for address in (
        reverse("colleagues"),
        reverse("colleague", args=[cast.bea.uid]),
        reverse("colleague-change", args=[cast.bea.uid, "left"]),
        reverse("hand-overs"),
        reverse("organisations"),
    ):
        assert client.get(address).status_code == 404, address


def test_a_supervisor_sees_her_own_people_only_and_every_change_asks_for_a_fresh_proof(cast, led):
    client = sign_in(cast.nadia)
    listed = client.get(reverse("colleagues")).text
    assert "Dana Hill" in listed and "Amina Rivers" not in listed
    assert sign_in(cast.nadia).get(reverse("colleague-change", args=[cast.amina.uid, "left"])).status_code == 404
    stale = sign_in(cast.nadia, is_fresh=False)
    asked = stale.get(reverse("colleague-change", args=[cast.dana.uid, "left"]))
    assert asked.status_code == 302 and asked.url.startswith("/account/confirm/")


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


# ---- Turns on duty, appointments and what was lent ----


def turn(cast, person, *, team="amina", starts=timedelta(days=1), hours=8, by="bea"):
    now = clock.now()
    return add_shift(
        actor=getattr(cast, by), now=now, team_uid=cast.team_of(team).uid, person=person, starts_at=now + starts,
        ends_at=now + starts + timedelta(hours=hours),
    )  # fmt: skip


def is_over(shift):
    found = Shift.objects.get(pk=shift.pk)
    return found.ends_at <= max(clock.now(), found.starts_at)


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


def test_the_turns_stand_on_the_page_before_and_in_the_list_after(cast, led):
    turn(cast, cast.amina)
    client, address = sign_in(cast.bea), reverse("colleague-change", args=[cast.amina.uid, "left"])
    assert "On duty for North casework" in client.get(address).text
    after = client.get(client.post(address, {"do": "1"}).url)
    assert [shift.user for shift in after.context["shifts"]] == [cast.amina]
    assert "Turns on duty that somebody else has to take" in after.text and "North casework" in after.text


# ---- What she would lose, before ----


def test_before_somebody_leaves_the_page_says_what_she_would_lose_and_names_no_wall(cast, led):
    other = make.case(cast.bea, led.team)
    give_access(
        actor=cast.bea, now=clock.now(), case_uid=other.uid, kind=GrantKind.ASSIGNMENT, person=cast.amina,
        sections=[Section.SAFETY],
    )  # fmt: skip
    client, address = sign_in(cast.bea), reverse("colleague-change", args=[cast.amina.uid, "left"])
    losing = client.get(address).context["outlook"]["losing"]
    assert [(line["number"], line["leads"]) for line in losing["cases"]] == [(led.number, True), (other.number, False)]
    assert losing["cases"][0]["dues"] == 2 and Section.NARRATIVE.label in losing["cases"][0]["sections"]
    assert losing["cases"][1]["sections"] == [Section.CARD.label, Section.SAFETY.label]
    before = body(client.get(address))
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=led.uid, person=cast.amina)
    hidden = client.get(address).context["outlook"]["losing"]["cases"]
    assert [line["number"] for line in hidden] == [led.number, other.number], "a wall changes nothing of it"
    assert "No longer sees:" in before
    farid = sign_in(cast.farid).get(address)
    assert farid.context["outlook"]["losing"]["unseen"] == 2 and led.number not in farid.text


def body(answer):
    return answer.text.split("<main")[1].split("</main>")[0]


def test_before_a_move_only_what_the_old_team_opens_is_told(cast, led):
    """Of another team's cases she keeps what is hers by name, and loses what only her old team opened to her."""
    south = cast.team_of("dana")
    for whom in ({"person": cast.amina}, {"team": led.team}):
        case = make.case(cast.dana, south)
        give_access(actor=cast.nadia, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, **whom)
    sent = {"from_team": str(led.team.uid), "to_team": str(cast.team_of("gita").uid)}
    page = sign_in(cast.bea).post(reverse("colleague-change", args=[cast.amina.uid, "moved"]), sent)
    losing = page.context["outlook"]["losing"]
    assert [line["number"] for line in losing["cases"]] == [led.number] and losing["unseen"] == 0
    assert losing["through_teams"] == 1


def test_what_her_team_keeps_for_her_is_lost_with_the_team_only(cast, led):
    """Of a case that is hers by name and by her team: leaving takes both, the end of what she has by name takes nothing."""
    make.colleague(led, cast.bea, cast.dana, GrantKind.ASSIGNMENT)
    give_access(actor=cast.dana, now=clock.now(), case_uid=led.uid, kind=GrantKind.ASSIGNMENT, team=led.team)
    named = list(access.grants_with_grounds().filter(case=led, person=cast.amina))
    assert access.losses_of_change(cast.amina, named) == []
    [loss] = access.losses_of_change(cast.amina, named, teams=[led.team_id])
    assert loss.leads and Section.NARRATIVE in loss.sections
    [line] = losses_of_consequences(cast.bea, foresee(cast.amina, PeopleChangeKind.LEFT, clock.now()), clock.now())[
        "cases"
    ]
    assert line["number"] == led.number and line["leads"]


def test_what_a_team_opens_to_everybody_in_it_is_a_number(cast, led):
    shared = make.case(cast.dana, cast.team_of("dana"))
    give_access(
        actor=cast.nadia, now=clock.now(), case_uid=shared.uid, kind=GrantKind.RESIDENCE, team=cast.team_of("jonas")
    )
    losing = losses_of_consequences(
        cast.bea, foresee(cast.jonas, PeopleChangeKind.LEFT, clock.now()), clock.now()
    )  # fmt: skip
    assert losing["cases"] == [] and losing["through_teams"] == 1
    leave = sign_in(cast.omar).get(reverse("colleague-change", args=[cast.jonas.uid, "leave"])).text
    assert "does not open meanwhile" in leave and "1 further case" in leave and shared.number not in leave
