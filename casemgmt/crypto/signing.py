"""The keys by which the ledger's checkpoints are signed: Ed25519, one for each epoch of a shared key of the key store.

A new epoch retires the one before. What a retired key signed can still be checked: its public half stays listed.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from casemgmt.crypto import keks

_PURPOSE = "checkpoint/ed25519/1"


@dataclass(frozen=True)
class PublicKey:
    """The public half (32 bytes) of one signing key, and from when until when it signs; no end while it is in use."""

    epoch: int
    public_key: bytes
    since: datetime
    until: datetime | None


def signing_key() -> tuple[int, Ed25519PrivateKey]:
    """The key in use, by its epoch; the first use makes it. Asks the key store each time. Raises KeystoreUnavailable."""
    epoch = keks.newest_shared_epoch(keks.CHECKPOINT)
    if not epoch:
        keks.ensure_shared(keks.CHECKPOINT)
        epoch = keks.newest_shared_epoch(keks.CHECKPOINT)
    return epoch, _key(epoch)


def public_keys() -> list[PublicKey]:
    """Every key there ever was, the oldest first; none before the first was used. Raises KeystoreUnavailable."""
    with keks.reaching_keystore():
        rows = keks.rows("SharedKey").filter(name=keks.CHECKPOINT).order_by("epoch")
        made: list[tuple[int, datetime]] = list(rows.values_list("epoch", "created_at"))
    ends: list[datetime | None] = [at for _epoch, at in made[1:]]
    return [
        PublicKey(epoch, _key(epoch).public_key().public_bytes_raw(), since, until)
        for (epoch, since), until in zip_longest(made, ends)
    ]


def rotate() -> int:
    """Make a new key, by which everything from now on is signed; its epoch. Raises KeystoreUnavailable."""
    keks.ensure_shared(keks.CHECKPOINT)
    return keks.add_shared_epoch(keks.CHECKPOINT)


def _key(epoch: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keks.shared(keks.CHECKPOINT, _PURPOSE, epoch))
