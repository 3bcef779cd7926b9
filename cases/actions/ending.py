"""What ended by its date and not by anybody's act: it opens nothing any more, and the ledger says since when."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from audit import clock
from audit.action import action
from audit.log import record
from audit.models import Event
from audit.verbs import Verb
from cases import access
from cases.models import Release

#: How far back is looked, should the worker have stood still.
LOOK_BACK = timedelta(days=30)
#: So many at one look; the others at the next.
BATCH = 500


def note_what_ran_out() -> int:
    """For the schedule. How many ends were recorded."""
    return note_ends(actor=None, now=clock.now())


@action
def note_ends(*, actor: None, now: datetime) -> int:
    """Record each access and release whose end has come, once. An end that was moved comes again. Idempotent.

    Nothing is written but the events: rights are asked by their dates. Records ACCESS_EXPIRED, RELEASE_ENDED.
    """
    grants = _ended(access.every_grant().filter(revoked_at=None), Verb.ACCESS_EXPIRED, now)
    for grant in grants:
        record(Verb.ACCESS_EXPIRED, actor=actor, subject=grant, detail={"kind": grant.kind, "until": grant.expires_at})
    releases = _ended(access.for_the_house(Release).filter(withdrawn_at=None), Verb.RELEASE_ENDED, now)
    for release in releases:
        record(Verb.RELEASE_ENDED, actor=actor, subject=release, detail={"until": release.expires_at})
    return len(grants) + len(releases)


def _ended(rows: QuerySet[Any], verb: Verb, now: datetime) -> list[Any]:
    """Those whose end came lately and stands in no event yet."""
    told = Event.objects.filter(verb=verb, subject_uid=OuterRef("uid"), at__gte=OuterRef("expires_at"))
    lately = rows.filter(expires_at__lte=now, expires_at__gt=now - LOOK_BACK)
    return list(lately.exclude(Exists(told)).select_related("case").order_by("expires_at", "pk")[:BATCH])
