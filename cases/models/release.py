"""Releases of information, and what left the organisation on their ground (domain.md §2.5)."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from cases.choices.releases import DisclosureBasis
from cases.choices.sharing import Purpose
from cases.models.base import CaseRecord

#: She wrote it, she said it, or a newer release took its place.
WITHDRAWN_HOW = [("ORAL", "ORAL"), ("WRITTEN", "WRITTEN"), ("RENEWED", "RENEWED")]
#: A warning comes in the last quarter of a release's life, but never earlier than this many days (access.md §4).
WARN_AT_MOST_DAYS = 30


class Release(CaseRecord):
    """She allows one recipient to learn named categories, for one purpose, until a date. Never changed once it is signed.

    Recipient, purpose code and dates stay plain, because access is decided by them at access time and an
    auditor checks them without opening anything. ``terms`` holds ``{"categories", "method", "two_way",
    "excluded", "recipient_role", "subjects"}``, ``signing`` ``{"signer", "signer_name", "authority", "state", "evidence",
    "kept_where", "language", "interpreter", "read_aloud", "risks_discussed", "risks_note", "alternatives_discussed",
    "not_conditioned", "revocable_explained", "copy_given", "guardian_is_not_abuser", "witness", "reason",
    "named"}``. Releases of the first forms lack some of them. ``renews`` names the one before; who signed is in
    ``ReleaseSignature``.
    """

    home_section = Section.DUTIES
    #: Taking it back is the one thing that happens to a signed release, and that once; the database refuses the rest.
    set_once = ("withdrawn_at", "withdrawn_by", "withdrawn_how")

    recipient = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    recipient_person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    # Of the house itself: the team of another programme, where programmes are kept apart (``cases.programmes``).
    recipient_team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+", null=True)
    discloser = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+", null=True)
    renews = models.ForeignKey("self", models.PROTECT, related_name="+", null=True)
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
    withdrawn_how = models.CharField(max_length=10, blank=True, choices=WITHDRAWN_HOW)

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(name="release_ends_after_it_starts", condition=Q(expires_at__gt=F("starts_at"))),
            models.UniqueConstraint(
                name="release_is_renewed_once", fields=["renews"], condition=Q(renews__isnull=False)
            ),
        ]

    def in_force(self, at: datetime) -> bool:
        """Whether the release stands at one instant (UTC)."""
        return self.starts_at <= at < self.expires_at and (self.withdrawn_at is None or at < self.withdrawn_at)

    @property
    def warning_days(self) -> int:
        """How many days before its end people are warned: the last quarter of its life, at most thirty."""
        return min((self.expires_at - self.starts_at).days // 4, WARN_AT_MOST_DAYS)


class Disclosure(CaseRecord):
    """What was given to whom, on which ground: the survivor's accounting, and the auditor's control. Never changed.

    Without ``recipient`` it went to the agency of the report, or to whoever issued the process. ``notified_at``: when she
    was told of it, safely, by ``notified_by``.
    """

    home_section = Section.DUTIES
    #: That she was told is noted later; nothing else of a disclosure changes.
    set_once = ("notified_at", "notified_by")

    basis = models.CharField(max_length=20, choices=DisclosureBasis.choices)
    release = models.ForeignKey(Release, models.PROTECT, related_name="+", null=True)
    report = models.ForeignKey("cases.MandatedReport", models.PROTECT, related_name="+", null=True)
    process = models.ForeignKey("cases.LegalProcess", models.PROTECT, related_name="+", null=True)
    recipient = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+", null=True)
    categories = SealedJSON(fid="disclosure.categories", section=Section.DUTIES)
    how = models.CharField(max_length=20)
    is_minimised = models.BooleanField(null=True)
    disclosed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    disclosed_at = models.DateTimeField()
    notified_at = models.DateTimeField(null=True)
    notified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="disclosure_by_release_names_it",
                condition=~Q(basis="RELEASE") | Q(release__isnull=False, recipient__isnull=False),
            ),
            models.CheckConstraint(
                name="disclosure_by_law_names_the_report",
                condition=~Q(basis="STATUTORY_MANDATE") | Q(report__isnull=False, is_minimised=True),
            ),
            models.CheckConstraint(
                name="disclosure_by_court_names_the_order",
                condition=~Q(basis="COURT_ORDER") | Q(process__isnull=False, is_minimised=True),
            ),
        ]
