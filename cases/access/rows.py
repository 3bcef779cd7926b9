"""Permission rows follow from grants. The only code that writes guardian's tables."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from casemgmt.access.among import listed
from casemgmt.access.permissions import permission_id
from casemgmt.access.sections import READ_MATTER, WRITE_MATTER
from cases.choices.sharing import GrantKind
from cases.models import (
    AccessGrant,
    CaseGroupPermission,
    CaseUserPermission,
    MatterGroupPermission,
    MatterUserPermission,
)
from cases.windows import AFTER_ENGAGEMENT

_OF_MATTER = (READ_MATTER, WRITE_MATTER)
_TABLES: tuple[Any, ...] = (CaseUserPermission, CaseGroupPermission, MatterUserPermission, MatterGroupPermission)


def end_of(grant: AccessGrant) -> datetime:
    """When a grant ends: the earliest of its own end, its revocation, its release's end or withdrawal, its shift's and
    its parent's end. What nobody has approved yet, or somebody declined, never began.

    Of an attorney's own file this is the end of her engagement; when it closes: ``closes_at``.
    """
    if not grant.is_approved:
        return grant.valid_from
    ends = [grant.expires_at]
    if grant.revoked_at:
        ends.append(grant.revoked_at)
    if grant.release:
        ends.append(grant.release.expires_at)
        if grant.release.withdrawn_at:
            ends.append(grant.release.withdrawn_at)
    if grant.shift:
        ends.append(grant.shift.ends_at)
    if grant.parent:
        ends.append(end_of(grant.parent))
    return min(ends)


def closes_at(grant: AccessGrant) -> datetime:
    """When the last of what a grant opens closes: its end; of an attorney's own file AFTER_ENGAGEMENT later.

    An attorney may not lose her client's file (access.md §3), so after the end of an engagement, whoever or whatever
    set that end, reading the matter stays open for those days, and nothing else. Where the grant itself was taken back
    nothing stays: that is a removal, not the end of an engagement (``cases.actions.grants.take_back``).
    """
    end = end_of(grant)
    if not grant.is_own_file or end <= grant.valid_from:
        return end
    closes = end + AFTER_ENGAGEMENT
    return min(closes, grant.revoked_at) if grant.revoked_at else closes


def end_for(grant: AccessGrant, permission: str) -> datetime:
    """When a grant stops opening one of its permissions."""
    return closes_at(grant) if permission == READ_MATTER else end_of(grant)


def opened_by(grant: AccessGrant, at: datetime) -> list[str]:
    """The codenames that a grant opens at one instant."""
    return [one for one in grant.permissions if grant.valid_from <= at < end_for(grant, one)]


def group_of(grant: AccessGrant) -> int | None:
    """The group by which people have a part in a team's grant: its members; of an ON_CALL grant, who is on duty."""
    if grant.team is None:
        return None
    return grant.team.rota.group_id if grant.kind == GrantKind.ON_CALL else grant.team.group_id


def _expected(grant: AccessGrant) -> set[Any]:
    """The rows that must exist for a grant: (table, permission, object, from, until); none once it is revoked."""
    if grant.revoked_at or (grant.release and grant.release.withdrawn_at):
        return set()
    end, closes = end_of(grant), closes_at(grant)
    if end <= grant.valid_from:
        return set()
    rows = set()
    for codename in grant.permissions:
        if codename in _OF_MATTER:
            table: Any = MatterUserPermission if grant.person_id else MatterGroupPermission
            key, model = grant.matter_id, "matter"
        else:
            table = CaseUserPermission if grant.person_id else CaseGroupPermission
            key, model = grant.case_id, "case"
        until = closes if codename == READ_MATTER else end
        rows.add((table, permission_id("cases", model, codename), key, grant.valid_from, until))
    return rows


def materialise(grant: AccessGrant, *, is_new: bool = False) -> None:
    """Make the rows of one grant, and of the grants that rest on it, what they must be. Inside the grant's transaction.

    ``is_new``: the grant was inserted just now, so that no row and no other grant can rest on it yet.
    """
    if not is_new:
        for table in _TABLES:
            table.objects.filter(grant=grant).delete()
    by_table: dict[Any, list[Any]] = {}
    for table, permission, key, start, end in _expected(grant):
        owner = {"user_id": grant.person_id} if grant.person_id else {"group_id": group_of(grant)}
        by_table.setdefault(table, []).append(
            table(
                permission_id=permission, content_object_id=key, grant=grant, valid_from=start, expires_at=end, **owner
            )
        )
    for table, rows in by_table.items():
        table.objects.bulk_create(rows)
    if is_new:
        return
    for child in every_grant().filter(parent=grant):
        materialise(child)


def every_grant() -> QuerySet[AccessGrant]:
    """All grants with what decides their end, read in the name of the house: they decide what a reader may see, and
    answer for those who open nothing.
    """
    grants = AccessGrant.objects.all().for_house()
    return grants.select_related(
        "release",
        "parent",
        "parent__release",
        "parent__shift",
        "team",
        "team__rota",
        "person",
        "case",
        "matter",
        "shift",
    )


def grants_with_grounds() -> QuerySet[AccessGrant]:
    """Grants with what decides their end, in one query. Those that wait for a second person are not among them."""
    return every_grant().filter(Q(waits_since__isnull=True) | Q(approved_at__isnull=False))


def waiting_grants() -> QuerySet[AccessGrant]:
    """Grants that a second person has neither approved nor declined, in one query: they open nothing yet."""
    return every_grant().filter(
        waits_since__isnull=False, approved_at__isnull=True, declined_at__isnull=True, revoked_at__isnull=True
    )


def open_rows_of_ended_releases(at: datetime) -> int:
    """How many permission rows open something at one instant although the release they rest on is over: must be 0.

    Looks at the rows themselves, as every question does. Of an attorney's own file what may stay is not counted.
    """
    return sum(1 for _grant in _grants_of_rows_over(Q(), at))


def ended_releases_that_open(release_keys: Collection[int], at: datetime) -> set[int]:
    """Of these releases, those that are over at one instant although a permission row still rests on them: should be none."""
    return {
        grant.release_id for grant in _grants_of_rows_over(Q(grant__release__in=release_keys), at) if grant.release_id
    }


def _grants_of_rows_over(where: Q, at: datetime) -> Iterator[AccessGrant]:
    """The grant of each row that opens something at one instant although its release is over, once for each row."""
    # From the releases that are over to their rows: the other way looks at every permission of the house.
    is_over = Q(release__expires_at__lte=at) | Q(release__withdrawn_at__lte=at)
    over = listed(list(AccessGrant.objects.all().for_house().filter(is_over).values_list("pk", flat=True)))
    for table in _TABLES:
        rows = table.objects.filter(where, grant_id__among=over, valid_from__lte=at, expires_at__gt=at)
        rows = rows.select_related("permission")
        grants = {grant.pk: grant for grant in every_grant().filter(pk__in=rows.values("grant_id"))}
        for row in rows:
            if end_for(grants[row.grant_id], row.permission.codename) <= at:
                yield grants[row.grant_id]


def drift() -> list[str]:
    """Grants whose rows are not what they must be: their uids. Empty when rows = f(grants)."""
    actual: dict[int, set] = {}
    for table in _TABLES:
        for grant, permission, key, start, end in table.objects.values_list(
            "grant_id", "permission_id", "content_object_id", "valid_from", "expires_at"
        ):
            actual.setdefault(grant, set()).add((table, permission, key, start, end))
    return [str(grant.uid) for grant in every_grant() if actual.pop(grant.pk, set()) != _expected(grant)]
