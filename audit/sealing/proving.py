"""One event and everything that is needed to check it without us: its entry, its place, the path to the root, the signature."""

from typing import Any

from ..errors import LedgerError
from ..models import Event
from . import rows
from .entries import leaf_of
from .models import Checkpoint, Leaf


class NotSealed(LedgerError):
    """The event has no leaf under a signed head yet; the sealer comes every second."""


def proof_of(event: Event, head: Checkpoint | None = None) -> dict[str, Any]:
    """What proves that an event stands in the ledger, ready for JSON. Bytes are in hexadecimal. Three queries at most.

    ``position`` from 0, ``leaf`` its hash as it is kept, ``mac`` and ``entry`` (the canonical bytes, as text) what it
    is made of, ``size`` and ``root`` of the head, ``path`` the hashes between leaf and root (RFC 9162, 2.1.3), and
    ``checkpoint`` the signed note. No value that a person may not see is in it: the entry holds commitments.

    ``head``: the head to prove it under, the newest if none is given. Raises NotSealed, and KeyError where leaves or
    tiles are missing.
    """
    newest = head or rows.head()
    leaf = Leaf.objects.filter(event=event).first()
    if newest is None or leaf is None or leaf.position >= newest.size:
        raise NotSealed("This event is not sealed yet. It will be in a moment.")
    path = rows.prove_inclusion(leaf.position, newest)
    return {
        "position": leaf.position,
        "leaf": bytes(leaf.hash).hex(),
        "mac": bytes(event.mac).hex(),
        "entry": bytes(event.canonical).decode(),
        "size": newest.size,
        "root": bytes(newest.root).hex(),
        "path": [step.hex() for step in path],
        "checkpoint": newest.note,
    }


def fits_leaf(proof: dict[str, Any]) -> bool:
    """Whether the entry of a proof is what its leaf was made of."""
    return leaf_of(proof["entry"].encode(), bytes.fromhex(proof["mac"])).hex() == proof["leaf"]
