"""Aftercare: services given, and shelter stays without an address."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from cases.models.base import CaseRecord


class ServiceRecord(CaseRecord):
    """One service given on one day. ``facts`` holds ``{"service", "quantity", "unit", "outcome", "mode"}`` as codes.

    ``goal``: what it was given towards, where somebody said so.
    """

    home_section = Section.SERVICES

    given_on = models.DateField()
    facts = SealedJSON(fid="service.facts", section=Section.SERVICES)
    provider = SealedText(fid="service.provider", section=Section.SERVICES, blank=True)
    remark = SealedText(fid="service.remark", section=Section.SERVICES, blank=True)
    row_mac = RowMac()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    goal = models.ForeignKey("services.Goal", models.PROTECT, related_name="+", null=True)


class ShelterStay(CaseRecord):
    """A stay in a shelter: from when to when, never where. One open stay a survivor. The day of exit is not a night."""

    home_section = Section.SHELTER_OPS

    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+")
    entered_on = models.DateField()
    left_on = models.DateField(null=True)
    room = SealedText(fid="stay.room", section=Section.SHELTER_OPS, blank=True)
    exit_facts = SealedJSON(fid="stay.exit_facts", section=Section.SHELTER_OPS, null=True)
    row_mac = RowMac()
    grant = models.ForeignKey("cases.AccessGrant", models.PROTECT, related_name="+", null=True)

    class Meta(CaseRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(left_on__isnull=True), name="one_open_stay_a_case"),
            models.CheckConstraint(
                name="stay_ends_after_it_begins", condition=Q(left_on__isnull=True) | Q(left_on__gte=F("entered_on"))
            ),
        ]
