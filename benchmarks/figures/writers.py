"""Several people writing at once: with the ledger, without any audit, and with one chain that all writers share.

The work is a real one: a caseworker adds a note to her own case. Each writer is a process with a connection of its own, and
each note is committed. Without audit means: no event, no versions, and none of the triggers. The serial chain is what an
audit table with "the hash of the line before" comes to: its last line is locked until the writer has committed. It is compared
with the events alone. The limit is asked of the events alone and of all that a write costs: events, versions, guards and net.
"""

import hashlib
import hmac
import multiprocessing
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from django.conf import settings
from django.db import connection, connections, transaction

from audit import canonical, clock, protection
from audit.context import audit_context
from audit.processors import take_own_connections
from benchmarks.measure import Figure
from benchmarks.peers.models import ChainedEvent, ChainHead
from benchmarks.world import say
from casemgmt.accounts.models import User
from cases.actions import notes
from cases.choices.casework import PrivilegeClass
from tests import make
from tests.cast import Cast

WRITERS = (1, 4, 8)
SECONDS = 4.0
ROUNDS = 3
AT_LEAST = 0.75
_WORDS = {
    "events": "with the ledger's events",
    "ledger": "with events, versions, guards and net",
    "chain": "with one serial chain",
}
_BODY = "She came on foot, was calm, and asked for help with the letter from the agency."
_KEY = bytes(32)


def figures() -> Iterator[Figure]:
    """On PostgreSQL: SQLite has one writer at a time whatever is written. Notes a second, and ratios of the same round."""
    if connection.vendor != "postgresql":
        say("Writers are measured on PostgreSQL.")
        return
    cast = Cast()
    with audit_context("test", "measuring"):
        cases = [make.case(cast.amina, cast.team_of("amina")).uid for _ in range(max(WRITERS))]
    ChainHead.objects.create(mac=bytes(32))
    rates: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS):
        for kind in ("none", *_WORDS):
            (protection.install if kind == "ledger" else protection.remove)()
            for writers in WRITERS:
                rates.setdefault((kind, writers), []).append(_rate(kind, cast.amina.pk, cases[:writers]))
    protection.install()
    for writers in WRITERS:
        for kind, words in _WORDS.items():
            ours, bare = rates[kind, writers], rates["none", writers]
            is_gate = kind in ("events", "ledger") and writers == max(WRITERS)
            yield Figure(
                name=f"writers: {writers} {words}", measured=statistics.median(ours), unit="notes/s", peer="without audit",
                peer_value=statistics.median(bare), at_most=False, of="ratio", limit=AT_LEAST if is_gate else None,
                ratio=statistics.median(a / b for a, b in zip(ours, bare, strict=True)),
            )  # fmt: skip


def _rate(kind: str, person: int, cases: list[uuid.UUID]) -> float:
    """Notes that were committed in a second by as many writers as there are cases."""
    connections.close_all()
    forks = multiprocessing.get_context("fork")
    begin, told = forks.Barrier(len(cases)), forks.SimpleQueue()
    writers = [forks.Process(target=_write, args=(kind, person, case, begin, told)) for case in cases]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    return sum(told.get() for _ in writers)


def _write(kind: str, person: int, case_uid: uuid.UUID, begin: Any, told: Any) -> None:
    """One writer, in a process of its own: the first note warms up."""
    take_own_connections()
    actor = User.objects.get(pk=person)
    with audit_context("test", "measuring"), _record_as(kind), mock.patch.object(
        settings, "SIMPLE_HISTORY_ENABLED", kind == "ledger", create=True
    ):  # fmt: skip
        _note(actor, case_uid)
        begin.wait()
        count, start = 0, time.perf_counter()
        while time.perf_counter() - start < SECONDS:
            _note(actor, case_uid)
            count += 1
        told.put(count / (time.perf_counter() - start))
    connections.close_all()


def _note(actor: User, case_uid: uuid.UUID) -> None:
    privilege = PrivilegeClass.ADVOCATE_CONFIDENTIAL
    notes.add_note(actor=actor, now=clock.now(), case_uid=case_uid, privilege_class=privilege, body=_BODY)


def _record_as(kind: str) -> Any:
    """What the action does where it would record its event."""
    others: dict[str, Callable[..., None]] = {"none": lambda *_words, **_named: None, "chain": _chain}
    return mock.patch.object(notes, "record", others.get(kind, notes.record))


def _chain(verb: str, *, actor: User, subject: Any, **_named: Any) -> None:
    """One line of the chain that all writers share."""
    assert transaction.get_connection().in_atomic_block
    head = ChainHead.objects.select_for_update().get()
    line = canonical.encode({"verb": str(verb), "actor": str(actor.uid), "subject": str(subject.uid)})
    head.mac = hmac.digest(_KEY, bytes(head.mac) + line, hashlib.sha256)
    ChainedEvent(canonical=line, mac=head.mac).save(force_insert=True)
    head.save(update_fields=["mac"])
