"""Documents: sealed on the way in, withdrawn but never deleted by a person, put into quarantine, compared."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD, WRITE_MATTER, Section, write
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from casemgmt.crypto.gate import open_gate
from cases import access, files
from cases.actions.document_ends import plan_end, plan_end_again
from cases.actions.quarantine import put_into_quarantine
from cases.actions.trail import add_line, settle_due
from cases.choices.documents import SECTIONS_OF_DOCUMENT, DocumentCategory
from cases.document_versions import Newer, last_number, newest_of, newest_to_replace
from cases.errors.casework import CaseIsClosed
from cases.errors.files import (
    DocumentIsQuarantined,
    DocumentIsWithdrawn,
    FileIsInfected,
    KeysWereRenewed,
    SectionNotForDocument,
)
from cases.models import Case, Document, Matter, TextTemplate
from cases.opening import HoldingGate

#: Papers of a legal matter may stand in the docket that caseworkers share, or in the attorney's own file.
SECTIONS_OF_MATTER = (Section.LEGAL, Section.LEGAL_FILE)


def section_for(category: str, section: str | None, *, in_matter: bool) -> str:
    """Where a document of this kind goes: the section asked for, else the usual one. Raises SectionNotForDocument."""
    possible = SECTIONS_OF_MATTER if in_matter else SECTIONS_OF_DOCUMENT[category]
    chosen = section or possible[0]
    if chosen not in possible:
        raise SectionNotForDocument
    return Section(chosen)


def seal_document(
    *, actor: User, now: datetime, upload: Any, category: str, section: str | None = None, case_uid: UUID | None = None,
    matter_uid: UUID | None = None, unopened: bool = False, expires_on: date | None = None, newer: Newer | None = None,
    letter: TextTemplate | None = None, form_key: UUID | None = None,
) -> Any:  # fmt: skip
    """Keep a file in a case or in a legal matter, sealed. ``upload``: a file with ``name``, ``size``, ``read``, ``seek``.

    With ``matter_uid`` the section is LEGAL (what caseworkers share) or LEGAL_FILE (the attorney's own), and no
    ``case_uid`` is needed. Hidden details of images and videos are taken out first, unless ``unopened``: a file that is
    to go into quarantine at once is neither changed nor drawn. It is sealed before the transaction that records it,
    because 500 MB take seconds and SQLite has one writer; if the record cannot be saved, no file stays.

    ``expires_on``: the last day of a paper that ends by itself. ``newer``: of which document this is a newer version, and why.
    ``letter``: from which text of the house it was written.

    Raises Hidden, Refused, CaseIsClosed, SectionNotForDocument, NotTheNewestVersion, VersionTakesNoFile, KeysWereRenewed
    and what ``cases.files.accept`` and
    ``keep`` raise.
    Records DOCUMENT_SEALED with size and SHA-256 of what is kept (and of what was sent, if it differs);
    refused (scan INFECTED) what the scanner stopped.
    """
    section = section_for(category, section, in_matter=matter_uid is not None)
    case = _writable_case(actor, now, section, case_uid, matter_uid)
    try:
        accepted = files.accept(upload, category, as_it_is=unopened)
    except FileIsInfected:
        record(
            Verb.DOCUMENT_SEALED, actor=actor, subject=case, sections=[section], outcome=Outcome.REFUSED,
            detail={"scan": "INFECTED"},
        )  # fmt: skip
        raise
    kept = files.keep(
        accepted, category=category, case_uid=case.uid, section=section, matter_uid=matter_uid, unopened=unopened
    )
    document = None
    try:
        document = record_document(
            actor=actor, now=now, form_key=form_key, kept=kept, category=category, section=section, case_uid=case.uid,
            matter_uid=matter_uid, unopened=unopened, expires_on=expires_on, newer=newer, letter=letter,
        )  # fmt: skip
    finally:
        if document is None or document.uid != kept.uid:
            # Not recorded, or recorded by the form's first sending: this file is nobody's.
            files.discard(kept.names)
    return document


def seal_version(
    *, actor: User, now: datetime, upload: Any, case: Case, document: Document, why: str, expires_on: date | None = None,
    form_key: UUID | None = None,
) -> Any:  # fmt: skip
    """Keep a newer version of a document: of its section, matter and kind. The older ones stay as they are, and reachable.

    ``case`` and ``document`` come from the door. ``why`` is sealed with the new one. Raises and records as ``seal_document``.
    """
    assert case.holding is not None
    with open_gate(HoldingGate(actor, {case.uid: case.holding}, only=frozenset({document.section}))):
        category = document.about["category"]
    return seal_document(
        actor=actor, now=now, upload=upload, category=category, section=document.section, case_uid=case.uid,
        matter_uid=document.matter_uid, expires_on=expires_on, newer=Newer(document.uid, why), form_key=form_key,
    )  # fmt: skip


def _writable_case(actor: User, now: datetime, section: str, case_uid: UUID | None, matter_uid: UUID | None) -> Case:
    """The case, looked up before minutes of work; the action asks again when it holds the case."""
    if matter_uid is not None:
        matter = access.for_the_house(Matter).filter(uid=matter_uid).select_related("case").first()
        case = matter.case if matter else None
    else:
        case = access.for_the_house(Case).filter(uid=case_uid).first() if case_uid else None
    holding = access.holdings(actor, [case.pk], at=now).get(case.pk) if case else None
    if case is None or holding is None or not (holding.may(READ_CARD) or matter_uid in holding.matters):
        raise Hidden
    if not holding.writes(section, matter_uid):
        raise access.refusal(holding, write(section) if section != Section.LEGAL_FILE else WRITE_MATTER, matter_uid)
    if case.is_closed:
        raise CaseIsClosed
    return case


@action
def record_document(
    *, actor: User, now: datetime, kept: files.Kept, category: str, section: str, case_uid: UUID, matter_uid: UUID | None,
    unopened: bool, expires_on: date | None = None, newer: Newer | None = None, letter: TextTemplate | None = None,
) -> Document:  # fmt: skip
    """The record of a file that lies sealed already. Records DOCUMENT_SEALED; ``unopened`` also what quarantine records,
    ``letter`` LETTER_WRITTEN with the text and its version.

    A newer version takes what was due about the former one off the lists.
    """
    held = access.lock_for_write(actor, case_uid, section, matter_uid=matter_uid)
    accepted, receipt = kept.accepted, kept.receipt
    if not keyring.has_epoch(held.case.uid, section, receipt.epoch):
        raise KeysWereRenewed
    former = newest_to_replace(held, newer.document_uid, section, matter_uid) if newer else None
    document = Document(
        uid=kept.uid, case=held.case, matter=held.matter, section=section, name=accepted.name, uploaded_by=actor,
        uploaded_at=now, stored_as=kept.stored_as, size_bucket=files.size_bucket(receipt.size),
        first_uid=former.series if former else None, version=last_number(held.case, former) + 1 if former else None,
    )  # fmt: skip
    document.about = {
        "content_type": accepted.kind.content_type, "category": DocumentCategory(category).value,
        "size": receipt.size, "sha256": receipt.sha256.hex(),
    } | ({"original_sha256": accepted.original_sha256} if accepted.original_sha256 else {}) | (
        {"preview": kept.preview_size} if kept.preview_size else {}
    ) | ({"may_tell_place": True} if accepted.may_tell_place else {}) | (
        {"expires_on": expires_on.isoformat()} if expires_on else {}
    ) | ({"why_new": newer.why} if newer else {})  # fmt: skip
    document.save()
    if former is not None:
        settle_due(case=held.case, subject_uid=former.uid, now=now)
        line = _("Version %(number)s of a document added: %(name)s") % {
            "number": document.number,
            "name": accepted.name,
        }
    else:
        line = _("Document added: %(name)s") % {"name": accepted.name}
    add_line(
        case=held.case, matter=held.matter, section=section, kind=Verb.DOCUMENT_SEALED, subject=document, author=actor,
        at=now, line=line,
    )  # fmt: skip
    if not unopened:
        plan_end(case=held.case, document=document, name=accepted.name, expires_on=expires_on, now=now)
    record(
        Verb.DOCUMENT_SEALED, actor=actor, subject=document, held=held, sections=[section],
        detail={"sha256": receipt.sha256, "bytes": receipt.size}
        | ({"original_sha256": accepted.original_sha256} if accepted.original_sha256 else {})
        | ({"scan": accepted.scan} if accepted.scan else {})
        | ({"version": document.number} if former else {}),
    )  # fmt: skip
    if letter is not None:
        record(
            Verb.LETTER_WRITTEN, actor=actor, subject=document, held=held, sections=[section], refs=[letter],
            detail={"version": letter.version, "language": letter.language},
        )  # fmt: skip
    if unopened:
        # Within the same transaction: there is no moment in which it could be opened.
        put_into_quarantine(actor=actor, now=now, held=held, document=document)
    return document


@action
def withdraw_document(
    *, actor: User, now: datetime, case_uid: UUID, document_uid: UUID, why: str, matter_uid: UUID | None = None
) -> Document:
    """Withdraw a document: it is kept and marked, and handed out only to those who may write its section.

    ``why`` is sealed with it. ``matter_uid``: through the door of a legal matter, for whoever holds that alone.
    Raises Hidden, Refused, CaseIsClosed, DocumentIsWithdrawn, DocumentIsQuarantined.
    Records DOCUMENT_WITHDRAWN.
    """
    case = access.get_matter_for(actor, matter_uid).case if matter_uid else access.get_for(actor, case_uid)
    known = access.get_record(Document, case, document_uid)
    held = access.lock_for_write(actor, case_uid, known.section, matter_uid=known.matter_uid)
    document = access.within(Document, held.case).get(uid=document_uid)
    if document.quarantined_at is not None:
        raise DocumentIsQuarantined
    if document.withdrawn_at is not None:
        raise DocumentIsWithdrawn
    document.withdrawn_at, document.withdrawn_by, document.withdrawn_why = now, actor, why
    document.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    settle_due(case=held.case, subject_uid=document.uid, now=now)
    if (
        again := newest_of(access.within(Document, held.case), document)
    ) is not None and again.number < document.number:
        # The version before it is the newest again, and so is its end.
        plan_end_again(actor=actor, now=now, held=held, document=again)
    add_line(
        case=held.case, matter=document.matter, section=document.section, kind=Verb.DOCUMENT_WITHDRAWN, subject=document,
        author=actor, at=now, line=_("Document withdrawn"),
    )  # fmt: skip
    record(
        Verb.DOCUMENT_WITHDRAWN, actor=actor, subject=document, held=held, sections=[document.section],
        fields=["document.withdrawn_why"],
    )  # fmt: skip
    return document
