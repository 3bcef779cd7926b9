"""What changed for a person of the house, and the cases and tasks that need somebody else because of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.history import AuditedModel
from cases.choices.sharing import PeopleChangeKind
from cases.models.base import CaseRoomManager


class PeopleChange(AuditedModel):
    """One act about one person (or the people of one organisation): who, what, when, and how much ended with it.

    ``counts`` holds numbers only: ``{"access", "teams", "roles", "cases", "tasks", "dates", "kept", "shifts", "lent",
    "bookings"}``. What ended in full are the grants revoked, and the turns of the rota ended, at the very moment ``at``.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=PeopleChangeKind.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    counts = models.JSONField(default=dict)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="people_change_of_a_person_or_an_organisation",
                condition=Q(person__isnull=True) ^ Q(organisation__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return str(self.uid)


class HandOver(AuditedModel):
    """A case of which somebody led the work, or had something to do, and who is not there any more.

    ``interim`` leads until a supervisor has chosen; ``moved`` are uids of dates that were put on her list, so that they
    go back if the person does. Settled when there is a new lead, or the old one is back.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    change = models.ForeignKey(PeopleChange, models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    was_lead = models.BooleanField()
    interim = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    moved = models.JSONField(default=list)
    since = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person"], condition=Q(settled_at__isnull=True), name="hand_over_waits_once"
            )
        ]
        indexes = [models.Index(fields=["case", "settled_at"], name="hand_over_case")]

    def __str__(self) -> str:
        return str(self.uid)
