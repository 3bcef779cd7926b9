"""A large ledger for measuring the seal: 100,000 events as the house writes them, a million on request.

``HAVEN_BENCH_EVENTS`` says how many. They are written by ``record()`` on several connections, so that there are several
streams, and none of them is sealed yet.
"""

import os
import threading
import uuid

from django.db import connection, connections, transaction

from audit.context import audit_context
from audit.log import Ref, record
from audit.models import Event
from audit.verbs import Verb
from benchmarks.world import say

EVENTS = int(os.environ.get("HAVEN_BENCH_EVENTS", "100000"))
#: Writers one after the other: each thread has a connection and so a stream of its own.
STREAMS = 8
_AT_ONCE = 1_000
_BASIS = {
    "grant": str(uuid.UUID(int=7)),
    "kind": "ASSIGNMENT",
    "purpose": "CASEWORK",
    "until": "2099-01-01T00:00:00+00:00",
}


def build(events: int = EVENTS) -> int:
    """Write the events; how many there are."""
    say(f"Writing {events:,} events …")
    for number in range(STREAMS):
        share = events // STREAMS + (number < events % STREAMS)
        writer = threading.Thread(target=_write, args=(share,))
        writer.start()
        writer.join()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE audit_event")
    return Event.objects.count()


def _write(events: int) -> None:
    try:
        with audit_context("test", "measuring"):
            for start in range(0, events, _AT_ONCE):
                with transaction.atomic():
                    for _ in range(min(_AT_ONCE, events - start)):
                        case_uid = uuid.uuid4()
                        record(
                            Verb.CASE_VIEWED, actor=None, subject=Ref("case", case_uid, case_uid), basis=_BASIS,
                            sections=["CARD", "IDENTITY"], fields=["case.alias", "survivor.first_name"],
                        )  # fmt: skip
    finally:
        connections.close_all()
