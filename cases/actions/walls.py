"""Walls and restricted cases: who is kept away from a case, whatever access says.

A wall beats every access and takes none away: when it is lifted, what was given counts again. Whoever stands behind
one finds nothing, neither the case nor the wall, so nobody who is not entitled to place walls reads of one anywhere.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_MATTER, Section, write
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Membership, Organisation, Team, User
from cases import access
from cases.actions.trail import notify
from cases.choices.merging import MergeState
from cases.choices.walls import NOTICE_FIRM, NOTICE_FROZEN, WallKind
from cases.desk import Standing, section_for
from cases.errors.walls import NobodyIsNamed, WallIsLifted, WallNeedsOne, WallStands, WallTooWide
from cases.models import Case, CaseMerge, Wall, WallReason

#: The end of what has none.
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


@action
def place_wall(
    *, actor: User, now: datetime, case_uid: UUID, person: User | None = None, team: Team | None = None,
    organisation: Organisation | None = None, kind: str = WallKind.CONFLICT, reason: str = "",
) -> Wall:  # fmt: skip
    """Keep a person, a team or another organisation away from a case, whatever access says.

    For the privacy officer of the case's organisation or a supervisor of the case, whom no wall keeps from it
    themselves. ``reason`` is sealed. Raises Hidden, Refused, WallNeedsOne, WallTooWide, WallStands. Records
    WALL_PLACED; the supervisors of an attorney whose file it freezes are told without content.
    """
    case = _lock_for_walls(actor, case_uid, now=now)
    whom = [one for one in (person, team, organisation) if one is not None]
    if len(whom) != 1:
        raise WallNeedsOne
    if organisation is not None and organisation.pk == case.organisation_id:
        raise WallTooWide
    standing = standing_walls(case, now).filter(person=person, team=team, organisation=organisation, kind=kind)
    if standing.exists():
        raise WallStands
    wall = raise_wall(
        case=case,
        kind=kind,
        placed_by=actor,
        now=now,
        person=person,
        team=team,
        organisation=organisation,
        reason=reason,
    )
    record(
        Verb.WALL_PLACED, actor=actor, subject=wall, refs=whom, fields=["wall.reason"] if reason else [],
        detail={"kind": WallKind(kind).value},
    )  # fmt: skip
    return wall


def raise_wall(
    *, case: Case, kind: str, placed_by: User | None, now: datetime, person: User | None = None, team: Team | None = None,
    organisation: Organisation | None = None, reason: str = "", is_alone: bool = False,
) -> Wall:  # fmt: skip
    """Put the wall up, and tell firms whose attorney's file it freezes. The case is locked and the caller records.

    ``placed_by`` is None for a wall that a declaration has placed by itself. A file that was found to be of the same
    person gets it as well (domain.md R23), without the words of why, unless the wall ``is_alone``; records WALL_PLACED.
    """
    attorneys = _outside_counsel(case, now)
    wall = Wall(
        case=case, person=person, team=team, organisation=organisation, kind=WallKind(kind).value, placed_by=placed_by,
        placed_at=now, lifted_at=FOREVER,
    )  # fmt: skip
    wall.save()
    if reason:
        WallReason(case=case, wall=wall, section=section_for(case), reason=reason).save()
    if case.lead is not None and behind_a_wall(case, [case.lead], now):
        # A case led by somebody who cannot open it would be nobody's; so it stands on the supervisor's list.
        case.lead = None
        case.save(update_fields=["lead"])
    _tell_firms(wall, attorneys, now)
    if not is_alone:
        _raise_on_merged(wall, now)
    return wall


def _raise_on_merged(wall: Wall, now: datetime) -> None:
    """The same wall on each file that was merged with this one."""
    whom: dict[str, Any] = {"person": wall.person, "team": wall.team, "organisation": wall.organisation}
    for case in _merged_with(wall.case):
        if standing_walls(case, now).filter(kind=wall.kind, **whom).exists():
            continue
        twin = raise_wall(case=case, kind=wall.kind, placed_by=wall.placed_by, now=now, is_alone=True, **whom)
        record(
            Verb.WALL_PLACED, actor=wall.placed_by, subject=twin, refs=[one for one in whom.values() if one is not None],
            detail={"kind": wall.kind},
        )  # fmt: skip


def _merged_with(case: Case) -> QuerySet[Case]:
    """Each file that was merged with this one, its row locked, in the order of their keys."""
    here = Q(case=case) | Q(other=case)
    pairs = access.for_the_house(CaseMerge).filter(here, state=MergeState.MERGED).values_list("case_id", "other_id")
    keys = sorted({key for pair in pairs for key in pair if key != case.pk})
    return access.for_the_house(Case).select_for_update().filter(pk__in=keys).order_by("pk")


@action
def lift_wall(*, actor: User, now: datetime, wall_uid: UUID, reason: str = "") -> Wall:
    """End a wall: what was given before counts again, at once. Never by anybody who stands behind it.

    Raises Hidden, Refused, WallIsLifted. Records WALL_LIFTED.
    """
    found = access.for_the_house(Wall).select_related("case").filter(uid=wall_uid).first()
    if found is None:
        raise Hidden
    case = _lock_for_walls(actor, found.case.uid, now=now)
    wall = access.within(Wall, case).select_related("person", "team", "organisation").get(pk=found.pk)
    if wall.lifted_at <= now:
        raise WallIsLifted
    wall.lifted_at, wall.lifted_by = now, actor
    wall.save(update_fields=["lifted_at", "lifted_by"])
    words = access.within(WallReason, case).filter(wall=wall).first()
    if reason and not case.has_erased(words.section if words else section_for(case)):
        words = words or WallReason(case=case, wall=wall, section=section_for(case))
        words.lifted_why = reason
        words.save()
    record(
        Verb.WALL_LIFTED, actor=actor, subject=wall, refs=[wall.person or wall.team or wall.organisation],
        fields=["wall.lifted_why"] if reason else [], detail={"kind": wall.kind},
    )  # fmt: skip
    return wall


@action
def restrict_case(*, actor: User, now: datetime, case_uid: UUID, is_restricted: bool) -> Case:
    """Close a case to named people only, or end that: access given to teams does not count on a restricted case.

    A file that was merged with it tells of the same person, so it is closed too (domain.md R23); each is opened by itself.
    Raises Hidden, Refused, NobodyIsNamed. Records CASE_RESTRICTED or CASE_UNRESTRICTED.
    """
    held = access.lock_for_write(actor, case_uid, Section.DUTIES, even_erased=True)
    if held.case.is_restricted != is_restricted:
        if is_restricted and not somebody_is_named(held.case, now):
            raise NobodyIsNamed
        held.case.is_restricted = is_restricted
        held.case.save(update_fields=["is_restricted"])
        verb = Verb.CASE_RESTRICTED if is_restricted else Verb.CASE_UNRESTRICTED
        record(verb, actor=actor, subject=held.case, held=held)
        if is_restricted:
            restrict_each(_merged_with(held.case), actor, now)
    return held.case


def restrict_each(cases: Iterable[Case], actor: User, now: datetime) -> list[str]:
    """Close locked files to named people; uids of those that were not before. Inside an action.

    Raises NobodyIsNamed. Records CASE_RESTRICTED for each.
    """
    done = []
    for case in cases:
        if case.is_restricted:
            continue
        if not somebody_is_named(case, now):
            raise NobodyIsNamed
        case.is_restricted = True
        case.save(update_fields=["is_restricted"])
        record(Verb.CASE_RESTRICTED, actor=actor, subject=case)
        done.append(str(case.uid))
    return done


def standing_walls(case: Case, at: datetime) -> QuerySet[Wall]:
    """The walls of a locked case that stand at one instant."""
    return access.within(Wall, case).filter(placed_at__lte=at, lifted_at__gt=at)


def is_walled(person: User, case: Case) -> bool:
    """Whether a wall stands between this person and the case now."""
    return access.walled_cases(person).filter(case_id=case.pk).exists()


def behind_a_wall(case: Case, people: Iterable[User], at: datetime) -> set[int]:
    """Keys of those of these people whom a wall keeps from this case."""
    return {person.pk for person in people if is_walled(person, case)}


def privacy_officers(case: Case, at: datetime) -> list[User]:
    """The privacy officers of the case's organisation whom no wall keeps from it; else its team's supervisors."""
    officers = User.objects.holding(Role.PRIVACY_OFFICER, at=at).filter(organisation=case.organisation_id)
    supervisors = Membership.objects.of_team(case.team).supervising().live(at).select_related("user")
    for people in (list(officers.order_by("pk")), [row.user for row in supervisors.order_by("pk")]):
        walled = behind_a_wall(case, people, at)
        told = [person for person in people if person.is_active and person.pk not in walled]
        if told:
            return told
    return []


def _lock_for_walls(actor: User, case_uid: UUID, *, now: datetime) -> Case:
    """Lock a case for somebody who may place walls on it. Raises Hidden, Refused."""
    if actor.holds_role(Role.PRIVACY_OFFICER, at=now):
        case = access.lock_case(case_uid)
        if not Standing(actor, case, at=now).may_wall:
            raise Hidden
        return case
    case = access.lock_for_write(actor, case_uid, Section.DUTIES, even_closed=True, even_erased=True).case
    if not Standing(actor, case, at=now).may_wall:
        raise Refused(write(Section.DUTIES))
    return case


def somebody_is_named(case: Case, now: datetime) -> bool:
    """Whether a person by name may write the case's duties, so that it can be worked on and opened again."""
    found = access.who_could_see(case, write(Section.DUTIES), now)
    return any(grant.person_id for grants in found.values() for grant in grants)


def _outside_counsel(case: Case, now: datetime) -> list[User]:
    """The attorneys of other organisations who have a file of this case open to them now."""
    return [
        person
        for person in access.who_could_see(case, READ_MATTER, now)
        if person.organisation_id != case.organisation_id
    ]


def _tell_firms(wall: Wall, attorneys: Iterable[User], now: datetime) -> None:
    """Tell the supervisors of each attorney whose file this wall freezes; where there is none, the privacy officer.

    They learn that a file rests, not which, nor of whom: they call. Nobody behind the wall is told.
    """
    attorneys = list(attorneys)
    frozen = behind_a_wall(wall.case, attorneys, now)
    for attorney in attorneys:
        if attorney.pk not in frozen:
            continue
        heads = _supervisors_of(attorney, now)
        walled = behind_a_wall(wall.case, heads, now)
        told = [person for person in heads if person.pk not in walled]
        for person in told:
            notify(person=person, kind=NOTICE_FROZEN, about=wall, now=now)
        if not told:
            for person in privacy_officers(wall.case, now):
                notify(person=person, kind=NOTICE_FIRM, about=wall, now=now, case=wall.case)


def _supervisors_of(attorney: User, now: datetime) -> list[User]:
    """Whoever supervises a team of the attorney's, or is supervisor or director of her firm. Never herself."""
    teams = attorney.memberships.live(now).values("team")
    of_teams = Membership.objects.supervising().live(now).filter(team__in=teams).values("user")
    heads = User.objects.holding(Role.SUPERVISOR, Role.DIRECTOR, at=now).filter(organisation=attorney.organisation_id)
    people = User.objects.filter(Q(pk__in=of_teams) | Q(pk__in=heads.values("pk")), is_active=True)
    return list(people.exclude(pk=attorney.pk).order_by("pk"))
