"""Holding the ledger against its shadow: every line of that log must still have its event or its head."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from uuid import UUID

from .. import clock
from ..models import Event
from ..report import Report
from ..sealing.models import Checkpoint
from .checking import NAMED, fault_of
from .held import Held

_UID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_LINE = re.compile(
    rf"haven-ledger: (?:event ({_UID}) ([0-9a-f]{{64}})|head ([0-9]{{1,18}}) ([0-9a-f]{{64}}))(?![0-9a-f])"
)
#: Lines that are compared by one query.
BATCH = 500


def check_shadow(report: Report, log: Path) -> Report:
    """Adds to the report and returns it. Events that have no line are passed over: lines get lost. Raises OSError."""
    problems: list[str] = []
    with log.open(encoding="utf-8", errors="replace") as lines:
        found = (match for match in map(_LINE.search, lines) if match)
        while batch := list(islice(found, BATCH)):
            report.anchors += len(batch)
            problems += _events_gone({match[1]: match[2] for match in batch if match[1]})
            problems += _heads_gone([(int(match[3]), match[4]) for match in batch if match[3]])
    report.problems += problems[:NAMED]
    if len(problems) > NAMED:
        report.problems.append(f"{len(problems) - NAMED} more lines of the shadow do not fit the ledger.")
    return report


def _events_gone(told: dict[str, str]) -> Iterator[str]:
    rows = Event.objects.filter(uid__in=[UUID(uid) for uid in told]).values_list("uid", "mac")
    kept = {str(uid): bytes(mac).hex() for uid, mac in rows}
    for uid, mac in told.items():
        if uid not in kept:
            yield f"Event {uid} is gone: the shadow log has its line."
        elif kept[uid] != mac:
            yield f"Event {uid} is another one than the shadow log says."


def _heads_gone(told: list[tuple[int, str]]) -> Iterator[str]:
    kept = dict(Checkpoint.objects.filter(pk__in={size for size, _root in told}).values_list("size", "root"))
    for size, root in told:
        if size not in kept or bytes(kept[size]).hex() != root:
            fault = fault_of(Held("the shadow log", size, bytes.fromhex(root), clock.now()))
            if fault:
                yield fault
