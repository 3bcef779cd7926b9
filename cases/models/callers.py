"""Before there is a case, or without one: anonymous callers, third parties who ask, and the counts that stay of both."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from casemgmt.access.permissions import GuardedQuerySet
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from casemgmt.crypto.models import SealedModel, SealedQuerySet, for_new_rows
from cases.choices.callers import CallerOutcome, CountedKind, DeclineReason, InquirerKind


class HouseQuerySet(GuardedQuerySet, SealedQuerySet):
    """Asked for through the door. These rows keep no history, so they are written as they are."""


class HouseRecord(SealedModel):
    """A record of the house that belongs to no case. It is a pseudo-case of its own: sealed by keys that seal nothing else.

    So it is gone for good, in every backup too, when these keys are destroyed (``cases.actions.reducing``).
    ``held_at``: the law asks to keep it, and it is not reduced meanwhile. ``reduced_at``: it was counted, and its keys
    are about to go.
    """

    #: After its time nothing but a count may stay.
    keeps_no_history = "After 90 days only a monthly count may stay of somebody who is nobody's client."

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    reduced_at = models.DateTimeField(null=True)

    objects = models.Manager.from_queryset(HouseQuerySet)()

    class Meta:
        abstract = True
        default_permissions = ()

    @for_new_rows
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not args:
            kwargs.setdefault("uid", uuid.uuid4())
            kwargs.setdefault("case_uid", kwargs["uid"])
        super().__init__(*args, **kwargs)


class Contact(HouseRecord):
    """An anonymous call (domain.md §0b): no name, no place. Counted, and promoted to an intake in one step.

    ``facts`` holds ``{"need", "language", "minutes", "offered", "safety"}``, ``words`` what else was said. When the case
    is open, this says INTAKE, and not of which case.
    """

    facts = SealedJSON(fid="caller.facts", section=Section.CARD)
    words = SealedText(fid="caller.words", section=Section.CARD, null=True)
    row_mac = RowMac()
    outcome = models.CharField(max_length=10, choices=CallerOutcome.choices)
    decline_reason = models.CharField(max_length=20, choices=DeclineReason.choices, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta(HouseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="contact_declined_with_reason",
                condition=Q(outcome="DECLINED") & ~Q(decline_reason="") | ~Q(outcome="DECLINED") & Q(decline_reason=""),
            ),
            models.CheckConstraint(
                name="contact_decided_whole",
                condition=Q(outcome="OPEN", decided_at__isnull=True) | ~Q(outcome="OPEN") & Q(decided_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-at", "-id"], name="contact_list")]


class Inquiry(HouseRecord):
    """Somebody asked whether a person is helped here. Answered alike for everybody, and linked with no case.

    ``facts`` holds ``{"way", "answer", "safety", "who", "organisation", "about", "number"}``; ``words`` what else was
    answered.
    """

    kind = models.CharField(max_length=10, choices=InquirerKind.choices)
    facts = SealedJSON(fid="inquiry.facts", section=Section.CARD)
    words = SealedText(fid="inquiry.words", section=Section.CARD, null=True)
    row_mac = RowMac()

    class Meta(HouseRecord.Meta):
        indexes = [models.Index(fields=["organisation", "-at", "-id"], name="inquiry_list")]


class HouseCount(models.Model):
    """What stays of contacts and inquiries: how many of one code in one month. ``month`` is its first day."""

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    month = models.DateField()
    kind = models.CharField(max_length=10, choices=CountedKind.choices)
    code = models.CharField(max_length=32)
    number = models.PositiveIntegerField(default=0)

    objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["organisation", "month", "kind", "code"], name="one_count_of_a_month"),
        ]
