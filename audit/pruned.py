"""What stays of an event that was pruned by order: where it stood, so that everything around it can still be verified."""

import hashlib
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import models

from . import canonical


class PrunedEvent(models.Model):
    """An event whose period ended. Its leaf stays in the tree; here stay its place in its stream, its mac, which the next
    event of the stream was signed on top of, and the versions that it named (table, id, digest). Nothing of who, whom or when.

    ``order`` is the uid of the order. The event EVENTS_PRUNED of each batch carries ``digest_of`` its rows in its ground,
    so a row that was added, altered or taken away is found.
    """

    position = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    uid = models.UUIDField(unique=True)
    stream = models.UUIDField()
    number = models.PositiveBigIntegerField()
    mac = models.BinaryField()
    history_rows = models.JSONField(default=list)
    order = models.UUIDField()
    batch = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["stream", "number"], name="audit_prunedevent_place")]
        indexes = [models.Index(fields=["order", "batch"], name="audit_prunedevent_batch")]

    def __str__(self) -> str:
        return f"pruned leaf {self.position}"


def digest_of(rows: Iterable["PrunedEvent"]) -> str:
    """SHA-256 (hex) over the rows of one batch, in the order of their leaves."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(canonical.encode(_plain(row)) + b"\n")
    return digest.hexdigest()


def _plain(row: "PrunedEvent") -> list[Any]:
    return [
        row.position, row.event_id, str(row.uid), str(row.stream), row.number, bytes(row.mac).hex(), row.history_rows,
    ]  # fmt: skip


def macs_of(stream: uuid.UUID, low: int, high: int) -> dict[int, bytes]:
    """The macs of the pruned events of a stream between two numbers (both left out), by number."""
    rows = PrunedEvent.objects.filter(stream=stream, number__gt=low, number__lt=high)
    return {number: bytes(mac) for number, mac in rows.values_list("number", "mac")}
