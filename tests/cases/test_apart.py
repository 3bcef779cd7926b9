"""Whoever watches or runs the house and access to a case never meet in one person: the database itself says so."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from audit import clock
from audit.action import action
from audit.apart import Apart, keep_apart
from casemgmt.access.permissions import permission_id
from casemgmt.access.sections import READ_CARD, READ_MATTER
from casemgmt.accounts.choices import CONTENT_BLIND_ROLES, MembershipStatus, Role
from casemgmt.accounts.models import DegradedMode, Membership, RoleAssignment, Rota
from cases import access
from cases.actions.grants import change_end, give_access, revoke_access
from cases.actions.rota import add_shift
from cases.apart import WORDS
from cases.choices.sharing import GrantKind
from cases.models import CaseUserPermission, MatterUserPermission
from tests.services.test_release_and_matter import a_matter

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

BLIND = sorted(role.value for role in CONTENT_BLIND_ROLES)
DAY = timedelta(days=1)


def refused(write) -> None:
    """That the database refuses what goes round every action, by this rule and no other."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        write()
    assert WORDS in str(error.value), str(error.value)


def rows_of(case, person, *, begins=None, ends=None, matter=None) -> None:
    """A permission row as somebody would write it who goes round every action."""
    now = clock.now()
    grant = access.every_grant().filter(case=case, person__isnull=False).first()
    table, name, model = (
        (CaseUserPermission, READ_CARD, "case") if matter is None else (MatterUserPermission, READ_MATTER, "matter")
    )
    table.objects.create(
        user=person, permission_id=permission_id("cases", model, name), content_object=matter or case, grant=grant,
        valid_from=begins or now, expires_at=ends or now + DAY,
    )  # fmt: skip


def role_of(person, role, *, begins=None, ends=None) -> RoleAssignment:
    return RoleAssignment.objects.create(user=person, role=role, starts_at=begins or clock.now(), ends_at=ends)


def member(person, team, *, status=MembershipStatus.ACCEPTED) -> Membership:
    now = clock.now()
    is_in = status == MembershipStatus.ACCEPTED
    return Membership.objects.create(
        user=person, team=team, status=status, proposed_at=now, proposed_by=person, starts_at=now,
        accepted_at=now if is_in else None, accepted_by=person if is_in else None,
    )  # fmt: skip


def test_no_row_of_a_case_or_matter_for_whoever_watches_or_runs_the_house(cast, case):
    matter = a_matter(cast, case)
    for person in (cast.farid, cast.elif_):
        refused(lambda person=person: rows_of(case, person))
        refused(lambda person=person: rows_of(case, person, matter=matter))
    rows_of(case, cast.ines)
    rows_of(case, cast.kemi, matter=matter)


@pytest.mark.parametrize("role", BLIND)
def test_no_such_role_for_whoever_can_open_a_case(cast, case, role):
    refused(lambda: role_of(cast.amina, role))
    # Whose only access is a matter, a team, or a turn on duty.
    matter = a_matter(cast, case)
    rows_of(case, cast.ines, matter=matter)
    refused(lambda: role_of(cast.ines, role))
    refused(lambda: role_of(cast.jonas, role))
    role_of(cast.kemi, role)


@pytest.mark.parametrize("role", BLIND)
def test_no_team_and_no_turn_on_duty_either(cast, case, role):
    role_of(cast.kemi, role)
    refused(lambda: member(cast.kemi, cast.team_of("amina")))
    waiting = member(cast.kemi, cast.team_of("amina"), status=MembershipStatus.PENDING)
    waiting.status, waiting.accepted_at, waiting.accepted_by = MembershipStatus.ACCEPTED, waiting.starts_at, cast.bea
    refused(waiting.save)
    now = clock.now()
    add_shift(
        actor=cast.bea, now=now, team_uid=cast.team_of("amina").uid, person=cast.jonas, starts_at=now,
        ends_at=now + DAY,
    )  # fmt: skip
    turns = Rota.objects.get(team=case.team_id).shifts
    refused(
        lambda: turns.create(user=cast.kemi, starts_at=now, ends_at=now + DAY, made_at=now, made_by=cast.bea)
    )  # fmt: skip


def test_windows_that_do_not_touch_are_no_clash(cast, case):
    now = clock.now()
    first = role_of(cast.ines, Role.INTERNAL_AUDITOR, begins=now - 9 * DAY, ends=now - DAY)
    rows_of(case, cast.ines, begins=now - DAY, ends=now + DAY)
    rows_of(case, cast.mara, begins=now - 9 * DAY, ends=now - DAY)
    role_of(cast.mara, Role.EXTERNAL_AUDITOR, begins=now - DAY)
    refused(lambda: rows_of(case, cast.ines, begins=now - DAY - timedelta(microseconds=1), ends=now))
    refused(lambda: role_of(cast.ines, Role.ADMINISTRATOR, begins=now + DAY - timedelta(microseconds=1)))
    role_of(cast.ines, Role.ADMINISTRATOR, begins=now + DAY)
    # An end is only ever put off by somebody who goes round the actions.
    first.ends_at = now
    refused(first.save)
    first.ends_at = now - 2 * DAY
    first.save()


def test_what_was_taken_back_is_no_clash(cast, case):
    given = give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita)
    cast.gita.memberships.get()
    refused(lambda: role_of(cast.gita, Role.INTERNAL_AUDITOR))
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=given.uid)
    membership = cast.gita.memberships.get()
    membership.ends_at = clock.now()
    membership.save()
    role_of(cast.gita, Role.INTERNAL_AUDITOR)


def small_house(cast, *, days=30) -> DegradedMode:
    now = clock.now()
    return DegradedMode.objects.create(
        organisation=cast.farid.organisation, second_approver=cast.hugo, reason="Three of us.", starts_at=now,
        declared_by=cast.omar, expires_at=now + days * DAY,
    )  # fmt: skip


def test_in_a_declared_small_house_an_administrator_may_and_an_auditor_never(cast, case):
    mode = small_house(cast)
    rows_of(case, cast.farid)
    member(cast.farid, cast.team_of("amina"))
    role_of(cast.amina, Role.ADMINISTRATOR)
    refused(lambda: rows_of(case, cast.elif_))
    refused(lambda: role_of(cast.amina, Role.EXTERNAL_AUDITOR))
    refused(lambda: rows_of(case, cast.farid, begins=mode.expires_at, ends=mode.expires_at + DAY))
    refused(lambda: role_of(cast.hugo, Role.ADMINISTRATOR) and rows_of(case, cast.hugo))


def test_when_the_mode_is_over_what_was_given_can_still_be_shortened_and_nothing_new_comes(cast, case):
    mode = small_house(cast)
    cast.farid.role_assignments.model(user=cast.farid, role="CASEWORKER", starts_at=clock.now()).save()
    given = give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=cast.farid
    )
    mode.ended_at, mode.ended_by = clock.now(), cast.omar
    mode.save()
    until = clock.now() + DAY

    @action
    def shorten(*, actor, now):
        access.lock_case(case.uid)
        change_end(actor=actor, now=now, grant=access.grants_with_grounds().get(pk=given.pk), until=until)

    shorten(actor=cast.bea, now=clock.now())
    ends = set(CaseUserPermission.objects.filter(grant=given).values_list("expires_at", flat=True))
    assert ends == {until} and access.drift() == []
    refused(lambda: rows_of(case, cast.farid))
    held = cast.farid.role_assignments.get(role=Role.ADMINISTRATOR)
    held.ends_at = clock.now()
    held.save()


def test_the_actions_say_it_first_in_words(cast, case):
    """The database is the last wall, not the first: nobody meets it by a page."""
    from casemgmt.accounts.actions.roles import assign_role
    from casemgmt.accounts.errors import RolesCannotMeet, StillHasCases
    from cases.errors.sharing import NotForThisRole

    with pytest.raises(RolesCannotMeet):
        assign_role(actor=cast.farid, now=clock.now(), user=cast.amina, role=Role.INTERNAL_AUDITOR)
    rows_of(case, cast.ines)
    with pytest.raises(StillHasCases):
        assign_role(actor=cast.farid, now=clock.now(), user=cast.ines, role=Role.INTERNAL_AUDITOR)
    with pytest.raises(NotForThisRole):
        give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=cast.farid)


def test_a_table_has_one_rule(cast):
    with pytest.raises(ValueError, match="has another rule"):
        keep_apart(Apart("accounts_roleassignment", "1 = 1", "1 = 1", "x", people="accounts_user"))
