"""Open dates of the cases of a page, by the same rule as every list; asked so often that their query is written once."""

from collections.abc import Collection
from datetime import date

from django.db import connection

from audit import clock
from casemgmt.access.among import listed
from casemgmt.access.compiled import (
    HOUSE,
    MOMENT,
    READER,
    THESE,
    CompiledValues,
    in_place,
    kept,
    stand_in_groups,
    values,
)
from casemgmt.accounts.models import User
from cases.access.door import ruled
from cases.models import Due


def open_dates(actor: User, keys: Collection[int]) -> list[tuple[int, date, str]]:
    """What is still open on these cases, of what the actor may know of: (case key, day, kind), the nearest first."""
    if not (actor.is_active and keys):
        return []
    at = clock.moment()
    group_ids = actor.team_group_ids(at)
    own = {READER: actor.pk, HOUSE: actor.organisation_id, MOMENT: at, THESE: listed(keys), **in_place(group_ids)}
    return [(key, day, kind) for key, day, kind in _open(connection.vendor, len(group_ids)).rows(own)]


@kept
def _open(_vendor: str, groups: int) -> CompiledValues:
    reader = User(pk=READER, organisation_id=HOUSE)
    rows = ruled(Due.objects.all().admitted_by_the_door(), reader, stand_in_groups(groups), None, at=MOMENT)
    rows = rows.filter(case_id__among=THESE, done_at__isnull=True).order_by("due_on", "pk")
    return values(rows.values_list("case_id", "due_on", "kind"))
