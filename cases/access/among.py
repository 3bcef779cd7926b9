"""Many cases at once: which of these keys the reader holds, and their records; and of which cases she decides.

What a search asks goes in as one value, so the query is written once and its cost follows the number of keys.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models import Exists, OuterRef, Q, QuerySet

from audit import clock
from casemgmt.access.among import listed
from casemgmt.access.compiled import HOUSE, MOMENT, READER, THESE, Compiled, kept, stand_in_groups, union
from casemgmt.access.permissions import in_force
from casemgmt.access.sections import READ_CARD, Section, section_of, write
from casemgmt.accounts.models import User
from cases.access.by_section import case_permission, erased, permission_held
from cases.access.door import _standing_walls
from cases.access.pages import _ranges
from cases.choices.sharing import GrantKind
from cases.models import Case, CaseGroupPermission, CaseUserPermission

Record = TypeVar("Record", bound=models.Model)


def held_among(actor: User, permission: str, keys: Collection[int]) -> set[int]:
    """Those of the cases with these keys that the actor may open with ``permission`` now, as ``visible`` decides it.

    Two queries, whose text is written once for each number of groups.
    """
    if not actor.is_active or not keys:
        return set()
    at = clock.moment()
    group_ids = actor.team_group_ids(at)
    query = _compiled(connection.vendor, permission, case_permission(permission), len(group_ids))
    groups: dict[Any, Any] = dict(zip(stand_in_groups(len(group_ids)), group_ids, strict=True))
    return set(query.keys({READER: actor.pk, HOUSE: actor.organisation_id, MOMENT: at, THESE: listed(keys), **groups}))


@kept
def _compiled(_vendor: str, permission: str, _key: int, groups: int) -> Compiled:
    """The ranges of a page, among some keys. The key of the permission is among what it is kept by."""
    reader = User(pk=READER, organisation_id=HOUSE)
    ranges = _ranges(reader, permission, stand_in_groups(groups), MOMENT, None, None)
    ranges = [rows.filter(content_object_id__among=THESE) for rows in ranges]
    if permission != READ_CARD:
        # An erased case stays in the lists as such; records of an erased part do not.
        ranges = [rows.exclude(erased("content_object", [section_of(permission)])) for rows in ranges]
    return union(ranges)


def opened_by(actor: User, permission: str, column: str = "case_id") -> Q:
    """Rows whose case, by the key in that column, the actor may open with ``permission``, as ``visible`` decides it.

    For tables of few rows: each row looks it up for itself, and the cost does not grow with how many cases she holds.
    """
    at = clock.moment()
    if not actor.is_active:
        return Q(pk__in=[])
    group_ids = actor.team_group_ids(at)
    walls = _standing_walls(actor, group_ids, at).filter(case_id=OuterRef(column))
    return permission_held(actor, permission, group_ids, at, column) & ~Q(Exists(walls))


def decided_by(actor: User, *, at: datetime, among: Collection[int] | None = None) -> QuerySet[Case]:
    """Cases whose duties the actor writes on a ground of her own, or by supervision that was lent to her; walls apart.

    A caseworker who lends her work does not choose her own supervisor. For people who hold the role of one. ``among``: only
    cases with these keys, already where permission rows are read.
    """
    group_ids = actor.team_group_ids(at)
    here = Q(permission_id=case_permission(write(Section.DUTIES))) & in_force(at)
    if among is not None:
        here &= Q(content_object_id__in=list(among))
    here &= ~Q(grant__kind=GrantKind.DELEGATION) | Q(grant__parent__kind=GrantKind.SUPERVISION)
    own = CaseUserPermission.objects.filter(here, user=actor)
    of_teams = CaseGroupPermission.objects.filter(here, group_id__in=group_ids, content_object__is_restricted=False)
    rows = Case._default_manager.all().admitted_by_the_door()
    held = Q(pk__in=own.values("content_object_id")) | Q(pk__in=of_teams.values("content_object_id"))
    return rows.filter(held) if actor.is_active else rows.none()


def of_cases(model: type[Record], keys: Collection[int]) -> QuerySet[Record]:
    """The records of the cases with these keys (or the cases), once ``held_among`` has said that they are held."""
    rows = model._default_manager.all().admitted_by_the_door()  # type: ignore[attr-defined]
    return rows.filter(**{"pk__among" if model is Case else "case_id__among": listed(keys)})
