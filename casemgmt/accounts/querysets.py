"""The reception's vocabulary: each word is a filter with a meaning."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from audit.history import AuditedQuerySet

from .choices import MembershipStatus, Role

if TYPE_CHECKING:
    from .models import Team, User


def within(at: datetime, start: str = "starts_at", end: str = "ends_at") -> Q:
    """Rows whose dates hold ``at``: begun, and not yet ended (the end itself is outside)."""
    return Q(**{f"{start}__lte": at}) & (Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gt": at}))


def _rows_behind(model: type[models.Model], name: str) -> Any:
    """All rows of the model behind a relation; asked by name, because models are made of these querysets."""
    related: Any = model._meta.get_field(name).related_model
    return related.objects.all()


class DatedQuerySet(AuditedQuerySet):
    """Rows with ``starts_at`` and ``ends_at``."""

    def at(self, moment: datetime) -> Self:
        """Those that hold at that moment."""
        return self.filter(within(moment))

    def not_over(self, moment: datetime) -> Self:
        """Those that hold now or will hold later."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=moment))


class MembershipQuerySet(DatedQuerySet):
    """Memberships of teams."""

    def live(self, moment: datetime) -> Self:
        """Accepted and inside their dates: the only ones that count for access."""
        return self.filter(within(moment), status=MembershipStatus.ACCEPTED)

    def pending(self) -> Self:
        """Waiting for a supervisor (or, where the team has none, the director)."""
        return self.filter(status=MembershipStatus.PENDING, ends_at__isnull=True)

    def supervising(self) -> Self:
        """Those of supervisors."""
        return self.filter(is_supervisor=True)

    def of_team(self, team: "Team") -> Self:
        """Those of one team."""
        return self.filter(team=team)


class TeamQuerySet(AuditedQuerySet):
    """Teams."""

    def open(self) -> Self:
        """Teams that have not been closed."""
        return self.filter(closed_at__isnull=True)

    def with_supervisor(self, moment: datetime) -> Self:
        """Annotates ``has_supervisor``: whether somebody supervises the team at that moment."""
        return self.annotate(has_supervisor=Exists(self._supervisors(moment)))

    def without_supervisor(self, moment: datetime) -> Self:
        """Teams that nobody supervises at that moment: their director answers for them."""
        return self.filter(~Exists(self._supervisors(moment)))

    def _supervisors(self, moment: datetime) -> MembershipQuerySet:
        memberships: MembershipQuerySet = _rows_behind(self.model, "memberships")
        return memberships.supervising().live(moment).filter(team=OuterRef("pk"), user__is_active=True)

    def supervised_by(self, user: "User", moment: datetime) -> Self:
        """Teams this person supervises at that moment."""
        return self.filter(pk__in=user.memberships.supervising().live(moment).values("team"))


class UserQuerySet(AuditedQuerySet):
    """People."""

    def holding(self, *roles: str, at: datetime) -> Self:
        """Active people who hold one of these roles at that moment."""
        assignments: DatedQuerySet = _rows_behind(self.model, "role_assignments").at(at)
        held = assignments.filter(user=OuterRef("pk"), role__in=[Role(role).value for role in roles])
        return self.filter(Exists(held), is_active=True)

    def by_name(self) -> Self:
        """In the order of a list for people."""
        return self.order_by("name", "pk")  # type: ignore[return-value]
