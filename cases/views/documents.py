"""The Documents tab: what is kept, adding a file, the page of one, withdrawing, quarantine, comparing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from casemgmt.access.errors import Refused
from casemgmt.access.sections import READ_CARD, WRITE_MATTER, Section, write
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.access import Viewer
from cases.actions.documents import seal_document, withdraw_document
from cases.actions.quarantine import quarantine_document
from cases.choices import DocumentCategory
from cases.errors import CaseError, CaseIsClosed, DocumentIsQuarantined, SectionNotForDocument
from cases.file_types import BY_CONTENT_TYPE, SOUNDS, VIDEOS
from cases.files import takes_documents
from cases.forms.documents import DocumentForm, QuarantineForm, VerifyForm, WithdrawForm, limits_in_words
from cases.guards import guarded
from cases.models import Case, Document
from cases.people import shown_name
from cases.verifying import WORDS, Comparison, verify_document
from cases.views.shell import render_case, visible_names

#: Newest first; a case with more is a case whose older papers stand in its legal matters.
MOST_SHOWN = 200


def _readers(request: SignedInRequest, case: Case, viewers: list[Viewer]) -> dict[str, list[str]]:
    """Who reads each section that this writer may write."""
    assert case.holding is not None
    writable = [section for section in Section if case.holding.writes(section)]
    return {section: visible_names(request.user, case, viewers, section) for section in writable}


@takes_documents
@require_http_methods(["GET", "HEAD", "POST"])
@guarded(READ_CARD)
def documents(request: SignedInRequest, case: Case) -> HttpResponse:
    """What is kept, and the form to add a file. Each file only for those who hold its section (or matter)."""
    assert case.holding is not None
    viewers = access.who_can_see(case)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DocumentForm(*posted, holding=case.holding, readers=_readers(request, case, viewers))
    may_add = any(form.sections.values()) and not case.is_closed
    if request.method == "POST" and form.is_valid() and _add(request, case, form):
        return HttpResponseRedirect(reverse("case-documents", args=[case.uid]))

    def build() -> dict[str, Any]:
        rows = (
            access.records(Document, case).select_related("uploaded_by", "withdrawn_by").order_by("-uploaded_at", "-pk")
        )
        if request.user.organisation_id != case.organisation_id:
            # What was withdrawn is no longer handed on, not even by its name.
            rows = rows.filter(withdrawn_at__isnull=True, quarantined_at__isnull=True)
        lines = [_line(request, case, viewers, row) for row in rows[:MOST_SHOWN]]
        return {
            "form": form,
            "may_add": may_add,
            "standing": [line for line in lines if not line["withdrawn_at"]],
            "withdrawn": [line for line in lines if line["withdrawn_at"]],
            "limits": " ".join(limits_in_words()),
        }

    return render_case(request, case, "documents", "cases/documents.html", build, status=422 if form.errors else 200)


def _add(request: SignedInRequest, case: Case, form: DocumentForm) -> bool:
    """Seal the file. False, with the sentence beside its field, where it cannot be kept."""
    facts = form.cleaned_data
    try:
        seal_document(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, upload=facts["upload"],
            category=facts["category"], section=facts["section"], unopened=facts["unopened"],
        )  # fmt: skip
    except CaseIsClosed as error:
        form.add_error(None, str(error))
        return False
    except SectionNotForDocument as error:
        form.add_error("section", str(error))
        return False
    except CaseError as error:
        form.add_error("upload", str(error))
        return False
    if facts["unopened"]:
        messages.success(request, _("The file is in quarantine, unopened. Counsel is told."))
    else:
        messages.success(request, _("The document is kept, encrypted."))
    return True


def _line(request: SignedInRequest, case: Case, viewers: list[Viewer], document: Document) -> dict[str, Any]:
    """One document in words. Read while the case is open."""
    holding, about = case.holding, document.about
    assert holding is not None
    may_write = holding.writes(document.section, document.matter_uid)
    kind = BY_CONTENT_TYPE.get(about["content_type"])
    is_open = document.quarantined_at is None and (document.withdrawn_at is None or may_write)
    return {
        "uid": document.uid,
        "name": document.name,
        "category": DocumentCategory(about["category"]).label,
        "is_evidence": about["category"] == DocumentCategory.EVIDENCE,
        "type": kind.words if kind else "",
        "size": about["size"],
        "sha256": [about["sha256"][place : place + 8] for place in range(0, 64, 8)],
        "was_cleaned": "original_sha256" in about,
        "section": document.get_section_display(),
        "who": shown_name(request.user, case, document.uploaded_by),
        "when": document.uploaded_at,
        "visible_to": visible_names(request.user, case, viewers, document.section, document.matter_uid),
        "is_private": document.section == Section.LEGAL_FILE,
        "withdrawn_at": document.withdrawn_at,
        "withdrawn_by": shown_name(request.user, case, document.withdrawn_by),
        "withdrawn_why": document.withdrawn_why or "",
        "quarantined_at": document.quarantined_at,
        "quarantined_by": shown_name(request.user, case, document.quarantined_by),
        "may_download": is_open,
        "has_preview": is_open and bool(about.get("preview")),
        "is_video": is_open and kind in VIDEOS,
        "is_sound": is_open and kind in SOUNDS,
        "may_withdraw": may_write and is_open and document.withdrawn_at is None and not case.is_closed,
    }


@require_http_methods(["GET", "HEAD"])
@guarded(READ_CARD)
def document_page(request: SignedInRequest, case: Case, document_uid: UUID) -> HttpResponse:
    """One document: what is known of it, its small picture or player, and what can be done with it."""
    document = access.get_record(Document, case, document_uid)
    return _page_of(request, case, document, VerifyForm(), 200)


@takes_documents
@require_POST
@guarded(READ_CARD)
def verify(request: SignedInRequest, case: Case, document_uid: UUID) -> HttpResponse:
    """Compare a copy, or the stored file, with the number in the ledger, and say in words what was found."""
    document = access.get_record(Document, case, document_uid)
    form = VerifyForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            found = verify_document(request.user, case, document.uid, form.cleaned_data["copy"])
        except CaseError as error:
            form.add_error("copy", str(error))
        else:
            is_good = found in (Comparison.SAME, Comparison.SAME_AS_SENT)
            (messages.success if is_good else messages.error)(request, str(WORDS[found]))
            return HttpResponseRedirect(reverse("case-document-page", args=[case.uid, document.uid]))
    return _page_of(request, case, document, form, 422)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(READ_CARD)
def quarantine(request: SignedInRequest, case: Case, document_uid: UUID) -> HttpResponse:
    """Put a suspected child image into quarantine, on a page of its own that says what happens."""
    document = access.get_record(Document, case, document_uid)
    form = QuarantineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            quarantine_document(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, document_uid=document.uid
            )
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The file is in quarantine, unopened. Counsel is told."))
            return HttpResponseRedirect(reverse("case-documents", args=[case.uid]))

    def build() -> dict[str, Any]:
        return {"form": form, "line": _line(request, case, access.who_can_see(case), document)}

    status = 422 if form.errors else 200
    return render_case(request, case, "documents", "cases/document_quarantine.html", build, status=status)


def _page_of(request: SignedInRequest, case: Case, document: Document, form: VerifyForm, status: int) -> HttpResponse:
    def build() -> dict[str, Any]:
        return {"form": form, "line": _line(request, case, access.who_can_see(case), document)}

    return render_case(request, case, "documents", "cases/document_page.html", build, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(READ_CARD)
def withdraw(request: SignedInRequest, case: Case, document_uid: UUID) -> HttpResponse:
    """Withdraw a document, on a page of its own that says what happens."""
    document = access.get_record(Document, case, document_uid)
    assert case.holding is not None
    if not case.holding.writes(document.section, document.matter_uid):
        raise Refused(write(document.section) if document.section != Section.LEGAL_FILE else WRITE_MATTER)
    if document.quarantined_at is not None:
        messages.error(request, str(DocumentIsQuarantined()))
        return HttpResponseRedirect(reverse("case-documents", args=[case.uid]))
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_document(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, document_uid=document.uid,
                why=form.cleaned_data["why_withdrawn"],
            )  # fmt: skip
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The document is withdrawn."))
            return HttpResponseRedirect(reverse("case-documents", args=[case.uid]))

    def build() -> dict[str, Any]:
        return {"form": form, "line": _line(request, case, access.who_can_see(case), document)}

    status = 422 if form.errors else 200
    return render_case(request, case, "documents", "cases/document_withdraw.html", build, status=status)
