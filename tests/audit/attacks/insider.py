"""An insider with the rights of the database's superuser: takes the guards off, changes what he likes, puts them back.

What he holds beside the database (the key that signs heads, the ledger's own key from which streams begin) is said by each
attack. He knows Haven's code and uses it.
"""

import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from audit import canonical, protection, streams
from audit.context import audit_context
from audit.models import Anchor, Checkpoint, Event, EventCase, EventDetail, Leaf, SeenHead, Stream, Tile
from audit.sealing import keys, notes, rows, tree
from audit.sealing.entries import leaf_of
from audit.sealing.sealer import Sealer


@contextmanager
def guards_off() -> Iterator[None]:
    """As the owner of the tables: every trigger is gone, and afterwards all are there again, as if nothing had been."""
    connection.check_constraints()
    protection.remove()
    yield
    connection.check_constraints()
    protection.install()


def run(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)


def at_leaf(position: int) -> Event:
    """The event that was sealed there."""
    return Leaf.objects.select_related("event").get(position=position).event


def change(event: Event, **columns: Any) -> None:
    """Other values in the columns, and nothing that hides it."""
    Event.objects.filter(pk=event.pk).update(**columns)


def rewrite(event: Event, **columns: Any) -> None:
    """Other values, with commitments that fit: the canonical bytes are made anew. The mac is left as it was."""
    for name, value in columns.items():
        setattr(event, name, value)
    detail = EventDetail.objects.get(event_id=event.pk)
    made = canonical.canonical_bytes(event, detail.content or {}, bytes(detail.salt or b""))
    change(event, canonical=made, **columns)


def remove(*ids: int) -> None:
    """Events with all that hangs on them."""
    EventCase.objects.filter(event_id__in=ids)._raw_delete("default")
    EventDetail.objects.filter(event_id__in=ids)._raw_delete("default")
    Event.objects.filter(pk__in=ids)._raw_delete("default")


def forge_streams() -> None:
    """With the ledger's key: number and sign every stream anew, so that each holds by itself."""
    for uid in Stream.objects.values_list("uid", flat=True):
        key, previous = streams.first_key(uid), streams.FIRST
        for number, event in enumerate(Event.objects.filter(stream=uid).order_by("number"), 1):
            if event.number != number:
                rewrite(event, number=number)
            event = Event.objects.get(pk=event.pk)
            previous = streams.mac_of(key, previous, bytes(event.canonical))
            if previous != bytes(event.mac):
                change(event, mac=previous)
            key = streams.step(key)


def cut_seal(size: int) -> None:
    """The seal as it was at this size."""
    Leaf.objects.filter(position__gte=size)._raw_delete("default")
    Checkpoint.objects.filter(size__gt=size)._raw_delete("default")
    for tile in Tile.objects.all():
        if (tile.index + 1) * 256 ** (tile.level + 1) > size:
            Tile.objects.filter(pk=tile.pk)._raw_delete("default")


def forget_anchors() -> None:
    """What the database itself remembers of heads that left."""
    Anchor.objects.all()._raw_delete("default")
    SeenHead.objects.all()._raw_delete("default")


def reseal(upto: int) -> None:
    """With the key that signs: seal what there is anew, as Haven does, to a tree of this size."""
    with audit_context("test", "an insider"):
        size = rows.head().size if rows.head() else 0  # type: ignore[union-attr]
        Sealer().seal(sweep=True, limit=upto - size)


def reseal_by_hand(position: int, leaf: bytes) -> None:
    """With the key that signs: another hash at one place, every tile and every head above it made to fit."""
    Leaf.objects.filter(position=position).update(hash=leaf)
    hashes = [bytes(one) for one in Leaf.objects.order_by("position").values_list("hash", flat=True)]
    for tile in Tile.objects.filter(level=0):
        here = hashes[tile.index * 256 : (tile.index + 1) * 256]
        Tile.objects.filter(pk=tile.pk).update(data=b"".join(here), root=tree.root_of(here))
    for head in Checkpoint.objects.all():
        root = tree.root_of(hashes[: head.size])
        Checkpoint.objects.filter(pk=head.pk).update(root=root, note=str(keys.sign(head.size, root)))


def sign_with_own_key(size: int) -> None:
    """Without the key that signs: the newest head, signed by a key that he made himself."""
    hashes = [bytes(one) for one in Leaf.objects.order_by("position").values_list("hash", flat=True)[:size]]
    root = tree.root_of(hashes)
    text = notes.Checkpoint(keys.origin(), size, root).text()
    note = notes.sign(text, keys.origin(), Ed25519PrivateKey.generate())
    Checkpoint.objects.filter(size=size).update(root=root, note=str(note))


def forged_event(like: Event, stream: Stream, *, mac: bytes | None = None) -> Event:
    """An event that never happened, at the end of a stream. Without ``mac`` it is signed with the ledger's key."""
    last = Event.objects.filter(stream=stream.uid).order_by("-number").first()
    event = Event.objects.get(pk=like.pk)
    detail = EventDetail.objects.get(event_id=like.pk)
    event.pk, event.uid = None, uuid.uuid4()
    event.stream, event.number = stream.uid, (last.number if last else 0) + 1
    event.objects_touched, event.history_rows, event.changed_rows = [], [], 0
    event.salt, salt = canonical.new_salt(), canonical.new_salt()
    event.canonical = canonical.canonical_bytes(event, detail.content or {}, salt)
    key = streams.key_at(stream.uid, event.number)
    before = bytes(last.mac) if last else streams.FIRST
    event.mac = mac if mac is not None else streams.mac_of(key, before, event.canonical)
    event.save(force_insert=True)
    EventDetail(event=event, salt=salt, content=detail.content).save(force_insert=True)
    return event


def split_head(position: int) -> notes.Note:
    """With the key that signs: a second head of the newest size, over a ledger in which one event is another."""
    hashes = [bytes(one) for one in Leaf.objects.order_by("position").values_list("hash", flat=True)]
    hashes[position] = leaf_of(secrets.token_bytes(40), secrets.token_bytes(32))
    return keys.sign(len(hashes), tree.root_of(hashes))
