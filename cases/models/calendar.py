"""What a person chose for her calendar: an address for her calendar program."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.history import AuditedModel
from cases.models.base import CaseRoomManager


class CalendarFeed(AuditedModel):
    """An address from which a calendar program fetches when something of hers is due, and never what.

    Of its secret only a keyed hash is kept. It holds no longer than a session could: ``cases.calendar_feed.stands``.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    token_digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at__isnull=True), name="one_calendar_feed_a_person"
            )
        ]

    def __str__(self) -> str:
        return str(self.uid)
