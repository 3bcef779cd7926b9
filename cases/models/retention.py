"""How long each class of records is kept, who said so and on what ground; and orders to destroy what was kept its time."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.history import AuditedModel
from cases.choices.retention import DestructionState, PeriodUnit, RecordClass
from cases.models.base import CaseRoomManager


class RetentionPolicy(AuditedModel):
    """A period for one class of records, as counsel set it. Written once: a newer one takes over from its first day.

    ``authority`` are the words of its source ("2 CFR 200.334", "Letter of counsel of 3 May"). ``effective_from`` is a local
    calendar date, and so is ``counts_from``: the day from which the period counts at the earliest, where something outside
    the case begins it, as the last financial report of a grant does.
    """

    #: Nothing of a period changes afterwards; the database refuses it.
    set_once: tuple[str, ...] = ()

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    record_class = models.CharField(max_length=20, choices=RecordClass.choices)
    number = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=8, choices=PeriodUnit.choices)
    authority = models.CharField(max_length=300)
    effective_from = models.DateField()
    counts_from = models.DateField(null=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="a_period_has_a_length", condition=Q(number__gt=0)),
            models.CheckConstraint(
                name="a_period_of_events_counts_from_them",
                condition=Q(counts_from__isnull=True) | ~Q(record_class__in=["CASE_EVENTS", "HOUSE_EVENTS"]),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "record_class", "-effective_from", "-id"], name="retention_policy_now")
        ]

    def __str__(self) -> str:
        return f"policy {self.uid}"


class DestructionOrder(AuditedModel):
    """An order to destroy what one policy says was kept its time: asked by one, approved by another, then carried out.

    ``cases`` are the uids of the cases it names, bound when it was asked; ``until`` the day up to which events of the house
    were meant; ``listed`` what the dry run counted (``{"due", "held", "events"}``). ``handed`` says which order at the desk
    of erasures each case was handed to (``{case uid: number}``), ``done`` what was destroyed, ``certificate`` what the vault
    signed: no personal data.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    policy = models.ForeignKey(RetentionPolicy, models.PROTECT, related_name="+")
    cases = models.JSONField(default=list)
    until = models.DateField()
    listed = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=DestructionState.choices, default=DestructionState.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    stopped_at = models.DateTimeField(null=True)
    handed = models.JSONField(default=dict)
    done = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True)
    certificate = models.JSONField(null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="destruction_is_approved_by_another",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="destruction_waits_for_approval",
                condition=Q(state__in=["ASKED", "STOPPED"]) | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["policy"], condition=Q(state__in=["ASKED", "APPROVED"]), name="one_open_destruction_a_policy"
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="destruction_state")]

    def __str__(self) -> str:
        return self.number
