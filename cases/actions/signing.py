"""Signatures on a release: drawn with a finger or scanned, sealed like any document, and recorded with it or not at all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.action import action
from casemgmt.access.sections import Section, write
from casemgmt.accounts.models import User
from cases import access, files
from cases.actions.documents import record_document
from cases.actions.releases import Signature, record_release, record_release_for_attorney
from cases.choices.documents import DocumentCategory
from cases.errors.casework import CaseIsClosed
from cases.models import Release


def sign_release(
    *, actor: User, now: datetime, case_uid: UUID, uploads: Mapping[str, Any], facts: Mapping[str, Any],
    form_key: UUID | None = None,
) -> Any:  # fmt: skip
    """Record a release together with its signatures. ``uploads``: who signed (CLIENT, GUARDIAN, REPRESENTATIVE) → a file.

    ``facts`` are what ``record_release`` takes, or with ``attorney`` what ``record_release_for_attorney`` takes. The files
    are sealed before the transaction that records them, as all documents are; if the release cannot be recorded, no file
    stays. Raises what these raise, and what ``cases.files.accept`` and ``keep`` raise.
    """
    case = access.get_for(actor, case_uid, write(Section.DUTIES))
    if case.is_closed:
        raise CaseIsClosed
    kept: dict[str, files.Kept] = {}
    recorded: Any = None
    try:
        for who, upload in uploads.items():
            accepted = files.accept(upload, DocumentCategory.CONSENT)
            kept[who] = files.keep(
                accepted, category=DocumentCategory.CONSENT, case_uid=case_uid, section=Section.DUTIES, matter_uid=None,
                unopened=False,
            )  # fmt: skip
        recorded = _record_signed(
            actor=actor, now=now, form_key=form_key, case_uid=case_uid, kept=kept, facts=dict(facts)
        )
    finally:
        if recorded is None or getattr(recorded, "is_repeat", False):
            # Not recorded, or recorded by the form's first sending: these files are nobody's.
            for one in kept.values():
                files.discard(one.names)
    return recorded


@action
def _record_signed(
    *, actor: User, now: datetime, case_uid: UUID, kept: dict[str, files.Kept], facts: dict[str, Any]
) -> Release:
    """The documents and the release, in one transaction. Records DOCUMENT_SEALED for each, and what the release records."""
    signatures = []
    for who, one in kept.items():
        document = record_document(
            actor=actor, now=now, kept=one, category=DocumentCategory.CONSENT, section=Section.DUTIES, case_uid=case_uid,
            matter_uid=None, unopened=False,
        )  # fmt: skip
        signatures.append(Signature(who, document, one.receipt.sha256.hex()))
    act = record_release_for_attorney if "attorney" in facts else record_release
    return act(actor=actor, now=now, case_uid=case_uid, signatures=signatures, **facts)
