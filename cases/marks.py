"""Marks of sealed values: which version of some fields a page was made from, and which fields an action has changed.

A mark is a digest of ciphertexts. A value that was written again unchanged keeps its ciphertext, so the mark moves
exactly when somebody changed one of these fields: two people who edit different cards of one record do not meet.
"""

import hashlib
from typing import Any

from casemgmt.crypto.sealed import Sealed, carrying
from cases.errors.casework import StaleVersion

#: In hexadecimal digits: enough to tell two versions of one record apart.
LENGTH = 24


def mark_of(record: Any, *names: str) -> str:
    """The mark of these sealed fields as they are in the database. Needs no gate and tells nothing of the values."""
    digest = hashlib.sha256()
    with carrying():
        for name in names:
            value = getattr(record, name)
            raw = value.raw if isinstance(value, Sealed) else b""
            digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.hexdigest()[:LENGTH]


def demand_mark(record: Any, mark: str | None, *names: str) -> None:
    """Raise StaleVersion if somebody changed these fields since the page with ``mark`` was made. None asks nothing."""
    if mark is not None and mark != mark_of(record, *names):
        raise StaleVersion


def assign(record: Any, /, **values: Any) -> list[str]:
    """Give sealed fields their new values, and return the names of those that really changed, in the order given.

    Needs no gate: a value that is equal to the sealed one leaves its ciphertext as it is. The caller saves.
    """
    changed = []
    for name, value in values.items():
        was_empty = record.__dict__.get(name) is None
        setattr(record, name, value)
        now = record.__dict__.get(name)
        if not isinstance(now, Sealed) and not (was_empty and now is None):
            changed.append(name)
    return changed
