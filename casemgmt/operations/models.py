"""What an installation knows of itself, and what its workers remember."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Installation(models.Model):
    """One row. A database that once held demo data is marked for ever: it never becomes the place of real work."""

    id = models.SmallAutoField(primary_key=True)
    is_demo = models.BooleanField()
    created_at = models.DateTimeField(auto_now_add=True)
    demo_completed_at = models.DateTimeField(null=True)

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
