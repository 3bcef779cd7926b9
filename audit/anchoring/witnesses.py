"""The witnesses of this ledger, and how they are asked: https://c2sp.org/tlog-witness over HTTP."""

import base64
import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Max

from .. import clock
from ..errors import LedgerError
from ..sealing import notes, rows, tiles
from ..sealing.models import Checkpoint
from ..sealing.notes import BadNote, Note, Verifier
from .cosigning import cosigned_at
from .models import Anchor

#: How long a witness may take for an answer (seconds), and how much it may say (bytes).
SECONDS = 10.0
LONGEST = 64 * 1024


class WitnessAway(LedgerError):
    """The witness does not answer, or answers what no witness says."""


class WitnessRefused(LedgerError):
    """The witness saw another ledger before: longer than this one, or not the beginning of it."""


@dataclass(frozen=True)
class Listed:
    """A witness with its address and key, as the setting WITNESSES says."""

    address: str
    verifier: Verifier

    @property
    def name(self) -> str:
        """As it signs."""
        return self.verifier.name

    def submit(self, head: Checkpoint) -> Anchor | None:
        """Have this head cosigned, and keep that. None where it was cosigned before. Raises WitnessAway, WitnessRefused."""
        mine = Anchor.objects.filter(kind=Anchor.Kind.WITNESS, place=self.name)
        old = mine.aggregate(size=Max("size"))["size"] or 0
        if old >= head.size:
            return None
        status, text = self._ask(old, head)
        if status == 409:  # it remembers another size: after a restore, or because its answer was lost on the way
            status, text = self._ask(self._size_in(text, head), head)
        if status != 200:
            raise self._refusal(status, head)
        note = notes.parse_note(head.note)
        try:
            cosigned = notes.parse_note(f"{note}{text}")
        except BadNote:
            raise WitnessAway(f"The witness {self.name} answered no cosignature.") from None
        if cosigned_at(cosigned, self.verifier) is None:
            raise WitnessAway(f"The answer of the witness {self.name} does not carry its signature.")
        return self._keep(head, cosigned)

    def compare(self, head: Checkpoint | None) -> tuple[str, str]:
        """Ask what it saw last, and prove that this head goes on from there: a finding or nothing, a remark or nothing."""
        if head is None:
            return "", ""
        try:
            status, text = self._ask(head.size, head)
            if status == 409:
                size = self._size_in(text, rows.head() or head)
                if size == head.size:
                    return f"The witness {self.name} saw another head of {size} events.", ""
                if not 0 < size < head.size:
                    return "", ""  # it has seen nothing yet, or what was sealed a moment ago
                status, text = self._ask(size, head)
            if status != 200:
                raise self._refusal(status, head)
        except WitnessAway as away:
            return "", str(away)
        except WitnessRefused as refused:
            return str(refused), ""
        return "", ""

    def _keep(self, head: Checkpoint, note: Note) -> Anchor:
        anchor = Anchor(
            kind=Anchor.Kind.WITNESS, place=self.name, size=head.size, root=head.root, note=str(note), at=clock.now()
        )
        anchor.save(force_insert=True)
        return anchor

    def _size_in(self, text: str, head: Checkpoint) -> int:
        """The size it told. Raises WitnessRefused where that is more than there is."""
        told = text.strip()
        if not (told.isascii() and told.isdigit() and len(told) < 20):
            raise WitnessAway(f"The witness {self.name} answered no size.")
        if int(told) > head.size:
            raise WitnessRefused(
                f"The witness {self.name} saw {told} events, and the ledger has {head.size}: its end was cut off."
            )
        return int(told)

    def _refusal(self, status: int, head: Checkpoint) -> LedgerError:
        if status in (409, 422):
            return WitnessRefused(
                f"The witness {self.name} refused the head of {head.size} events: it does not go on from the one it saw."
            )
        return WitnessAway(f"The witness {self.name} answered {status}.")

    def _ask(self, old: int, head: Checkpoint) -> tuple[int, str]:
        """The status and the words of one answer."""
        try:
            proof = tiles.prove_consistency(rows.Rows(), old, head.size)
        except KeyError:
            raise WitnessRefused("A leaf or a tile is missing, so nothing can be proved to a witness.") from None
        hashes = "".join(f"{base64.b64encode(step).decode()}\n" for step in proof)
        body = f"old {old}\n{hashes}\n{head.note}".encode()
        where = urlsplit(self.address)
        kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
        connection = kind(where.hostname or "", where.port, timeout=SECONDS)
        try:
            connection.request("POST", f"{where.path.rstrip('/')}/add-checkpoint", body, {"Content-Type": "text/plain"})
            answer = connection.getresponse()
            return answer.status, answer.read(LONGEST).decode()
        except (OSError, http.client.HTTPException, UnicodeDecodeError):
            raise WitnessAway(f"The witness {self.name} does not answer.") from None
        finally:
            connection.close()


def listed() -> list[Listed]:
    """The witnesses that are set. Raises ImproperlyConfigured for what is no address with a key."""
    found = []
    for entry in settings.WITNESSES:
        address, _blank, key = entry.strip().partition(" ")
        try:
            verifier = Verifier.parse(key)
        except BadNote as error:
            raise ImproperlyConfigured(f"WITNESSES: {error}") from None
        if urlsplit(address).scheme not in ("http", "https") or verifier.kind != notes.COSIGNATURE:
            raise ImproperlyConfigured("WITNESSES: each is http(s)://ADDRESS, a blank, and the key of a witness.")
        found.append(Listed(address, verifier))
    return found
