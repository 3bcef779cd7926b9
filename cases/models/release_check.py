"""What a machine found of each release, as codes alone; and redacted samples of releases that staff make for auditors."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.history import AuditedModel
from casemgmt.access.permissions import GuardedQuerySet
from cases.choices.release_checks import SheetFinding, WhyWithdrawn
from cases.models.base import CaseRoomManager


class ReleaseCheck(models.Model):
    """Which attributes of a release fail (``cases.choices.release_checks``): codes, and never a value.

    ``failed`` holds the codes with a space before and after each, so that one is counted by ``contains``. ``is_erased``: the
    keys are gone, and of the sealed attributes nothing can be said. Like an index it can be thrown away and made again: the
    job does so each night. ``rules`` is the version of the rules that were asked.
    """

    release = models.OneToOneField("cases.Release", models.PROTECT, related_name="+", primary_key=True)
    checked_at = models.DateTimeField()
    failed = models.CharField(max_length=160, blank=True)
    is_erased = models.BooleanField(default=False)
    rules = models.PositiveSmallIntegerField()

    objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["checked_at", "release"], name="release_check_round"),
            # Few of many: what somebody has to mend.
            models.Index(fields=["release"], name="release_check_failing", condition=~Q(failed="")),
        ]

    def __str__(self) -> str:
        return f"check {self.release_id}"

    @property
    def codes(self) -> list[str]:
        """The attributes that fail, as codes."""
        return self.failed.split()


class ReleaseSample(AuditedModel):
    """A sample of releases for auditors: drawn by the system, looked at by staff, shown until a moment (UTC).

    Drawn from all releases that began between two local days, by the smallest SHA-256 of ``seed`` (hex, made by the system
    when it is drawn) and uid. ``population`` is how many there were, ``digest`` the SHA-256 of their uids in order, so that
    the draw can be done again by whoever has them. ``sha256`` is that of the copy, from when it was shown.
    """

    set_once = ("shown_at", "shown_by", "until", "sha256", "withdrawn_at", "withdrawn_by", "withdrawn_why")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    period_from = models.DateField()
    period_until = models.DateField()
    size = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=32)
    population = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True)
    shown_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    until = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    withdrawn_why = models.CharField(max_length=12, blank=True, choices=WhyWithdrawn.choices)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="sample_is_of_a_period", condition=Q(period_until__gte=F("period_from"), size__gt=0)
            ),
            models.CheckConstraint(
                name="sample_is_shown_until", condition=Q(shown_at__isnull=True) | Q(until__gt=F("shown_at"))
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-id"], name="release_sample_list")]

    def __str__(self) -> str:
        return f"sample {self.uid}"


class SampleSheet(AuditedModel):
    """One redacted sheet: codes, counts and weeks; no name, no number of a case and no free text.

    ``content`` is what stands on it, ``sha256`` that of its canonical form. Nothing of it changes but what staff found.
    """

    set_once = ("finding", "looked_at", "looked_by")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sample = models.ForeignKey(ReleaseSample, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    release = models.ForeignKey("cases.Release", models.PROTECT, related_name="+")
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    finding = models.CharField(max_length=10, blank=True, choices=SheetFinding.choices)
    looked_at = models.DateTimeField(null=True)
    looked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["sample", "number"], name="sample_sheet_number"),
            models.UniqueConstraint(fields=["sample", "release"], name="sample_sheet_once"),
            models.CheckConstraint(
                name="sample_sheet_looked_at",
                condition=Q(finding="", looked_at__isnull=True, looked_by__isnull=True)
                | (~Q(finding="") & Q(looked_at__isnull=False, looked_by__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"sheet {self.uid}"
