"""Permission rows with dates, and the checker that reads them. No domain model is named here.

guardian's own direct-key rows say "who may do what on which object"; Haven's say besides from when, until
when and under which grant. Expiry is a predicate of every query, never a job that may be late.
"""

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import Permission
from django.db import models
from django.db.models import Q, QuerySet
from guardian.core import ObjectPermissionChecker
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from . import session


class DatedRow(models.Model):
    """The window in which a permission row counts: ``valid_from <= now < expires_at`` (UTC)."""

    valid_from = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        abstract = True


class DatedUserPermission(DatedRow, UserObjectPermissionBase):
    """A permission of one person on one object, with dates. The concrete class adds ``content_object`` and ``grant``."""

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True
        default_permissions = ()
        unique_together: list[str] = []


class DatedGroupPermission(DatedRow, GroupObjectPermissionBase):
    """A permission of one team on one object, with dates."""

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = True
        default_permissions = ()
        unique_together: list[str] = []


def in_force(at: datetime, prefix: str = "") -> Q:
    """The rows that count at one instant."""
    return Q(**{f"{prefix}valid_from__lte": at, f"{prefix}expires_at__gt": at})


def permission_id(app_label: str, model: str, codename: str) -> int:
    """The key of a permission. Those of a model are read together and kept for the process, until the next ``migrate``.

    Raises Permission.DoesNotExist.
    """
    try:
        return _ids(app_label, model)[codename]
    except KeyError:
        raise Permission.DoesNotExist(f"{app_label}.{codename}") from None


@lru_cache(maxsize=16)
def _ids(app_label: str, model: str) -> dict[str, int]:
    of_model = Permission.objects.filter(content_type__app_label=app_label, content_type__model=model)
    return dict(of_model.values_list("codename", "id"))


def forget_permission_ids(**_signal: Any) -> None:
    """After ``migrate`` the keys may have changed."""
    _ids.cache_clear()


class LiveChecker(ObjectPermissionChecker):
    """guardian's checker without its bypasses: no superuser, no inactive user, dates and walls respected.

    It is *given* the teams of the person and whether a wall stands, because the guard desk knows neither.
    """

    def __init__(self, user: Any, *, at: datetime, group_ids: Iterable[int], is_walled: bool) -> None:
        super().__init__(user)
        self.at, self.group_ids, self.is_walled = at, list(group_ids), is_walled

    def _dated(self, filters: dict[str, Any], rows: Any) -> dict[str, Any]:
        name = rows.permission.field.related_query_name()
        return {**filters, f"{name}__valid_from__lte": self.at, f"{name}__expires_at__gt": self.at}

    def get_user_filters(self, obj: models.Model) -> dict[str, Any]:
        """guardian's filter for rows of the person, within their dates."""
        return self._dated(super().get_user_filters(obj), get_user_obj_perms_model(obj))

    def get_group_filters(self, obj: models.Model) -> dict[str, Any]:
        """guardian's filter for rows of teams, within their dates, for the teams we were given."""
        rows: Any = get_group_obj_perms_model(obj)
        name = rows.permission.field.related_query_name()
        filters = {key: value for key, value in super().get_group_filters(obj).items() if "group__user" not in key}
        return {**self._dated(filters, rows), f"{name}__group__in": self.group_ids}

    def get_perms(self, obj: models.Model) -> list[str]:
        """Codenames in force. guardian's own answer would give a superuser everything."""
        if not self.user or not self.user.is_active or self.is_walled:
            return []
        return list({*self.get_user_perms(obj), *self.get_group_perms(obj)})

    def has_perm(self, perm: str, obj: models.Model) -> bool:
        """Whether one permission is in force on one object."""
        return perm.split(".")[-1] in self.get_perms(obj)


class UnguardedQuery(RuntimeError):
    """A queryset of a guarded model was evaluated without having come through the door. A bug, never a user's error."""


class GuardedQuerySet(QuerySet):
    """Raises when it is evaluated, unless the door admitted it. ``_base_manager`` stays plain for forms and prefetch."""

    _is_admitted = False
    _is_for_house = False

    def admitted_by_the_door(self) -> "GuardedQuerySet":
        """Only ``cases/access.py`` calls this (lint); it has put the reader's rights into the query."""
        clone: GuardedQuerySet = self._chain()  # type: ignore[attr-defined]
        clone._is_admitted = True
        return clone

    def for_house(self) -> "GuardedQuerySet":
        """Evaluated in the name of the house, whoever looks at the page: the door's own words, never a list's."""
        clone = self.admitted_by_the_door()
        clone._is_for_house = True
        return clone

    def _clone(self) -> "GuardedQuerySet":
        clone = super()._clone()
        clone._is_admitted, clone._is_for_house = self._is_admitted, self._is_for_house
        return clone

    def _in_whose_name(self) -> Any:
        return session.for_house() if self._is_for_house else nullcontext()

    def _demand_admission(self) -> None:
        if not self._is_admitted and not self.query.is_empty():
            raise UnguardedQuery(f"{self.model.__name__} was asked for without the door; use cases.access.visible().")

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            self._demand_admission()
        with self._in_whose_name():
            super()._fetch_all()

    def count(self) -> int:
        self._demand_admission()
        with self._in_whose_name():
            return super().count()

    def exists(self) -> bool:
        self._demand_admission()
        with self._in_whose_name():
            return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._demand_admission()
        with self._in_whose_name():
            return super().aggregate(*args, **kwargs)

    def iterator(self, *args: Any, **kwargs: Any) -> Any:
        """One by one; on a page in the name of the house all at once, for what the page asks between two rows is its reader's."""
        self._demand_admission()
        if not self._is_for_house or session.is_for_house():
            return super().iterator(*args, **kwargs)
        with self._in_whose_name():
            return iter(list(super().iterator(*args, **kwargs)))
