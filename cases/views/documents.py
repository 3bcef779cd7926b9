"""The Documents tab: what is kept, adding a file, the page of one, withdrawing, quarantine, comparing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import Chosen
from cases import access, files
from cases.access import Viewer
from cases.actions.documents import seal_document
from cases.document_versions import listed
from cases.errors import CaseError
from cases.errors.casework import CaseIsClosed
from cases.errors.files import CannotBeKept, SectionNotForDocument
from cases.files import takes_documents
from cases.forms.documents import DocumentForm, FilesForm
from cases.guards import guarded
from cases.models import Case, Document
from cases.views import document_steps
from cases.views.document_lines import addresses_in_case, line_of, shown_to
from cases.views.letters import may_write_letters
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
    if request.method == "POST" and form.is_valid() and keep_files(request, form, case_uid=case.uid):
        return HttpResponseRedirect(reverse("case-documents", args=[case.uid]))

    def build() -> dict[str, Any]:
        rows = access.records(Document, case).filter(shown_to(request, case)).filter(listed(case))
        rows = rows.select_related("uploaded_by", "withdrawn_by").order_by("-uploaded_at", "-pk")
        lines = [line_of(request, case, viewers, row, addresses_in_case(case, row.uid)) for row in rows[:MOST_SHOWN]]
        return {
            "form": form,
            "may_add": may_add,
            "letters_url": reverse("case-letters", args=[case.uid]) if may_write_letters(request, case) else "",
            "standing": [line for line in lines if not line["withdrawn_at"]],
            "withdrawn": [line for line in lines if line["withdrawn_at"]],
        }

    return render_case(request, case, "documents", "cases/documents.html", build, status=422 if form.errors else 200)


def keep_files(request: SignedInRequest, form: FilesForm, **where: Any) -> bool:
    """Seal each file that was chosen. False, with a sentence for each that cannot be kept: the others stay kept.

    Each counts once by its content, so that the same form brings what was left behind without keeping anything twice.
    """
    facts, kept = form.cleaned_data, 0
    chosen: list[Chosen] = facts["upload"]
    for one in chosen:
        try:
            if one.problem:
                raise CannotBeKept(one.problem)
            seal_document(
                actor=request.user, now=clock.now(), form_key=_key_of(form, one), upload=one.upload, category=facts["category"],
                section=facts["section"], unopened=facts["unopened"], expires_on=facts["expires_on"], **where,
            )  # fmt: skip
        except CaseIsClosed as error:
            form.add_error(None, str(error))
            return False
        except SectionNotForDocument as error:
            form.add_error("section", str(error))
            return False
        except CaseError as error:
            form.add_error("upload", str(error) if len(chosen) == 1 else f"{one.upload.name}: {error}")
        else:
            kept += 1
    if kept and request.headers.get("Haven-Upload") != "more":
        messages.success(request, _words_of_kept(kept, is_quarantined=facts["unopened"]))
    return not form.errors


def _words_of_kept(kept: int, *, is_quarantined: bool) -> str:
    if is_quarantined:
        return _("The file is in quarantine, unopened. Counsel is told.")
    if kept == 1:
        return _("The document is kept, encrypted.")
    return _("%(count)s documents are kept, encrypted.") % {"count": kept}


def _key_of(form: FilesForm, chosen: Chosen) -> UUID | None:
    """The key of one file of a form: the form's, and what the file holds."""
    return uuid5(form.key, files.digest(chosen.upload)) if form.key else None


def _place(request: SignedInRequest, case: Case) -> document_steps.Place:
    """The frame of the case around the page of one document."""

    def render(template: str, build: Callable[[], dict[str, Any]], status: int) -> HttpResponse:
        def with_frame() -> dict[str, Any]:
            return {"frame": "cases/_case.html", **build()}

        return render_case(request, case, "documents", template, with_frame, status=status)

    return document_steps.Place(request, case, render)


@require_http_methods(["GET", "HEAD"])
@guarded(READ_CARD)
def document_page(request: SignedInRequest, case: Case, document_uid: UUID) -> HttpResponse:
    """One document: what is known of it, its small picture or player, and what can be done with it."""
    return document_steps.show(_place(request, case), document_uid)


@takes_documents
@require_POST
@guarded(READ_CARD)
def verify(request: SignedInRequest, case: Case, document_uid: UUID) -> HttpResponse:
    """Compare a copy, or the stored file, with the number in the ledger."""
    return document_steps.verify(_place(request, case), document_uid)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(READ_CARD)
def quarantine(request: SignedInRequest, case: Case, document_uid: UUID) -> HttpResponse:
    """Put a suspected child image into quarantine."""
    return document_steps.quarantine(_place(request, case), document_uid)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(READ_CARD)
def withdraw(request: SignedInRequest, case: Case, document_uid: UUID) -> HttpResponse:
    """Withdraw a document."""
    return document_steps.withdraw(_place(request, case), document_uid)


@takes_documents
@require_http_methods(["GET", "HEAD", "POST"])
@guarded(READ_CARD)
def version(request: SignedInRequest, case: Case, document_uid: UUID) -> HttpResponse:
    """Add a newer version of a document."""
    return document_steps.add_version(_place(request, case), document_uid)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(READ_CARD)
def expiry(request: SignedInRequest, case: Case, document_uid: UUID) -> HttpResponse:
    """Say on which day a document ends."""
    return document_steps.change_end(_place(request, case), document_uid)
