"""The proof of one event in words: what is shown, what was sealed, and what leads from there to a head that others hold."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import canonical, streams
from .anchoring.checking import fault_of
from .anchoring.held import Held
from .anchoring.models import Anchor
from .models import Event
from .sealing import keys, notes, rows, tree
from .sealing.proving import NotSealed, fits_leaf, proof_of


@dataclass(frozen=True)
class Step:
    """One step of the proof. ``holds`` is None where there is nothing to hold yet."""

    title: str
    words: str
    holds: bool | None = True

    @property
    def tone(self) -> str:
        """The colour; the words say it too."""
        return "warn" if self.holds is None else "ok" if self.holds else "bad"


@dataclass(frozen=True)
class Explained:
    """Every step, and the proof itself; none while the event waits for its seal."""

    steps: list[Step]
    proof: dict[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool | None:
        """False where a step does not hold, None where the seal is still to come."""
        if any(step.holds is False for step in self.steps):
            return False
        return True if self.proof else None

    @property
    def entry(self) -> str:
        """The entry as it was sealed, for reading."""
        try:
            return json.dumps(json.loads(self.proof["entry"]), indent=1, ensure_ascii=False)
        except ValueError:
            return str(self.proof["entry"])


def explain(event: Event) -> Explained:
    """Check one event step by step. Load it with its detail. A handful of queries, and a hash for each event before it."""
    steps = [_values(event), _mac(event)]
    try:
        proof = proof_of(event)
    except NotSealed:
        words = _(
            "The seal comes every second, after everything that was begun before is finished. Look again in a moment."
        )
        return Explained([*steps, Step(_("It waits for its place in the tree"), words, None)])
    except KeyError:
        words = _("A part of the tree is missing, so nothing can be proved. Tell the privacy officer at once.")
        return Explained([*steps, Step(_("The tree is not whole"), words, False)])
    return Explained([*steps, _leaf(proof), _path(proof), _signature(proof), _outside(proof["position"])], proof)


def _values(event: Event) -> Step:
    wrong = canonical.mismatches(event, event.detail)
    if wrong:
        words = _("These do not fit what was recorded: %(names)s.") % {"names": ", ".join(wrong)}
        return Step(_("What you read is not what was recorded"), words, False)
    words = _(
        "For each value, the entry holds a fingerprint mixed with a random number. Each value that is kept fits its own."
    )
    if event.detail.erased_at is not None:
        words += " " + _("The details were erased by order; the entry stays whole without them.")
    return Step(_("What you read is what was recorded"), words)


def _mac(event: Event) -> Step:
    previous = streams.FIRST
    if event.number > 1:
        before = (
            Event.objects.filter(stream=event.stream, number=event.number - 1).values_list("mac", flat=True).first()
        )
        previous = bytes(before or b"")
    key = streams.key_at(event.stream, event.number)
    holds = streams.mac_of(key, previous, bytes(event.canonical)) == bytes(event.mac)
    words = _(
        "It is number %(number)s of its connection. A key that was forgotten at once signed it together with the one "
        "before it, so that none can be put in, changed or taken out between."
    ) % {"number": event.number}
    return Step(_("It was signed when it was written"), words, holds)


def _leaf(proof: dict[str, Any]) -> Step:
    words = _("It is entry %(position)s of the tree. The hash of what is kept now is the hash that was put there.")
    return Step(_("It has its place in the tree"), words % {"position": proof["position"]}, fits_leaf(proof))


def _path(proof: dict[str, Any]) -> Step:
    path, leaf = [bytes.fromhex(step) for step in proof["path"]], bytes.fromhex(proof["leaf"])
    holds = tree.verify_inclusion(leaf, proof["position"], proof["size"], path, bytes.fromhex(proof["root"]))
    words = ngettext(
        "Joined with %(count)s hash of its neighbours, it gives the root of all %(size)s entries. One other byte anywhere "
        "in it would give another root.",
        "Joined with %(count)s hashes of its neighbours, it gives the root of all %(size)s entries. One other byte "
        "anywhere in it would give another root.",
        len(path),
    ) % {"count": len(path), "size": proof["size"]}
    return Step(_("It leads to the root"), words, holds)


def _signature(proof: dict[str, Any]) -> Step:
    try:
        told, verifier = notes.open_checkpoint(
            proof["checkpoint"], keys.origin(), [key.verifier for key in keys.listed()]
        )
    except notes.BadNote:
        return Step(_("The root is signed"), _("No key of this ledger signed it."), False)
    holds = (told.size, told.root.hex()) == (proof["size"], proof["root"])
    words = _("The key with the fingerprint %(print)s signed it.") % {"print": keys.fingerprint(verifier)}
    return Step(_("The root is signed"), words, holds)


def _outside(position: int) -> Step:
    """The first head after the event that somebody else holds."""
    anchor = Anchor.objects.filter(size__gt=position).order_by("size", "pk").first()
    if anchor is None:
        words = _(
            "Nobody outside has a head yet that covers this event. Until then it rests on the keys of the house alone."
        )
        return Step(_("Somebody else holds a head that covers it"), words, None)
    head = rows.head()
    held = Held("", anchor.size, bytes(anchor.root), anchor.at, anchor.note)
    holds = fault_of(held, head.size if head else 0) is None
    words = (
        _("%(kind)s, %(day)s, %(size)s entries. The ledger of today begins with that head.")
        if holds
        else _("%(kind)s, %(day)s, %(size)s entries. The ledger of today does NOT begin with that head.")
    )
    named = {
        "kind": Anchor.Kind(anchor.kind).label,
        "day": date_format(localtime(anchor.at), "DATE_FORMAT"),
        "size": anchor.size,
    }
    return Step(_("Somebody else holds a head that covers it"), words % named, holds)
