"""A witness's cosignature, as C2SP writes it (https://c2sp.org/tlog-cosignature): that it saw this head at that second.

What is signed is ``cosignature/v1``, ``time`` and the text of the checkpoint; under the note stands the key hash, the
time in eight bytes and the Ed25519 signature.
"""

from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ..sealing.notes import COSIGNATURE, Note, Signature, Verifier

_TIME_BYTES = 8


def verifier_of(name: str, key: Ed25519PrivateKey) -> Verifier:
    """The public half of a witness's key under its name. Raises BadNote for a name that no key may have."""
    return Verifier(name, key.public_key().public_bytes_raw(), COSIGNATURE)


def cosign(note: Note, name: str, key: Ed25519PrivateKey, at: datetime) -> Signature:
    """The cosignature of one head. Whoever calls has seen that it goes on from the last one."""
    seconds = int(at.timestamp())
    raw = seconds.to_bytes(_TIME_BYTES) + key.sign(_signed_text(note, seconds))
    return Signature(name, verifier_of(name, key).key_hash, raw)


def cosigned_at(note: Note, verifier: Verifier) -> datetime | None:
    """When this witness cosigned the note (UTC); None where it did not, or its signature is not right."""
    for one in note.signatures:
        if verifier.kind != COSIGNATURE or (one.name, one.key_hash) != (verifier.name, verifier.key_hash):
            continue
        seconds = int.from_bytes(one.raw[:_TIME_BYTES])
        try:
            key = Ed25519PublicKey.from_public_bytes(verifier.public_key)
            key.verify(one.raw[_TIME_BYTES:], _signed_text(note, seconds))
            return datetime.fromtimestamp(seconds, UTC)
        except (InvalidSignature, ValueError, OverflowError, OSError):
            continue
    return None


def _signed_text(note: Note, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{note.text}".encode()
