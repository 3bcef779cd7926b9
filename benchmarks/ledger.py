"""A large ledger for measuring the seal: 100,000 events as the house writes them, a million on request.

``HAVEN_BENCH_EVENTS`` says how many. They are what ``record()`` writes for an opened case, in eight streams, inserted many at
a time, and none of them is sealed yet. ``python -m benchmarks.ledger`` measures everything of the ledger in one run.
"""

import os
import sys
import uuid

from django.db import connection, transaction

EVENTS = int(os.environ.get("HAVEN_BENCH_EVENTS", "100000"))
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
    from audit.context import audit_context  # noqa: PLC0415  this module is run by itself, too: then nothing is set up yet
    from audit.models import Event  # noqa: PLC0415
    from benchmarks.world import say  # noqa: PLC0415

    say(f"Writing {events:,} events …")
    for number in range(STREAMS):
        with audit_context("test", "measuring"):
            _write(events // STREAMS + (number < events % STREAMS))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE audit_event")
    return Event.objects.count()


def _write(events: int) -> None:
    """One stream. The first event by ``record()``, the others after its pattern, each with salts and a case of its own."""
    from audit import canonical, streams  # noqa: PLC0415
    from audit.log import Ref, record  # noqa: PLC0415
    from audit.models import Event, EventDetail  # noqa: PLC0415
    from audit.verbs import Verb  # noqa: PLC0415

    streams.chain_of_connection().owner = (0, "")  # it is another's: so a new one begins
    case_uid = uuid.uuid4()
    with transaction.atomic():
        first = record(
            Verb.CASE_VIEWED, actor=None, subject=Ref("case", case_uid, case_uid), basis=_BASIS,
            sections=["CARD", "IDENTITY"], fields=["case.alias", "survivor.first_name"],
        )  # fmt: skip
    columns = [field.attname for field in Event._meta.concrete_fields if not field.primary_key]
    pattern = {name: getattr(first, name) for name in columns}
    content, mac = EventDetail.objects.get(event=first).content, bytes(first.mac)
    key = streams.key_at(first.stream, 2)
    for start in range(2, events + 1, _AT_ONCE):
        rows, salts = [], []
        for number in range(start, min(start + _AT_ONCE, events + 1)):
            case_uid, salt = uuid.uuid4(), canonical.new_salt()
            event = Event(**pattern | {
                "uid": uuid.uuid4(), "number": number, "salt": canonical.new_salt(), "case_uid": case_uid,
                "subject_uid": case_uid,
            })  # fmt: skip
            event.canonical = canonical.canonical_bytes(event, content, salt)
            event.mac = mac = streams.mac_of(key, mac, event.canonical)
            key = streams.step(key)
            rows.append(event)
            salts.append(salt)
        with transaction.atomic():
            Event.objects.bulk_create(rows)
            EventDetail.objects.bulk_create(
                [EventDetail(event=event, salt=salt, content=content) for event, salt in zip(rows, salts, strict=True)]
            )


if __name__ == "__main__":
    from benchmarks.__main__ import main

    sys.exit(main(("ledger", "writers", "sealing")))
