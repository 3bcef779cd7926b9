"""While somebody is away: a colleague of the same discipline holds what she holds, for thirty days at most.

What is lent rests on what one holds by name: it ends with it at once, cannot be lent on, and is taken back in one tap.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit.action import action
from casemgmt.access.errors import Hidden
from casemgmt.accounts.models import Membership, User
from cases import access
from cases.actions.grants import take_back, write_grant
from cases.actions.kinds import DELEGABLE_KINDS, ROLES_OF_KIND
from cases.actions.trail import notify
from cases.choices.casework import CLOSED_STATUSES
from cases.choices.sharing import GrantKind
from cases.errors.guarding import NobodyOfTheDiscipline, NothingToDelegate, StandsInTooLong, TooManyToDelegate
from cases.models import AccessGrant, Case
from cases.windows import DELEGATION_LIMIT

NOTICE_STANDS_IN = "STANDS_IN"
#: More cases than one colleague can look after, and more rows than one page should wait for.
MOST_CASES = 300


@dataclass(frozen=True)
class StandIn:
    """Who stands in for whom, until when, on how many cases."""

    person: User
    until: datetime
    cases: int


def lendable(actor: User, *, at: datetime, at_most: int | None = None) -> list[AccessGrant]:
    """What this person holds by name on open cases and may lend: never what was lent, or rests on something else.

    ``at_most`` so many accesses, those of the newest cases.
    """
    found = access.grants_with_grounds().filter(
        person=actor, kind__in=DELEGABLE_KINDS, parent__isnull=True, revoked_at__isnull=True, valid_from__lte=at,
        expires_at__gt=at,
    )  # fmt: skip
    open_ones = found.exclude(case__status__in=CLOSED_STATUSES).exclude(case__in=access.walled_cases(actor))
    if at_most is not None:
        return list(open_ones.order_by("-case_id", "pk")[:at_most])
    return list(open_ones.order_by("case_id", "pk"))


def disciplines_of(person: User, *, at: datetime) -> set[str]:
    """The disciplines of the teams this person belongs to at that moment. One query."""
    return set(Membership.objects.live(at).filter(user=person).values_list("team__discipline", flat=True))


def colleagues_of(actor: User, *, at: datetime) -> list[User]:
    """Who could stand in for this person: active, of the same organisation and discipline, by name."""
    shared = Membership.objects.live(at).filter(team__discipline__in=disciplines_of(actor, at=at)).values("user")
    roles = ROLES_OF_KIND[GrantKind.DELEGATION]
    people = User.objects.holding(*roles, at=at).filter(pk__in=shared, organisation_id=actor.organisation_id)
    return list(people.exclude(pk=actor.pk).by_name())


@action
def delegate_access(
    *, actor: User, now: datetime, colleague: User, until: datetime, case_uids: Iterable[UUID] = ()
) -> AccessGrant:
    """Lend a colleague what the actor holds by name: on these cases, or on all her open ones. Returns the first.

    Raises NobodyOfTheDiscipline, StandsInTooLong, NothingToDelegate, TooManyToDelegate. Records ACCESS_GRANTED a case.
    """
    if not now < until <= now + DELEGATION_LIMIT:
        raise StandsInTooLong
    _demand_colleague(actor, colleague, now)
    wanted = set(case_uids)
    keys = {one.case_id for one in lendable(actor, at=now) if not wanted or one.case.uid in wanted}
    if not keys:
        raise NothingToDelegate
    if len(keys) > MOST_CASES:
        raise TooManyToDelegate
    cases = {case.pk: case for case in access.lock_cases(sorted(keys))}
    # Asked again behind the locks: what was taken back while we waited is not lent.
    parents = [one for one in lendable(actor, at=max(now, access.after_waiting())) if one.case_id in cases]
    lent = [
        _lend(actor, now, colleague, parent, cases, until) for parent in parents if _may_hold(colleague, parent, now)
    ]
    if not lent:
        raise NothingToDelegate if not parents else NobodyOfTheDiscipline
    return lent[0]


def _demand_colleague(actor: User, colleague: User, now: datetime) -> None:
    """Another active person of the same organisation who does the same work."""
    same_house = colleague.pk != actor.pk and colleague.organisation_id == actor.organisation_id and colleague.is_active
    if not same_house or not disciplines_of(actor, at=now) & disciplines_of(colleague, at=now):
        raise NobodyOfTheDiscipline


def _may_hold(colleague: User, parent: AccessGrant, now: datetime) -> bool:
    """Whether the colleague's role could hold what is lent: nobody becomes a supervisor by standing in."""
    return colleague.holds_role(*ROLES_OF_KIND[parent.kind], at=now)


def _lend(
    actor: User, now: datetime, colleague: User, parent: AccessGrant, cases: dict[int, Case], until: datetime
) -> AccessGrant:
    return write_grant(
        actor=actor, now=now, case=cases[parent.case_id], person=colleague, kind=GrantKind.DELEGATION, parent=parent,
        matter=parent.matter, permissions=list(parent.permissions), until=until, purpose=parent.purpose,
        then=lambda grant: notify(person=colleague, kind=NOTICE_STANDS_IN, about=grant, now=now),
    )  # fmt: skip


def lent_by(actor: User, *, at: datetime) -> list[AccessGrant]:
    """What this person has lent and still stands, by colleague."""
    rows = access.grants_with_grounds().filter(
        kind=GrantKind.DELEGATION, granted_by=actor, revoked_at__isnull=True, expires_at__gt=at
    )
    return [one for one in rows.order_by("person__name", "person_id", "pk") if at < access.end_of(one)]


def lent_to(actor: User, *, at: datetime) -> list[AccessGrant]:
    """What this person holds for colleagues who are away."""
    rows = access.grants_with_grounds().filter(
        kind=GrantKind.DELEGATION, person=actor, revoked_at__isnull=True, expires_at__gt=at
    )
    return [
        one for one in rows.select_related("granted_by").order_by("granted_by__name", "pk") if at < access.end_of(one)
    ]


def stand_ins(lent: Iterable[AccessGrant], *, by: str) -> list[StandIn]:
    """The same in lines for people: one for each colleague. ``by``: "person" who stands in, "granted_by" for whom."""
    found: dict[int, list[AccessGrant]] = {}
    for one in lent:
        found.setdefault(getattr(one, f"{by}_id"), []).append(one)
    return [
        StandIn(getattr(rows[0], by), max(access.end_of(one) for one in rows), len({one.case_id for one in rows}))
        for rows in found.values()
    ]


@action
def take_back_delegation(*, actor: User, now: datetime, colleague_uid: UUID) -> User:
    """Take back everything that was lent to one colleague, at once. Repeating it changes nothing.

    Raises Hidden for somebody who holds nothing of the actor's. Records ACCESS_REVOKED for each.
    """
    colleague = User.objects.filter(uid=colleague_uid).first()
    rows = access.grants_with_grounds().filter(kind=GrantKind.DELEGATION, granted_by=actor, person=colleague)
    if colleague is None or not rows.exists():
        raise Hidden
    standing = rows.filter(revoked_at__isnull=True, expires_at__gt=now)
    access.lock_cases(sorted(set(standing.values_list("case_id", flat=True))))
    for grant in standing.order_by("pk"):
        take_back(grant, actor=actor, now=now)
    return colleague
