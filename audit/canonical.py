"""The bytes of an event that the chain vouches for: redactable by construction.

In clear stand version, random id, ISO week, verb, outcome, source, stream and number. Every other key stands
as ``SHA-256(salt ‖ value)``, each with a salt of its own derived from one salt of the event. So an outsider
verifies the whole ledger and reads only what is opened to him, showing one key shows no other, and a detail
can be erased without breaking the chain. (The pattern of SD-JWT, RFC 9901.)
"""

import datetime
import hashlib
import hmac
import json
import secrets
import uuid
from typing import Any

VERSION = 1
SALT_BYTES = 16

#: Keys whose values stand in columns of the event; their salts come from ``Event.salt``.
COLUMN_KEYS = (
    "at",
    "recorded_at",
    "actor",
    "subject",
    "objects",
    "sections",
    "basis",
    "purpose",
    "address",
    "history",
)
#: Keys whose values stand in the erasable detail; their salts come from ``EventDetail.salt`` and die with it.
DETAIL_KEYS = ("reason", "context_reason", "agent", "fields", "codes")

#: Made once: ``json.dumps`` makes one for each value, and an event has sixteen.
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def new_salt() -> bytes:
    """A salt for one event or one detail."""
    return secrets.token_bytes(SALT_BYTES)


def encode(value: Any) -> bytes:
    """One value, one sequence of bytes: JSON with sorted keys and no blanks, UTF-8."""
    return _ENCODER.encode(value).encode()


def moment(at: datetime.datetime) -> str:
    """A moment as text: UTC, six places after the second."""
    return at.astimezone(datetime.UTC).isoformat(timespec="microseconds")


def commit(salt: bytes, key: str, value: Any) -> str:
    """The commitment of one key to one value."""
    return hashlib.sha256(salt_of(salt, key) + encode(value)).hexdigest()


def salt_of(salt: bytes, key: str) -> bytes:
    """The salt of one key. Whoever is shown it learns nothing of the other keys."""
    return hmac.digest(salt, key.encode(), hashlib.sha256)[:SALT_BYTES]


def iso_week(at: datetime.datetime) -> str:
    """``2026-W31``: all that an outsider learns of the time."""
    year, week, _day = at.astimezone(datetime.UTC).isocalendar()
    return f"{year}-W{week:02d}"


def text(value: uuid.UUID | None) -> str | None:
    """A uid as text, or nothing."""
    return None if value is None else str(value)


def column_values(event: Any) -> dict[str, Any]:
    """The committed values that stand in the event's columns, as they are encoded."""
    return {
        "at": moment(event.at),
        "recorded_at": moment(event.recorded_at),
        "actor": [event.actor_kind, text(event.actor_uid), text(event.on_behalf_of)],
        "subject": [event.subject_kind, text(event.subject_uid), text(event.case_uid)],
        "objects": event.objects_touched,
        "sections": event.sections.split(),
        "basis": event.basis,
        "purpose": event.purpose,
        "address": event.address,
        "history": event.history_rows,
    }


def clear_values(event: Any) -> dict[str, Any]:
    """What everybody may read of an event."""
    return {
        "v": VERSION,
        "id": str(event.uid),
        "week": iso_week(event.at),
        "verb": str(event.verb),
        "outcome": str(event.outcome),
        "source": str(event.source),
        "stream": str(event.stream),
        "number": event.number,
    }


def canonical_bytes(event: Any, detail: dict[str, Any], detail_salt: bytes) -> bytes:
    """The canonical bytes of a new event. ``detail`` has a value, possibly empty, for each of ``DETAIL_KEYS``."""
    commitments = {key: commit(bytes(event.salt), key, value) for key, value in column_values(event).items()}
    commitments |= {key: commit(detail_salt, key, detail.get(key)) for key in DETAIL_KEYS}
    return encode(clear_values(event) | {"commitments": commitments})


def mismatches(event: Any, detail: Any | None) -> list[str]:
    """Names of the keys whose readable value is not what ``canonical`` says. An erased detail is passed over.

    ``detail`` is the EventDetail, or ``None`` if its row is missing, which is a mismatch by itself.
    """
    try:
        stated = json.loads(bytes(event.canonical))
        commitments = dict(stated.pop("commitments"))
    except (ValueError, TypeError, KeyError, AttributeError):
        return ["canonical"]  # no bytes that this house ever wrote
    clear = clear_values(event)
    wrong = [key for key in clear if stated.get(key) != clear[key]]
    for key, value in column_values(event).items():
        if commitments.get(key) != commit(bytes(event.salt), key, value):
            wrong.append(key)
    if detail is None:
        return [*wrong, "detail"]
    if detail.salt is None:
        return wrong if detail.erased_at and detail.content is None else [*wrong, "detail"]
    content = detail.content or {}
    for key in DETAIL_KEYS:
        if commitments.get(key) != commit(bytes(detail.salt), key, content.get(key)):
            wrong.append(key)
    return wrong
