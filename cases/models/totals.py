"""Totals without persons that were given out: to a funder, for an evaluation, for statistics (domain.md §0b, §2.5)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.history import AuditedModel
from cases.choices.releases import DisclosureBasis, DisclosureHow, TotalsKind
from cases.models.base import CaseRoomManager


class TotalsGiven(AuditedModel):
    """A disclosure on the basis AGGREGATE: numbers of many people, without a survivor's line. Written once.

    It stands on no case and in no survivor's account. Nothing of it is sealed, because nothing of it is about anybody: the
    form refuses whatever could name a case, and an auditor reads it without a key. Days are local calendar dates.
    """

    #: Nothing of what was given out changes afterwards; the database refuses it.
    set_once: tuple[str, ...] = ()
    basis = DisclosureBasis.AGGREGATE

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=TotalsKind.choices)
    recipient = models.CharField(max_length=120)
    how = models.CharField(max_length=20, choices=DisclosureHow.choices)
    period_from = models.DateField()
    period_until = models.DateField()
    #: Whoever gave them says that they are totals, with small numbers left out.
    is_without_persons = models.BooleanField()
    given_on = models.DateField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="totals_are_of_a_time", condition=Q(period_until__gte=F("period_from"))),
            models.CheckConstraint(name="totals_are_without_persons", condition=Q(is_without_persons=True)),
        ]
        indexes = [models.Index(fields=["organisation", "-given_on", "-id"], name="totals_list")]

    def __str__(self) -> str:
        return f"totals {self.uid}"
