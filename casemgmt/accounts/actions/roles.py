"""Giving and ending roles."""

from datetime import datetime

from audit.action import action
from audit.log import record
from audit.verbs import Verb

from ..choices import CONTENT_BLIND_ROLES, Role
from ..errors import CannotBelong, NotOnOneself, RoleAlreadyHeld, RoleNotHeld, RolesCannotMeet, StillHasCases
from ..models import RoleAssignment, User
from ..permits import degraded_mode_of, demand_administrator, holds_case_access, may_hold_together
from .people import demand_another_administrator, end_of_role


@action
def assign_role(
    *, actor: User, now: datetime, user: User, role: str, ends_at: datetime | None = None
) -> RoleAssignment:
    """Give a role from now on, until ``ends_at`` if given. It opens no case. An external auditor's always ends.

    Raises Refused, NotOnOneself, RoleAlreadyHeld, RolesCannotMeet, CannotBelong (an administrator or
    auditor may not be in a team), StillHasCases (nor keep access given before). Records ROLE_ASSIGNED.
    """
    demand_administrator(actor, now)
    if user.pk == actor.pk:
        raise NotOnOneself
    role = Role(role)
    # The person's row first: two administrators giving two roles at once see each other.
    user = User.objects.select_for_update().get(pk=user.pk)
    open_roles = user.role_assignments.not_over(now)
    if open_roles.filter(role=role).exists():
        raise RoleAlreadyHeld
    if any(not may_hold_together(user, role, held, now) for held in open_roles.values_list("role", flat=True)):
        raise RolesCannotMeet
    is_blind = role in CONTENT_BLIND_ROLES and (role != Role.ADMINISTRATOR or degraded_mode_of(user, now) is None)
    if is_blind and user.memberships.not_over(now).exists():
        raise CannotBelong
    if is_blind and holds_case_access(user, now):
        raise StillHasCases
    ends_at = end_of_role(role, now, ends_at)
    assignment = RoleAssignment.objects.create(user=user, role=role, starts_at=now, ends_at=ends_at)
    until = {} if ends_at is None else {"until": ends_at}
    record(Verb.ROLE_ASSIGNED, actor=actor, subject=user, refs=[assignment], detail={"role": role} | until)
    return assignment


@action
def end_role(*, actor: User, now: datetime, assignment: RoleAssignment) -> RoleAssignment:
    """End a role now. Raises Refused, NotOnOneself, RoleNotHeld, LastAdministrator. Records ROLE_ENDED."""
    demand_administrator(actor, now)
    if assignment.user_id == actor.pk:
        raise NotOnOneself
    user = User.objects.select_for_update().get(pk=assignment.user_id)
    assignment = user.role_assignments.get(pk=assignment.pk)
    if assignment.ends_at is not None and assignment.ends_at <= now:
        raise RoleNotHeld
    if assignment.role == Role.ADMINISTRATOR:
        demand_another_administrator(user, now)
    assignment.ends_at = now
    assignment.save(update_fields=["ends_at"])
    record(Verb.ROLE_ENDED, actor=actor, subject=user, refs=[assignment], detail={"role": assignment.role})
    return assignment
