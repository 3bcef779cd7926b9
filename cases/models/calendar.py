"""What a person chose for her calendar: an address for her calendar program, and how she is reminded."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.history import AuditedModel
from cases.choices.notices import ReminderMail
from cases.models.base import CaseRoomManager


class CalendarFeed(AuditedModel):
    """An address from which a calendar program fetches when something of hers is due, and never what.

    Of its secret only a keyed hash is kept. It holds no longer than a session could: ``cases.calendar_feed.stands``.
    """

    #: The secret itself: only on the object that has just been made (``cases.actions.calendar.make_feed``).
    token: str

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


class ReminderChoice(AuditedModel):
    """How a person is reminded: when by e-mail, and of which kinds of dates she sees no notice. No row: the defaults."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by_mail = models.CharField(max_length=12, choices=ReminderMail.choices, default=ReminderMail.OFF)
    hidden_kinds = models.JSONField(default=list)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.uid)


class MorningLetter(models.Model):
    """The letter of one morning to one person. ``sent_at``: the mail server has taken it, and it never goes again.

    ``tried_at`` and ``tries`` let a letter that a killed process or a mail server away has left behind go once more. A
    row of work, as those of the schedule: the event of the sending is its history.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on = models.DateField()
    tried_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["person", "on"], name="one_reminder_a_day")]

    def __str__(self) -> str:
        return str(self.uid)
