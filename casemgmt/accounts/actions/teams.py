"""Organisations, teams and who belongs to them."""

from datetime import datetime

from django.contrib.auth.models import Group

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Refused

from ..choices import Discipline, MembershipStatus, OrganisationKind
from ..errors import AlreadyMember, CannotBelong, MembershipNotPending, MembershipOver, NameTaken, TeamClosed
from ..models import Membership, Organisation, Team, User
from ..permits import demand_administrator, is_kept_from_cases, may_answer


@action
def create_organisation(*, actor: User, now: datetime, name: str, kind: str, is_ours: bool = False) -> Organisation:
    """Add an organisation whose people may be invited. Raises Refused, NameTaken. Records ORGANISATION_ADDED."""
    demand_administrator(actor, now)
    if Organisation.objects.filter(name=name.strip()).exists():
        raise NameTaken
    organisation = Organisation.objects.create(
        name=name.strip(), kind=OrganisationKind(kind), is_ours=is_ours, created_at=now
    )
    record(Verb.ORGANISATION_ADDED, actor=actor, subject=organisation)
    return organisation


@action
def create_team(
    *, actor: User, now: datetime, organisation: Organisation, name: str, discipline: str, programme: str = ""
) -> Team:
    """Make a team and its protected group. Raises Refused, NameTaken. Records TEAM_ADDED."""
    demand_administrator(actor, now)
    if organisation.teams.filter(name=name.strip()).exists():
        raise NameTaken
    team = Team(
        organisation=organisation,
        name=name.strip(),
        discipline=Discipline(discipline),
        programme=programme.strip(),
        created_at=now,
    )
    # The group is a number to hang permissions on; its name says nothing.
    team.group = Group.objects.create(name=f"team:{team.uid}")
    team.save(force_insert=True)
    record(Verb.TEAM_ADDED, actor=actor, subject=team)
    return team


@action
def rename_team(*, actor: User, now: datetime, team: Team, name: str) -> Team:
    """Call a team otherwise. Its discipline and its programme decide who may be given what, and stay (28 CFR 90.4).

    The same name writes nothing. Raises Refused, TeamClosed, NameTaken. Records TEAM_CHANGED.
    """
    demand_administrator(actor, now)
    team = Team.objects.select_for_update().get(pk=team.pk)
    if team.closed_at is not None:
        raise TeamClosed
    if team.organisation.teams.filter(name=name.strip()).exclude(pk=team.pk).exists():
        raise NameTaken
    if team.name == name.strip():
        return team
    team.name = name.strip()
    team.save(update_fields=["name"])
    record(Verb.TEAM_CHANGED, actor=actor, subject=team, detail={"status": "RENAMED"})
    return team


@action
def close_team(*, actor: User, now: datetime, team: Team) -> Team:
    """Close a team without members: nobody joins it again. Raises Refused, TeamClosed, AlreadyMember.

    Records TEAM_CHANGED.
    """
    demand_administrator(actor, now)
    team = Team.objects.select_for_update().get(pk=team.pk)
    if team.closed_at is not None:
        raise TeamClosed
    if team.memberships.not_over(now).exists():
        raise AlreadyMember
    team.closed_at = now
    team.save(update_fields=["closed_at"])
    record(Verb.TEAM_CHANGED, actor=actor, subject=team, detail={"status": "CLOSED"})
    return team


@action
def add_member(*, actor: User, now: datetime, team: Team, user: User, is_supervisor: bool = False) -> Membership:
    """Propose a membership. Where the team holds access to cases it waits for the team's supervisor (or,
    where none is left, the director); where it holds none, it counts at once.

    Raises Refused, TeamClosed, AlreadyMember, CannotBelong. Records MEMBERSHIP_PROPOSED, and
    MEMBERSHIP_ACCEPTED where it counts at once.
    """
    demand_administrator(actor, now)
    return propose_membership(actor=actor, now=now, team=team, user=user, is_supervisor=is_supervisor)


def propose_membership(
    *, actor: User, now: datetime, team: Team, user: User, is_supervisor: bool = False
) -> Membership:
    """Propose a membership inside an action that has asked who may. Raises and records what ``add_member`` does."""
    # The team's row first: a team that is given a case at this moment is seen as such, or waits for us.
    team = Team.objects.select_for_update().get(pk=team.pk)
    if team.closed_at is not None:
        raise TeamClosed
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.pk == actor.pk or is_kept_from_cases(user, now):
        raise CannotBelong
    if team.memberships.not_over(now).filter(user=user).exists():
        raise AlreadyMember
    at_once = not team.holds_grants
    membership = Membership.objects.create(
        user=user,
        team=team,
        is_supervisor=is_supervisor,
        status=MembershipStatus.ACCEPTED if at_once else MembershipStatus.PENDING,
        proposed_at=now,
        proposed_by=actor,
        accepted_at=now if at_once else None,
        accepted_by=actor if at_once else None,
        starts_at=now,
    )
    detail = {"supervisor": is_supervisor}
    record(Verb.MEMBERSHIP_PROPOSED, actor=actor, subject=user, refs=[membership, team], detail=detail)
    if at_once:
        record(Verb.MEMBERSHIP_ACCEPTED, actor=actor, subject=user, refs=[membership, team], detail=detail)
    return membership


@action
def accept_membership(*, actor: User, now: datetime, membership: Membership) -> Membership:
    """Let somebody into one's team: from now on the team's cases are theirs too.

    Raises Refused (neither supervisor nor, where none is left, director; or oneself), MembershipNotPending.
    Records MEMBERSHIP_ACCEPTED.
    """
    membership = _answerable(actor, membership, now)
    membership.status = MembershipStatus.ACCEPTED
    membership.accepted_at = membership.starts_at = now
    membership.accepted_by = actor
    membership.save(update_fields=["status", "accepted_at", "accepted_by", "starts_at"])
    record(Verb.MEMBERSHIP_ACCEPTED, actor=actor, subject=membership.user, refs=[membership, membership.team])
    return membership


@action
def decline_membership(*, actor: User, now: datetime, membership: Membership) -> Membership:
    """Refuse somebody. Raises Refused, MembershipNotPending. Records MEMBERSHIP_DECLINED."""
    membership = _answerable(actor, membership, now)
    membership.status = MembershipStatus.DECLINED
    membership.ends_at = max(now, membership.starts_at)
    membership.save(update_fields=["status", "ends_at"])
    record(Verb.MEMBERSHIP_DECLINED, actor=actor, subject=membership.user, refs=[membership, membership.team])
    return membership


@action
def end_membership(*, actor: User, now: datetime, membership: Membership) -> Membership:
    """End a membership now: an administrator, a supervisor of the team, or the member may.

    Raises Refused, MembershipOver. Records MEMBERSHIP_ENDED.
    """
    membership = Membership.objects.select_for_update().select_related("team", "user").get(pk=membership.pk)
    if membership.user_id != actor.pk and not actor.supervises(membership.team, at=now):
        demand_administrator(actor, now)
    if membership.ends_at is not None and membership.ends_at <= now:
        raise MembershipOver
    membership.ends_at = max(now, membership.starts_at)
    membership.save(update_fields=["ends_at"])
    record(Verb.MEMBERSHIP_ENDED, actor=actor, subject=membership.user, refs=[membership, membership.team])
    return membership


def mark_team_holding(team: Team) -> None:
    """Note that the team has been given access to a case: memberships need acceptance from now on.

    For the case room's grant action, inside its transaction; that action's event is the record of it.
    """
    if not team.holds_grants:
        team.holds_grants = True
        team.save(update_fields=["holds_grants"])


def _answerable(actor: User, membership: Membership, now: datetime) -> Membership:
    locked = Membership.objects.select_for_update().select_related("team", "user").get(pk=membership.pk)
    if locked.status != MembershipStatus.PENDING or locked.ends_at is not None:
        raise MembershipNotPending
    if not may_answer(actor, locked, now):
        raise Refused
    return locked
