"""What a change of a person means for cases, before it is done: what ends, what stays, what needs somebody else.

Asked by the page that shows it and by the action that does it, so that both say the same. Reads no sealed value.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F

from casemgmt.accounts.choices import CONTENT_BLIND_ROLES, Role
from casemgmt.accounts.models import Membership, RoleAssignment, Shift, Team, User
from cases import access
from cases.actions.kinds import ROLES_OF_KIND
from cases.choices.casework import CLOSED_STATUSES, DueKind
from cases.choices.sharing import GrantKind, PeopleChangeKind
from cases.models import AccessGrant, Case, Due, Task
from cases.windows import AFTER_ENGAGEMENT


@dataclass
class Consequences:
    """What one change of one person ends, keeps and leaves without an owner."""

    person: User
    kind: PeopleChangeKind
    grants: list[AccessGrant] = field(default_factory=list)
    kept: list[AccessGrant] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    roles: list[RoleAssignment] = field(default_factory=list)
    #: Turns of the rota that run or will: somebody else has to take them.
    shifts: list[Shift] = field(default_factory=list)
    #: What she lent of the accesses that end: it ends with them.
    lent: list[AccessGrant] = field(default_factory=list)
    led: list[Case] = field(default_factory=list)
    tasks: Counter[int] = field(default_factory=Counter)
    dates: Counter[int] = field(default_factory=Counter)
    #: Teams that nobody else supervises.
    teams: list[Team] = field(default_factory=list)

    @property
    def case_keys(self) -> set[int]:
        """Every case that is touched, for the locks."""
        return {grant.case_id for grant in self.grants} | self.keys_to_hand_over

    @property
    def keys_to_hand_over(self) -> set[int]:
        """The cases that need another lead, or in which something is left to do."""
        return {case.pk for case in self.led} | set(self.tasks) | set(self.dates)

    @property
    def counts(self) -> dict[str, int]:
        """How much, in numbers: for an administrator, and for the record."""
        return {
            "access": len(self.grants), "kept": len(self.kept), "teams": len(self.memberships),
            "roles": len(self.roles), "cases": len(self.keys_to_hand_over), "led": len(self.led),
            "tasks": self.tasks.total(), "dates": self.dates.total(), "unsupervised": len(self.teams),
            "shifts": len(self.shifts), "lent": len(self.lent), "bookings": len(self.bookings),
        }  # fmt: skip

    @property
    def bookings(self) -> list[AccessGrant]:
        """The appointments for which she was booked, by their accesses."""
        return [grant for grant in self.grants if grant.kind == GrantKind.BOOKING]


def foresee(
    person: User, kind: PeopleChangeKind, now: datetime, *, team: Team | None = None, role: RoleAssignment | None = None,
    new_role: str = "",
) -> Consequences:  # fmt: skip
    """What this change would do now. ``team``: the one she moves away from; ``role``: the one that ends.

    Eleven queries, however many cases.
    """
    found = Consequences(person, kind)
    standing = _standing_grants(person, now)
    memberships = list(person.memberships.not_over(now).select_related("team"))
    if kind == PeopleChangeKind.LEFT:
        found.grants, found.memberships = standing, memberships
        found.roles = list(person.role_assignments.not_over(now))
    elif kind == PeopleChangeKind.MOVED and team is not None:
        found.grants = [grant for grant in standing if grant.case.team_id == team.pk]
        found.memberships = [one for one in memberships if one.team_id == team.pk]
    elif kind == PeopleChangeKind.ROLE and role is not None:
        found.roles = [role]
        left = person.role_assignments.not_over(now).exclude(pk=role.pk).values_list("role", flat=True)
        held = {*left, *([new_role] if new_role else [])}
        is_blind = bool(held & CONTENT_BLIND_ROLES)
        found.grants = [grant for grant in standing if is_blind or not _may_keep(grant, held)]
        found.memberships = memberships if is_blind else []
    elif kind == PeopleChangeKind.AGREEMENT_ENDED:
        found.grants = [grant for grant in standing if not grant.is_own_file]
    found.shifts = _turns_left(found, now, team=team, new_role=new_role)
    _end_what_rests_on_being_here(found, standing)
    found.lent = [one for one in access.resting_on(found.grants, at=now) if one.kind == GrantKind.DELEGATION]
    ended = {grant.pk for grant in found.grants}
    found.kept = [grant for grant in standing if grant.pk not in ended]
    _add_work(found)
    found.teams = _teams_left_alone(found, memberships, now)
    return found


def _turns_left(found: Consequences, now: datetime, *, team: Team | None, new_role: str) -> list[Shift]:
    """The turns of the rota that this change takes from her: all of them, or those of the team she moves away from.

    Another role takes none that it may do as well.
    """
    turns = found.person.shifts.not_over(now).filter(ends_at__gt=F("starts_at"))
    if found.kind == PeopleChangeKind.MOVED:
        turns = turns.filter(rota__team=team)
    if found.kind == PeopleChangeKind.ROLE:
        gone = [one.pk for one in found.roles]
        left = found.person.role_assignments.not_over(now).exclude(pk__in=gone).values_list("role", flat=True)
        held = {str(role) for role in (*left, new_role)}
        if held & {str(role) for role in ROLES_OF_KIND[GrantKind.ON_CALL]} and not held & CONTENT_BLIND_ROLES:
            return []
    return list(turns.select_related("rota__team", "user").order_by("starts_at", "pk"))


def _end_what_rests_on_being_here(found: Consequences, standing: list[AccessGrant]) -> None:
    """What came with an alert ends with its shift. Somebody on leave keeps her cases, but stands in for nobody
    and keeps no appointment meanwhile.
    """
    turns, known = {one.pk for one in found.shifts}, {grant.pk for grant in found.grants}
    away = (GrantKind.DELEGATION, GrantKind.BOOKING) if found.kind == PeopleChangeKind.LEAVE else ()
    found.grants += [
        grant for grant in standing if grant.pk not in known and (grant.shift_id in turns or grant.kind in away)
    ]


def _standing_grants(person: User, now: datetime) -> list[AccessGrant]:
    """What is open to her now or later, also the file of an engagement that is over."""
    rows = access.grants_with_grounds().filter(person=person, revoked_at__isnull=True)
    rows = rows.filter(expires_at__gt=now - AFTER_ENGAGEMENT)
    return [grant for grant in rows.order_by("pk") if access.closes_at(grant) > now]


def _may_keep(grant: AccessGrant, roles: Collection[str]) -> bool:
    """Whether one of these roles may hold a grant of this kind."""
    allowed = ROLES_OF_KIND.get(grant.kind)
    return allowed is None or bool({str(role) for role in allowed} & {str(role) for role in roles})


def _add_work(found: Consequences) -> None:
    """The open cases she leads, and what is assigned to her: everything, or only where her access ends."""
    led: Any = access.for_the_house(Case).filter(lead=found.person).exclude(status__in=CLOSED_STATUSES)
    tasks: Any = access.for_the_house(Task).filter(assigned_to=found.person, done_at__isnull=True)
    dates: Any = access.for_the_house(Due).filter(assigned_to=found.person, done_at__isnull=True)
    dates = dates.exclude(kind=DueKind.ENGAGEMENT)  # the day of an engagement goes with it, and is nobody's work
    if found.kind not in (PeopleChangeKind.LEFT, PeopleChangeKind.LEAVE):
        # What she can still open by another access, or through another team, stays hers.
        keys = {grant.case_id for grant in found.grants} - {grant.case_id for grant in found.kept}
        if found.kind == PeopleChangeKind.MOVED:
            keys |= set(led.filter(team__in=[one.team_id for one in found.memberships]).values_list("pk", flat=True))
            keys -= {grant.case_id for grant in found.kept}
        led, tasks, dates = led.filter(pk__in=keys), tasks.filter(case__in=keys), dates.filter(case__in=keys)
    found.led = list(led.select_related("team").order_by("pk"))
    found.tasks = Counter(tasks.values_list("case_id", flat=True))
    found.dates = Counter(dates.values_list("case_id", flat=True))


def _teams_left_alone(found: Consequences, memberships: list[Membership], now: datetime) -> list[Team]:
    """The teams she supervises and nobody else does, if this change takes her away from them."""
    gone = memberships if found.kind in (PeopleChangeKind.LEFT, PeopleChangeKind.LEAVE) else found.memberships
    if found.kind == PeopleChangeKind.ROLE and any(role.role == Role.SUPERVISOR for role in found.roles):
        gone = memberships
    teams = [one.team for one in gone if one.is_supervisor and one.is_live(now)]
    others = Membership.objects.supervising().live(now).filter(team__in=teams, user__is_active=True)
    watched = set(others.exclude(user=found.person).values_list("team_id", flat=True))
    return [team for team in teams if team.pk not in watched]
