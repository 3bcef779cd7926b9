"""Teams and who belongs to them, from when until when."""

import uuid
from datetime import datetime

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.history import AuditedModel

from ..choices import Discipline, MembershipStatus
from ..querysets import MembershipQuerySet, TeamQuerySet


class Team(AuditedModel):
    """Colleagues of one discipline and programme. Access given to a team stands on its protected group.

    ``holds_grants`` is set by the case room when it gives the team access to a case: from then on a
    membership opens cases, so it needs the supervisor's acceptance.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="teams")
    discipline = models.CharField(_("discipline"), max_length=16, choices=Discipline.choices)
    programme = models.CharField(_("programme"), max_length=120, blank=True)
    # The group holds no model permissions and nobody is ever put into it: dated memberships decide.
    group = models.OneToOneField(Group, models.PROTECT, related_name="team", editable=False)
    holds_grants = models.BooleanField(_("has access to cases"), default=False)
    created_at = models.DateTimeField(_("created"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = TeamQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        default_permissions = ()
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints = [models.UniqueConstraint("organisation", "name", name="team_name_once_an_organisation")]

    def __str__(self) -> str:
        return self.name


class Membership(AuditedModel):
    """That somebody belongs to a team. It counts only while it is accepted and inside its dates.

    ``starts_at`` moves to the moment of acceptance, so the dates alone say who belonged when.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, models.PROTECT, related_name="memberships")
    is_supervisor = models.BooleanField(_("supervises the team"), default=False)
    status = models.CharField(_("state"), max_length=12, choices=MembershipStatus.choices)
    proposed_at = models.DateTimeField(_("proposed"))
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    accepted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        default_permissions = ()
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(
                condition=Q(status=MembershipStatus.ACCEPTED, accepted_at__isnull=False, accepted_by__isnull=False)
                | (~Q(status=MembershipStatus.ACCEPTED) & Q(accepted_at__isnull=True, accepted_by__isnull=True)),
                name="membership_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")), name="membership_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(starts_at__gte=F("accepted_at")),
                name="membership_not_before_acceptance",
            ),
            models.CheckConstraint(
                condition=~Q(status=MembershipStatus.DECLINED) | Q(ends_at__isnull=False),
                name="membership_declined_is_over",
            ),
            models.UniqueConstraint(
                fields=["user", "team"], condition=Q(ends_at__isnull=True), name="membership_open_once_a_team"
            ),
        ]
        indexes = [models.Index(fields=["user", "status", "starts_at", "ends_at"], name="membership_live")]

    def __str__(self) -> str:
        return str(self.uid)

    def is_live(self, at: datetime) -> bool:
        """Whether it counts at that moment: accepted, begun, not ended."""
        return (
            self.status == MembershipStatus.ACCEPTED
            and self.starts_at <= at
            and (self.ends_at is None or at < self.ends_at)
        )
