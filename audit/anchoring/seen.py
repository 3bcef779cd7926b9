"""What an auditor saw: the newest head is remembered for her, and at her next visit today's is proved to go on from it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .. import clock
from ..log import record
from ..models import Event
from ..sealing import rows, tiles, tree
from ..sealing.models import Checkpoint
from ..verbs import Outcome, Verb
from .models import SeenHead

#: A head is remembered once in so long: reading the ledger makes it grow.
EVERY = timedelta(hours=1)
#: How many are shown.
SHOWN = 5


@dataclass(frozen=True)
class Seen:
    """A head she was shown, and whether the ledger still begins with it. ``steps``: hashes of the proof."""

    head: SeenHead
    holds: bool
    steps: int

    @property
    def groups(self) -> list[str]:
        """The root, to read against what she wrote down."""
        return groups_of(bytes(self.head.root).hex())


def look(auditor: Any) -> list[Seen]:
    """What she saw before, the newest first, each proved against the head of now; and remember that one.

    A head that is no beginning any more is a finding: recorded once as LEDGER_VERIFIED with FAILED.
    """
    head = rows.head()
    before = list(SeenHead.objects.filter(auditor_uid=auditor.uid).order_by("-pk")[:SHOWN])
    seen = [_proved(one, head) for one in before]
    if not all(one.holds for one in seen):
        _tell(auditor)
    elif head is not None and (not before or (head.size > before[0].size and clock.now() - before[0].at >= EVERY)):
        SeenHead(auditor_uid=auditor.uid, size=head.size, root=head.root, at=clock.now()).save(force_insert=True)
    return seen


def groups_of(root: str) -> list[str]:
    """Sixty-four digits in groups of eight."""
    return [root[place : place + 8] for place in range(0, len(root), 8)]


def _proved(seen: SeenHead, head: Checkpoint | None) -> Seen:
    if head is None or seen.size > head.size:
        return Seen(seen, False, 0)
    try:
        proof = tiles.prove_consistency(rows.Rows(), seen.size, head.size)
    except KeyError:
        return Seen(seen, False, 0)
    holds = tree.verify_consistency(seen.size, head.size, bytes(seen.root), bytes(head.root), proof)
    return Seen(seen, holds, len(proof))


def _tell(auditor: Any) -> None:
    last = Event.objects.filter(verb=Verb.LEDGER_VERIFIED).order_by("-pk").first()
    if last is None or last.outcome != Outcome.FAILED:
        record(Verb.LEDGER_VERIFIED, actor=auditor, outcome=Outcome.FAILED, detail={"problems": 1, "kind": "SEEN"})
