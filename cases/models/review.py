"""The review of access: every quarter, for each team, somebody looks at every access to its cases and says why it stays."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.history import AuditedModel
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import SealedText
from cases.choices.sharing import ReviewDecision
from cases.models.base import CaseRecord, CaseRoomManager

#: What a person decides; the other decisions are the end of a review.
_BY_PERSON = ["KEEP", "SHORTEN", "REVOKE"]


class AccessReview(AuditedModel):
    """One campaign: the access to the cases of one team, at one moment. ``quarter`` is like ``2026-Q4``.

    Supervisors decide until ``ends_at``; what nobody decided by then ends, or waits for the director until
    ``escalates_until``. ``begun_by`` is NULL where the schedule began it. Names nobody and no case.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+")
    quarter = models.CharField(max_length=7)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    ends_at = models.DateTimeField()
    escalates_until = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["team"], condition=Q(ended_at__isnull=True), name="one_open_review_of_a_team"
            ),
            models.CheckConstraint(
                name="review_has_its_time",
                condition=Q(ends_at__gt=F("begun_at"), escalates_until__gte=F("ends_at")),
            ),
        ]
        indexes = [models.Index(fields=["ended_at", "ends_at"], name="review_loop")]

    def __str__(self) -> str:
        return f"review {self.uid}"


class ReviewLine(CaseRecord):
    """One access in one review: what was decided, by whom and why. ``reason`` is sealed, for it may speak of the survivor.

    ``last_used_at`` is what the ledger said when the review began and, once decided, then. ``until`` is the new end of
    an access that was shortened. ``section`` is DUTIES, or CARD once the class of DUTIES is erased.
    """

    home_section = Section.DUTIES

    review = models.ForeignKey(AccessReview, models.PROTECT, related_name="+")
    grant = models.ForeignKey("cases.AccessGrant", models.PROTECT, related_name="+")
    section = models.CharField(max_length=20, choices=Section.choices, default=Section.DUTIES)
    is_external = models.BooleanField(default=False)
    last_used_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=10, choices=ReviewDecision.choices, blank=True, default="")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    reason = SealedText(fid="review.reason", section="section", null=True)

    class Meta(CaseRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=["review", "grant"], name="one_line_of_an_access_in_a_review"),
            models.CheckConstraint(
                name="review_decision_has_its_person_and_moment",
                condition=Q(decision="", decided_at__isnull=True, decided_by__isnull=True)
                | Q(decision__in=_BY_PERSON, decided_at__isnull=False, decided_by__isnull=False)
                | (
                    ~Q(decision="") & ~Q(decision__in=_BY_PERSON) & Q(decided_at__isnull=False, decided_by__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="review_decision_has_its_reason",
                condition=~Q(decision__in=_BY_PERSON) | Q(reason__isnull=False),
            ),
            models.CheckConstraint(
                name="shortened_access_has_its_end", condition=~Q(decision="SHORTEN") | Q(until__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["review", "decision", "id"], name="review_line_open"),
            models.Index(fields=["grant", "-id"], name="review_line_grant"),
        ]
