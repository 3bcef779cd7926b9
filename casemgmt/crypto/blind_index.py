"""Blind indexes: what can be found without being read (vault.md §7).

A token is the top bits of HMAC-SHA256 under a key of its own for each index and epoch. So few bits that strangers
share a token: a stolen table tells neither a name nor, by how often a token comes, which name it could be.
"""

import hashlib
import hmac
from datetime import datetime

from django.db.models import Min

from casemgmt.crypto import keks

#: As many as a signed column of 64 bits holds.
MOST_BITS = 62


def token(index: str, epoch: int, bits: int, text: str) -> int:
    """The token of a normalised text. Raises KeystoreUnavailable where that epoch's key is gone."""
    if not 1 <= bits <= MOST_BITS:
        raise ValueError("A token has 1 to 62 bits.")
    key = keks.shared(keks.SEARCH, index, epoch)
    return int.from_bytes(hmac.digest(key, f"{index}|{text}".encode(), hashlib.sha256)[:8], "big") >> (64 - bits)


def add_epoch() -> int:
    """Make the key of a further epoch of all search indexes, and say its number."""
    return keks.add_shared_epoch(keks.SEARCH)


def destroy_epochs(*, before: int) -> int:
    """Destroy the keys of all older epochs: no token made with them, in whatever backup, can be made again."""
    return keks.destroy_shared_epochs(keks.SEARCH, before=before)


def newest_epoch() -> int:
    """The newest epoch there is a key of; 0 where none was ever made."""
    return keks.newest_shared_epoch(keks.SEARCH)


def has_older_epochs() -> bool:
    """Whether keys of epochs before the newest one are still there: a rotation is not finished."""
    return keks.oldest_shared_epoch(keks.SEARCH) < newest_epoch()


def oldest_made_at() -> datetime | None:
    """When the oldest root key of the search indexes that is still there was made; None where there is none."""
    with keks.reaching_keystore():
        found: datetime | None = keks.rows("SharedKey").filter(name=keks.SEARCH).aggregate(at=Min("created_at"))["at"]
    return found
