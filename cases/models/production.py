"""The numbered production that answers a judge's order: which papers, in which versions, and who agreed."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from cases.choices.releases import ProductionStatus
from cases.models.base import CaseRecord


class Production(CaseRecord):
    """Papers that one order of a judge asks for, numbered, each pinned to one version (domain.md §0b, "At the door").

    ``items`` holds ``[{"number", "document", "version", "sha256", "kind", "day", "bytes"}]``: running number, uid, code of the
    kind, day on which it was kept; ``categories`` holds codes of ``InfoCategory``. Numbers run through all productions of a
    process, also those that were declined: none is ever given twice. Nothing is taken out before a second person approved.
    """

    home_section = Section.DUTIES

    process = models.ForeignKey("cases.LegalProcess", models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    first_number = models.PositiveIntegerField()
    last_number = models.PositiveIntegerField()
    items = SealedJSON(fid="production.items", section=Section.DUTIES)
    categories = SealedJSON(fid="production.categories", section=Section.DUTIES)
    status = models.CharField(max_length=10, choices=ProductionStatus.choices, default=ProductionStatus.WAITING)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    decided_why = SealedText(fid="production.decided_why", section=Section.DUTIES, null=True, blank=True)
    disclosure = models.ForeignKey("cases.Disclosure", models.PROTECT, related_name="+", null=True)
    row_mac = RowMac()

    class Meta(CaseRecord.Meta):
        constraints = [
            models.UniqueConstraint(name="one_production_a_number", fields=["process", "number"]),
            models.UniqueConstraint(name="production_numbers_begin_once", fields=["process", "first_number"]),
            models.CheckConstraint(
                name="production_has_numbers", condition=Q(first_number__gte=1, last_number__gte=F("first_number"))
            ),
            models.CheckConstraint(
                name="production_is_decided_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("prepared_by")),
            ),
            models.CheckConstraint(
                name="production_is_approved_whole",
                condition=~Q(status="APPROVED") | Q(decided_by__isnull=False, disclosure__isnull=False),
            ),
        ]

    @property
    def count(self) -> int:
        """How many papers it holds."""
        return self.last_number - self.first_number + 1
