"""One document in words, for the pages of a case and of a legal matter: both show the same lines and the same parts."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.access.sections import Section
from casemgmt.accounts.requests import SignedInRequest
from cases import codes, marking
from cases.access import Viewer
from cases.choices.configuration import ListName
from cases.choices.documents import DocumentCategory
from cases.file_types import BY_CONTENT_TYPE, SOUNDS, TEXT, VIDEOS, FileType
from cases.handing_out import known_to
from cases.models import Case, Document
from cases.people import shown_name
from cases.views.shell import visible_names

#: What can be done with a document, each at an address of its own: of the case, or of its matter.
_DOORS = ("page", "play", "preview", "verify", "withdraw", "quarantine", "version", "expiry")


def addresses_in_case(case: Case, document_uid: UUID) -> dict[str, str]:
    """Where a reader of the case does what can be done with a document; "home" is the tab it stands in, "back" the words."""
    names = {"file": "case-document", **{door: f"case-document-{door}" for door in _DOORS}}
    found = {door: reverse(name, args=[case.uid, document_uid]) for door, name in names.items()}
    return found | {"home": reverse("case-documents", args=[case.uid]), "back": _("Back to the documents")}


def addresses_in_matter(matter_uid: UUID, document_uid: UUID) -> dict[str, str]:
    """The same for whoever opens the legal matter, and perhaps nothing else of the case."""
    names = {"file": "matter-document", **{door: f"matter-document-{door}" for door in _DOORS}}
    found = {door: reverse(name, args=[matter_uid, document_uid]) for door, name in names.items()}
    return found | {"home": reverse("matter", args=[matter_uid]), "back": _("Back to the matter")}


def shown_to(request: SignedInRequest, case: Case) -> Q:
    """Which documents this reader may know of, beside her sections (``cases.handing_out.known_to``)."""
    return known_to(request.user, case)


def line_of(
    request: SignedInRequest, case: Case, viewers: list[Viewer], document: Document, at: dict[str, str]
) -> dict[str, Any]:
    """One document in words, with the addresses of what can be done with it. Read while the case or matter is open."""
    holding, about = case.holding, document.about
    assert holding is not None
    may_write = holding.writes(document.section, document.matter_uid)
    end = about.get("expires_on")
    expires_on = date.fromisoformat(end) if end else None
    kind = BY_CONTENT_TYPE.get(about["content_type"])
    is_open = document.quarantined_at is None and (
        document.withdrawn_at is None or holding.keeps(document.section, document.matter_uid)
    )
    return {
        "at": at,
        "name": document.name,
        "category": codes.label(ListName.DOCUMENT_CATEGORY, about["category"]),
        "is_evidence": about["category"] == DocumentCategory.EVIDENCE,
        "type": kind.words if kind else "",
        "size": about["size"],
        "sha256": [about["sha256"][place : place + 8] for place in range(0, 64, 8)],
        "was_cleaned": "original_sha256" in about,
        "may_tell_place": bool(about.get("may_tell_place")),
        "section": document.get_section_display(),
        "who": shown_name(request.user, case, document.uploaded_by),
        "when": document.uploaded_at,
        "visible_to": visible_names(request.user, case, viewers, document.section, document.matter_uid),
        "is_private": document.section == Section.LEGAL_FILE,
        "withdrawn_at": document.withdrawn_at,
        "withdrawn_by": shown_name(request.user, case, document.withdrawn_by),
        "withdrawn_why": document.withdrawn_why or "",
        "number": document.number,
        "why_new": about.get("why_new", ""),
        "expires_on": expires_on,
        "has_ended": expires_on is not None and expires_on < timezone.localdate(),
        "quarantined_at": document.quarantined_at,
        "quarantined_by": shown_name(request.user, case, document.quarantined_by),
        "may_download": is_open,
        "mark": _mark_words(request, case, document, about) if is_open else "",
        # A letter is read on its own paper; to somebody outside it leaves as the file that it is.
        "print_url": _print_url(request, case, document, kind) if is_open else "",
        "has_preview": is_open and bool(about.get("preview")),
        "is_video": is_open and kind in VIDEOS,
        "is_sound": is_open and kind in SOUNDS,
        "may_change": may_write and is_open and document.withdrawn_at is None and not case.is_closed,
    }


def _print_url(request: SignedInRequest, case: Case, document: Document, kind: FileType | None) -> str:
    is_inside = request.user.organisation_id == case.organisation_id
    if kind != TEXT or not is_inside or document.matter_uid is not None:
        return ""
    return reverse("case-document-print", args=[case.uid, document.uid])


def _mark_words(request: SignedInRequest, case: Case, document: Document, about: dict[str, Any]) -> str:
    """What somebody outside is told of the mark before she takes a file along; nothing for colleagues and her own file."""
    if not marking.is_to_be_marked(request.user, case, document):
        return ""
    if marking.takes_a_mark(about["content_type"], about["category"]):
        return _(
            "Your copy carries your name, the day and a number on each page. The file that is kept stays as it is."
        )
    if about["category"] in marking.NEVER_MARKED:
        return _("Evidence leaves byte for byte as it came, without a mark. That you took it is recorded.")
    return _("A file of this type leaves without a mark. That you took it is recorded.")
