"""Handing files out: a document, a part of a recording, a small picture. Each passes the door and is recorded.

Nothing of a file that was cut or changed leaves as if it were whole: it is read to its end before the first byte goes.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from audit import clock
from audit.log import record
from audit.models import Event
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from casemgmt.crypto.errors import ContentErased, DecryptionRefused
from casemgmt.crypto.gate import open_gate
from cases import access, files, marking
from cases.errors.files import DocumentIsQuarantined, DocumentIsWithdrawn, FileCannotBeRead, FileIsErased, RangeOutside
from cases.file_types import PLAYABLE
from cases.models import Case, Document
from cases.opening import HoldingGate, held


@dataclass(frozen=True)
class Download:
    """A file on its way out: its name and type, the size in bytes, and the content piece by piece."""

    name: str
    content_type: str
    size: int
    pieces: Iterator[bytes]


@dataclass(frozen=True)
class Part:
    """A part of a file on its way out: ``content`` begins at byte ``first`` of ``size``."""

    content_type: str
    size: int
    first: int
    content: bytes


#: How long ranges of one recording belong to one viewing: after that, the next range is an event of its own.
VIEWING = timedelta(minutes=10)
#: The most that one answer to a range holds; a player asks for the next one. All of it is checked before a byte leaves.
LONGEST_PART = 4 * 1024 * 1024
_PLAYABLE = frozenset(kind.content_type for kind in PLAYABLE)


def stream(actor: User, case: Case, document_uid: UUID) -> Download:
    """Hand out one document of a case (or matter) that came from the door. Records DOCUMENT_DOWNLOADED before the first byte.

    The file is read to its end once before anything leaves, so that one that was cut or changed is never served in
    part. Somebody outside gets a copy with her name on it (``cases.marking``), whose SHA-256 the event holds beside that
    of the file; what takes no mark leaves as it is, and the event says so.

    Raises Hidden, Refused, DocumentIsWithdrawn, DocumentIsQuarantined, FileCannotBeRead (recorded as DECRYPTION_REFUSED),
    FileIsErased.
    """
    document = _document_to_hand_out(case, document_uid)
    with _handing_out(actor, case, document) as event:
        name, about = document.name, document.about
        files.check(document)
        pieces = files.open_pieces(document)
        is_marked = marking.is_to_be_marked(actor, case, document)
        copy = _marked(actor, case, document, about, b"".join(pieces)) if is_marked and _takes_mark(about) else b""
        if is_marked and not copy:
            pieces = files.open_pieces(document)
    if not is_marked:
        _record_handed_out(case, document, about, event)
        return Download(name, about["content_type"], about["size"], pieces)
    told = {"kind": "MARKED", "marked": hashlib.sha256(copy).hexdigest()} if copy else {"kind": "UNMARKED"}
    _record_handed_out(case, document, about, event, told)
    if copy:
        return Download(name, about["content_type"], len(copy), iter([copy]))
    return Download(name, about["content_type"], about["size"], pieces)


def _takes_mark(about: dict[str, Any]) -> bool:
    return marking.takes_a_mark(about["content_type"], about["category"])


def _marked(actor: User, case: Case, document: Document, about: dict[str, Any], content: bytes) -> bytes:
    return marking.mark(content, about["content_type"], marking.words_for(actor, case, document))


def part(actor: User, case: Case, document_uid: UUID, first: int, last: int | None) -> Part:
    """Hand out bytes ``first`` to ``last`` (None: the end) of a recording, at most LONGEST_PART; a negative ``first``
    counts from the end. Every part passes the door.

    One viewing, one DOCUMENT_DOWNLOADED: the first part reads the whole file to its end before anything leaves, and is
    recorded; more parts for the same person within VIEWING open and check only their own bytes and the end of the file.
    Raises as ``stream``, RangeOutside where the file has no such bytes, Hidden for what no browser plays.
    """
    document = _document_to_hand_out(case, document_uid)
    is_new = not _is_being_viewed(actor, document)
    with _handing_out(actor, case, document) as event:
        about = document.about
        if about["content_type"] not in _PLAYABLE:
            raise Hidden
        size = about["size"]
        begin = max(0, size + first) if first < 0 else first
        end = size - 1 if last is None else min(last, size - 1)
        if begin >= size or end < begin:
            raise RangeOutside(size)
        if is_new:
            files.check(document)
        content = files.open_part(document, begin, min(end - begin + 1, LONGEST_PART))
    if is_new:
        _record_handed_out(case, document, about, event)
    return Part(about["content_type"], size, begin, content)


def preview(actor: User, case: Case, document_uid: UUID) -> bytes:
    """The small picture of a document, a JPEG. Records CASE_VIEWED with "document.preview".

    Raises as ``stream`` does, and Hidden where there is none: evidence never has one.
    """
    document = _document_to_hand_out(case, document_uid)
    with _handing_out(actor, case, document) as event:
        if not document.about.get("preview"):
            raise Hidden
        try:
            small = files.open_preview(document)
        except FileNotFoundError:
            small = files.remake_preview(document)
    if small and marking.is_to_be_marked(actor, case, document):
        # Without its mark a picture is not shown outside.
        small = marking.mark(small, "image/jpeg", marking.words_for(actor, case, document))
    if not small:
        raise Hidden
    basis = held(case).basis_for(document.section, document.matter_uid)
    record(
        Verb.CASE_VIEWED, basis=basis.snapshot() if basis else {}, purpose=basis.purpose if basis else "",
        fields=["document.preview"], **event | {"subject": case, "refs": [document]},
    )  # fmt: skip
    return small


def known_to(reader: User, case: Case) -> Q:
    """Which documents of an opened case this reader may know of, beside her sections.

    An outsider no longer hears, not even by its name, of what was withdrawn or put into quarantine, unless it stands in
    a matter that she writes, or in her own file.
    """
    if reader.organisation_id == case.organisation_id:
        return Q()
    holding = held(case)
    written = Q(section=Section.LEGAL, matter_uid__in=list(holding.writable_matters))
    own_file = Q(section=Section.LEGAL_FILE, matter_uid__in=list(holding.matters))
    return Q(withdrawn_at__isnull=True, quarantined_at__isnull=True) | written | own_file


def _document_to_hand_out(case: Case, document_uid: UUID) -> Document:
    """The document, through the door, unless nobody (or not this reader) may have it any more."""
    document = access.get_record(Document, case, document_uid)
    if document.quarantined_at is not None:
        raise DocumentIsQuarantined
    if document.withdrawn_at is not None and not held(case).keeps(document.section, document.matter_uid):
        raise DocumentIsWithdrawn
    return document


@contextmanager
def _handing_out(actor: User, case: Case, document: Document) -> Iterator[dict[str, Any]]:
    """Open the gate to one document, and say in our own words what can be wrong with its file."""
    event: dict[str, Any] = {"actor": actor, "subject": document, "sections": [document.section]}
    keyring.prefetch([case.uid, actor.uid])
    try:
        with open_gate(HoldingGate(actor, {case.uid: held(case)}, only=frozenset({document.section}))):
            yield event
    except ContentErased:
        raise FileIsErased from None
    except (DecryptionRefused, OSError) as error:
        fid = error.fid if isinstance(error, DecryptionRefused) else "file.content"
        record(Verb.DECRYPTION_REFUSED, outcome=Outcome.FAILED, detail={"fid": fid}, **event)
        raise FileCannotBeRead from None


def _is_being_viewed(actor: User, document: Document) -> bool:
    """Whether the ledger says already that this person opened this file in the last minutes."""
    seen = Event.objects.filter(subject_uid=document.uid, verb=Verb.DOCUMENT_DOWNLOADED, actor_uid=actor.uid)
    return seen.filter(outcome=Outcome.OK, at__gt=clock.now() - VIEWING).exists()


def _record_handed_out(
    case: Case, document: Document, about: dict[str, Any], event: dict[str, Any], told: dict[str, str] | None = None
) -> None:
    basis = held(case).basis_for(document.section, document.matter_uid)
    detail = {"sha256": about["sha256"], "bytes": about["size"], **(told or {})}
    record(
        Verb.DOCUMENT_DOWNLOADED, basis=basis.snapshot() if basis else {}, purpose=basis.purpose if basis else "",
        fields=["document.about", "document.name"], detail=detail, **event,
    )  # fmt: skip
