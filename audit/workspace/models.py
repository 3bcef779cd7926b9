"""What the workspace keeps: a digest of the ledger for quick finding, hints with what became of them, and identifications.

The digest (``Mark``, ``KnownCase``, ``PersonDay``) says nothing that the events do not say and can be thrown away and
made again. Hints and dispositions are written once and never changed (``audit.protection``). Nobody is named by more
than a uid, and no case by more.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

#: Whose day it is where nobody was signed in, or the system acted.
NOBODY = uuid.UUID(int=0)


class Mark(models.Model):
    """How far a reader of the ledger has come: leaves before ``position`` are read; ``top`` is their highest event id."""

    name = models.CharField(max_length=20, primary_key=True)
    position = models.BigIntegerField(default=0)
    top = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()


class KnownCase(models.Model):
    """A case that the ledger speaks of, by the auditor's name for it: ``code`` is found without trying every case.

    ``last_event`` is the id of the newest event about it, ``last_read_at`` when somebody last saw something of it (UTC).
    """

    case_uid = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=11, db_index=True)
    last_event = models.BigIntegerField(db_index=True)
    last_read_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        default_permissions = ()


class PersonDay(models.Model):
    """What one person did on one day of the house's calendar, as numbers. ``NOBODY`` is the system and strangers.

    ``cases`` (different cases opened) and ``at_night`` are known once the day has been examined for hints. ``privileged``
    acts are counted apart and are in no other number.
    """

    person_uid = models.UUIDField()
    day = models.DateField()
    readings = models.PositiveIntegerField(default=0)
    changes = models.PositiveIntegerField(default=0)
    denials = models.PositiveIntegerField(default=0)
    copies = models.PositiveIntegerField(default=0)
    privileged = models.PositiveIntegerField(default=0)
    cases = models.PositiveIntegerField(default=0)
    at_night = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    is_examined = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["person_uid", "day"], name="audit_personday_once")]
        indexes = [
            models.Index(fields=["day"], name="audit_personday_day"),
            models.Index(fields=["day", "id"], name="audit_personday_todo", condition=Q(is_examined=False)),
        ]


class Rule(models.TextChoices):
    """The rules of ledger.md §6. The label says what was seen, never what it means."""

    UNEXPLAINED = "UNEXPLAINED", _("Readings outside the caseload, without an explanation")
    VOLUME = "VOLUME", _("Many more cases in a day than usual")
    AFTER_HOURS = "AFTER_HOURS", _("Readings at night")
    CLOSED_CASE = "CLOSED_CASE", _("A closed case was read")
    SEQUENTIAL = "SEQUENTIAL", _("One case after the other, without work in between")
    EXPORT_AFTER_BROWSING = "EXPORT_AFTER_BROWSING", _("A copy was made after many cases were read")
    DENIALS_THEN_EMERGENCY = "DENIALS_THEN_EMERGENCY", _("Turned away several times, then emergency access")
    AFTER_TRANSFER = "AFTER_TRANSFER", _("A case was read after it had passed to others")
    DORMANT = "DORMANT", _("An account that had rested for long read cases")


class Hint(models.Model):
    """A question to a human being: which rule, what it was measured against, which acts. Never a verdict.

    ``key`` is the rule with what it is about, so that the same thing is asked once. ``baseline`` holds numbers and codes,
    ``evidence`` the uids of acts, at most as many as ``hints.MOST_EVIDENCE``; ``found`` says how many there were.
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    key = models.CharField(max_length=120, unique=True)
    rule = models.CharField(max_length=24, choices=Rule.choices)
    person_uid = models.UUIDField()
    case_uid = models.UUIDField(null=True)
    day = models.DateField()
    found = models.PositiveIntegerField()
    baseline = models.JSONField(default=dict)
    evidence = models.JSONField(default=list)
    found_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["rule", "id"], name="audit_hint_rule"),
            models.Index(fields=["person_uid", "id"], name="audit_hint_person"),
        ]

    def __str__(self) -> str:
        return f"hint {self.uid}"


class Outcome(models.TextChoices):
    """What a reviewer found."""

    EXPLAINED = "EXPLAINED", _("Explained: it belonged to the work")
    FOLLOWED_UP = "FOLLOWED_UP", _("Followed up with the person and the supervisor")
    INCIDENT = "INCIDENT", _("Passed to the privacy officer as an incident")


class Disposition(models.Model):
    """What one reviewer found of one hint. Where it concerns the reviewer's own team, another has to find the same.

    ``step`` counts from 1. ``is_final`` settles the hint; the first of two is not final. ``again`` sends it back to the
    queue: the second reviewer saw it otherwise. The words are in the event's erasable detail, not here.
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    hint = models.ForeignKey(Hint, models.PROTECT, related_name="dispositions")
    step = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    by_uid = models.UUIDField()
    at = models.DateTimeField()
    is_final = models.BooleanField()
    #: The reviewer was in a team with the person, or of the same trade: somebody else has to look, too.
    is_own_team = models.BooleanField(default=False)
    again = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["hint", "step"], name="audit_disposition_step"),
            models.UniqueConstraint(fields=["hint"], condition=Q(is_final=True), name="audit_disposition_settles_once"),
            models.CheckConstraint(
                condition=~Q(is_final=True) | Q(is_own_team=False), name="audit_disposition_own_team_is_not_last"
            ),
            models.CheckConstraint(condition=~Q(is_final=True) | Q(again=False), name="audit_disposition_one_way"),
        ]

    def __str__(self) -> str:
        return f"disposition {self.uid}"


class WhyIdentify(models.TextChoices):
    """What for somebody has to know which case stands behind an auditor's name."""

    INCIDENT = "INCIDENT", _("To follow up an incident")
    HINT = "HINT", _("To clear up a hint of the review queue")
    HER_REQUEST = "HER_REQUEST", _("The survivor asked who saw her case")
    LEGAL_PROCESS = "LEGAL_PROCESS", _("A court or an authority asks, and counsel agreed")


class Identification(models.Model):
    """That a privacy officer learns which case is meant: asked by one, decided by another, open for a day.

    The reason is in the event. Whoever asked and the moment never change; the decision is set once.
    """

    set_once = ("decided_by_uid", "decided_at", "is_allowed", "until")

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    case_uid = models.UUIDField()
    purpose = models.CharField(max_length=20, choices=WhyIdentify.choices)
    asked_by_uid = models.UUIDField()
    asked_at = models.DateTimeField()
    decided_by_uid = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    is_allowed = models.BooleanField(null=True)
    until = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by_uid__isnull=True) | ~Q(decided_by_uid=F("asked_by_uid")),
                name="audit_identification_by_two",
            ),
            models.CheckConstraint(
                condition=Q(decided_by_uid__isnull=True, decided_at__isnull=True, is_allowed__isnull=True)
                | Q(decided_by_uid__isnull=False, decided_at__isnull=False, is_allowed__isnull=False),
                name="audit_identification_whole",
            ),
            models.CheckConstraint(
                condition=~Q(is_allowed=True) | Q(until__isnull=False), name="audit_identification_ends"
            ),
        ]
        indexes = [models.Index(fields=["asked_by_uid", "id"], name="audit_identification_by")]

    def __str__(self) -> str:
        return f"identification {self.uid}"


class SavedFilter(models.Model):
    """A filter that an auditor keeps under a name of hers. ``query`` holds codes and days, as the address does."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    owner_uid = models.UUIDField()
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=600)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["owner_uid", "name"], name="audit_savedfilter_once")]

    def __str__(self) -> str:
        return f"filter {self.uid}"
