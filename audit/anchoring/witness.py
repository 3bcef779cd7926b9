"""A witness: remembers the last head it saw, demands proof that the next one goes on from it, and cosigns.

It is another process, at best on another machine in other hands. It has a key of its own and a state of its own, in a
folder, and knows nothing of the database. What it is asked and what it answers is https://c2sp.org/tlog-witness.

Whatever does not fit the last head is refused, kept with the signature that convicts, and told (``alarms.jsonl``).
"""

import base64
import binascii
import fcntl
import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .. import clock
from ..errors import LedgerError
from ..sealing import notes, tree
from ..sealing.notes import BadNote, Checkpoint, Note, Verifier
from .cosigning import cosign, verifier_of

#: What C2SP allows in one proof.
MOST_HASHES = 63
#: A head that is a little older than the last one may have been on its way; an older one is told.
PATIENCE = timedelta(seconds=60)


class WitnessUnusable(LedgerError):
    """The folder of a witness cannot be used: another process has it, or its files do not hold together."""


@dataclass(frozen=True)
class Request:
    """Which size the ledger believes was seen last, the proof from there, and the new head."""

    old: int
    proof: list[bytes]
    note: Note


@dataclass(frozen=True)
class Answer:
    """As HTTP says it. ``alarm`` is a sentence where something is wrong with the ledger."""

    status: int
    text: str
    kind: str = "text/plain"
    alarm: str = ""


def parse_request(body: bytes) -> Request:
    """``old SIZE``, one hash a line, an empty line, the signed head. Raises BadNote."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise BadNote("The request is no text.") from None
    above, _empty, whole = text.partition("\n\n")
    first, *hashes = above.split("\n")
    word, _blank, size = first.partition(" ")
    if word != "old" or not (size.isascii() and size.isdigit()) or len(size) > 19 or len(hashes) > MOST_HASHES:
        raise BadNote("The request does not begin as it should.")
    try:
        proof = [base64.b64decode(one, validate=True) for one in hashes]
    except (binascii.Error, ValueError):
        raise BadNote("The proof is not in base64.") from None
    if any(len(step) != tree.HASH_BYTES for step in proof):
        raise BadNote("The proof has hashes of another length.")
    return Request(int(size), proof, notes.parse_note(whole))


class Witness:
    """One witness of one ledger. ``keys``: what ``manage.py audit_keys`` printed, as it was handed over."""

    def __init__(self, folder: Path, name: str, keys: Path, tell: Callable[[str], None] = lambda _words: None) -> None:
        """Take the folder, or make it. Raises WitnessUnusable, BadNote, OSError."""
        self.folder, self.keys, self.tell = folder, keys, tell
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._held = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._held)
            raise WitnessUnusable("Another witness uses this folder.") from None
        self.name, self._key = name, self._own_key()
        self.verifier = verifier_of(name, self._key)
        self.last = self._read_state()
        self.verifiers()

    def close(self) -> None:
        """Let the folder go."""
        os.close(self._held)

    def verifiers(self) -> list[Verifier]:
        """The ledger's keys, read anew each time: a rotation is handed over by putting the new file there."""
        lines = self.keys.read_text().splitlines()
        found = [Verifier.parse(line.split()[-1]) for line in lines if line.strip() and not line.startswith("#")]
        if not found or len({one.name for one in found}) != 1:
            raise BadNote("The key file holds no key, or keys of several ledgers.")
        return found

    def answer(self, body: bytes) -> Answer:
        """Look at one request. What convicts the ledger is kept before it is answered; so is every head."""
        try:
            request = parse_request(body)
            told = notes.parse_checkpoint(request.note)
        except BadNote as error:
            return Answer(400, f"{error}\n")
        with self._lock:
            known = self.verifiers()
            if told.origin != known[0].name:
                return Answer(404, "This witness does not know that ledger.\n")
            if not any(verifier.signed(request.note) for verifier in known):
                return Answer(403, "None of the keys that were handed over signed this head.\n")
            found = self._judge(request, told)
            if found.alarm:
                self._sound(found.alarm, request)
            return found

    def _judge(self, request: Request, told: Checkpoint) -> Answer:
        """A head that is signed as it should be, against the last one."""
        last = self.last
        if request.old > told.size:
            return Answer(400, "The old size is larger than the new one.\n")
        size = last.size if last else 0
        if last is not None and told.size == size and told.root != last.root:
            return Answer(409, f"{size}\n", "text/x.tlog.size", f"Two heads of {size} events are signed, and differ.")
        if last is not None and told.size < size:
            seen = self._seen_at(told.size)
            alarm = ""
            if seen not in (None, told.root):
                alarm = f"Two heads of {told.size} events are signed, and differ."
            elif clock.now() - self.last_at > PATIENCE:
                alarm = f"The ledger had {size} events and now comes with {told.size}: its end was cut off."
            return Answer(409, f"{size}\n", "text/x.tlog.size", alarm)
        if request.old != size:
            return Answer(409, f"{size}\n", "text/x.tlog.size")
        old_root = last.root if last else tree.EMPTY_ROOT
        if not tree.verify_consistency(size, told.size, old_root, told.root, request.proof):
            alarm = (
                f"The head of {told.size} events does not go on from the one of {size}: what was sealed has changed."
            )
            return Answer(422, "The proof does not lead from the last head to this one.\n", alarm=alarm)
        at = clock.now()
        line = cosign(request.note, self.name, self._key, at)
        self._remember(told, Note(request.note.text, (*request.note.signatures, line)), at)
        return Answer(200, line.line())

    # ---- what lies in the folder ----

    def _own_key(self) -> Ed25519PrivateKey:
        """The witness's key, made at its first start and never shown."""
        place = self.folder / "witness.key"
        if not place.exists():
            if (self.folder / "state.json").exists():
                raise WitnessUnusable("The key of this witness is gone, and its state is not.")
            _write(place, Ed25519PrivateKey.generate().private_bytes_raw())
        return Ed25519PrivateKey.from_private_bytes(place.read_bytes())

    def _read_state(self) -> Checkpoint | None:
        """The last head. A witness that remembers nothing believes the first head it is shown."""
        place = self.folder / "state.json"
        self.note, self.last_at = "", clock.now()
        if not place.exists():
            if (self.folder / "heads.jsonl").exists():
                raise WitnessUnusable("The state of this witness is gone, and its list of heads is not.")
            return None
        try:
            told = json.loads(place.read_text())
            self.note, self.last_at = str(told["note"]), datetime.fromisoformat(told["at"])
            return notes.parse_checkpoint(notes.parse_note(self.note))
        except (ValueError, KeyError, TypeError, BadNote):
            raise WitnessUnusable("The state of this witness cannot be read.") from None

    def _remember(self, told: Checkpoint, note: Note, at: datetime) -> None:
        """On the disk before anybody gets the cosignature, so that it is never given for two heads."""
        line = json.dumps({"at": at.isoformat(), "note": str(note)}, ensure_ascii=False)
        if self.last is None or self.last.size != told.size:
            _append(self.folder / "heads.jsonl", f'{{"size": {told.size}, "root": "{told.root.hex()}"}}')
        _write(self.folder / "state.json", line.encode())
        self.last, self.note, self.last_at = told, str(note), at

    def _seen_at(self, size: int) -> bytes | None:
        """The root that was cosigned at this size, if one was."""
        with (self.folder / "heads.jsonl").open() as file:
            for line in file:
                told = json.loads(line)
                if told["size"] == size:
                    return bytes.fromhex(told["root"])
        return None

    def _sound(self, words: str, request: Request) -> None:
        """Keep the head whose signature convicts beside the last good one, and tell."""
        at = clock.now().isoformat()
        kept = {"at": at, "what": words, "came": str(request.note), "last": self.note}
        _append(self.folder / "alarms.jsonl", json.dumps(kept, ensure_ascii=False))
        self.tell(words)


def _write(place: Path, content: bytes) -> None:
    """Put a file there as a whole, on the disk."""
    beside = place.with_name(f"{place.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _append(place: Path, line: str) -> None:
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with open(descriptor, "ab") as file:
        file.write(f"{line}\n".encode())
        file.flush()
        os.fsync(file.fileno())
