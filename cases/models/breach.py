"""Breaches: an incident with records of survivors, until when whom is told, and which cases it concerns."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.history import AuditedModel
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import SealedJSON
from cases.models.base import CaseRecord, CaseRoomManager


class Breach(AuditedModel):
    """An actual or imminent breach (domain.md §15b): of the house, and without a word about a survivor.

    ``kinds`` are codes (``BreachKind``). Moments are UTC: the clocks of 24 hours (the award's programme manager) and of 72
    (the authority) run from ``detected_at``. ``root_cause`` and ``lessons`` are codes, too. The cases concerned are ``BreachCase``.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    kinds = models.JSONField(default=list)
    detected_at = models.DateTimeField()
    occurred_at = models.DateTimeField(null=True)
    is_imminent = models.BooleanField(default=False)
    people = models.PositiveIntegerField(null=True)
    tells_award = models.BooleanField(default=True)
    tells_authority = models.BooleanField(default=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    contained_at = models.DateTimeField(null=True)
    award_told_at = models.DateTimeField(null=True)
    authority_told_at = models.DateTimeField(null=True)
    root_cause = models.CharField(max_length=20, blank=True, default="")
    lessons = models.JSONField(default=list)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="breach_is_closed_contained_by_somebody",
                condition=Q(closed_at__isnull=True) | Q(closed_by__isnull=False, contained_at__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["organisation", "-detected_at", "-id"], name="breach_list")]

    def __str__(self) -> str:
        return f"breach {self.uid}"


class BreachCase(CaseRecord):
    """One case that a breach concerns: told, or why not yet. While the breach is open it holds the case.

    ``facts`` holds ``{"how"}`` (``ToldHow``) once she was told, ``{"deferred"}`` (``NoticeDeferred``) while she is not.
    """

    home_section = Section.DUTIES

    breach = models.ForeignKey("cases.Breach", models.PROTECT, related_name="+")
    facts = SealedJSON(fid="breach.facts", section=Section.DUTIES, null=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    deferred_at = models.DateTimeField(null=True)

    class Meta(CaseRecord.Meta):
        constraints = [models.UniqueConstraint(fields=["breach", "case"], name="one_case_a_breach")]
