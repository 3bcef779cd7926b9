"""Pages of the list of cases: newest first, by key, and as cheap at a million cases as at ten.

Each principal (the person, each of her teams) has her rows in the order of an index, so a page is the first rows of
a few index ranges, merged: its cost follows the number of principals and the size of the page, never the number of
cases she may see. Whoever sees very many and narrows the list to few would make the merge walk past all the others;
there the index of the cases leads, and each case is asked whether she holds it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from audit import clock
from casemgmt.access.among import listed
from casemgmt.access.compiled import (
    BEFORE,
    HOUSE,
    MOMENT,
    READER,
    THESE,
    Compiled,
    CompiledRecords,
    in_place,
    kept,
    records,
    run,
    stand_in_groups,
    union,
)
from casemgmt.access.permissions import in_force
from casemgmt.access.sections import READ_CARD
from casemgmt.access.session import for_house
from casemgmt.accounts.models import User
from cases.access.by_section import case_permission
from cases.access.door import _all_cases, _standing_walls, holdings
from cases.models import Case, CaseGroupPermission, CaseUserPermission

#: Cases of one principal up to which a narrowed list is filtered inside the merge.
MERGED_UP_TO = 1000


def page(
    actor: User,
    permission: str = READ_CARD,
    *,
    before: int | None = None,
    size: int = 50,
    where: Q | None = None,
    with_holdings: bool = True,
) -> tuple[list[Case], int | None]:
    """Newest cases first, and the key to ask for the next page with (None at the end). No offset, no count.

    ``where`` narrows the list by columns of the case. ``with_holdings=False`` for a page that shows other cases as
    well, and takes hold of all of them in one batch. In an address ``before`` is a sealed token (``cases.tokens``).
    """
    if not actor.is_active:
        return [], None
    at = clock.moment()
    group_ids = list(actor.team_group_ids(at))
    if where is not None and sees_very_many(actor, permission, group_ids, at):
        rows = led_by_cases(actor, permission, group_ids, at, where)
        if before is not None:
            rows = rows.filter(pk__lt=before)
        found = list(rows.order_by("-pk")[: size + 1])
    else:
        keys = _newest(actor, permission, group_ids, at, where, before, size + 1)
        loaded = load(keys)
        # Where the second wall keeps a row that the rule named, the row is missing.
        found = [loaded[key] for key in keys if key in loaded]
    shown = found[:size]
    if with_holdings:
        held = holdings(actor, shown, at=at)
        for case in shown:
            case.holding = held.get(case.pk)
    return shown, shown[-1].pk if len(found) > size else None


def cards() -> QuerySet[Case]:
    """Cases with what a row of a list names, for keys that the door has found: ``lead_name``, and no other record.

    With the lead and the team themselves beside every case, making them took three quarters of reading the rows.
    """
    return _all_cases().select_related(None).annotate(lead_name=F("lead__name"))  # type: ignore[no-redef]


def load(keys: Collection[int]) -> dict[int, Case]:
    """Cards by their keys; those that the second wall keeps are missing. One query, whose text is written once."""
    if not keys:
        return {}
    return {case.pk: case for case in _loading(connection.vendor).records({THESE: listed(keys)})}


@kept
def _loading(_vendor: str) -> CompiledRecords:
    return records(cards().filter(pk__among=THESE))


def newest_keys(
    actor: User, permission: str, group_ids: Sequence[int], at: datetime, where: Q | None, at_most: int
) -> list[int]:
    """Keys of the newest cases that the actor holds, at most so many. One query."""
    return _newest(actor, permission, group_ids, at, where, None, at_most)


def count(actor: User, permission: str = READ_CARD, *, where: Q | None = None, up_to: int = MERGED_UP_TO) -> int:
    """How many cases a list has, and ``up_to + 1`` for any more: "1,000+" costs the same at a million."""
    if not actor.is_active:
        return 0
    at = clock.moment()
    group_ids = list(actor.team_group_ids(at))
    if where is not None and sees_very_many(actor, permission, group_ids, at):
        return led_by_cases(actor, permission, group_ids, at, where).order_by("-pk")[: up_to + 1].count()
    return len(newest_keys(actor, permission, group_ids, at, where, up_to + 1))


def _rows_of_principals(actor: User, permission: str, group_ids: Collection[int], at: datetime) -> list[QuerySet[Any]]:
    """The permission rows in force, a queryset for each principal."""
    here = Q(permission_id=case_permission(permission)) & in_force(at)
    own: QuerySet[Any] = CaseUserPermission.objects.filter(here, user=actor)
    return [own, *(CaseGroupPermission.objects.filter(here, group_id=key) for key in group_ids)]


def _ranges(
    actor: User, permission: str, group_ids: Collection[int], at: datetime, where: Q | None, before: int | None
) -> list[QuerySet[Any]]:
    """Keys of cases, a range of an index for each principal: walls out, restricted cases only by one's own rows."""
    walls = _standing_walls(actor, group_ids, at).filter(case_id=OuterRef("content_object_id"))
    ranges = []
    for number, rows in enumerate(_rows_of_principals(actor, permission, group_ids, at)):
        wanted = where or Q()
        if number:
            wanted &= Q(is_restricted=False)
        if wanted:
            # Asked of each row in the order of the index, so that the first page ends the question.
            rows = rows.filter(Exists(Case._base_manager.filter(wanted, pk=OuterRef("content_object_id"))))
        if before is not None:
            rows = rows.filter(content_object_id__lt=before)
        ranges.append(rows.filter(~Exists(walls)).values_list("content_object_id", flat=True).distinct())
    return ranges


def _newest(
    actor: User, permission: str, group_ids: Sequence[int], at: datetime, where: Q | None, before: int | None, size: int
) -> list[int]:
    """The greatest keys of all ranges, merged. One query, whose text is written once for each number of groups.

    Asked in the name of the house, because it is the rule: the policies of a hardened database guard the rows that are
    loaded by these keys, and would only ask the same of each candidate again.
    """
    if where is not None and not is_constant(where):
        narrowed = _merged(_ranges(actor, permission, group_ids, at, where, before), size)
        with for_house():
            return run(narrowed.sql, narrowed.parameters)
    here = (connection.vendor, permission, case_permission(permission), len(group_ids), before is not None, size)
    with for_house():
        return _compiled(*here, where).keys({**_own(actor, group_ids, at), BEFORE: before})


@kept
def _compiled(
    _vendor: str, permission: str, _key: int, groups: int, has_before: bool, size: int, where: Q | None
) -> Compiled:
    """The merge of a list that nothing narrows but constants. The key of the permission is among what it is kept by."""
    reader = User(pk=READER, organisation_id=HOUSE)
    ranges = _ranges(reader, permission, stand_in_groups(groups), MOMENT, where, BEFORE if has_before else None)
    return _merged(ranges, size)


def _own(actor: User, group_ids: Sequence[int], at: datetime) -> dict[Any, Any]:
    """What this asking brings in place of the stand-ins."""
    return {READER: actor.pk, HOUSE: actor.organisation_id, MOMENT: at, **in_place(group_ids)}


def is_constant(where: Q) -> bool:
    """Whether a condition narrows by words alone, as stage and status do: nothing of whoever asks, nor of the day."""
    for child in where.children:
        if isinstance(child, Q):
            if not is_constant(child):
                return False
        elif not isinstance(child, tuple) or not _is_word(child[1]):
            return False
    return True


def _is_word(value: Any) -> bool:
    if isinstance(value, (tuple, list, frozenset)):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, (str, bool))


def _merged(ranges: list[QuerySet[Any]], size: int) -> Compiled:
    firsts = [keys.order_by("-content_object_id")[:size] for keys in ranges]
    return union(firsts, f"ORDER BY 1 DESC LIMIT {int(size)}")


def sees_very_many(actor: User, permission: str, group_ids: Sequence[int], at: datetime) -> bool:
    """Whether one principal alone reaches more cases than a merge should walk past. Stops at the thousand-and-first."""
    here = (connection.vendor, permission, case_permission(permission), len(group_ids), MERGED_UP_TO)
    return bool(_beyond(*here).keys(_own(actor, group_ids, at)))


@kept
def _beyond(_vendor: str, permission: str, _key: int, groups: int, up_to: int) -> Compiled:
    of_each = _rows_of_principals(User(pk=READER), permission, stand_in_groups(groups), MOMENT)
    return union(rows.values_list("pk", flat=True)[up_to : up_to + 1] for rows in of_each)


def led_by_cases(actor: User, permission: str, group_ids: Collection[int], at: datetime, where: Q) -> QuerySet[Case]:
    """The narrowed cases, each asked whether the actor holds it."""
    (own,) = _rows_of_principals(actor, permission, [], at)
    here = {"content_object_id": OuterRef("pk")}
    held = Q(Exists(own.filter(**here)))
    if group_ids:
        in_teams = Q(permission_id=case_permission(permission), group_id__in=group_ids) & in_force(at)
        held |= Q(Exists(CaseGroupPermission.objects.filter(in_teams, **here))) & Q(is_restricted=False)
    return cards().filter(where, held, ~Exists(_standing_walls(actor, group_ids, at).filter(case_id=OuterRef("pk"))))
