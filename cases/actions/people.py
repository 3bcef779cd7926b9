"""People change: leaving, another team, long leave and coming back, another role. One act each, at once.

The rows of all cases it touches are locked first, in the order of their keys, then the row of the person. What ended
stands in the ledger and in ``PeopleChange``; what needs somebody else stands in ``HandOver``, so that no case is
orphaned: until a supervisor has chosen, the team's supervisor leads.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Refused
from casemgmt.accounts.actions.absences import lock_row, rest, wake
from casemgmt.accounts.actions.people import demand_another_administrator
from casemgmt.accounts.actions.roles import assign_role
from casemgmt.accounts.actions.teams import propose_membership
from casemgmt.accounts.choices import AbsenceKind, Role
from casemgmt.accounts.errors import NotOnOneself, NotResting, RoleNotHeld
from casemgmt.accounts.models import Absence, Membership, RoleAssignment, Shift, Team, User
from casemgmt.accounts.permits import answers_for, demand_administrator, holds_administration
from casemgmt.accounts.telling import tell
from cases import access
from cases.actions.grants import take_back
from cases.actions.handing import give_back, keys_to_give_back, leave_to_interim
from cases.actions.rota import end_turn
from cases.actions.trail import notify
from cases.choices.notices import NOTICE_UNSUPERVISED
from cases.choices.sharing import GrantKind, PeopleChangeKind
from cases.errors.casework import ChangedMeanwhile
from cases.errors.people import NoSuchTeamOfHers
from cases.leaving import Consequences, foresee
from cases.models import AccessGrant, Booking, PeopleChange

#: A turn of the rota that nobody takes any more, and an appointment to which nobody comes.
NOTICE_TURNS, NOTICE_CALLED_OFF = "TURN_LEFT_OPEN", "BOOKING_CALLED_OFF"


def may_change(actor: User, person: User, now: datetime) -> bool:
    """Whether ``actor`` may record that this person leaves, moves, goes on leave or is back: who answers for her, or
    an administrator. Never oneself."""
    return actor.pk != person.pk and (answers_for(actor, person, now) or holds_administration(actor, now))


def _demand(actor: User, person: User, now: datetime) -> None:
    if actor.pk == person.pk:
        raise NotOnOneself
    if not may_change(actor, person, now):
        raise Refused


@action
def record_leaving(*, actor: User, now: datetime, person: User) -> PeopleChange:
    """Somebody leaves the house, now: account, sessions, teams, roles and every access end; her cases are handed over.

    Raises Refused, NotOnOneself, AlreadyResting, LastAdministrator, ChangedMeanwhile. Records PERSON_LEFT, and what
    each part of it records.
    """
    _demand(actor, person, now)
    person, found = _locked(person, now, lambda one: foresee(one, PeopleChangeKind.LEFT, now))
    demand_another_administrator(person, now)
    change = _begin(actor, now, found)
    absence = rest(actor=actor, now=now, user=person, kind=AbsenceKind.LEFT)
    _end_all(actor, now, found)
    _finish(actor, now, change, found)
    record(Verb.PERSON_LEFT, actor=actor, subject=person, refs=[change, absence], detail={"ended": len(found.grants)})
    return change


@action
def move_person(*, actor: User, now: datetime, person: User, from_team: Team, to_team: Team) -> PeopleChange:
    """Somebody goes from one team to another, now. Her access to the old team's cases ends; the new team's supervisor
    accepts her first, where that team has cases.

    Raises Refused, NotOnOneself, NoSuchTeamOfHers, TeamClosed, AlreadyMember, CannotBelong, ChangedMeanwhile.
    Records PERSON_MOVED, and what each part of it records.
    """
    _demand(actor, person, now)
    person, found = _locked(person, now, lambda one: foresee(one, PeopleChangeKind.MOVED, now, team=from_team))
    if not found.memberships or to_team.organisation_id != from_team.organisation_id or from_team == to_team:
        raise NoSuchTeamOfHers
    change = _begin(actor, now, found)
    membership = propose_membership(actor=actor, now=now, team=to_team, user=person)
    _end_all(actor, now, found)
    _finish(actor, now, change, found)
    record(
        Verb.PERSON_MOVED, actor=actor, subject=person, refs=[change, from_team, to_team, membership],
        detail={"ended": len(found.grants)},
    )  # fmt: skip
    return change


@action
def begin_leave(*, actor: User, now: datetime, person: User, expected_back_on: date | None = None) -> PeopleChange:
    """Somebody goes on long leave, now: her account rests with all her rights, and others lead her cases meanwhile.

    Her turns of the rota, her appointments and what she holds for colleagues who are away end: somebody else has to take
    them. Raises Refused, NotOnOneself, AlreadyResting, LastAdministrator, ChangedMeanwhile. Records LEAVE_BEGAN, and
    what ended.
    """
    _demand(actor, person, now)
    person, found = _locked(person, now, lambda one: foresee(one, PeopleChangeKind.LEAVE, now))
    demand_another_administrator(person, now)
    change = _begin(actor, now, found)
    absence = rest(actor=actor, now=now, user=person, kind=AbsenceKind.LEAVE, expected_back_on=expected_back_on)
    _end_all(actor, now, found)
    _finish(actor, now, change, found)
    record(Verb.LEAVE_BEGAN, actor=actor, subject=person, refs=[change, absence], detail={"until": expected_back_on})
    return change


@action
def end_leave(*, actor: User, now: datetime, person: User) -> PeopleChange:
    """Somebody is back: the account opens, and what nobody else has taken over is hers again.

    Somebody who had left comes back with an open account and nothing else; that is an administrator's act.
    Raises Refused, NotOnOneself, NotResting. Records LEAVE_ENDED.
    """
    _demand(actor, person, now)
    cases = {case.pk: case for case in access.lock_cases(keys_to_give_back(person))}
    person = lock_row(person)
    absence = _absence_to_end(actor, person, now)
    change = PeopleChange(kind=PeopleChangeKind.BACK, person=person, at=now, by=actor)
    change.save()
    is_open = wake(actor=actor, now=now, absence=absence)
    returned = give_back(actor=actor, now=now, person=person, cases=cases) if is_open else 0
    change.counts = {"cases": returned}
    change.save(update_fields=["counts"])
    tell([person], Verb.LEAVE_ENDED, change, now)
    record(Verb.LEAVE_ENDED, actor=actor, subject=person, refs=[change, absence], detail={"count": returned})
    return change


def _absence_to_end(actor: User, person: User, now: datetime) -> Absence:
    standing = {one.kind: one for one in person.absences.filter(ended_at__isnull=True)}
    absence = standing.get(AbsenceKind.LEAVE)
    if absence is None and AbsenceKind.LEFT in standing:
        demand_administrator(actor, now)
        absence = standing[AbsenceKind.LEFT]
    if absence is None:
        raise NotResting
    absence.user = person
    return absence


@action
def change_role(*, actor: User, now: datetime, person: User, ends: RoleAssignment, role: str) -> PeopleChange:
    """One role ends and another begins, now. Access that no role of hers may hold any more ends with it.

    Raises Refused, NotOnOneself, RoleNotHeld, RoleAlreadyHeld, RolesCannotMeet, LastAdministrator, ChangedMeanwhile.
    Records ROLE_ENDED, ROLE_ASSIGNED and what ended.
    """
    demand_administrator(actor, now)
    _demand(actor, person, now)
    person, found = _locked(person, now, lambda one: foresee(one, PeopleChangeKind.ROLE, now, role=ends, new_role=role))
    current = person.role_assignments.not_over(now).filter(pk=ends.pk).first()
    if current is None:
        raise RoleNotHeld
    if current.role == Role.ADMINISTRATOR:
        demand_another_administrator(person, now)
    change = _begin(actor, now, found)
    _end_all(actor, now, found)
    _finish(actor, now, change, found)
    record(Verb.USER_CHANGED, actor=actor, subject=person, refs=[change], detail={"kind": "ROLE"})
    assign_role(actor=actor, now=now, user=person, role=role)
    return change


# ---- The parts ----


def _locked(person: User, now: datetime, look: Callable[[User], Consequences]) -> tuple[User, Consequences]:
    """Lock the cases that are touched, then the person; look again, because somebody may have given her one meanwhile."""
    before = look(person)
    access.lock_cases(before.case_keys)
    person = lock_row(person)
    found = look(person)
    if not found.case_keys <= before.case_keys:
        raise ChangedMeanwhile
    return person, found


def _begin(actor: User, now: datetime, found: Consequences) -> PeopleChange:
    change = PeopleChange(kind=found.kind, person=found.person, at=now, by=actor, counts=found.counts)
    change.save()
    return change


def _end_all(actor: User, now: datetime, found: Consequences) -> None:
    """End the turns of the rota, accesses, memberships and roles that this change takes with it."""
    end_turns(actor, now, found)
    end_grants(actor, now, found.grants)
    for membership in found.memberships:
        _end_dated(membership, now)
        record(Verb.MEMBERSHIP_ENDED, actor=actor, subject=found.person, refs=[membership, membership.team])
    for assignment in found.roles:
        _end_dated(assignment, now)
        record(Verb.ROLE_ENDED, actor=actor, subject=found.person, refs=[assignment], detail={"role": assignment.role})


def _end_dated(row: Membership | RoleAssignment, now: datetime) -> None:
    row.ends_at = max(now, row.starts_at)
    row.save(update_fields=["ends_at"])


def end_turns(actor: User, now: datetime, found: Consequences) -> None:
    """End the turns of the rota that nobody takes any more, and tell who keeps it. Records ROTA_CHANGED each.

    The rows of the cases and of the person are locked before: an alert holds its case first, then the turn.
    """
    turns = Shift.objects.select_for_update(of=("self",)).filter(pk__in=[one.pk for one in found.shifts])
    for turn in turns.select_related("rota__team", "user").order_by("pk"):
        end_turn(actor=actor, now=now, shift=turn)
        supervisors = Membership.objects.of_team(turn.rota.team).supervising().live(now).select_related("user")
        for row in supervisors.exclude(user__in=[actor, found.person]).order_by("pk"):
            notify(person=row.user, kind=NOTICE_TURNS, about=turn, now=now)


def end_grants(actor: User, now: datetime, grants: Iterable[AccessGrant]) -> None:
    """Take these accesses back with everything that rests on them. The case rows are locked. Records ACCESS_REVOKED each.

    An appointment that ends so is called off, and whoever booked it is told: somebody else has to come.
    """
    for grant in grants:
        if grant.kind == GrantKind.BOOKING:
            _call_off(actor, now, grant)
        take_back(grant, actor=actor, now=now)


def _call_off(actor: User, now: datetime, grant: AccessGrant) -> None:
    for booking in access.for_the_house(Booking).filter(grant=grant, called_off_at__isnull=True):
        booking.called_off_at = now
        booking.save(update_fields=["called_off_at"])
        if booking.booked_by_id != actor.pk:
            notify(person=booking.booked_by, kind=NOTICE_CALLED_OFF, about=booking, now=now, case=grant.case)


def _finish(actor: User, now: datetime, change: PeopleChange, found: Consequences) -> None:
    """Hand over what is left, and tell who answers for a team that nobody supervises now."""
    leave_to_interim(actor=actor, now=now, change=change, found=found)
    if found.teams:
        directors = User.objects.holding(Role.DIRECTOR, at=now).filter(organisation__is_ours=True)
        tell(directors.exclude(pk=found.person.pk), NOTICE_UNSUPERVISED, change, now)
