"""Emergency access: who took it, why, what the review came to. What it opened is its grant's."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedText
from cases.choices.sharing import EmergencyFinding
from cases.models.base import CaseRecord


class EmergencyAccess(CaseRecord):
    """One emergency access of one person to one case, until it has been looked at by another.

    ``found_by`` says how the case was named, never by what. ``section`` is DUTIES, or CARD once the class of DUTIES is
    erased. ``review_on`` is a local calendar date.
    """

    home_section = Section.DUTIES

    section = models.CharField(max_length=20, choices=Section.choices, default=Section.DUTIES)
    grant = models.OneToOneField("cases.AccessGrant", models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    found_by = models.CharField(max_length=10, choices=[("NUMBER", "NUMBER"), ("PERSON", "PERSON")])
    reason = SealedText(fid="emergency.reason", section="section")
    review_on = models.DateField()
    escalated_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    reviewed_at = models.DateTimeField(null=True)
    finding = models.CharField(max_length=10, choices=EmergencyFinding.choices, null=True)
    review_words = SealedText(fid="emergency.review_words", section="section", null=True, blank=True)
    row_mac = RowMac()

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="emergency_reviewed_by_another",
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("opened_by")),
            ),
            models.CheckConstraint(
                name="emergency_review_is_whole",
                condition=Q(reviewed_by__isnull=True, reviewed_at__isnull=True, finding__isnull=True)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False, finding__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["reviewed_at", "review_on"], name="emergency_to_review")]
