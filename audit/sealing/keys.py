"""The name of this ledger and the keys of its checkpoints, as an outsider can hold them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from casemgmt.crypto import signing
from casemgmt.crypto.keyring import ledger_key

from . import notes
from .notes import Note, Verifier


@dataclass(frozen=True)
class ListedKey:
    """A verifier key with the time in which it signed (UTC); no end while it is in use."""

    epoch: int
    verifier: Verifier
    since: datetime
    until: datetime | None


def origin() -> str:
    """The name of this ledger: made of the ledger's own key, so it stays through every rotation and tells nothing."""
    return f"haven/ledger/{ledger_key('origin')[:8].hex()}"


def listed() -> list[ListedKey]:
    """Every key that ever signed a checkpoint here, the oldest first. Raises KeystoreUnavailable."""
    name = origin()
    return [ListedKey(key.epoch, Verifier(name, key.public_key), key.since, key.until) for key in signing.public_keys()]


def sign(size: int, root: bytes) -> Note:
    """A checkpoint, signed by the key in use. Raises KeystoreUnavailable."""
    return sign_text(notes.Checkpoint(origin(), size, root).text())


def sign_text(text: str) -> Note:
    """A note, signed by the key in use. A text that is no checkpoint must not read as one. Raises KeystoreUnavailable."""
    _epoch, key = signing.signing_key()
    return notes.sign(text, origin(), key)


def signed(note: str) -> bool:
    """Whether one of our keys, of any time, signed this checkpoint. Raises KeystoreUnavailable."""
    try:
        notes.open_checkpoint(note, origin(), [key.verifier for key in listed()])
    except notes.BadNote:
        return False
    return True


def key_file() -> str:
    """What an outsider keeps: a line for each key, ``since until verifier-key``, under lines that begin with #."""
    lines = [f"# The keys that sign the checkpoints of the ledger {origin()}, the oldest first.", "# since until key"]
    for key in listed():
        until = _moment(key.until) if key.until else "-"
        lines.append(f"{_moment(key.since)} {until} {key.verifier}")
    return "\n".join(lines) + "\n"


def fingerprint(verifier: Verifier) -> str:
    """What people compare over the telephone: the first half of the SHA-256 of the public key, in groups of four."""
    digest = hashlib.sha256(verifier.public_key).hexdigest()[:32]
    return " ".join(digest[place : place + 4] for place in range(0, 32, 4))


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
