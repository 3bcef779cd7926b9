"""'Verify this file': what lies in the storage, or a copy from elsewhere, against the number in the ledger.

It changes nothing, so it is no action; the comparison itself is an event.
"""

from enum import Enum
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.log import record
from audit.models import Event
from audit.verbs import Outcome, Verb
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from casemgmt.crypto.errors import ContentErased, DecryptionRefused
from casemgmt.crypto.gate import open_gate
from casemgmt.crypto.uploads import NO_ROOM
from cases import access, files
from cases.errors.files import DocumentIsQuarantined, FileTooLarge, NoRoomForFile
from cases.models import Case, Document
from cases.opening import HoldingGate


class Comparison(Enum):
    """What a comparison found."""

    SAME = "SAME"
    SAME_AS_SENT = "SAME_AS_SENT"
    HANDED_OUT = "HANDED_OUT"
    DIFFERENT = "DIFFERENT"
    UNREADABLE = "UNREADABLE"
    ERASED = "ERASED"
    NOT_IN_LEDGER = "NOT_IN_LEDGER"


WORDS: dict[Comparison, Promise] = {
    Comparison.SAME: _("The same, byte for byte, as the file that was kept here."),
    Comparison.SAME_AS_SENT: _(
        "The same as the file that was sent. Haven keeps it without its hidden details (place, time, camera)."
    ),
    Comparison.HANDED_OUT: _(
        "This is a copy of this file that was handed out with a mark, unchanged since. The mark says for whom and on which day."
    ),
    Comparison.DIFFERENT: _("Different: this is not, byte for byte, the file that was kept here."),
    Comparison.UNREADABLE: _(
        "The stored file cannot be read: it was changed or damaged outside Haven. Tell your supervisor, who can ask for "
        "the copy in the backup."
    ),
    Comparison.ERASED: _("The content of this file was erased, so there is nothing to compare."),
    Comparison.NOT_IN_LEDGER: _("The ledger holds no number of this file any more, so nothing can be said."),
}


def number_in_ledger(document: Document) -> str | None:
    """The SHA-256 that the ledger holds for a document since it was sealed; None where that detail was erased."""
    sealed = Event.objects.filter(subject_uid=document.uid, verb=Verb.DOCUMENT_SEALED, outcome=Outcome.OK)
    event = sealed.select_related("detail").order_by("pk").first()
    if event is None:
        return None
    found = event.detail.shown().get("codes", {}).get("sha256")
    return found if isinstance(found, str) else None


def _was_handed_out(document: Document, digest: str) -> bool:
    """Whether a marked copy with this number left: the ledger holds the number of each."""
    taken = Event.objects.filter(subject_uid=document.uid, verb=Verb.DOCUMENT_DOWNLOADED, outcome=Outcome.OK)
    return any(
        event.detail.shown().get("codes", {}).get("marked") == digest for event in taken.select_related("detail")
    )


def verify_document(actor: User, case: Case, document_uid: UUID, copy: Any = None) -> Comparison:
    """Compare a copy (read in pieces, never kept) or, without one, the stored file with the number in the ledger.

    ``case`` comes from the door. Raises Hidden, Refused, DocumentIsQuarantined (which nobody opens, not even to compare),
    FileTooLarge, NoRoomForFile. Records DOCUMENT_VERIFIED with what was found.
    """
    document = access.get_record(Document, case, document_uid)
    holding = case.holding
    assert holding is not None
    if document.quarantined_at is not None:
        raise DocumentIsQuarantined
    problem: str = getattr(copy, "problem", "")
    if problem:
        raise NoRoomForFile if problem == NO_ROOM else FileTooLarge
    expected = number_in_ledger(document)
    keyring.prefetch([case.uid])
    found, digest = _compare(actor, case, document, expected, copy)
    basis = holding.basis_for(document.section, document.matter_uid)
    is_wrong = found in (Comparison.DIFFERENT, Comparison.UNREADABLE)
    record(
        Verb.DOCUMENT_VERIFIED, actor=actor, subject=document, sections=[document.section],
        basis=basis.snapshot() if basis else {}, outcome=Outcome.FAILED if is_wrong and copy is None else Outcome.OK,
        detail={"result": found.value, "kind": "STORED" if copy is None else "COPY"} | ({"sha256": digest} if digest else {}),
    )  # fmt: skip
    return found


def _compare(actor: User, case: Case, document: Document, expected: str | None, copy: Any) -> tuple[Comparison, str]:
    """The result, and the SHA-256 that was compared (empty where none was made)."""
    assert case.holding is not None
    if expected is None:
        return Comparison.NOT_IN_LEDGER, ""
    try:
        if copy is None:
            digest = files.check(document)
            return (Comparison.SAME if digest == expected else Comparison.DIFFERENT), digest
        digest = files.digest(copy)
        if digest == expected:
            return Comparison.SAME, digest
        gate = HoldingGate(actor, {case.uid: case.holding}, only=frozenset({document.section}))
        with open_gate(gate):
            as_sent = document.about.get("original_sha256")
        if digest == as_sent:
            return Comparison.SAME_AS_SENT, digest
        return (Comparison.HANDED_OUT if _was_handed_out(document, digest) else Comparison.DIFFERENT), digest
    except ContentErased:
        return Comparison.ERASED, ""
    except (DecryptionRefused, OSError):
        return Comparison.UNREADABLE, ""
