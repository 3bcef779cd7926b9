"""What has a date and belongs to no case: a review of access, which is of a team and of hundreds of cases."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.history import AuditedModel
from cases.choices.casework import DueKind
from cases.models.base import CaseRoomManager


class HouseDue(AuditedModel):
    """Something that one person has to do by a date, for the house. As ``Due``, without a case and without a word.

    ``due_on`` is a local calendar date. ``noticed_at``: that she was reminded. Taken off the list by ``done_at``: it was
    done, by her or by another, or is another person's now.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=DueKind.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    due_on = models.DateField()
    subject_kind = models.CharField(max_length=40)
    subject_uid = models.UUIDField()
    done_at = models.DateTimeField(null=True)
    noticed_at = models.DateTimeField(null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "subject_uid"], condition=Q(done_at__isnull=True), name="house_due_once"
            )
        ]
        indexes = [
            models.Index(fields=["person", "done_at", "due_on"], name="house_due_mine"),
            models.Index(fields=["subject_uid", "done_at"], name="house_due_subject"),
        ]

    def __str__(self) -> str:
        return str(self.uid)
