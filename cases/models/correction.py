"""Removing what was written into the wrong record: asked by one person, decided by another."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedText
from cases.choices.history import CorrectionState
from cases.models.base import CaseRecord


class Correction(CaseRecord):
    """A wish to destroy what one version of one record wrote, because it belongs to somebody else.

    ``kind``, ``record_uid`` and ``number`` name the version as pages do, ``fields`` what it wrote; never a word of it.
    ``section`` seals the words of the two people: DUTIES, or CARD once the class of DUTIES is erased.
    """

    home_section = Section.DUTIES

    section = models.CharField(max_length=20, choices=Section.choices, default=Section.DUTIES)
    kind = models.CharField(max_length=40)
    record_uid = models.UUIDField()
    number = models.PositiveIntegerField()
    fields = models.JSONField(default=list)
    of_section = models.CharField(max_length=20, choices=Section.choices)
    state = models.CharField(max_length=12, choices=CorrectionState.choices, default=CorrectionState.ASKED)
    reason = SealedText(fid="correction.reason", section="section")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    answer = SealedText(fid="correction.answer", section="section", null=True, blank=True)
    row_mac = RowMac()

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="correction_takes_two_people",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="correction_is_decided_by_somebody",
                condition=Q(state="ASKED") | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["record_uid", "number"], condition=Q(state="ASKED"), name="one_open_correction_a_version"
            ),
        ]
        indexes = [models.Index(fields=["state", "asked_at"], name="correction_waits")]
