"""Releases of information, and what left the organisation on their ground (domain.md §2.5)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from cases.choices import DisclosureBasis, Purpose
from cases.models.base import CaseRecord


class Release(CaseRecord):
    """She allows one recipient to learn named categories, for one purpose, until a date.

    Recipient, purpose code and dates stay plain, because access is decided by them at access time and an
    auditor checks them without opening anything. ``terms`` holds ``{"categories", "method", "direction",
    "excluded"}``, ``signing`` ``{"signer", "language", "interpreter", "read_aloud", "risks_discussed",
    "not_conditioned", "revocable_explained", "copy_given", "guardian_abuser_check"}``.
    """

    home_section = Section.DUTIES

    recipient = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    recipient_person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    matter = models.ForeignKey("cases.Matter", models.PROTECT, related_name="+", null=True)
    purpose = models.CharField(max_length=30, choices=Purpose.choices)
    purpose_text = SealedText(fid="release.purpose_text", section=Section.DUTIES, blank=True)
    terms = SealedJSON(fid="release.terms", section=Section.DUTIES)
    signing = SealedJSON(fid="release.signing", section=Section.DUTIES)
    row_mac = RowMac()
    signed_on = models.DateField()
    starts_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    withdrawn_how = models.CharField(max_length=10, blank=True, choices=[("ORAL", "ORAL"), ("WRITTEN", "WRITTEN")])

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(name="release_ends_after_it_starts", condition=Q(expires_at__gt=F("starts_at")))
        ]

    def in_force(self, at: object) -> bool:
        """Whether the release stands at one instant (UTC)."""
        return self.starts_at <= at < self.expires_at and (self.withdrawn_at is None or at < self.withdrawn_at)  # type: ignore[operator]


class Disclosure(CaseRecord):
    """What was given to whom, on which ground: the survivor's accounting, and the auditor's control."""

    home_section = Section.DUTIES

    basis = models.CharField(max_length=20, choices=DisclosureBasis.choices)
    release = models.ForeignKey(Release, models.PROTECT, related_name="+", null=True)
    recipient = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    categories = SealedJSON(fid="disclosure.categories", section=Section.DUTIES)
    how = models.CharField(max_length=20)
    disclosed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    disclosed_at = models.DateTimeField()

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="disclosure_by_release_names_it", condition=~Q(basis="RELEASE") | Q(release__isnull=False)
            )
        ]
