"""The heads that were given away before, each with the proof that the ledger begins with it."""

from collections.abc import Iterable, Iterator
from typing import Any

from ..anchoring import file, held
from ..anchoring.held import Held
from ..anchoring.models import Anchor
from ..models import Checkpoint
from ..sealing import tiles
from ..sealing.rows import Rows

#: Letters and what auditors saw, the newest of them; of the file and the witnesses, which come each minute, fewer.
MOST, FEW = 1_000, 50


def heads(head: Checkpoint) -> Iterator[dict[str, Any]]:
    """By size. Raises KeyError where leaves or tiles are missing."""
    kept = [*_newest(held.seen(), MOST), *_newest(held.anchors(Anchor.Kind.MAIL), MOST)]
    kept += [*_newest(file.heads(), FEW), *_newest(held.anchors(Anchor.Kind.WITNESS), FEW)]
    found = {one.size: one for one in kept}
    for size, one in sorted(found.items()):
        if 0 < size <= head.size:
            proof = [step.hex() for step in tiles.prove_consistency(Rows(), size, head.size)]
            yield {"size": size, "root": one.root.hex(), "note": one.note, "proof": proof}


def _newest(heads: Iterable[Held], most: int) -> list[Held]:
    """The last ones, in constant memory."""
    kept: list[Held] = []
    for one in heads:
        kept.append(one)
        if len(kept) > 2 * most:
            del kept[:-most]
    return kept[-most:]
