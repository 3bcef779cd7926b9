"""Who may do what at the reception. Each function raises Refused, or says nothing."""

from collections.abc import Callable
from datetime import datetime

from casemgmt.access.errors import Refused

from .choices import Role
from .models import Membership, Team, User

#: How the rooms above answer whether a person can still open a case; each registers its answer when it is ready.
_CASE_ACCESS: list[Callable[[User, datetime], bool]] = []


def register_case_access(asks: Callable[[User, datetime], bool]) -> None:
    """A room in which access is given says how to ask for it. Asked before somebody may see no case any more."""
    if asks not in _CASE_ACCESS:
        _CASE_ACCESS.append(asks)


def holds_case_access(user: User, now: datetime) -> bool:
    """Whether this person could open a case, now or later, by access given to her by name."""
    return any(asks(user, now) for asks in _CASE_ACCESS)


def demand_administrator(actor: User, now: datetime) -> None:
    """Only an active administrator. Raises Refused."""
    if not (actor.is_active and actor.holds_role(Role.ADMINISTRATOR, at=now)):
        raise Refused


def may_answer(actor: User, membership: Membership, now: datetime) -> bool:
    """Whether this person may accept or decline: a supervisor of the team, or, where none is left, the director.

    Never the person concerned, and never an administrator (an administrator can hold neither of the roles).
    """
    if not actor.is_active or membership.user_id == actor.pk:
        return False
    if actor.supervises(membership.team, at=now):
        return True
    return not team_has_supervisor(membership.team, now) and actor.holds_role(Role.DIRECTOR, at=now)


def team_has_supervisor(team: Team, now: datetime) -> bool:
    """Whether an active person supervises the team at that moment."""
    return team.memberships.live(now).supervising().filter(user__is_active=True).exists()


def answerable_by(actor: User, now: datetime) -> list[Membership]:
    """The memberships that wait for this person's answer, oldest first. At most four queries."""
    pending = Membership.objects.pending().exclude(user=actor).select_related("user", "team", "proposed_by")
    teams = Team.objects.open().without_supervisor(now)
    own = pending.filter(team__in=Team.objects.supervised_by(actor, now))
    orphaned = pending.filter(team__in=teams) if actor.holds_role(Role.DIRECTOR, at=now) else Membership.objects.none()
    return sorted({*own, *orphaned}, key=lambda membership: membership.proposed_at)
