"""Requests of data subjects: what she asked for by data protection law, until when, and what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON
from cases.models.base import CaseRecord


class SubjectRequest(CaseRecord):
    """A request of hers under data protection law (domain.md §2.9, GDPR article 12(3)). Until ``over_at`` it holds her case.

    ``facts`` holds ``{"kind", "words"}``, ``decision`` ``{"decision", "verified", "ground", "words", "via"}`` and why it was
    extended, ``"extended_why"``. Days are local calendar dates of the house.
    """

    home_section = Section.DUTIES

    facts = SealedJSON(fid="subject_request.facts", section=Section.DUTIES)
    decision = SealedJSON(fid="subject_request.decision", section=Section.DUTIES, null=True)
    received_on = models.DateField()
    due_on = models.DateField()
    extended_to = models.DateField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    is_redacted = models.BooleanField(default=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    row_mac = RowMac()

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="request_is_decided_by_somebody",
                condition=Q(decided_by__isnull=True, decided_at__isnull=True, over_at__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="request_is_extended_to_later",
                condition=Q(extended_to__isnull=True) | Q(extended_to__gt=F("due_on")),
            ),
        ]
