"""To whom a duty of the law is reported, by which law and until when: a table of each organisation, with no case in it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.history import AuditedModel
from cases.choices.configuration import SAID_WITHIN, WRITTEN_WITHIN
from cases.choices.releases import MandateTrigger
from cases.models.base import CaseRoomManager


class ReportingAuthority(AuditedModel):
    """What one law of one place asks for when something must be reported, as this organisation looked it up (domain.md §2.7).

    ``jurisdiction`` is the state or country, ``authority`` the statute, ``agency`` who takes the report, ``phone`` its public
    line. ``hours``: to be said by telephone within so many, None where the law counts none ("immediately");
    ``writing_hours``: in writing within so many, only where ``in_writing``. There is no field for other words: nothing of a
    case can stand here. ``looked_up_on`` is a local calendar date. A row is changed and ended, never deleted; history keeps
    each version, ``version`` counts them. A report that was begun from a row keeps a sealed copy of its own.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    trigger = models.CharField(max_length=24, choices=MandateTrigger.choices)
    jurisdiction = models.CharField(max_length=80)
    authority = models.CharField(max_length=160)
    agency = models.CharField(max_length=160)
    phone = models.CharField(max_length=40, blank=True)
    hours = models.PositiveSmallIntegerField(null=True)
    in_writing = models.BooleanField(default=False)
    writing_hours = models.PositiveSmallIntegerField(null=True)
    looked_up_on = models.DateField()
    looked_up_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "trigger", "jurisdiction", "authority", "agency"],
                condition=Q(ended_at__isnull=True), name="one_row_a_duty_and_agency",
            ),
            models.CheckConstraint(
                name="said_within_hours_that_laws_count", condition=Q(hours__isnull=True) | Q(hours__in=SAID_WITHIN)
            ),
            models.CheckConstraint(
                name="hours_of_writing_only_where_it_is_written",
                condition=Q(writing_hours__isnull=True) | Q(in_writing=True, writing_hours__in=WRITTEN_WITHIN),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"reporting authority {self.uid}"
