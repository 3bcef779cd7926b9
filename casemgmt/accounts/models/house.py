"""States of the house as a whole: the office is locked, or too few people are there to keep all roles apart."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.history import AuditedModel


class OfficeLock(AuditedModel):
    """A period in which nobody may open anything. It is opened again by two people."""

    #: There is one office; the column lets the database refuse a second lock beside one that stands.
    office = models.PositiveSmallIntegerField(default=1, editable=False)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    began_at = models.DateTimeField(_("from"))
    began_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    first_yes_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    first_yes_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("until"), null=True)
    ended_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["office"], condition=Q(ended_at__isnull=True), name="office_locked_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True)
                | Q(first_yes_by__isnull=False, ended_by__isnull=False) & ~Q(first_yes_by=F("ended_by")),
                name="office_opened_by_two",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class DegradedMode(AuditedModel):
    """A declared period in which a very small organisation cannot keep administration and casework apart.

    Somebody from outside, who may open no case, is the second person wherever two are needed.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="degraded_modes")
    second_approver = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    reason = models.CharField(max_length=400)
    starts_at = models.DateTimeField(_("from"))
    declared_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    # It always has an end: an emergency that lasts for ever is how the house is run.
    expires_at = models.DateTimeField(_("until at the latest"))
    ended_at = models.DateTimeField(_("until"), null=True)
    ended_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(ended_at__isnull=True), name="degraded_mode_once_an_organisation"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("starts_at")), name="degraded_mode_has_an_end"),
            models.CheckConstraint(
                condition=~Q(second_approver=F("declared_by")), name="degraded_mode_approver_is_another"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)

    def stands(self, at: datetime) -> bool:
        """Whether it is in force at that moment."""
        return self.starts_at <= at < self.expires_at and (self.ended_at is None or at < self.ended_at)


class Incident(AuditedModel):
    """Something that went wrong and is looked into: opened by the act that answers it, closed by a person.

    Holds no word about a survivor; what happened in a case stands in that case.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=32)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="incidents")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.uid)
