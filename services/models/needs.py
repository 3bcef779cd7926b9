"""Needs: what she asks for, in her words, before there is a goal or a plan."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedText
from cases.models.base import CaseRecord
from services.choices import NeedState, Priority, Urgency


class Need(CaseRecord):
    """One need in her words (domain.md §4.3). What it is about and what stood in the way are sealed with it.

    ``her_priority`` is hers alone and empty while nobody has asked her; ``our_priority`` is the worker's. ``settled_on``
    is the local calendar date on which it was met, could not be met, or was no longer wanted; empty while it is open.
    """

    home_section = Section.SERVICES

    words = SealedText(fid="need.words", section=Section.SERVICES)
    area = SealedText(fid="need.area", section=Section.SERVICES)
    barrier = SealedText(fid="need.barrier", section=Section.SERVICES, blank=True, default="")
    row_mac = RowMac()
    urgency = models.CharField(max_length=10, choices=Urgency.choices)
    her_priority = models.CharField(max_length=10, choices=Priority.choices, blank=True)
    our_priority = models.CharField(max_length=10, choices=Priority.choices)
    status = models.CharField(max_length=10, choices=NeedState.choices, default=NeedState.OPEN)
    identified_on = models.DateField()
    settled_on = models.DateField(null=True)
    identified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="need_is_open_or_has_its_day",
                condition=Q(status="OPEN", settled_on__isnull=True) | ~Q(status="OPEN") & Q(settled_on__isnull=False),
            )
        ]
