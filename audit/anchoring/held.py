"""A head that somebody holds, and where."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from .. import pseudonyms
from .models import Anchor, SeenHead


@dataclass(frozen=True)
class Held:
    """Size and root of a tree as they were told at that moment. ``where`` is in words. No note where none was given."""

    where: str
    size: int
    root: bytes
    at: datetime
    note: str = ""


_WHERE = {
    Anchor.Kind.FILE: "what was written into the anchor file on {day}",
    Anchor.Kind.MAIL: "the letter of {day}",
    Anchor.Kind.WITNESS: "the cosignature of {place}, {day}",
}


def anchors(*kinds: str) -> Iterator[Held]:
    """Every head that was given away (in one of these ways), as the database remembers it, by size."""
    for anchor in Anchor.objects.filter(kind__in=kinds or Anchor.Kind.values).order_by("size", "pk").iterator():
        where = _WHERE[Anchor.Kind(anchor.kind)].format(day=f"{anchor.at:%Y-%m-%d}", place=anchor.place)
        yield Held(where, anchor.size, bytes(anchor.root), anchor.at, anchor.note)


def seen() -> Iterator[Held]:
    """Every head that was shown to an auditor."""
    for head in SeenHead.objects.order_by("size", "pk").iterator():
        where = f"what auditor {pseudonyms.of_person(head.auditor_uid)} saw on {head.at:%Y-%m-%d}"
        yield Held(where, head.size, bytes(head.root), head.at)
