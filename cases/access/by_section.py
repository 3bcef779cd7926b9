"""The rule of rows that name their section, as conditions of a query: held by the person, and not erased."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Case as CaseOf
from django.db.models import Exists, IntegerField, OuterRef, Q, Value, When
from django.db.models.lookups import Exact

from casemgmt.access.permissions import in_force, permission_id
from casemgmt.access.sections import READ_MATTER, RETENTION_CLASS_OF, RetentionClass, Section, read
from casemgmt.accounts.models import User
from cases.models import CaseGroupPermission, CaseUserPermission, MatterGroupPermission, MatterUserPermission

NOBODY = 0  # a key that no row has: the path of "does not exist" runs the same queries


def case_permission(codename: str) -> int:
    """The key of a permission on cases."""
    return permission_id("cases", "case", codename)


def erased(case_path: str, sections: Iterable[str]) -> Q:
    """Rows of a case of which the content of one of these sections was erased."""
    gone = Q(pk__in=[])
    for name in sorted({RETENTION_CLASS_OF[section] for section in sections}):
        gone |= Q(**{f"{case_path}__erased__has_key": name})
    return gone


def erased_by_column(case_path: str) -> Q:
    """Rows whose own section is one of which the case's content was erased."""
    gone = Q(pk__in=[])
    for name in RetentionClass.values:
        sections = [section for section, one in RETENTION_CLASS_OF.items() if one == name]
        gone |= Q(section__in=sections, **{f"{case_path}__erased__has_key": name})
    return gone


def section_held(actor: User, group_ids: Collection[int], at: datetime, case_key: str, has_matter: bool = True) -> Q:
    """Rows with a ``section`` column whose section (or matter, where rows have one) the person holds."""
    of_case = Q(_of_row("content_object_id", case_key), permission_id=_reading(OuterRef("section"))) & in_force(at)
    reads_matter = permission_id("cases", "matter", READ_MATTER)
    of_matter = Q(_of_row("content_object_id", "matter_id"), permission_id=reads_matter) & in_force(at)
    of_team = Q(group_id__in=group_ids)
    by_case = Exists(CaseUserPermission.objects.filter(of_case, user=actor)) | Exists(
        CaseGroupPermission.objects.filter(of_case, of_team, content_object__is_restricted=False)
    )
    if not has_matter:
        return Q(by_case)
    by_matter = Exists(MatterUserPermission.objects.filter(of_matter, user=actor)) | Exists(
        MatterGroupPermission.objects.filter(of_matter, of_team, content_object__case__is_restricted=False)
    )
    return Q(by_case) | Q(Q(section__in=[Section.LEGAL, Section.LEGAL_FILE]) & Q(by_matter))


def permission_held(actor: User, permission: str, group_ids: Collection[int], at: datetime, case_key: str) -> Q:
    """Rows on whose case the person holds one permission; walls apart. For few rows: each looks it up for itself."""
    here = Q(_of_row("content_object_id", case_key), permission_id=case_permission(permission)) & in_force(at)
    of_teams = CaseGroupPermission.objects.filter(here, group_id__in=group_ids, content_object__is_restricted=False)
    return Q(Exists(CaseUserPermission.objects.filter(here, user=actor)) | Exists(of_teams))


def _of_row(column: str, outer: str) -> Q:
    """Permission rows of the outer row's case or matter, looked up for each row by an index.

    The second condition says nothing new. With the first alone PostgreSQL may read every permission of everybody into a
    hash for a handful of rows, and did, as soon as it planned the query without its values.
    """
    return Q(**{column: OuterRef(outer), f"{column}__gte": OuterRef(outer)})


def _reading(section: Any) -> CaseOf:
    """The key of the permission to read the section in a column, so that the rows of one permission are one index entry."""
    ways = [
        When(Exact(section, one.value), then=Value(case_permission(read(one))))
        for one in Section if one != Section.LEGAL_FILE
    ]  # fmt: skip
    return CaseOf(*ways, default=Value(NOBODY), output_field=IntegerField())
