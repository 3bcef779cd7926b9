"""Who holds anything of many cases at one moment, and between whom and which case a wall stands: for jobs over the whole house."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from casemgmt.access.permissions import in_force
from casemgmt.accounts.models import Membership, Shift
from cases.models import (
    CaseGroupPermission,
    CaseUserPermission,
    MatterGroupPermission,
    MatterUserPermission,
    Wall,
)


def holders_of(keys: Collection[int], at: datetime) -> dict[int, set[int]]:
    """Keys of the people who hold any permission on each of these cases, or on a matter of it. Six queries.

    By name, through a team or while on duty; a restricted case knows no teams. Walls are not asked for.
    """
    found: dict[int, set[int]] = {key: set() for key in keys}
    by_group: dict[int, set[int]] = {}
    tables: tuple[tuple[Any, Any, str], ...] = (
        (CaseUserPermission, CaseGroupPermission, "content_object"),
        (MatterUserPermission, MatterGroupPermission, "content_object__case"),
    )
    for of_people, of_groups, path in tables:
        here = Q(**{f"{path}__in": list(keys)}) & in_force(at)
        for key, person in of_people.objects.filter(here).values_list(f"{path}_id", "user_id").distinct():
            found[key].add(person)
        groups = of_groups.objects.filter(here).exclude(**{f"{path}__is_restricted": True})
        for key, group in groups.values_list(f"{path}_id", "group_id").distinct():
            by_group.setdefault(group, set()).add(key)
    members = Membership.objects.live(at).filter(team__group_id__in=by_group, user__is_active=True)
    on_duty = Shift.objects.at(at).filter(rota__group_id__in=by_group, user__is_active=True)
    for group, person in (
        *members.values_list("team__group_id", "user_id"), *on_duty.values_list("rota__group_id", "user_id"),
    ):  # fmt: skip
        for key in by_group[group]:
            found[key].add(person)
    return found


def wall_between(at: datetime) -> Exists:
    """For rows with ``case`` and ``person``: whether a wall stands between the two, by name, team or organisation."""
    teams = Membership.objects.live(at).filter(user=OuterRef(OuterRef("person_id")), team=OuterRef("team_id"))
    against = Q(person=OuterRef("person_id")) | Q(organisation=OuterRef("person__organisation_id")) | Q(Exists(teams))
    standing = Wall._base_manager.filter(case=OuterRef("case_id"), placed_at__lte=at, lifted_at__gt=at)
    return Exists(standing.filter(against))
