"""Reintegration: goals in the survivor's own words, progress, and follow-ups after she has left."""

from django.conf import settings
from django.db import models

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from cases.models.base import CaseRecord


class Goal(CaseRecord):
    """A goal of her plan. ``progress`` is a percentage that she and the caseworker agree on.

    ``plan`` holds how it is to be reached: ``{"objective", "action", "responsible", "htcds"}``, the last a code of
    ``SupportPlanType`` (spl_Type) or empty; NULL until somebody has planned it. ``need`` is the need that it answers.
    """

    home_section = Section.SERVICES

    title = SealedText(fid="goal.title", section=Section.SERVICES)
    area = SealedText(fid="goal.area", section=Section.SERVICES)
    latest = SealedText(fid="goal.latest", section=Section.SERVICES, blank=True, default="")
    plan = SealedJSON(fid="goal.plan", section=Section.SERVICES, null=True)
    row_mac = RowMac(later=["plan"])
    need = models.ForeignKey("services.Need", models.PROTECT, related_name="+", null=True)
    progress = models.PositiveSmallIntegerField(default=0)
    set_on = models.DateField()
    target_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)

    class Meta(CaseRecord.Meta):
        constraints = [models.CheckConstraint(name="progress_is_a_percentage", condition=models.Q(progress__lte=100))]


class FollowUp(CaseRecord):
    """One planned contact after exit: 30 days, 90 days, 6 and 12 months (domain.md §5.4). ``result`` holds codes."""

    home_section = Section.SERVICES

    planned_on = models.DateField()
    label = models.CharField(max_length=10)
    done_on = models.DateField(null=True)
    result = SealedJSON(fid="follow_up.result", section=Section.SERVICES, null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
