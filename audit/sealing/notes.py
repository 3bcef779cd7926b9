"""Signed notes and checkpoints, as C2SP writes them (https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint).

A note is text that ends with a newline, an empty line, and one line a signature: ``— name base64(key hash ‖ signature)``.
A checkpoint is a note whose text is origin, size and root of a tree. Keys are Ed25519; a verifier key is told as
``name+hash+base64(algorithm ‖ public key)``. Whoever holds it checks every checkpoint without asking us for anything.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .tree import HASH_BYTES

#: Signature types of C2SP: plain Ed25519, and a witness's cosignature with its time.
ED25519, COSIGNATURE = 0x01, 0x04
KEY_HASH_BYTES = 4

_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class BadNote(Exception):
    """Not a note, not a checkpoint, not a key, or not signed by this key."""


@dataclass(frozen=True)
class Signature:
    """One line under a note. ``raw`` is what follows the key hash: 64 bytes for plain Ed25519."""

    name: str
    key_hash: bytes
    raw: bytes

    def line(self) -> str:
        """As it stands under the note."""
        return f"— {self.name} {base64.b64encode(self.key_hash + self.raw).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text and the signatures under it, none of which is checked by reading it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(one.line() for one in self.signatures)}"


@dataclass(frozen=True)
class Verifier:
    """A public key under its name."""

    name: str
    public_key: bytes
    kind: int = ED25519

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.public_key) != HASH_BYTES:
            raise BadNote("This is no name, or no public key, of a verifier.")

    @property
    def key_hash(self) -> bytes:
        """Four bytes that say which key of a name signed."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public_key
        return hashlib.sha256(named).digest()[:KEY_HASH_BYTES]

    def __str__(self) -> str:
        key = base64.b64encode(bytes([self.kind]) + self.public_key).decode()
        return f"{self.name}+{self.key_hash.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """The verifier that ``name+hash+base64`` tells. Raises BadNote, also where the hash does not fit."""
        name, _, rest = text.strip().partition("+")
        stated, _, key = rest.partition("+")
        raw = _decoded(key)
        if not raw:
            raise BadNote("This is no verifier key.")
        verifier = cls(name, raw[1:], raw[0])
        if verifier.key_hash.hex() != stated:
            raise BadNote("The hash of this verifier key does not fit.")
        return verifier

    def signed(self, note: Note) -> bool:
        """Whether a plain signature of this key stands under the note, and is right."""
        return any(
            self.kind == ED25519
            and one.name == self.name
            and one.key_hash == self.key_hash
            and _fits(self.public_key, one.raw, note.text.encode())
            for one in note.signatures
        )


@dataclass(frozen=True)
class Checkpoint:
    """What a tree was at one moment: origin (the name of the log), size and root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text of its note."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign(text: str, name: str, key: Ed25519PrivateKey) -> Note:
    """A note with one signature. The text ends with a newline and holds no empty line."""
    _demand_text(text)
    verifier = Verifier(name, key.public_key().public_bytes_raw())
    return Note(text, (Signature(name, verifier.key_hash, key.sign(text.encode())),))


def parse_note(whole: str) -> Note:
    """Text and signatures of a note. Raises BadNote. Nothing is verified."""
    text, empty, below = whole.rpartition("\n\n")
    text += "\n"
    _demand_text(text)
    if not empty or not below.endswith("\n"):
        raise BadNote("This is no signed note.")
    signatures = []
    for line in below[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        raw = _decoded(encoded)
        if dash != "—" or not _NAME.fullmatch(name) or raw is None or len(raw) <= KEY_HASH_BYTES:
            raise BadNote("A line under this note is no signature.")
        signatures.append(Signature(name, raw[:KEY_HASH_BYTES], raw[KEY_HASH_BYTES:]))
    return Note(text, tuple(signatures))


def parse_checkpoint(note: Note) -> Checkpoint:
    """The checkpoint that a note tells; further lines are extensions and passed over. Raises BadNote."""
    lines = note.text.split("\n")
    if len(lines) < 4 or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise BadNote("This note is no checkpoint.")
    root = _decoded(lines[2])
    if root is None or len(root) != HASH_BYTES:
        raise BadNote("This note is no checkpoint.")
    return Checkpoint(lines[0], int(lines[1]), root)


def open_checkpoint(whole: str, origin: str, verifiers: Iterable[Verifier]) -> tuple[Checkpoint, Verifier]:
    """The checkpoint and the key that signed it. Raises BadNote for another log, or where none of these keys signed."""
    note = parse_note(whole)
    checkpoint = parse_checkpoint(note)
    if checkpoint.origin != origin:
        raise BadNote("This checkpoint is of another log.")
    for verifier in verifiers:
        if verifier.signed(note):
            return checkpoint, verifier
    raise BadNote("None of the known keys signed this checkpoint.")


def _demand_text(text: str) -> None:
    """Raise BadNote for a text that no note may have."""
    if not text.endswith("\n") or any(ord(letter) < 32 and letter != "\n" for letter in text):
        raise BadNote("The text of a note ends with a newline and has no control characters.")


def _decoded(text: str) -> bytes | None:
    """What base64 tells; None for anything that is not its one right form."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode() == text else None


def _fits(public_key: bytes, signature: bytes, text: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True
