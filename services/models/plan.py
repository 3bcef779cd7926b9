"""Her plan: what was agreed at one moment, version by version. The goals themselves live on in ``Goal``."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from cases.models.base import CaseRecord
from services.choices import PlanState


class ServicePlan(CaseRecord):
    """One version of her plan (domain.md §4.3), as it was put before a supervisor; its content is never changed.

    ``content`` holds ``{"goals": [{"uid", "title", "area", "target", "objective", "action", "responsible", "htcds",
    "need"}]}``, ``her_answer`` a code of ``HerAnswer``, ``remark`` what the supervisor said to it. ``review_on`` is a local
    calendar date, and empty until it is approved.
    """

    home_section = Section.SERVICES

    version = models.PositiveSmallIntegerField()
    content = SealedJSON(fid="plan.content", section=Section.SERVICES)
    her_answer = SealedText(fid="plan.her_answer", section=Section.SERVICES)
    remark = SealedText(fid="plan.remark", section=Section.SERVICES, blank=True, default="")
    row_mac = RowMac()
    status = models.CharField(max_length=10, choices=PlanState.choices, default=PlanState.WAITING)
    answered_on = models.DateField(null=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    review_on = models.DateField(null=True)

    class Meta(CaseRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="plan_version_once"),
            models.UniqueConstraint(fields=["case"], condition=Q(status="APPROVED"), name="one_approved_plan"),
            models.UniqueConstraint(fields=["case"], condition=Q(status="WAITING"), name="one_plan_waits"),
            # Nobody approves what she wrote herself.
            models.CheckConstraint(
                name="plan_decided_by_another", condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("written_by"))
            ),
        ]
