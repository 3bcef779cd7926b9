"""Access across programmes of one house when her release to that programme is renewed."""

from collections.abc import Collection, Iterable
from datetime import datetime

from audit.log import record
from audit.verbs import Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access
from cases.errors.sharing import NothingNamedAcross
from cases.models import AccessGrant, Release
from cases.programmes import narrowed


def go_on(
    *, actor: User, now: datetime, release: Release, ended: Iterable[AccessGrant], named: Collection[Section]
) -> None:
    """Within the house nothing leaves, so what rested on the former release goes on by the one that she signed instead.

    ``ended``: what ended with the former one; ``named``: the sections of the new one. It opens what both name: whoever
    needs more is given it. What the new one does not name at all stays ended. The case row is locked by the caller.
    Records ACCESS_CHANGED for each.
    """
    for grant in ended:
        try:
            permissions = narrowed(grant.permissions, kind=grant.kind, named=named)
        except NothingNamedAcross:
            continue
        former = grant.release
        if former is not None and grant.expires_at >= former.expires_at:
            grant.expires_at = release.expires_at
        grant.release, grant.permissions = release, permissions
        grant.expires_at = min(grant.expires_at, release.expires_at)
        if grant.expires_at <= now:
            continue
        grant.save(update_fields=["release", "permissions", "expires_at"])
        access.materialise(grant)
        record(
            Verb.ACCESS_CHANGED, actor=actor, subject=grant, refs=[grant.person or grant.team, release],
            detail={"kind": grant.kind, "until": grant.expires_at},
        )  # fmt: skip
