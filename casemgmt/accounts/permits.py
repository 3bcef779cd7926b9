"""Who may do what at the reception. Each function raises Refused, or says nothing."""

from collections.abc import Callable
from datetime import datetime

from casemgmt.access.errors import Refused

from .choices import AUDITOR_ROLES, CONTENT_BLIND_ROLES, Role, may_meet
from .models import DegradedMode, Membership, RoleAssignment, Team, User

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
    if not holds_administration(actor, now):
        raise Refused


def holds_administration(actor: User, now: datetime) -> bool:
    """Whether this is an active administrator."""
    return actor.is_active and actor.holds_role(Role.ADMINISTRATOR, at=now)


def holds_in_the_house(actor: User, *roles: str, at: datetime) -> bool:
    """Whether this is an active person of the house with one of these roles: partners have directors and supervisors, too."""
    return actor.is_active and actor.organisation.is_ours and actor.holds_role(*roles, at=at)


def answers_for_the_house(actor: User, now: datetime) -> bool:
    """Whether this person may see to people and organisations of all the house: a director, a privacy officer, an administrator."""
    return holds_in_the_house(actor, Role.DIRECTOR, Role.PRIVACY_OFFICER, at=now) or holds_administration(actor, now)


def may_answer(actor: User, membership: Membership, now: datetime) -> bool:
    """Whether this person may accept or decline: a supervisor of the team, or, where none is left, the director.

    Never the person concerned, and never who proposed it: in the degraded mode one person may be administrator and
    supervisor, and then the second person from outside answers.
    """
    if not actor.is_active or actor.pk in (membership.user_id, membership.proposed_by_id):
        return False
    if is_second_approver(actor, membership.user, now):
        return True
    if actor.supervises(membership.team, at=now):
        return True
    return not team_has_supervisor(membership.team, now) and holds_in_the_house(actor, Role.DIRECTOR, at=now)


def team_has_supervisor(team: Team, now: datetime) -> bool:
    """Whether an active person supervises the team at that moment."""
    return team.memberships.live(now).supervising().filter(user__is_active=True).exists()


def answerable_by(actor: User, now: datetime) -> list[Membership]:
    """The memberships that wait for this person's answer, oldest first. At most six queries."""
    pending = Membership.objects.pending().exclude(user=actor).select_related("user", "team", "proposed_by")
    teams = Team.objects.open().without_supervisor(now)
    own = pending.filter(team__in=Team.objects.supervised_by(actor, now))
    is_director = holds_in_the_house(actor, Role.DIRECTOR, at=now)
    orphaned = pending.filter(team__in=teams) if is_director else Membership.objects.none()
    houses = [mode.organisation_id for mode in DegradedMode.objects.filter(second_approver=actor) if mode.stands(now)]
    as_second = pending.filter(user__organisation__in=houses)
    found = {one for one in {*own, *orphaned, *as_second} if one.proposed_by_id != actor.pk}
    return sorted(found, key=lambda membership: membership.proposed_at)


def degraded_mode_of(user: User, now: datetime) -> DegradedMode | None:
    """The declared mode of this person's organisation that stands at that moment. One query."""
    open_ones = DegradedMode.objects.filter(organisation=user.organisation_id, ended_at__isnull=True)
    return next((mode for mode in open_ones if mode.stands(now)), None)


def is_second_approver(actor: User, user: User, now: datetime) -> bool:
    """Whether ``actor`` is the outside, content-blind second person of this person's organisation."""
    mode = degraded_mode_of(user, now)
    return mode is not None and mode.second_approver_id == actor.pk and actor.is_active


def is_second_person(actor: User, now: datetime) -> bool:
    """Whether a house that declared itself very small named this person, from outside, as its second one. One query."""
    modes = DegradedMode.objects.filter(second_approver=actor, ended_at__isnull=True)
    return actor.is_active and any(mode.stands(now) for mode in modes)


def supervises_person(actor: User, user: User, now: datetime) -> bool:
    """Whether ``actor`` supervises a team to which this person belongs (or is still waiting to belong). One query.

    The memberships count although the account of the person may rest.
    """
    theirs = user.memberships.live(now).values("team")
    return actor.is_active and actor.memberships.supervising().live(now).filter(team__in=theirs).exists()


def answers_for(actor: User, user: User, now: datetime) -> bool:
    """Whether ``actor`` may decide about this person's account: unlock, restore, confirm what an administrator asked.

    A supervisor of a team of hers, or a director; the privacy officer where neither is left; in the degraded mode also
    the second person from outside. Never oneself, and never whoever holds a role that can open no case.
    """
    if not actor.is_active or actor.pk == user.pk:
        return False
    if is_second_approver(actor, user, now):
        return True
    if actor.holds_role(*CONTENT_BLIND_ROLES, at=now) and degraded_mode_of(actor, now) is None:
        return False
    if supervises_person(actor, user, now) or holds_in_the_house(actor, Role.DIRECTOR, at=now):
        return True
    return holds_in_the_house(actor, Role.PRIVACY_OFFICER, at=now) and not _is_answered_for(user, now)


def _is_answered_for(user: User, now: datetime) -> bool:
    """Whether an active supervisor of a team of hers, or a director, is there beside herself."""
    teams = user.memberships.live(now).values("team")
    supervising = Membership.objects.supervising().live(now).filter(team__in=teams, user__is_active=True)
    directors = User.objects.holding(Role.DIRECTOR, at=now).filter(organisation__is_ours=True)
    return supervising.exclude(user=user).exists() or directors.exclude(pk=user.pk).exists()


def may_lock(actor: User, user: User, now: datetime) -> bool:
    """Whether ``actor`` may lock this person out at once: whoever answers for her, or any supervisor for an outsider.

    Locking protects, so more people may do it than may undo it: in doubt a lost telephone does not wait.
    """
    if not actor.is_active or actor.pk == user.pk:
        return False
    if answers_for(actor, user, now) or holds_in_the_house(actor, Role.PRIVACY_OFFICER, at=now):
        return True
    belongs = user.memberships.live(now).exists()
    return not belongs and holds_in_the_house(actor, Role.SUPERVISOR, at=now)


def those_who_answer_for(user: User, now: datetime) -> list[User]:
    """The people who are told of what happens to this person's account: her supervisors, else directors. By name."""
    teams = user.memberships.live(now).values("team")
    rows = Membership.objects.supervising().live(now).filter(team__in=teams, user__is_active=True).exclude(user=user)
    found = list(User.objects.filter(pk__in=rows.values("user")).by_name())
    others = User.objects.filter(organisation__is_ours=True).exclude(pk=user.pk).by_name()
    return found or list(others.holding(Role.DIRECTOR, at=now)) or list(others.holding(Role.PRIVACY_OFFICER, at=now))


def may_hold_together(user: User, one: str, other: str, now: datetime) -> bool:
    """``may_meet``, and in a declared degraded mode also an administrator who works on cases. Auditors stay apart."""
    if may_meet(one, other):
        return True
    if {Role(one), Role(other)} & AUDITOR_ROLES:
        return False
    return degraded_mode_of(user, now) is not None


def is_kept_from_cases(user: User, now: datetime) -> bool:
    """Whether a role of hers, now or later, keeps this person from every team and case."""
    blind = set(user.role_assignments.not_over(now).filter(role__in=CONTENT_BLIND_ROLES).values_list("role", flat=True))
    if blind == {Role.ADMINISTRATOR}:
        return degraded_mode_of(user, now) is None
    return bool(blind)


def with_roles_that_cannot_meet(organisation_id: int, now: datetime) -> list[User]:
    """People of an organisation who hold, now or later, roles that only the degraded mode lets meet. Two queries."""
    found: dict[int, set[str]] = {}
    rows = RoleAssignment.objects.not_over(now).filter(user__organisation=organisation_id)
    for key, role in rows.values_list("user_id", "role"):
        found.setdefault(key, set()).add(role)
    keys = [key for key, held in found.items() if any(not may_meet(one, other) for one in held for other in held)]
    return list(User.objects.filter(pk__in=keys).by_name())
