"""Verification: recompute what the ledger says of itself, from its first event on.

``verify_streams`` needs the ledger's key and nothing else: numbers without a gap, every mac, every commitment
against the value that stands beside it, every index row. ``verify_history`` compares the history tables with
the digests in the events. Findings are sentences with uids, never values.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain, groupby
from typing import Any

from django.apps import apps
from django.db.models import Min, Value

from . import canonical, history_rows, net, pruned, streams
from .anchoring.checking import check_anchors
from .history import Version, history_model_of
from .log import record
from .models import Change, Checkpoint, Event, EventCase, EventDetail, Leaf, PrunedEvent, Stream
from .processors import processors, side_by_side
from .protection import check_protection
from .reach import may
from .report import Report
from .sealing.verifying import verify_seal
from .verbs import Outcome, Verb

BATCH = 1000
#: What the event of a verification says that left records and histories out.
LEDGER_ONLY = "LEDGER_ONLY"

#: Adds to a report.
Check = Callable[[Report], object]

#: The events that may put a version under a newer key: of a case, or of a person (``audit.rekeying``).
_RENEWALS = (Verb.CASE_KEYS_RENEWED, Verb.KEY_ROTATED)


def verify_all(since: Checkpoint | None = None, *, as_of: datetime | None = None) -> Report:
    """Streams, the seal, history, changes that nobody accounts for, and the database's guards in one report.

    ``since``: a head that was verified before. Then only what came after it is read, and of the histories nothing. Nor
    where the database lets this role read the ledger alone; the report says so. ``as_of``: as ``verify_seal``.
    """
    report = verify_streams() if since is None else verify_streams_since(since)
    verify_seal(report, since, as_of=as_of)
    check_anchors(report)
    verify_pruned(report)
    report.problems += net.unattributed()
    report.is_ledger_only = not may("SELECT", _history_models())
    if since is None and not report.is_ledger_only:
        verify_history(report)
        report.problems += net.unlike_their_versions()
    report.problems.extend(check_protection())
    report.problems = list(dict.fromkeys(report.problems))
    return report


def verify_and_record(actor: Any, *, incremental: bool = False, also: Iterable[Check] = ()) -> Report:
    """Verify and record that and how it went. Reads first and writes last, so nobody waits meanwhile.

    ``incremental``: from the last head that was verified without a finding; where there is none, everything. ``also``:
    checks of the rooms above, which add to the report before it is recorded.
    """
    report = verify_all(last_verified() if incremental else None)
    for check in also:
        check(report)
    if may("DELETE", [Change._meta.db_table]):
        net.tidy()
    record(
        Verb.LEDGER_VERIFIED,
        actor=actor,
        outcome=Outcome.OK if report.is_whole else Outcome.FAILED,
        detail={
            "events": report.events,
            "streams": report.streams,
            "problems": len(report.problems),
            "since": report.since,
            "size": report.size,
            "head": report.head,
        }
        | ({"kind": LEDGER_ONLY} if report.is_ledger_only else {}),
    )
    return report


def last_verified() -> Checkpoint | None:
    """The newest head that a verification found whole, by its event; None where there is none to go on from.

    The event must lie after the head it names: so the verification that begins there checks the event, too.
    """
    told = Event.objects.filter(verb=Verb.LEDGER_VERIFIED, outcome=Outcome.OK).select_related("detail", "leaf")
    for event in told.order_by("-pk")[:50]:
        codes = event.detail.shown().get("codes", {})
        size, leaf = codes.get("size", 0), getattr(event, "leaf", None)
        if not size or canonical.mismatches(event, event.detail) or (leaf is not None and leaf.position < size):
            continue
        head = Checkpoint.objects.filter(pk=size).first()
        if head is not None and bytes(head.root).hex() == codes.get("head"):
            return head
    return None


def verify_streams() -> Report:
    """Follow every stream from its first key. Reads the whole ledger in batches, with constant memory.

    Others may write meanwhile: what must be there with something else is always read after it.
    """
    report = Report()
    present = _streams_with_events()
    known = set(Stream.objects.values_list("uid", flat=True))
    report.problems += [f"Stream {uid} has no row of its own." for uid in sorted(present - known, key=str)]
    lost = known - present - _streams_with_events()
    report.problems += [f"Stream {uid} has lost all its events." for uid in sorted(lost, key=str)]
    starts = dict.fromkeys(sorted(present, key=str), 1)
    return _follow_all(starts, report)


def _follow_all(starts: dict[uuid.UUID, int], report: Report) -> Report:
    """Each of these streams from a number on, shared out among the processors. Adds to the report and returns it."""
    count = max(1, min(processors(), len(starts)))
    shares = [list(starts.items())[place::count] for place in range(count)]
    for part in side_by_side(_follow_some, shares):
        report.problems += part.problems
        for name in ("events", "streams", "erased"):
            setattr(report, name, getattr(report, name) + getattr(part, name))
    return report


def _follow_some(starts: list[tuple[uuid.UUID, int]]) -> Report:
    report = Report(streams=len(starts))
    for uid, number in starts:
        _follow(uid, report, number)
    return report


def verify_streams_since(head: Checkpoint) -> Report:
    """As ``verify_streams``, for the events that were sealed after a head or wait to be."""
    report = Report()
    starts: dict[uuid.UUID, int] = {}
    later = Event.objects.filter(leaf__position__gte=head.size)
    waiting = Event.objects.filter(leaf__isnull=True, pk__gt=head.settled)
    for events in (later, waiting):
        for uid, number in events.order_by().values_list("stream").annotate(first=Min("number")):
            starts[uid] = min(number, starts.get(uid, number))
    return _follow_all(dict(sorted(starts.items(), key=str)), report)


def _streams_with_events() -> set[uuid.UUID]:
    """The streams that events name, and those that pruned ones named."""
    found = set(Event.objects.order_by().values_list("stream", flat=True).distinct())
    return found | set(PrunedEvent.objects.order_by().values_list("stream", flat=True).distinct())


def _follow(uid: uuid.UUID, report: Report, expected: int = 1) -> None:
    """One stream from a number on: numbers, macs, commitments, index rows."""
    key, previous = streams.key_at(uid, expected), streams.FIRST
    if expected > 1:
        before = Event.objects.filter(stream=uid, number=expected - 1).values_list("mac", flat=True).first()
        previous = bytes(before or pruned.macs_of(uid, expected - 2, expected).get(expected - 1) or b"")
    for events in _batches(uid, expected - 1):
        ids = [event.pk for event in events]
        details = EventDetail.objects.in_bulk(ids)
        cases: dict[int, set[uuid.UUID]] = {}
        for event_id, case_uid in EventCase.objects.filter(event_id__in=ids).values_list("event_id", "case_uid"):
            cases.setdefault(event_id, set()).add(case_uid)
        for event in events:
            report.events += 1
            is_after_a_gap = False
            if event.number != expected:
                stayed = pruned.macs_of(uid, expected - 1, event.number)
                is_after_a_gap = len(stayed) < event.number - expected
                if is_after_a_gap:
                    report.problems.append(f"Stream {uid} jumps from {expected - 1} to {event.number}.")
                else:
                    previous = stayed[event.number - 1]
                while expected < event.number:  # the keys of lost events can still be computed, their macs cannot
                    key, expected = streams.step(key), expected + 1
            if not is_after_a_gap and streams.mac_of(key, previous, bytes(event.canonical)) != bytes(event.mac):
                report.problems.append(f"Event {event.uid} is not the one that was signed.")
            detail = details.get(event.pk)
            wrong = canonical.mismatches(event, detail)
            if wrong:
                report.problems.append(f"Event {event.uid} was altered: {', '.join(wrong)}.")
            if detail is not None and detail.erased_at is not None:
                report.erased += 1
            if cases.get(event.pk, set()) != _cases_of(event):
                report.problems.append(f"Event {event.uid} has a wrong index of cases.")
            key, previous, expected = streams.step(key), bytes(event.mac), expected + 1


def verify_pruned(report: Report) -> Report:
    """What stayed of pruned events is what their orders say, leaf by leaf. Adds to the report and returns it.

    Each batch of an order has one event EVENTS_PRUNED, and the ground of that event states the digest of its rows. That
    no event was lost otherwise, the leaves and the streams say.
    """
    stated: dict[tuple[str, str], tuple[str, str]] = {}
    for event_uid, basis in Event.objects.filter(verb=Verb.EVENTS_PRUNED).values_list("uid", "basis"):
        basis = basis or {}
        place = (str(basis.get("order")), str(basis.get("batch")))
        if place in stated:
            report.problems.append(f"Event {event_uid} repeats a batch of another.")
        stated[place] = (str(basis.get("digest")), str(basis.get("number", "")))
    rows = PrunedEvent.objects.order_by("order", "batch", "position")
    found = {
        (str(order), str(batch)): pruned.digest_of(batch_rows)
        for (order, batch), batch_rows in groupby(
            rows.iterator(chunk_size=BATCH), key=lambda row: (row.order, row.batch)
        )
    }
    for place in sorted(stated.keys() | found.keys()):
        if place not in stated:
            report.problems.append(f"Batch {place[1]} of order {place[0]} was pruned without an event.")
        elif stated[place][0] != found.get(place):
            report.problems.append(f"What stayed of batch {place[1]} of order {place[0]} is not what was recorded.")
        else:
            report.prune_orders.append(stated[place][1])
    report.prune_orders = sorted(set(report.prune_orders))
    leaves = dict(
        Leaf.objects.filter(position__in=PrunedEvent.objects.values("position")).values_list("position", "event_id")
    )
    astray = [row for row in rows.values_list("position", "event_id") if leaves.get(row[0]) != row[1]]
    report.problems += [f"A pruned event states leaf {position}, which is not its own." for position, _id in astray]
    back = Event.objects.filter(pk__in=PrunedEvent.objects.values("event_id")).values_list("uid", flat=True)
    report.problems += [f"Event {event_uid} was pruned and is there again." for event_uid in back]
    return report


def _batches(uid: uuid.UUID, after: int) -> Iterator[list[Event]]:
    """The events of a stream in order, some at a time."""
    while events := list(Event.objects.filter(stream=uid, number__gt=after).order_by("number")[:BATCH]):
        yield events
        after = events[-1].number


def _cases_of(event: Event) -> set[uuid.UUID]:
    """The cases that the index must show for this event."""
    touched = {uuid.UUID(case_uid) for _kind, _uid, case_uid in event.objects_touched if case_uid}
    return touched - {event.case_uid}


def verify_history(report: Report) -> Report:
    """Every history row is named by an event and is what that event saw. Adds to the report and returns it."""
    models_by_table = _history_models()
    # Versions first, then the events that name them, then the versions again: others may write meanwhile.
    versions = {
        table: list(history_model._base_manager.order_by("pk").values_list("pk", flat=True))
        for table, history_model in models_by_table.items()
    }
    named: dict[str, dict[int, str]] = {table: {} for table in models_by_table}
    rekeyed: dict[str, dict[int, dict[str, str]]] = {table: {} for table in models_by_table}
    events = Event.objects.filter(changed_rows__gt=0).values_list("uid", "verb", "history_rows")
    gone = PrunedEvent.objects.exclude(history_rows=[]).values_list("uid", Value(""), "history_rows")
    for event_uid, verb, rows in chain(events.iterator(), gone.iterator()):
        for table, history_id, digest, *before in rows:
            if table not in named:
                report.problems.append(f"Event {event_uid} names {table}, which is no history.")
            elif not before:
                named[table][history_id] = digest
            elif verb not in (*_RENEWALS, Verb.CORRECTION_DECIDED):
                report.problems.append(f"Event {event_uid} put {table} {history_id} under another key.")
            else:
                report.corrected += verb == Verb.CORRECTION_DECIDED
                rekeyed[table].setdefault(history_id, {})[before[0]] = digest
    for table, history_model in models_by_table.items():
        stated = {pk: _last(digest, rekeyed[table].get(pk, {})) for pk, digest in named[table].items()}
        report.history_rows += len(versions[table])
        report.problems += [f"{table} {pk} is named by no event." for pk in versions[table] if pk not in stated]
        found = dict(history_rows.digests(history_model, sorted(stated)))
        report.problems += [f"{table} {lost} is gone." for lost in sorted(stated.keys() - found.keys())]
        odd = sorted(pk for pk in found if found[pk] != stated[pk])
        first = dict(history_rows.digests(history_model, odd, of=history_rows.first_digest))
        report.problems += [f"{table} {pk} was altered." for pk in odd if first[pk] != stated[pk]]
    return report


def _last(digest: str, steps: dict[str, str]) -> str:
    """The digest a version has after every renewal of its case's keys: each step leads on from where one ended.

    A step that leads on from nowhere leaves the digest unreached, and so the version as altered.
    """
    left = dict(steps)
    while digest in left:
        digest = left.pop(digest)
    return "" if left else digest


def _history_models() -> dict[str, Any]:
    """Every history model of ours by its table."""
    found = {}
    for model in apps.get_models():
        if hasattr(model._meta, "simple_history_manager_attribute"):
            versions = history_model_of(model)
            if issubclass(versions, Version):
                found[versions._meta.db_table] = versions
    return found
