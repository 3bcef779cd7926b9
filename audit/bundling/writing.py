"""Writing a bundle: what an outsider verifies with ``verify.py`` and nothing else. Streams; memory stays flat.

Redacted unless it is ordered otherwise: entries hold commitments, names are made for this bundle alone, times are weeks,
and of the privileged part there are leaves only. A bundle for a court holds the chosen events and their proofs.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models import Max, Min

from ..errors import LedgerError
from ..models import Checkpoint, Event, Leaf, PrunedEvent
from ..sealing import keys, tiles
from ..sealing.entries import leaf_of
from ..sealing.proving import NotSealed, proof_of
from ..sealing.reading import stretches
from ..sealing.rows import Rows
from . import earlier
from .opening import names_in, new_engagement, opened

REDACTED, FULL, EVENTS = "REDACTED", "FULL", "EVENTS"
_HERE = Path(__file__).parent
#: Events whose columns are fetched by one query.
BATCH = 1_000


class BundleRefused(LedgerError):
    """What was asked for cannot be bundled; the sentence says why."""


@dataclass(frozen=True)
class Wanted:
    """What goes into a bundle: recorded from ``since`` on and before ``until`` (both aware), or these events alone."""

    since: datetime | None = None
    until: datetime | None = None
    is_full: bool = False
    events: tuple[UUID, ...] = ()
    engagement: str = field(default_factory=new_engagement)

    @property
    def kind(self) -> str:
        """As the manifest says."""
        return EVENTS if self.events else FULL if self.is_full else REDACTED


def write_bundle(out: IO[bytes], wanted: Wanted, head: Checkpoint) -> int:
    """Write the zip; how many entries it holds. Raises BundleRefused, KeystoreUnavailable."""
    try:
        frame = _frame(wanted, head)
        with ZipFile(out, "w", ZIP_DEFLATED) as archive:
            pack = _Pack(archive)
            pack.put("verify.py", [(_HERE / "verify.py").read_bytes()])
            pack.put("README.txt", [(_HERE / "README.txt").read_bytes()])
            pack.put("keys.txt", [keys.key_file().encode()])
            pack.put("head.txt", [head.note.encode()])
            pack.put("frame.json", [_line(frame)])
            pack.put("anchors.jsonl", map(_line, earlier.heads(head)))
            lines = _chosen(wanted, head) if wanted.events else _entries(wanted, frame["first"], frame["last"])
            count = pack.put("entries.jsonl", map(_line, lines))
            above = f"haven bundle v1\norigin {keys.origin()}\nkind {wanted.kind}\nsize {head.size}\n"
            note = keys.sign_text(f"{above}engagement {wanted.engagement}\n{pack.manifest()}")
            archive.writestr("manifest.txt", str(note).encode())
    except KeyError:
        raise BundleRefused("A leaf or a tile is missing. Run audit_verify.") from None
    return count


class _Pack:
    """A zip that remembers the digest of what it is given."""

    def __init__(self, archive: ZipFile) -> None:
        self.archive = archive
        self.files: list[tuple[str, int, str]] = []

    def put(self, name: str, pieces: Iterable[bytes]) -> int:
        """A file, piece by piece; how many pieces there were."""
        digest, size, count = hashlib.sha256(), 0, 0
        with self.archive.open(name, "w", force_zip64=True) as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size, count = size + len(piece), count + 1
        self.files.append((digest.hexdigest(), size, name))
        return count

    def manifest(self) -> str:
        """A line for each file."""
        return "".join(f"file {digest} {size} {name}\n" for digest, size, name in self.files)


def _line(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _frame(wanted: Wanted, head: Checkpoint) -> dict[str, Any]:
    """Where the entries stand. Both ends lie at signed heads, so that nothing in between is left out."""
    first, last = (0, 0) if wanted.events else _ends(wanted, head)
    return {
        "origin": keys.origin(),
        "kind": wanted.kind,
        "size": head.size,
        "first": first,
        "last": last,
        "edge": [step.hex() for step in tiles.edge_at(Rows(), first)],
        "proof": [step.hex() for step in tiles.prove_consistency(Rows(), last, head.size)],
    }


def _ends(wanted: Wanted, head: Checkpoint) -> tuple[int, int]:
    """The sizes of the last head before the first event that is wanted, and of the first head after the last one."""
    sealed = Leaf.objects.filter(position__lt=head.size)
    if wanted.since is not None:
        sealed = sealed.filter(event__recorded_at__gte=wanted.since)
    if wanted.until is not None:
        sealed = sealed.filter(event__recorded_at__lt=wanted.until)
    found = sealed.aggregate(low=Min("position"), high=Max("position"))
    if found["low"] is None:
        raise BundleRefused("No event was recorded in that time.")
    before = Checkpoint.objects.filter(pk__lte=found["low"]).aggregate(size=Max("size"))["size"]
    after = Checkpoint.objects.filter(pk__gt=found["high"]).aggregate(size=Min("size"))["size"]
    return (before or 0) if wanted.since is not None else 0, after if wanted.until is not None else head.size


def _entries(wanted: Wanted, first: int, last: int) -> Iterator[dict[str, Any]]:
    """Each entry from one size to another, in order. Raises BundleRefused where one does not fit its leaf."""
    names = names_in(wanted.engagement)
    for _low, _high, stored, signed in stretches(first, last):
        for start in range(0, len(stored), BATCH):
            batch = stored[start : start + BATCH]
            rows = Event.objects.filter(pk__in=[event_id for _position, _leaf, event_id in batch])
            if wanted.is_full:
                rows = rows.select_related("detail")
            else:
                rows = rows.only("case_uid", "actor_uid", "on_behalf_of", "is_privileged")
            events = {event.pk: event for event in rows}
            gone = [event_id for _position, _leaf, event_id in batch if event_id not in events]
            pruned = set(PrunedEvent.objects.filter(event_id__in=gone).values_list("position", "event_id"))
            for position, leaf, event_id in batch:
                if (position, event_id) in pruned:
                    yield {"position": position, "leaf": leaf.hex(), "withheld": "PRUNED"}
                    continue
                _stream, _number, content, mac = signed.get(event_id, ("", 0, b"", b""))
                if event_id not in events or leaf_of(content, mac) != leaf:
                    raise BundleRefused(f"The event of leaf {position} is not what was sealed. Run audit_verify.")
                event = events[event_id]
                told: dict[str, Any] = {"position": position, "leaf": leaf.hex()}
                if event.is_privileged:
                    yield told | {"withheld": "PRIVILEGED"}
                    continue
                told |= {"mac": mac.hex(), "entry": content.decode(), **names(event)}
                yield told | ({"opened": opened(event)} if wanted.is_full else {})


def _chosen(wanted: Wanted, head: Checkpoint) -> Iterator[dict[str, Any]]:
    """The events that were asked for, in the order of the ledger, each with its proof and without any other."""
    events = Event.objects.filter(uid__in=wanted.events).select_related("detail", "leaf").order_by("leaf__position")
    missing = set(wanted.events) - {event.uid for event in events}
    if missing:
        raise BundleRefused(f"There is no event {sorted(map(str, missing))[0]}.")
    for event in events:
        if event.is_privileged and not wanted.is_full:
            raise BundleRefused(f"Event {event.uid} belongs to the privileged part: only --full gives it out.")
        try:
            proof = proof_of(event, head)
        except NotSealed as error:
            raise BundleRefused(str(error)) from None
        told = {name: proof[name] for name in ("position", "leaf", "mac", "entry", "path")}
        yield told | ({"opened": opened(event)} if wanted.is_full else {})
