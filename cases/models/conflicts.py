"""Possible conflicts of interest: somebody of the house may be a relative of a person on a case."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from casemgmt.access.permissions import GuardedQuerySet
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import SealedText
from cases.choices.conflicts import ConflictAnswer, ConflictLikeness
from cases.models.base import CaseRecord


class LikenessCard(models.Model):
    """What of one case is compared with the people of the house, blind (``cases.likeness``); made from the case, and made anew.

    ``swept_at``: last compared with those who have access; ``compared_at``: also with those who ever opened it. NULL
    until then. Useless without the key; deleted when the case's card is erased.
    """

    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")
    names = models.BinaryField()
    phones = models.BinaryField()
    swept_at = models.DateTimeField(null=True)
    compared_at = models.DateTimeField(null=True)

    objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["swept_at", "id"], name="likeness_card_swept")]


class PossibleConflict(CaseRecord):
    """Somebody of the house whose family name or telephone is that of a person on a case. The privacy officer alone reads it.

    ``fingerprint`` is of what is the same, under the case's uid: the same pair is listed once, and again when a name or
    number changes. KEPT_APART is noted by a job, later: the wall says who placed it, when and why. ``section`` is DUTIES, or
    CARD once the class of DUTIES is erased.
    """

    home_section = Section.DUTIES

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    likeness = models.CharField(max_length=12, choices=ConflictLikeness.choices)
    fingerprint = models.BigIntegerField()
    found_at = models.DateTimeField()
    answer = models.CharField(max_length=12, choices=ConflictAnswer.choices, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    section = models.CharField(max_length=20, choices=Section.choices, default=Section.DUTIES)
    reason = SealedText(fid="conflict.reason", section="section", null=True, blank=True)

    class Meta(CaseRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=["case", "person", "fingerprint"], name="one_conflict_of_one_likeness"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | Q(answer__in=["GONE", "KEPT_APART"], answered_at__isnull=False, answered_by__isnull=True)
                | Q(answer="NO_CONFLICT", answered_at__isnull=False, answered_by__isnull=False),
                name="conflict_answered_whole",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=models.F("person")),
                name="nobody_answers_her_own_conflict",
            ),
        ]
        indexes = [
            models.Index(fields=["found_at", "id"], condition=Q(answered_at__isnull=True), name="conflict_waiting"),
        ]
