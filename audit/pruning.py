"""Pruning: events whose period ended are taken out of the ledger by order, and their leaves stay.

One batch is part of one action of the case room (``cases.actions.retention``), which asked for the period, the two people
and the holds. The rows are deleted through a path of their own in the database's guards, which lets a row go only if its
leaf is in the tree and what must stay of it (``audit.pruned``) was written before. The event EVENTS_PRUNED of the batch
carries, in its ground, the digest of what stayed: that event is sealed like every other, so neither can be altered unseen.
"""

import uuid
from collections.abc import Collection
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

from . import protection
from .log import Ref, record
from .models import Event, EventCase, EventDetail, Leaf, PrunedEvent
from .pruned import digest_of
from .verbs import Verb

#: So many events go in one batch, and so in one transaction.
BATCH = 500

#: These account for what was changed in the ledger, in histories or in what is kept at all; they stay as long as the ledger.
STAY = frozenset(
    {
        Verb.EVENTS_PRUNED, Verb.DETAIL_ERASED, Verb.CORRECTION_DECIDED, Verb.CASE_KEYS_RENEWED, Verb.KEY_ROTATED,
        Verb.KEY_DESTROYED, Verb.ERASURE_DONE, Verb.RETENTION_SET, Verb.RETENTION_ASKED, Verb.RETENTION_APPROVED,
        Verb.RETENTION_DONE, Verb.LEDGER_VERIFIED,
    }
)  # fmt: skip


def prunable(events: models.QuerySet[Event]) -> models.QuerySet[Event]:
    """Those of these events that may ever be pruned: sealed, and none that accounts for a removal itself."""
    return events.filter(leaf__isnull=False).exclude(verb__in=STAY)


def prune_batch(
    ids: Collection[int], *, actor: Any, order: uuid.UUID, number: str, batch: int, approved_by: uuid.UUID
) -> int:
    """Prune these events, in the caller's transaction; say how many there were. Events that are gone are passed over.

    ``number`` is that of the order, ``batch`` counts its batches from 1. Records EVENTS_PRUNED.
    """
    assert connections[DEFAULT_DB_ALIAS].in_atomic_block
    events = {event.pk: event for event in prunable(Event.objects.filter(pk__in=list(ids)))}
    leaves = Leaf.objects.filter(event_id__in=list(events)).order_by("position").values_list("position", "event_id")
    stays = [_what_stays(position, events[pk], order, batch) for position, pk in leaves]
    if not stays:
        return 0
    record(
        Verb.EVENTS_PRUNED, actor=actor, subject=Ref("destructionorder", order),
        basis={
            "kind": "RETENTION", "order": order, "number": number, "batch": batch, "digest": digest_of(stays),
            "count": len(stays), "approved_by": approved_by,
        },
        detail={"count": len(stays)},
    )  # fmt: skip
    with protection.pruning(), transaction.atomic():
        PrunedEvent.objects.bulk_create(stays)
        going = [row.event_id for row in stays]
        for model, column in ((EventCase, "event_id"), (EventDetail, "event_id"), (Event, "id")):
            _delete(model, column, going)
    return len(stays)


def _what_stays(position: int, event: Event, order: uuid.UUID, batch: int) -> PrunedEvent:
    return PrunedEvent(
        position=position, event_id=event.pk, uid=event.uid, stream=event.stream, number=event.number,
        mac=bytes(event.mac), history_rows=event.history_rows, order=order, batch=batch,
    )  # fmt: skip


def _delete(model: type[models.Model], column: str, ids: list[int]) -> None:
    """By one statement: Django would look for rows that point here, and a leaf does, on purpose."""
    connection = connections[DEFAULT_DB_ALIAS]
    marks = ", ".join(["%s"] * len(ids))
    table, name = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(column)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {name} IN ({marks})", ids)  # noqa: S608  names of tables
