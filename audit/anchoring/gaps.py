"""After a restore the ledger is shorter than heads that have left: what was lost is told, and those heads convict nobody.

Whoever cuts the ledger back could call it a restore. So each gap is an event (RESTORE_GAP, failed), stands on the
auditor's pages for three months and in every verification for good, and a witness refuses until whoever keeps it begins anew.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .. import clock
from ..log import record
from ..models import Event
from ..sealing import keys, rows
from ..verbs import Outcome, Verb
from . import file
from .held import Held

#: How long the auditor's pages show it.
SHOWN_FOR = timedelta(days=90)
#: Gaps that are looked back over.
MOST = 100


@dataclass(frozen=True)
class Gap:
    """A restored ledger had ``size`` sealed events, and heads outside covered ``lost`` more. ``at``: when that was told."""

    size: int
    lost: int
    at: datetime

    def covers(self, one: Held) -> bool:
        """Whether this head left before the restore, and covers what the restore lost."""
        return self.size < one.size <= self.size + self.lost and one.at <= self.at

    @property
    def remark(self) -> str:
        """For whoever verifies."""
        return f"A backup was restored on {self.at:%Y-%m-%d}: {self.lost} events that were sealed after it are lost."


def known() -> list[Gap]:
    """Every gap that was told, the newest first. One query."""
    told = Event.objects.of_verbs([Verb.RESTORE_GAP]).select_related("detail").newest()[:MOST]
    found = []
    for event in told:
        codes = event.detail.shown().get("codes", {})
        found.append(Gap(codes.get("size", 0), codes.get("events", 0), event.recorded_at))
    return found


def shown() -> Gap | None:
    """The newest gap, while auditors are told of it on every page. One query."""
    newest = known()[:1]
    return newest[0] if newest and clock.now() - newest[0].at < SHOWN_FOR else None


def note_gap() -> Gap | None:
    """For a restore that was just made: tell what the anchor file has and the ledger has not. Records RESTORE_GAP.

    None where nothing is missing, or no file is set. Raises OSError.
    """
    head = rows.head()
    size = head.size if head else 0
    longest = max((one.size for one in file.heads() if one.size > size and keys.signed(one.note)), default=size)
    if longest == size:
        return None
    event = record(
        Verb.RESTORE_GAP, actor=None, outcome=Outcome.FAILED, detail={"size": size, "events": longest - size}
    )
    return Gap(size, longest - size, event.recorded_at)
