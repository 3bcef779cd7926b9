"""Appointments for which an interpreter or a driver is booked: all that this person sees of a case."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casemgmt.access.sections import Section
from casemgmt.access.windows import at_most
from casemgmt.crypto.fields import RowMac, SealedText
from cases.models.base import CaseRecord
from cases.windows import APPOINTMENT_LIMIT


class Booking(CaseRecord):
    """One appointment and who comes to it. ``alias`` is what she is called there: she need not be called by the card's.

    The one who is booked reads time, language, alias and place, from a day before until two hours after, and nothing
    else of the case. ``place`` is where they meet, never where she stays.
    """

    home_section = Section.SERVICES

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    grant = models.OneToOneField("cases.AccessGrant", models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    language = SealedText(fid="booking.language", section=Section.SERVICES)
    alias = SealedText(fid="booking.alias", section=Section.SERVICES)
    place = SealedText(fid="booking.place", section=Section.SERVICES)
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    booked_at = models.DateTimeField()
    called_off_at = models.DateTimeField(null=True)
    row_mac = RowMac()

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(name="booking_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="booking_is_one_appointment", condition=at_most("ends_at", "starts_at", APPOINTMENT_LIMIT)
            ),
        ]
        indexes = [models.Index(fields=["person", "starts_at"], name="booking_of_person")]
