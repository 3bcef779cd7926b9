"""Giving and taking access. Each function locks the case first, and the rows follow in the same transaction."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, READ_MATTER, WRITE_MATTER, Section, read, section_of, write
from casemgmt.accounts.actions.teams import mark_team_holding
from casemgmt.accounts.choices import AUDITOR_ROLES, Discipline, Role
from casemgmt.accounts.models import Rota, Shift, Team, User
from casemgmt.accounts.permits import degraded_mode_of
from cases import access, desk, programmes
from cases.access import Held
from cases.actions.engagements import put_engagement_on_list, tell_of_the_end
from cases.actions.kinds import (
    DISCIPLINE_OF_KIND,
    GIVEN_BY_HAND,
    LOCATION_BY_FLAG,
    NEVER_WITH_A_MATTER,
    PERMISSIONS_OF_KIND,
    PURPOSE_OF_KIND,
    ROLES_OF_KIND,
    SUPERVISION_OF,
    need_two,
    side_of,
)
from cases.actions.trail import notify, settle_due
from cases.actions.two_people import tell_second_people
from cases.choices.sharing import GrantKind
from cases.errors.releases import ReleaseHasEnded
from cases.errors.sharing import (
    LocationNeedsSupervisor,
    NotForThisRole,
    NotForThisTeam,
    NotToOneself,
    OtherSideOfTheWall,
)
from cases.models import AccessGrant, Case, Matter, Release
from cases.opening import open_to_change
from cases.release_rules import sections_of
from cases.windows import ENGAGEMENT_LIMIT, OPEN_END, PRO_BONO_LIMIT


def write_grant(
    *, actor: User | None, now: datetime, case: Case, kind: str, permissions: list[str], until: datetime,
    person: User | None = None, team: Team | None = None, matter: Matter | None = None,
    release: Release | None = None, parent: AccessGrant | None = None, shift: Shift | None = None, reason: str = "",
    purpose: str = "", begins: datetime | None = None, waits: bool = False, is_opening: bool = False,
    given_by: User | None = None, then: Callable[[AccessGrant], object] | None = None,
) -> AccessGrant:  # fmt: skip
    """Write one grant and its rows, and record it. The case row is locked by the caller.

    ``waits``: it opens nothing before a second person has approved it; those who may are told. ``given_by`` stands for
    the schedule, which acts for nobody. ``then``: what else belongs to the act, before its event is recorded. Raises
    NotForThisRole, NotForThisTeam, OtherSideOfTheWall, NeedsReleaseAcross. Records ACCESS_GRANTED or ACCESS_PROPOSED.
    """
    if person is not None:
        _demand_role(person, kind, now)
        if not is_opening:
            _demand_one_side(person, case, permissions, now)
    if team is not None and team.discipline != DISCIPLINE_OF_KIND.get(kind, team.discipline):
        raise NotForThisTeam
    if not is_opening:
        programmes.demand_release(
            case=case, kind=kind, person=person, team=team, release=release, parent=parent, now=now
        )
    begins = begins or now
    grant = AccessGrant(
        case=case, matter=matter, person=person, team=team, kind=kind, purpose=purpose or PURPOSE_OF_KIND[kind],
        permissions=permissions, reason=reason, release=release, parent=parent, granted_by=given_by or actor, granted_at=now,
        is_opening=is_opening, valid_from=begins, expires_at=until, shift=shift, waits_since=now if waits else None,
    )  # fmt: skip
    grant.save()
    if team is not None and kind != GrantKind.ON_CALL:
        mark_team_holding(team)
    access.materialise(grant, is_new=True)
    if waits and not (parent is not None and parent.is_waiting):
        tell_second_people(grant=grant, now=now)
    if then is not None:
        then(grant)
    ground = case.holding.basis_for(Section.DUTIES, writing=True) if case.holding else None
    record(
        Verb.ACCESS_PROPOSED if waits else Verb.ACCESS_GRANTED, actor=actor, subject=grant,
        basis=ground.snapshot() if ground else None, refs=[person or team, *([matter] if matter else [])],
        detail={"kind": kind, "until": until, "permissions": permissions},
    )  # fmt: skip
    return grant


def _demand_role(person: User, kind: str, now: datetime) -> None:
    """The role allows the kind, and nobody who watches or runs the house looks into a case (but in a declared small house)."""
    roles = person.roles_at(now)
    if not roles & set(ROLES_OF_KIND[kind]):
        raise NotForThisRole
    if roles & AUDITOR_ROLES or (Role.ADMINISTRATOR in roles and degraded_mode_of(person, now) is None):
        raise NotForThisRole


def _demand_one_side(person: User, case: Case, permissions: list[str], now: datetime) -> None:
    """Nobody stands on two sides of one case's walls: casework, clinic, counsel (domain.md §2.8). Outsiders have releases."""
    side = side_of(permissions)
    if side is None or person.organisation_id != case.organisation_id:
        return
    hers = Q(person=person) | Q(team__group_id__in=person.team_group_ids(now))
    standing = access.grants_with_grounds().filter(hers, case=case, revoked_at__isnull=True, expires_at__gt=now)
    for other in standing.exclude(kind=GrantKind.EMERGENCY):
        if now < access.end_of(other) and side_of(other.permissions) not in (None, side):
            raise OtherSideOfTheWall


def give_opening_access(*, actor: User, now: datetime, case: Case) -> None:
    """The grants a new case begins with: the opener is assigned, the supervisors of its team supervise. Inside intake."""
    until = now + OPEN_END
    kinds = PERMISSIONS_OF_KIND
    write_grant(
        actor=actor, now=now, case=case, person=actor, kind=GrantKind.ASSIGNMENT, is_opening=True, until=until,
        permissions=kinds[GrantKind.ASSIGNMENT],
    )  # fmt: skip
    supervising = case.team.memberships.live(now).supervising().select_related("user")
    for membership in supervising:
        if membership.user_id != actor.pk and membership.user.holds_role(Role.SUPERVISOR, at=now):
            write_grant(
                actor=actor, now=now, case=case, person=membership.user, kind=GrantKind.SUPERVISION, until=until,
                permissions=kinds[GrantKind.SUPERVISION], is_opening=True,
            )  # fmt: skip
    give_on_call(actor=actor, now=now, case=case)


def give_on_call(*, actor: User | None, now: datetime, case: Case) -> AccessGrant | None:
    """What whoever is on duty for the case's team may open of it, where that team has a rota. The case row is locked.

    None where there is no rota, the case is closed, or the access stands already. Records ACCESS_GRANTED.
    """
    rota = Rota.objects.filter(team=case.team_id).select_related("team", "begun_by").first()
    if rota is None or case.is_closed:
        return None
    standing = access.grants_with_grounds().filter(
        case=case, kind=GrantKind.ON_CALL, team=rota.team, revoked_at__isnull=True
    )
    if standing.exists():
        return None
    return write_grant(
        actor=actor, given_by=actor or rota.begun_by, now=now, case=case, team=rota.team, kind=GrantKind.ON_CALL,
        permissions=PERMISSIONS_OF_KIND[GrantKind.ON_CALL], until=now + OPEN_END,
    )  # fmt: skip


@action
def give_access(
    *, actor: User, now: datetime, case_uid: UUID, kind: str, person: User | None = None, team: Team | None = None,
    matter_uid: UUID | None = None, until: datetime | None = None, reason: str = "", with_location: bool = False,
    sections: Iterable[Section] = (), release_uid: UUID | None = None,
) -> AccessGrant:  # fmt: skip
    """Give a colleague of the house access of one kind: assignment, supervision, clinical, staff counsel or residence.

    Given by the lead or a supervisor of the case, never to oneself. ``with_location``: an assignment that also opens
    where she stays. ``sections``: only these of the kind's, and the card. Access for outsiders rests on a release:
    ``cases.actions.releases``; so does access across programmes (``release_uid``), where the house keeps them apart.
    Raises Hidden, Refused, NotToOneself, NotForThisRole, NotForThisTeam, OtherSideOfTheWall, LocationNeedsSupervisor,
    NeedsReleaseAcross, NothingNamedAcross. Records ACCESS_GRANTED.
    """
    held = access.lock_for_write(actor, case_uid, Section.DUTIES)
    is_oneself = person is not None and person.pk == actor.pk
    if is_oneself or (team is not None and team.group_id in actor.team_group_ids(now)):
        raise NotToOneself
    outsider = any(one is not None and one.organisation_id != held.case.organisation_id for one in (person, team))
    if outsider or kind not in GIVEN_BY_HAND or (with_location and kind != GrantKind.ASSIGNMENT):
        raise NotForThisRole
    if with_location and not (held.holding.may(read(Section.LOCATION)) or actor.holds_role(Role.SUPERVISOR, at=now)):
        raise LocationNeedsSupervisor
    matter = access.within(Matter, held.case).get(uid=matter_uid) if matter_uid else None
    permissions = [
        *(_supervision_of(person, now) if kind == GrantKind.SUPERVISION else PERMISSIONS_OF_KIND[kind]),
        *([READ_MATTER, WRITE_MATTER] if matter and kind == GrantKind.STAFF_COUNSEL else []),
        *(LOCATION_BY_FLAG if with_location else []),
    ]
    if wanted := set(sections):
        permissions = [name for name in permissions if section_of(name) in wanted | {Section.CARD}]
    release, until = _across(held.case, release_uid), until or now + OPEN_END
    if release is not None:
        with open_to_change(actor, held, Section.DUTIES):
            named = sections_of(release.terms["categories"])
        permissions, until = programmes.narrowed(permissions, kind=kind, named=named), min(until, release.expires_at)
    return write_grant(
        actor=actor, now=now, case=held.case, kind=kind, person=person, team=team, matter=matter, reason=reason,
        permissions=permissions, until=until, release=release,
    )  # fmt: skip


def _across(case: Case, release_uid: UUID | None) -> Release | None:
    """The release on which access across programmes shall rest. Raises Hidden where the case has none of that uid."""
    if release_uid is None:
        return None
    rows = access.within(Release, case).filter(uid=release_uid, recipient_team__isnull=False)
    found = rows.select_related("recipient_team").first()
    if found is None:
        raise Hidden
    return found


def _supervision_of(person: User | None, now: datetime) -> list[str]:
    """What a supervisor of this discipline reads; casework where she supervises no team."""
    teams = Team.objects.supervised_by(person, now) if person is not None else Team.objects.none()
    led = set(teams.values_list("discipline", flat=True))
    order = (Discipline.CASEWORK, Discipline.CLINICAL, Discipline.LEGAL, Discipline.SHELTER)
    return SUPERVISION_OF[next((one for one in order if one in led), Discipline.CASEWORK)]


def give_pro_bono_access(
    *, actor: User, now: datetime, case: Case, person: User, matter: Matter, release: Release, sections: Iterable[Section],
    is_minor: bool = False, engagement: AccessGrant | None = None,
) -> list[AccessGrant]:  # fmt: skip
    """The grants of an attorney: the matter, what the release names of the organisation's sections, and what waits for two.

    The latter rest on the release and die with it at once. The first, her own file, stays until the engagement ends: an
    attorney may not lose her client's file. What needs a second person waits in a grant of its own, so that the other
    work can begin; of a minor everything waits, and the second people are told. The case row is locked by the caller.
    ``engagement``: the matter as she has it from a release before; it goes on. Raises ReleaseHasEnded,
    NotForThisRole. Records ACCESS_GRANTED or ACCESS_PROPOSED for each.
    """
    if not release.in_force(now):
        raise ReleaseHasEnded
    named = set(sections) - NEVER_WITH_A_MATTER
    waiting = need_two(named, is_minor=is_minor)
    given: list[AccessGrant] = []
    if engagement is None:
        engagement = write_grant(
            actor=actor, now=now, case=case, person=person, matter=matter, kind=GrantKind.PRO_BONO, waits=is_minor,
            permissions=PERMISSIONS_OF_KIND[GrantKind.PRO_BONO], until=now + ENGAGEMENT_LIMIT,
            then=lambda grant: None if is_minor else _tell_of_matter(grant, now=now),
        )  # fmt: skip
        given.append(engagement)
    parts = [(named, True)] if is_minor else [(named - waiting, False), *([(waiting, True)] if waiting else [])]
    for chosen, waits in parts:
        released = [READ_CARD, *(read(one) for one in Section if one in chosen and one != Section.CARD)]
        given.append(
            write_grant(
                actor=actor, now=now, case=case, person=person, matter=matter, kind=GrantKind.PRO_BONO, release=release,
                parent=engagement, permissions=released, until=min(release.expires_at, now + PRO_BONO_LIMIT), waits=waits,
            )
        )  # fmt: skip
    return given


def _tell_of_matter(grant: AccessGrant, *, now: datetime) -> None:
    """The attorney hears that a matter is there, not which; the end of her engagement is on her list."""
    if grant.person is not None:
        notify(person=grant.person, kind="MATTER_GIVEN", about=grant.matter, now=now, case=grant.case)
    put_engagement_on_list(grant)


def give_residence(*, actor: User, now: datetime, case: Case, team: Team) -> AccessGrant:
    """The shelter's team learns that she lives there, and keeps its house notes. The case row is locked by the caller.

    Where the shelter is another programme that is kept apart, it rests on her release to it and ends with that. Raises
    NotForThisRole for a team of another organisation, or one that keeps no shelter; NeedsReleaseAcross.
    """
    if team.organisation_id != case.organisation_id or team.discipline != Discipline.SHELTER:
        raise NotForThisRole
    release = programmes.standing_release(case, team=team, at=now)
    until = now + OPEN_END
    return write_grant(
        actor=actor, now=now, case=case, team=team, kind=GrantKind.RESIDENCE, release=release,
        until=min(until, release.expires_at) if release else until, permissions=PERMISSIONS_OF_KIND[GrantKind.RESIDENCE],
    )  # fmt: skip


def change_end(*, actor: User, now: datetime, grant: AccessGrant, until: datetime) -> None:
    """Let a grant end at another moment. The case row is locked by the caller. Records ACCESS_CHANGED."""
    grant.expires_at = until
    grant.save(update_fields=["expires_at"])
    access.materialise(access.grants_with_grounds().get(pk=grant.pk))
    put_engagement_on_list(grant)
    record(Verb.ACCESS_CHANGED, actor=actor, subject=grant, detail={"kind": grant.kind, "until": until})


def may_revoke(actor: User, grant: AccessGrant, *, at: datetime) -> bool:
    """Supervision is taken back by a supervisor of the case only: nobody sends away who looks over her work."""
    return grant.kind != GrantKind.SUPERVISION or desk.Standing(actor, grant.case, at=at).supervises


@action
def revoke_access(
    *, actor: User, now: datetime, grant_uid: UUID, reason: str = "", with_own_file: bool = False
) -> AccessGrant:
    """End an access, with everything that rests on it, at once. Repeating it changes nothing.

    Of an attorney's access to a matter her engagement ends, and her own file stays to be read for a while
    (``end_access``); ``with_own_file`` closes that, too. Raises Hidden, Refused. Records ACCESS_REVOKED.
    """
    grant = access.every_grant().filter(uid=grant_uid).first()
    if grant is None:
        raise Hidden
    held = access.lock_for_write(actor, grant.case.uid, Section.DUTIES, even_closed=True, even_erased=True)
    grant = access.every_grant().get(uid=grant_uid)
    if not may_revoke(actor, grant, at=now):
        raise Refused(write(Section.DUTIES))
    if with_own_file and grant.revoked_at is None:
        take_back(grant, actor=actor, now=now, held=held, reason=reason)
    else:
        end_access(grant, actor=actor, now=now, held=held, reason=reason)
    return grant


def end_access(
    grant: AccessGrant, *, actor: User, now: datetime, held: Held | None = None, reason: str = ""
) -> None:  # fmt: skip
    """End an access because the work is over, at once, with everything that rests on it. The case row is locked.

    An attorney's engagement ends so: its end is moved to now, and her own file stays to be read and taken along for
    AFTER_ENGAGEMENT, as it does after an end that was set before: an attorney may not lose her client's file
    (access.md §3). Any other access is taken back, and so is an engagement that never began. What is over already
    stays as it is. Records ACCESS_REVOKED.
    """
    if grant.revoked_at is not None or (grant.is_own_file and grant.expires_at <= now):
        return
    if not (grant.is_own_file and grant.is_approved and grant.valid_from < now):
        take_back(grant, actor=actor, now=now, held=held, reason=reason)
        return
    grant.expires_at = now
    grant.save(update_fields=["expires_at"])
    access.materialise(grant)
    settle_due(case=grant.case, subject_uid=grant.uid, now=now)
    tell_of_the_end(grant, now=now)
    record(
        Verb.ACCESS_REVOKED, actor=actor, subject=grant, held=held, refs=[grant.person],
        reason=reason, detail={"kind": grant.kind, "until": access.closes_at(grant)},
    )  # fmt: skip


def take_back(
    grant: AccessGrant, *, actor: User | None, now: datetime, held: Held | None = None, refs: Iterable[Any] = (),
    reason: str = "",
) -> None:  # fmt: skip
    """Remove an access at once, with everything that rests on it. The case row is locked by the caller.

    Nothing of it stays open, of an attorney's own file neither: so it is done where she may not be in the house at all
    any more (she left, or lost the role that was checked), where it was given by mistake, and where it never began. An
    engagement that is over ends by ``end_access``; a wall needs neither, it denies while it stands. ``actor`` is None
    for the schedule. Records ACCESS_REVOKED.
    """
    grant.revoked_at, grant.revoked_by = now, actor
    grant.save(update_fields=["revoked_at", "revoked_by"])
    access.materialise(grant)
    settle_due(case=grant.case, subject_uid=grant.uid, now=now)
    record(
        Verb.ACCESS_REVOKED, actor=actor, subject=grant, held=held, refs=[grant.person or grant.team, *refs],
        reason=reason, detail={"kind": grant.kind},
    )  # fmt: skip
