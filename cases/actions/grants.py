"""Giving and taking access. Each function locks the case first, and the rows follow in the same transaction."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, READ_MATTER, WRITE_MATTER, Section, read, section_of, write
from casemgmt.accounts.actions.teams import mark_team_holding
from casemgmt.accounts.choices import Discipline, Role
from casemgmt.accounts.models import Team, User
from cases import access
from cases.choices import GrantKind, Purpose
from cases.errors import NotForThisRole, NotToOneself, ReleaseHasEnded, TwoPeopleNeeded
from cases.models import AccessGrant, Case, Matter, Release

#: Far enough to mean "until it is taken back"; assignment and supervision end by an act, not by a date.
OPEN_END = timedelta(days=365 * 20)
PRO_BONO_LIMIT = timedelta(days=180)
ENGAGEMENT_LIMIT = timedelta(days=365 * 2)

_CASEWORK = (
    Section.CARD, Section.IDENTITY, Section.NARRATIVE, Section.SAFETY, Section.ADVOCACY, Section.SERVICES,
    Section.STATUS, Section.LEGAL, Section.FINANCE, Section.DUTIES,
)  # fmt: skip


def _both(sections: Iterable[Section]) -> list[str]:
    return [verb(section) for section in sections for verb in (read, write)]


#: What each kind of grant opens (docs/access.md). PRO_BONO sections come from the release instead.
PERMISSIONS_OF_KIND: dict[str, list[str]] = {
    GrantKind.ASSIGNMENT: _both(_CASEWORK),
    GrantKind.SUPERVISION: [read(section) for section in _CASEWORK] + [write(Section.CARD), write(Section.DUTIES)],
    GrantKind.CLINICAL: [read(s) for s in (Section.CARD, Section.IDENTITY, Section.SAFETY)]
    + _both((Section.HEALTH, Section.SRH, Section.SUD, Section.COUNSELLING)),
    GrantKind.STAFF_COUNSEL: [read(Section.CARD), *_both((Section.IDENTITY, Section.STATUS, Section.LEGAL))],
    GrantKind.RESIDENCE: [read(Section.CARD), *_both((Section.SHELTER_OPS,))],
    GrantKind.PRO_BONO: [READ_MATTER, WRITE_MATTER],
}

PURPOSE_OF_KIND = {
    GrantKind.ASSIGNMENT: Purpose.CASEWORK,
    GrantKind.SUPERVISION: Purpose.SUPERVISION,
    GrantKind.CLINICAL: Purpose.CLINICAL_CARE,
    GrantKind.STAFF_COUNSEL: Purpose.LEGAL_REPRESENTATION,
    GrantKind.RESIDENCE: Purpose.SHELTER,
    GrantKind.PRO_BONO: Purpose.LEGAL_REPRESENTATION,
}

#: Which role may hold which kind. A role opens no case; it only allows a kind to be given.
ROLES_OF_KIND: dict[str, tuple[str, ...]] = {
    GrantKind.ASSIGNMENT: (Role.CASEWORKER, Role.HOTLINE_ADVOCATE, Role.SUPERVISOR),
    GrantKind.SUPERVISION: (Role.SUPERVISOR,),
    GrantKind.CLINICAL: (Role.CLINICIAN,),
    GrantKind.STAFF_COUNSEL: (Role.STAFF_ATTORNEY, Role.ACCREDITED_REPRESENTATIVE, Role.PARALEGAL),
    GrantKind.RESIDENCE: (Role.SHELTER_WORKER,),
    GrantKind.PRO_BONO: (Role.PRO_BONO_ATTORNEY,),
}


def _write_grant(
    *, actor: User, now: datetime, case: Case, kind: str, permissions: list[str], until: datetime,
    person: User | None = None, team: Team | None = None, matter: Matter | None = None,
    release: Release | None = None, parent: AccessGrant | None = None, reason: str = "", is_opening: bool = False,
) -> AccessGrant:  # fmt: skip
    """Write one grant and its rows, and record it. The case row is locked by the caller."""
    if person is not None and not person.holds_role(*ROLES_OF_KIND[kind], at=now):
        raise NotForThisRole
    grant = AccessGrant(
        case=case, matter=matter, person=person, team=team, kind=kind, purpose=PURPOSE_OF_KIND[GrantKind(kind)],
        permissions=permissions, reason=reason, release=release, parent=parent, granted_by=actor, granted_at=now,
        is_opening=is_opening, valid_from=now, expires_at=until,
    )  # fmt: skip
    grant.save()
    if team is not None:
        mark_team_holding(team)
    access.materialise(grant, is_new=True)
    ground = case.holding.basis_for(Section.DUTIES, writing=True) if case.holding else None
    record(
        Verb.ACCESS_GRANTED, actor=actor, subject=grant, basis=ground.snapshot() if ground else None,
        refs=[person or team, *([matter] if matter else [])],
        detail={"kind": kind, "until": until, "permissions": permissions},
    )  # fmt: skip
    return grant


def give_opening_access(*, actor: User, now: datetime, case: Case) -> None:
    """The grants a new case begins with: the opener is assigned, the supervisors of its team supervise. Inside intake."""
    until = now + OPEN_END
    kinds = PERMISSIONS_OF_KIND
    _write_grant(
        actor=actor, now=now, case=case, person=actor, kind=GrantKind.ASSIGNMENT, is_opening=True, until=until,
        permissions=kinds[GrantKind.ASSIGNMENT],
    )  # fmt: skip
    supervising = case.team.memberships.live(now).supervising().select_related("user")
    for membership in supervising:
        if membership.user_id != actor.pk and membership.user.holds_role(Role.SUPERVISOR, at=now):
            _write_grant(
                actor=actor, now=now, case=case, person=membership.user, kind=GrantKind.SUPERVISION, until=until,
                permissions=kinds[GrantKind.SUPERVISION],
            )  # fmt: skip


@action
def give_access(
    *, actor: User, now: datetime, case_uid: UUID, kind: str, person: User | None = None, team: Team | None = None,
    matter_uid: UUID | None = None, until: datetime | None = None, reason: str = "",
    sections: Iterable[Section] = (),
) -> AccessGrant:  # fmt: skip
    """Give a colleague of the house access of one kind: assignment, supervision, clinical, staff counsel or residence.

    Given by the lead or a supervisor of the case, never to oneself. Access for outsiders rests on a release:
    ``cases.actions.releases``. Raises Hidden, Refused, NotToOneself, NotForThisRole. Records ACCESS_GRANTED.
    """
    held = access.lock_for_write(actor, case_uid, Section.DUTIES)
    is_oneself = person is not None and person.pk == actor.pk
    if is_oneself or (team is not None and team.group_id in actor.team_group_ids(now)):
        raise NotToOneself
    outsider = any(one is not None and one.organisation_id != held.case.organisation_id for one in (person, team))
    if outsider or kind == GrantKind.PRO_BONO:
        raise NotForThisRole
    matter = access.within(Matter, held.case).get(uid=matter_uid) if matter_uid else None
    permissions = [
        *PERMISSIONS_OF_KIND[kind],
        *([READ_MATTER, WRITE_MATTER] if matter and kind == GrantKind.STAFF_COUNSEL else []),
    ]
    if wanted := set(sections):
        permissions = [name for name in permissions if section_of(name) in wanted | {Section.CARD}]
    return _write_grant(
        actor=actor, now=now, case=held.case, kind=kind, person=person, team=team, matter=matter, reason=reason,
        permissions=permissions, until=until or now + OPEN_END,
    )  # fmt: skip


def give_pro_bono_access(
    *, actor: User, now: datetime, case: Case, person: User, matter: Matter, release: Release, sections: Iterable[Section],
    outsiders_need_two: frozenset[Section],
) -> AccessGrant:  # fmt: skip
    """Two grants for an attorney: the matter, and what the release names of the organisation's own sections.

    The second rests on the release and dies with it at once. The first, her own file, stays until the
    engagement ends: an attorney may not lose her client's file. The case row is locked by the caller.
    Raises TwoPeopleNeeded, ReleaseHasEnded, NotForThisRole. Records ACCESS_GRANTED twice.
    """
    # The docket comes with the matter. The section LEGAL would open the dockets of her other matters too.
    never = {Section.LOCATION, Section.LEGAL}
    chosen = sorted({Section(section) for section in sections} - never, key=list(Section).index)
    if set(chosen) & outsiders_need_two:
        raise TwoPeopleNeeded
    if not release.in_force(now):
        raise ReleaseHasEnded
    engagement = _write_grant(
        actor=actor, now=now, case=case, person=person, matter=matter, kind=GrantKind.PRO_BONO,
        permissions=PERMISSIONS_OF_KIND[GrantKind.PRO_BONO], until=now + ENGAGEMENT_LIMIT,
    )  # fmt: skip
    released = [READ_CARD, *(read(section) for section in chosen if section != Section.CARD)]
    _write_grant(
        actor=actor, now=now, case=case, person=person, matter=matter, kind=GrantKind.PRO_BONO, release=release,
        parent=engagement, permissions=released, until=min(release.expires_at, now + PRO_BONO_LIMIT),
    )  # fmt: skip
    return engagement


def give_residence(*, actor: User, now: datetime, case: Case, team: Team) -> AccessGrant:
    """The shelter's team learns that she lives there, and keeps its house notes. The case row is locked by the caller.

    Raises NotForThisRole for a team of another organisation, or one that keeps no shelter.
    """
    if team.organisation_id != case.organisation_id or team.discipline != Discipline.SHELTER:
        raise NotForThisRole
    return _write_grant(
        actor=actor, now=now, case=case, team=team, kind=GrantKind.RESIDENCE, until=now + OPEN_END,
        permissions=PERMISSIONS_OF_KIND[GrantKind.RESIDENCE],
    )  # fmt: skip


def change_end(*, actor: User, now: datetime, grant: AccessGrant, until: datetime) -> None:
    """Let a grant end at another moment. The case row is locked by the caller. Records ACCESS_CHANGED."""
    grant.expires_at = until
    grant.save(update_fields=["expires_at"])
    access.materialise(access.grants_with_grounds().get(pk=grant.pk))
    record(Verb.ACCESS_CHANGED, actor=actor, subject=grant, detail={"kind": grant.kind, "until": until})


def may_revoke(actor: User, grant: AccessGrant, *, at: datetime) -> bool:
    """Supervision is taken back by a supervisor only: nobody sends away who looks over her work."""
    return grant.kind != GrantKind.SUPERVISION or actor.holds_role(Role.SUPERVISOR, at=at)


@action
def revoke_access(*, actor: User, now: datetime, grant_uid: UUID, reason: str = "") -> AccessGrant:
    """Take a grant back, with everything that rests on it, at once. Repeating it changes nothing.

    Raises Hidden, Refused. Records ACCESS_REVOKED.
    """
    grant = access.grants_with_grounds().filter(uid=grant_uid).first()
    if grant is None:
        raise Hidden
    held = access.lock_for_write(actor, grant.case.uid, Section.DUTIES, even_closed=True, even_erased=True)
    grant = access.grants_with_grounds().get(uid=grant_uid)
    if not may_revoke(actor, grant, at=now):
        raise Refused(write(Section.DUTIES))
    if grant.revoked_at is None:
        grant.revoked_at, grant.revoked_by = now, actor
        grant.save(update_fields=["revoked_at", "revoked_by"])
        access.materialise(grant)
        record(
            Verb.ACCESS_REVOKED, actor=actor, subject=grant, held=held, refs=[grant.person or grant.team], reason=reason,
            detail={"kind": grant.kind},
        )  # fmt: skip
    return grant


#: For the actions that hand cases over and take the same steps.
write_grant = _write_grant
