"""What somebody outside may know of the release on which her own access rests: her own line, and nobody else's.

She holds no part of the duties. But what the survivor did not want told, for what it was told at all, and how it may travel
she must know, or she cannot keep to it (domain.md §2.5; access.md §2: recipients see only their own line).
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from audit import clock
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases.access.rows import end_of, grants_with_grounds
from cases.models import Case, Release


def releases_behind(actor: User, cases: Iterable[Case], *, at: datetime | None = None) -> dict[int, list[Release]]:
    """The releases that this person's standing access rests on, by the key of the case, oldest first.

    For outsiders, and for colleagues of another programme where the house keeps programmes apart; whoever reads the duties
    of the case has them there. What still waits for a second person is not among them. Two queries at most, none for the house.
    """
    at = at or clock.moment()
    asked = {case.pk: case for case in cases if _may_rest_on_one(actor, case)}
    if not asked or not actor.is_active:
        return {}
    hers = Q(person=actor) | Q(team__group_id__in=actor.team_group_ids(at))
    rows = grants_with_grounds().filter(
        hers, case__in=list(asked), release__isnull=False, revoked_at__isnull=True, valid_from__lte=at, expires_at__gt=at,
    )  # fmt: skip
    found: dict[int, dict[int, Release]] = {}
    for grant in rows.select_related("release__recipient", "release__recipient_person").order_by("pk"):
        if grant.release is not None and at < end_of(grant):
            grant.release.case = asked[grant.case_id]
            found.setdefault(grant.case_id, {})[grant.release.pk] = grant.release
    return {key: list(releases.values()) for key, releases in found.items()}


def _may_rest_on_one(actor: User, case: Case) -> bool:
    if case.holding is not None and case.holding.holds(Section.DUTIES):
        return False
    return case.organisation_id != actor.organisation_id or bool(settings.PROGRAMMES_KEPT_APART)
