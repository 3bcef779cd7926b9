"""That two files are of one person: what a merge changed, so that it can be taken back exactly (domain.md R23)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.history import AuditedModel
from cases.choices.merging import STANDING_STATES, MergeState
from cases.models.base import CaseRoomManager


class CaseMerge(AuditedModel):
    """A merge of two files that were found alike. Both stay whole; nothing of one is copied into the other.

    ``case`` is the file that goes on, ``other`` the duplicate. ``changed`` holds what the merge did and nothing else, by
    uids and codes of workflow: ``{"people": {case: person before}, "person": person after, "walls": [wall],
    "leads": {case: lead before}, "restricted": [case], "closed": {"status", "stage", "on", "dues"} or None,
    "link": uid of the link, "settled": whether it answered the match}``.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    match = models.ForeignKey("cases.PossibleMatch", models.PROTECT, related_name="+")
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    other = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    keeps_open = models.BooleanField()
    state = models.CharField(max_length=10, choices=MergeState.choices)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    merged_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True)
    changed = models.JSONField(null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["match"],
                condition=Q(state__in=[str(state) for state in STANDING_STATES]),
                name="one_merge_stands",
            ),
            models.CheckConstraint(name="merge_of_two_cases", condition=~Q(case=models.F("other"))),
        ]
