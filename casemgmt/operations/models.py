"""What an installation knows of itself, and what its workers remember."""

import uuid
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class Installation(models.Model):
    """One row. A database that once held demo data is marked for ever: it never becomes the place of real work."""

    id = models.SmallAutoField(primary_key=True)
    is_demo = models.BooleanField()
    created_at = models.DateTimeField(auto_now_add=True)
    demo_completed_at = models.DateTimeField(null=True)
    #: Since when every row with several sealed values carries its mark (``crypto.rowmac``).
    rows_marked_at = models.DateTimeField(null=True)
    #: The tables that were gone over for it, by the label of their model: one that gets marks later is gone over then, once.
    rows_marked = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(name="installation_is_one_row", condition=models.Q(id=1))]


class WorkerBeat(models.Model):
    """A worker and when it was last alive. ``place`` is the machine and home it runs in."""

    name = models.CharField(max_length=64, primary_key=True)
    place = models.CharField(max_length=32)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()


class ScheduledJob(models.Model):
    """When a job of the schedule comes next. Whichever worker moves ``next_at`` on is the one that runs it."""

    class Outcome(models.TextChoices):
        """How it went last time."""

        NEVER = "NEVER", _("Not yet run")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")

    name = models.CharField(max_length=40, primary_key=True)
    next_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.NEVER)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()


class BackupRun(models.Model):
    """One archive of a backup that was made, or a backup that failed (then without a part).

    ``name`` is that of the set, ``target`` the last part of the folder's name, ``sha256`` of the sealed archive.
    """

    class Result(models.TextChoices):
        """How it went."""

        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=40)
    part = models.CharField(max_length=10)
    at = models.DateTimeField(db_index=True)
    bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, default="")
    engine = models.CharField(max_length=12, default="")
    target = models.CharField(max_length=255, default="")
    result = models.CharField(max_length=8, choices=Result.choices)
    error = models.CharField(max_length=40, default="")

    class Meta:
        default_permissions = ()


class RestoreDrill(models.Model):
    """A backup that was restored into a scratch folder and looked through. ``found`` holds numbers and codes only."""

    class Result(models.TextChoices):
        """How it went."""

        PASSED = "PASSED", _("Passed")
        FAILED = "FAILED", _("Failed")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=40)
    taken_at = models.DateTimeField(null=True)
    at = models.DateTimeField(db_index=True)
    seconds = models.PositiveIntegerField(default=0)
    result = models.CharField(max_length=8, choices=Result.choices)
    found = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()


class ReminderQuerySet(models.QuerySet["Reminder"]):
    """The engine room's due rows."""

    def standing(self) -> Self:
        """Those that are still true."""
        return self.filter(done_at__isnull=True)


class Reminder(models.Model):
    """A due row of the installation itself: something is overdue since then. One of a kind at a time."""

    class Kind(models.TextChoices):
        """What is overdue."""

        BACKUP = "BACKUP", _("No backup was made for too long")
        DRILL = "DRILL", _("No backup was proved by restoring it for too long")
        KEYS = "KEYS", _("The key-encryption key is too long in use")
        INDEX = "INDEX", _("The key of the search indexes is too long in use")
        SEALING = "SEALING", _("The ledger is not sealed for too long")
        LEDGER = "LEDGER", _("The ledger was found not to be whole")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    since = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(done_at__isnull=True), name="one_standing_reminder"
            )
        ]
