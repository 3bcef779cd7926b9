"""The job that asks of each release whether it is valid, and keeps the codes of what fails; nothing is shown to anybody."""

import time
from collections.abc import Sequence
from datetime import datetime

from audit import clock
from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.crypto.gate import open_gate
from cases import access
from cases.models import Release, ReleaseCheck
from cases.opening import SectionsGate
from cases.release_checks import (
    RELATED,
    RULES,
    SECTIONS,
    Verdict,
    checked_too_long_ago,
    never_checked,
    verdicts_of,
)

#: So many releases are opened at once, and so many seconds one turn of the job goes on; the next minute goes on from there.
AT_ONCE, TURN_SECONDS = 50, 20.0
_KEPT = ("checked_at", "failed", "is_erased", "rules")


def check_releases(*, seconds: float = TURN_SECONDS) -> int:
    """Check what is new, what changed and what was not looked at for a day, and say how many. Idempotent; for the schedule.

    New and renewed releases come first, then those that were taken back or ran out, then the daily round. What was checked
    stays checked if the worker is killed. Records JOB_RUN for each batch, with the sections that were open.
    """
    until, checked = time.monotonic() + seconds, 0
    while True:
        now = clock.now()
        batch = list(never_checked()[:AT_ONCE]) or _again(now)
        if batch:
            checked += check_these(batch, now)
        if len(batch) < AT_ONCE or time.monotonic() >= until:
            return checked


def check_these(releases: Sequence[Release], now: datetime) -> int:
    """Check these releases as they are stored now. ``now`` is the moment before anything of them was read."""
    with open_gate(SectionsGate(SECTIONS)):
        found = list(verdicts_of(releases, now))
    return keep_verdicts(actor=None, now=now, found=found)


def _again(now: datetime) -> list[Release]:
    keys = list(checked_too_long_ago(now).values_list("release_id", flat=True)[:AT_ONCE])
    return list(access.for_the_house(Release).filter(pk__in=keys).select_related(*RELATED).order_by("pk"))


@action
def keep_verdicts(*, actor: None, now: datetime, found: Sequence[tuple[Release, Verdict]]) -> int:
    """Write down what was found, in place of what was found before; say how many. Records JOB_RUN."""
    rows = [
        ReleaseCheck(
            release=release, checked_at=now, failed=verdict.codes, is_erased=verdict.is_erased, rules=RULES
        )
        for release, verdict in found
    ]  # fmt: skip
    access.for_the_house(ReleaseCheck).bulk_create(
        rows, update_conflicts=True, unique_fields=["release"], update_fields=list(_KEPT)
    )
    record(
        Verb.JOB_RUN, actor=None, sections=list(SECTIONS), detail={"job": "release_checks", "count": len(rows)}
    )  # fmt: skip
    return len(rows)
