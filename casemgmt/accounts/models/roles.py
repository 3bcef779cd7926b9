"""What a person does here, and whether the account is open: both with dates, so that the past can be asked."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.history import AuditedModel

from ..choices import Role
from ..querysets import DatedQuerySet


class RoleAssignment(AuditedModel):
    """That somebody holds a role from a moment until a moment. Several a person; which may meet: ``may_meet``."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="role_assignments")
    role = models.CharField(_("role"), max_length=32, choices=Role.choices)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        default_permissions = ()
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_is_known"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")), name="role_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["user", "role"], condition=Q(ends_at__isnull=True), name="role_open_once_a_person"
            ),
        ]
        indexes = [models.Index(fields=["user", "role", "starts_at", "ends_at"], name="role_held")]

    def __str__(self) -> str:
        return str(self.uid)


class AccountState(AuditedModel):
    """A period in which an account was open. No row at a moment means: nobody could use it then.

    ``User.is_active`` is today's answer; these rows answer for any past moment.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="account_states")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        default_permissions = ()
        verbose_name = _("account period")
        verbose_name_plural = _("account periods")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")), name="account_closes_after_opening"
            ),
            models.UniqueConstraint(fields=["user"], condition=Q(ends_at__isnull=True), name="account_open_once"),
        ]

    def __str__(self) -> str:
        return str(self.uid)
