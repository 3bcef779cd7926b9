"""Inviting, roles, teams and memberships: who may do what, what counts when, and what the ledger holds."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Refused
from casemgmt.accounts.actions import people, roles, teams
from casemgmt.accounts.actions.people import find_invitation
from casemgmt.accounts.choices import MembershipStatus, Role, may_meet
from casemgmt.accounts.errors import (
    AddressAlreadyKnown,
    AlreadyMember,
    CannotBelong,
    InvitationOver,
    LastAdministrator,
    MembershipNotPending,
    NotOnOneself,
    RolesCannotMeet,
)
from casemgmt.accounts.models import AccountState, Invitation, Membership, RoleAssignment, Session, Team, User
from tests.accounts.signing_in import joined, sign_in


def verbs() -> list[str]:
    """The verbs of the ledger, oldest first."""
    return list(Event.objects.order_by("id").values_list("verb", flat=True))


def new_person(cast, *held, email="neu@example.org"):
    """An invited person with these roles who has accepted."""
    return joined(cast, *held, email=email, password="a long pass phrase")


def north_with_grants(cast) -> Team:
    """Amina's team, as it stands once the case room has given it a case."""
    team = cast.team_of("amina")
    teams.mark_team_holding(team)
    return team


# ---- Roles that may meet ----


@pytest.mark.parametrize("blind", [Role.ADMINISTRATOR, Role.INTERNAL_AUDITOR, Role.EXTERNAL_AUDITOR])
@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.DIRECTOR, Role.PARTNER_STAFF, Role.FINANCE])
def test_administrators_and_auditors_hold_no_role_of_a_case(blind, role):
    assert not may_meet(blind, role)
    assert not may_meet(role, blind)


def test_nobody_audits_themselves_and_grants_works_with_counts():
    assert not may_meet(Role.ADMINISTRATOR, Role.INTERNAL_AUDITOR)
    assert not may_meet(Role.INTERNAL_AUDITOR, Role.EXTERNAL_AUDITOR)
    assert may_meet(Role.GRANTS, Role.ADMINISTRATOR)
    assert may_meet(Role.CASEWORKER, Role.SUPERVISOR)


def test_an_incompatible_role_is_refused_and_nothing_is_recorded(cast):
    before = verbs()
    with pytest.raises(RolesCannotMeet):
        roles.assign_role(actor=cast.farid, now=clock.now(), user=cast.amina, role=Role.INTERNAL_AUDITOR)
    assert cast.amina.roles_now() == {Role.CASEWORKER}
    assert verbs() == before


def test_an_invitation_with_incompatible_roles_makes_nobody(cast):
    with pytest.raises(RolesCannotMeet):
        new_person(cast, Role.ADMINISTRATOR, Role.CASEWORKER)
    assert not User.objects.filter(email="neu@example.org").exists()


def test_a_role_that_ended_no_longer_stands_in_the_way(cast):
    assignment = RoleAssignment.objects.get(user=cast.ines)
    roles.end_role(actor=cast.farid, now=clock.now(), assignment=assignment)
    roles.assign_role(actor=cast.farid, now=clock.now(), user=cast.ines, role=Role.CASEWORKER)
    assert cast.ines.roles_now() == {Role.CASEWORKER}
    assert verbs()[-2:] == ["ROLE_ENDED", "ROLE_ASSIGNED"]


def test_a_role_in_the_future_of_its_end_is_not_held(cast):
    now = clock.now()
    roles.assign_role(actor=cast.farid, now=now, user=cast.amina, role=Role.SUPERVISOR, ends_at=now + timedelta(days=2))
    amina = cast.amina
    assert amina.holds_role(Role.SUPERVISOR, at=now + timedelta(days=1))
    # The end itself is outside.
    assert not amina.holds_role(Role.SUPERVISOR, at=now + timedelta(days=2))
    assert not amina.holds_role(Role.SUPERVISOR, at=now - timedelta(seconds=1))


def test_only_an_administrator_gives_roles_and_never_to_themselves(cast):
    with pytest.raises(Refused):
        roles.assign_role(actor=cast.bea, now=clock.now(), user=cast.amina, role=Role.SUPERVISOR)
    with pytest.raises(NotOnOneself):
        roles.assign_role(actor=cast.farid, now=clock.now(), user=cast.farid, role=Role.GRANTS)


def test_a_member_of_a_team_does_not_become_an_auditor_by_losing_the_role_only(cast):
    roles.end_role(actor=cast.farid, now=clock.now(), assignment=RoleAssignment.objects.get(user=cast.amina))
    with pytest.raises(CannotBelong):
        roles.assign_role(actor=cast.farid, now=clock.now(), user=cast.amina, role=Role.INTERNAL_AUDITOR)


def test_the_last_administrator_stays(cast):
    second = new_person(cast, Role.ADMINISTRATOR)
    roles.end_role(actor=second, now=clock.now(), assignment=RoleAssignment.objects.get(user=cast.farid))
    # Now Noor is the last one; Farid, whose role ended, may do nothing.
    with pytest.raises(Refused):
        people.deactivate_person(actor=cast.farid, now=clock.now(), user=second)
    with pytest.raises(NotOnOneself):
        people.deactivate_person(actor=second, now=clock.now(), user=second)


def test_the_last_administrator_is_not_deactivated_by_a_command_either(cast):
    with pytest.raises(LastAdministrator):
        people.demand_another_administrator(cast.farid, clock.now())


# ---- The database itself ----


def test_the_database_knows_no_superuser(cast):
    amina = cast.amina
    amina.is_superuser = True
    with pytest.raises(IntegrityError), transaction.atomic():
        amina.save(update_fields=["is_superuser"])


def test_the_database_refuses_an_acceptance_by_nobody(cast):
    membership = Membership.objects.get(user=cast.amina)
    membership.accepted_by = None
    with pytest.raises(IntegrityError), transaction.atomic():
        membership.save(update_fields=["accepted_by"])


def test_the_database_refuses_two_open_memberships_of_one_team(cast):
    row = Membership.objects.get(user=cast.amina)
    row.pk, row.uid = None, type(row)().uid
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_the_past_of_an_account_keeps_no_password(cast):
    columns = {field.name for field in User.history.model._meta.get_fields()}
    assert "email" in columns
    assert "password" not in columns


# ---- Memberships ----


def test_a_team_without_grants_takes_people_at_once(cast):
    person = new_person(cast, Role.CASEWORKER)
    membership = teams.add_member(actor=cast.farid, now=clock.now(), team=cast.team_of("dana"), user=person)
    assert membership.status == MembershipStatus.ACCEPTED
    assert person.team_group_ids() == [membership.team.group_id]


def test_a_team_with_grants_waits_and_a_pending_membership_gives_no_group(cast):
    team = north_with_grants(cast)
    person = new_person(cast, Role.CASEWORKER)
    membership = teams.add_member(actor=cast.farid, now=clock.now(), team=team, user=person)
    assert membership.status == MembershipStatus.PENDING
    assert person.team_group_ids() == []
    accepted = teams.accept_membership(actor=cast.bea, now=clock.now(), membership=membership)
    assert person.team_group_ids() == [team.group_id]
    assert accepted.accepted_by == cast.bea
    assert verbs()[-2:] == ["MEMBERSHIP_PROPOSED", "MEMBERSHIP_ACCEPTED"]


def test_it_counts_from_its_acceptance_and_not_from_its_proposal(cast):
    team, person = north_with_grants(cast), new_person(cast, Role.CASEWORKER)
    membership = teams.add_member(actor=cast.farid, now=clock.now(), team=team, user=person)
    between = clock.now()
    teams.accept_membership(actor=cast.bea, now=clock.now(), membership=membership)
    assert person.team_group_ids(at=between) == []


@pytest.mark.parametrize("who", ["farid", "amina", "dana", "nadia", "kemi"])
def test_nobody_but_the_teams_supervisor_accepts(cast, who):
    membership = teams.add_member(
        actor=cast.farid, now=clock.now(), team=north_with_grants(cast), user=new_person(cast, Role.CASEWORKER)
    )
    with pytest.raises(Refused):
        teams.accept_membership(actor=getattr(cast, who), now=clock.now(), membership=membership)
    assert Membership.objects.get(pk=membership.pk).status == MembershipStatus.PENDING


def test_a_pending_supervisor_does_not_accept_themselves(cast):
    team = north_with_grants(cast)
    teams.end_membership(actor=cast.farid, now=clock.now(), membership=Membership.objects.get(user=cast.bea))
    person = new_person(cast, Role.SUPERVISOR, Role.DIRECTOR)
    membership = teams.add_member(actor=cast.farid, now=clock.now(), team=team, user=person, is_supervisor=True)
    with pytest.raises(Refused):
        teams.accept_membership(actor=person, now=clock.now(), membership=membership)


def test_where_no_supervisor_is_left_the_director_accepts(cast):
    team = north_with_grants(cast)
    director = new_person(cast, Role.DIRECTOR)
    person = new_person(cast, Role.SUPERVISOR, email="zweite@example.org")
    membership = teams.add_member(actor=cast.farid, now=clock.now(), team=team, user=person, is_supervisor=True)
    with pytest.raises(Refused):
        teams.accept_membership(actor=director, now=clock.now(), membership=membership)
    teams.end_membership(actor=cast.farid, now=clock.now(), membership=Membership.objects.get(user=cast.bea))
    teams.accept_membership(actor=director, now=clock.now(), membership=membership)
    assert person.supervises(team)


def test_a_declined_or_ended_membership_gives_nothing_and_is_answered_once(cast):
    team, person = north_with_grants(cast), new_person(cast, Role.CASEWORKER)
    membership = teams.add_member(actor=cast.farid, now=clock.now(), team=team, user=person)
    teams.decline_membership(actor=cast.bea, now=clock.now(), membership=membership)
    assert person.team_group_ids() == []
    with pytest.raises(MembershipNotPending):
        teams.accept_membership(actor=cast.bea, now=clock.now(), membership=membership)
    teams.end_membership(actor=cast.bea, now=clock.now(), membership=Membership.objects.get(user=cast.amina))
    assert cast.amina.team_group_ids() == []


def test_administrators_and_auditors_belong_to_no_team(cast):
    for member in (getattr(cast, "elif"), cast.farid):
        with pytest.raises(CannotBelong):
            teams.add_member(actor=cast.farid, now=clock.now(), team=cast.team_of("dana"), user=member)
    with pytest.raises(AlreadyMember):
        teams.add_member(actor=cast.farid, now=clock.now(), team=cast.team_of("dana"), user=cast.dana)


def test_groups_of_django_stay_empty(cast):
    assert cast.amina.groups.count() == 0
    assert cast.team_of("amina").group.permissions.count() == 0


# ---- Accounts ----


def test_deactivating_ends_sessions_teams_and_the_period(cast):
    client = sign_in(cast.amina)
    assert client.get("/account/").status_code == 200
    people.deactivate_person(actor=cast.farid, now=clock.now(), user=cast.amina)
    assert cast.amina.team_group_ids() == []
    assert not Session.objects.filter(user=cast.amina).exists()
    assert AccountState.objects.get(user=cast.amina).ends_at is not None
    response = client.get("/account/")
    assert (response.status_code, response.url) == (302, "/sign-in/?next=/account/")
    people.reactivate_person(actor=cast.farid, now=clock.now(), user=cast.amina)
    assert cast.amina.team_group_ids() != []
    assert verbs()[-2:] == ["USER_DEACTIVATED", "USER_REACTIVATED"]


def test_an_address_is_invited_once_whatever_its_case(cast):
    with pytest.raises(AddressAlreadyKnown):
        new_person(cast, email="Amina@Example.org")


def test_an_invitation_expires_and_tells_nobody_why(cast, time_machine):
    invitation = people.invite_person(
        actor=cast.farid,
        now=clock.now(),
        email="neu@example.org",
        name="Noor Test",
        organisation=cast.amina.organisation,
    )
    sent = clock.now()
    assert find_invitation(invitation.token, sent + timedelta(days=6, hours=23)).user.email == "neu@example.org"
    time_machine.move_to(sent + timedelta(days=7, seconds=1), tick=False)
    with pytest.raises(InvitationOver):
        people.accept_invitation(
            actor=invitation.user, now=clock.now(), token=invitation.token, name="Noor", password="a long pass phrase"
        )
    assert not User.objects.get(email="neu@example.org").is_active
    page = sign_in(cast.farid).get(f"/invitation/{invitation.token}/")
    assert page.status_code == 410
    never = sign_in(cast.farid).get("/invitation/nonsense/")
    assert never.status_code == 410
    assert "no longer valid" in page.content.decode()
    assert "no longer valid" in never.content.decode()


def test_inviting_again_stops_the_old_link(cast):
    first = people.invite_person(
        actor=cast.farid, now=clock.now(), email="neu@example.org", name="N", organisation=cast.amina.organisation
    )
    second = people.invite_again(actor=cast.farid, now=clock.now(), user=first.user)
    with pytest.raises(InvitationOver):
        find_invitation(first.token, clock.now())
    assert find_invitation(second.token, clock.now()).pk == second.pk


def test_the_token_of_an_invitation_is_in_no_column(cast):
    invitation = people.invite_person(
        actor=cast.farid, now=clock.now(), email="neu@example.org", name="N", organisation=cast.amina.organisation
    )
    row = Invitation.objects.values().get(pk=invitation.pk)
    assert invitation.token not in repr(row)
    assert invitation.token.encode() not in bytes(row["token_digest"])


def test_the_letter_of_an_invitation_names_nothing_but_the_reader(cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        people.invite_person(
            actor=cast.farid,
            now=clock.now(),
            email="neu@example.org",
            name="Noor Test",
            organisation=cast.amina.organisation,
            roles=(Role.SHELTER_WORKER,),
            base_address="https://haven.example.org/",
        )
    [letter] = mail.outbox
    assert "https://haven.example.org/invitation/" in letter.body
    for word in ("Harbour", "Farid", "shelter", "traffick", "survivor"):
        assert word.lower() not in (letter.subject + letter.body).lower()


def test_the_first_administrator_comes_by_a_command_and_only_once(db, ledger, capsys):
    RoleAssignment.objects.filter(role=Role.ADMINISTRATOR).audited_update(ends_at=clock.now())
    before = Event.objects.latest("pk").pk
    call_command("create_administrator", "Erste@Example.org", name="Erste Person", address="https://h.example.org")
    link = capsys.readouterr().out.strip()
    assert link.startswith("https://h.example.org/invitation/")
    first = User.objects.get(email="erste@example.org")
    assert first.roles_now() == {Role.ADMINISTRATOR}
    assert not first.is_active
    made = Event.objects.filter(pk__gt=before)
    assert set(made.values_list("verb", flat=True)) == {"USER_INVITED", "ROLE_ASSIGNED"}
    assert set(made.values_list("source", flat=True)) == {"command"}


def test_the_command_is_refused_where_there_is_an_administrator(cast):
    with pytest.raises(CommandError):
        call_command("create_administrator", "zweite@example.org", name="Zweite Person")
    assert not User.objects.filter(email="zweite@example.org").exists()


# ---- Whether the law makes somebody report ----


def test_whether_the_law_makes_somebody_report_is_noted_and_changes_no_right(cast):
    before = cast.amina.roles_now()
    said = {"mandated": "YES", "mandated_in": "New York"}
    for _time in range(2):
        people.note_mandate(actor=cast.farid, now=clock.now(), user=cast.amina, **said)
    person = User.objects.get(pk=cast.amina.pk)
    assert (person.mandated, person.mandated_in) == ("YES", "New York") and person.roles_now() == before
    assert verbs().count("USER_CHANGED") == 1
    assert "New York" not in str([event.detail.shown() for event in Event.objects.filter(verb="USER_CHANGED")])
    with pytest.raises(Refused):
        people.note_mandate(actor=cast.bea, now=clock.now(), user=cast.amina, **said)


def test_the_administrator_says_where_and_she_reads_it_before_she_asks_or_reports(cast):
    page, note = f"/people/{cast.kemi.uid}/", f"/people/{cast.kemi.uid}/mandate/"
    farid, kemi = sign_in(cast.farid), sign_in(cast.kemi)
    assert "Nobody has looked up" in kemi.get("/duties/report/").text
    refused = farid.post(note, {"mandated": "YES", "mandated_in": ""})
    assert refused.status_code == 422 and "Say where" in refused.text
    assert farid.post(note, {"mandated": "YES", "mandated_in": "New York"}).status_code == 302
    assert "New York" in farid.get(page).text
    assert "The law makes you report in: New York" in kemi.get("/duties/report/").text
    farid.post(note, {"mandated": "PRIVILEGED"})
    assert "ask counsel before you report anything" in kemi.get("/duties/report/").text
    assert sign_in(cast.bea).post(note, {"mandated": "NO"}).status_code in (403, 404)
