"""Documents: sealed on the way in, withdrawn but never deleted by a person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access, files
from cases.actions.trail import add_line
from cases.choices import SECTIONS_OF_DOCUMENT, DocumentCategory
from cases.errors import DocumentIsWithdrawn, SectionNotForDocument
from cases.models import Document

#: Papers of a legal matter may stand in the docket that caseworkers share, or in the attorney's own file.
SECTIONS_OF_MATTER = (Section.LEGAL, Section.LEGAL_FILE)


def section_for(category: str, section: str | None, *, in_matter: bool) -> str:
    """Where a document of this kind goes: the section asked for, else the usual one. Raises SectionNotForDocument."""
    possible = SECTIONS_OF_MATTER if in_matter else SECTIONS_OF_DOCUMENT[category]
    chosen = section or possible[0]
    if chosen not in possible:
        raise SectionNotForDocument
    return Section(chosen)


@action
def seal_document(
    *, actor: User, now: datetime, upload: Any, category: str, section: str | None = None, case_uid: UUID | None = None,
    matter_uid: UUID | None = None,
) -> Document:  # fmt: skip
    """Keep a file in a case or in a legal matter, sealed. ``upload``: a file with ``name``, ``size``, ``read``, ``seek``.

    With ``matter_uid`` the section is LEGAL (what caseworkers share) or LEGAL_FILE (the attorney's own), and no
    ``case_uid`` is needed. Metadata of images is taken out first. If the record cannot be saved, no file stays.

    Raises Hidden, Refused, CaseIsClosed, SectionNotForDocument and what ``cases.files.accept`` raises.
    Records DOCUMENT_SEALED with size and SHA-256 of what is kept.
    """
    section = section_for(category, section, in_matter=matter_uid is not None)
    if matter_uid is not None:
        held = access.lock_matter_for_write(actor, matter_uid, section=section)
    elif case_uid is not None:
        held = access.lock_for_write(actor, case_uid, section)
    else:
        raise Hidden
    accepted = files.accept(upload)
    document = Document(
        case=held.case, matter=held.matter, section=section, name=accepted.name, uploaded_by=actor, uploaded_at=now
    )
    receipt = files.keep(document, accepted.reader)
    try:
        document.size_bucket = files.size_bucket(receipt.size)
        document.about = {
            "content_type": accepted.kind.content_type, "category": DocumentCategory(category).value,
            "size": receipt.size, "sha256": receipt.sha256.hex(),
        } | ({"original_sha256": accepted.original_sha256} if accepted.original_sha256 else {})  # fmt: skip
        document.save()
        add_line(
            case=held.case, matter=held.matter, section=section, kind=Verb.DOCUMENT_SEALED, subject=document, author=actor,
            at=now, line=_("Document added: %(name)s") % {"name": accepted.name},
        )  # fmt: skip
        record(
            Verb.DOCUMENT_SEALED, actor=actor, subject=document, held=held, sections=[section],
            detail={"sha256": receipt.sha256, "bytes": receipt.size},
        )  # fmt: skip
    except BaseException:
        files.discard(document)
        raise
    return document


@action
def withdraw_document(*, actor: User, now: datetime, case_uid: UUID, document_uid: UUID, why: str) -> Document:
    """Withdraw a document: it is kept and marked, and handed out only to those who may write its section.

    ``why`` is sealed with it. Raises Hidden, Refused, CaseIsClosed, DocumentIsWithdrawn. Records DOCUMENT_WITHDRAWN.
    """
    known = access.get_record(Document, access.get_for(actor, case_uid), document_uid)
    held = access.lock_for_write(actor, case_uid, known.section, matter_uid=known.matter_uid)
    document = access.within(Document, held.case).get(uid=document_uid)
    if document.withdrawn_at is not None:
        raise DocumentIsWithdrawn
    document.withdrawn_at, document.withdrawn_by, document.withdrawn_why = now, actor, why
    document.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    add_line(
        case=held.case, matter=document.matter, section=document.section, kind=Verb.DOCUMENT_WITHDRAWN, subject=document,
        author=actor, at=now, line=_("Document withdrawn"),
    )  # fmt: skip
    record(
        Verb.DOCUMENT_WITHDRAWN, actor=actor, subject=document, held=held, sections=[document.section],
        fields=["document.withdrawn_why"],
    )  # fmt: skip
    return document
