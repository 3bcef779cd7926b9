"""Browsers from which somebody has signed in before, so that a new one can be told to its owner."""

import uuid

from django.db import models


class KnownDevice(models.Model):
    """A browser known for one person: the digest of a random cookie, never its value, and no address."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="known_devices")
    digest = models.BinaryField(max_length=32)
    words = models.CharField(max_length=80, blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="device_known_once")]

    def __str__(self) -> str:
        return str(self.uid)
