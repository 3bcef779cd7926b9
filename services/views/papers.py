"""The pages of one paper of a legal matter: for whoever opens the matter, also where nothing else of the case is hers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from casemgmt.access.sections import Section, write
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.files import takes_documents
from cases.guards import guarded_matter
from cases.models import Matter
from cases.views import document_steps
from cases.views.documents import keep_files
from services.forms.legal import PaperForm
from services.views.legal import render_matter


def _place(request: SignedInRequest, matter: Matter) -> document_steps.Place:
    """The frame of the matter around the page of one paper."""

    def render(template: str, build: Callable[[], dict[str, Any]], status: int) -> HttpResponse:
        def with_frame(_summary: dict[str, Any]) -> dict[str, Any]:
            return {"frame": "services/_matter_base.html", **build()}

        return render_matter(request, matter, template, with_frame, status=status)

    return document_steps.Place(request, matter.case, render, matter)


@takes_documents
@require_http_methods(["GET", "POST"])
@guarded_matter()
def paper_new(request: SignedInRequest, matter: Matter) -> HttpResponse:
    """Keep papers with the matter: in the attorney's own file, or where the caseworkers see them too."""
    holding = matter.case.holding
    assert holding is not None  # the guard has set it
    if not holding.writes(Section.LEGAL, matter.uid):
        raise access.refusal(holding, write(Section.LEGAL), matter.uid)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = PaperForm(*posted, may_write_file=matter.uid in holding.writable_matters)
    if posted and form.is_valid() and keep_files(request, form, matter_uid=matter.uid):
        return HttpResponseRedirect(reverse("matter", args=[matter.uid]))
    facts = {"form": form, "heading": _("Add a paper")}
    status = 422 if form.errors else 200
    return render_matter(request, matter, "services/matter_step.html", lambda _summary: facts, status=status)


@require_http_methods(["GET", "HEAD"])
@guarded_matter()
def paper(request: SignedInRequest, matter: Matter, document_uid: UUID) -> HttpResponse:
    """One paper: what is known of it, its small picture or player, and what can be done with it."""
    return document_steps.show(_place(request, matter), document_uid)


@takes_documents
@require_POST
@guarded_matter()
def paper_verify(request: SignedInRequest, matter: Matter, document_uid: UUID) -> HttpResponse:
    """Compare a copy, or the stored file, with the number in the ledger."""
    return document_steps.verify(_place(request, matter), document_uid)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded_matter()
def paper_quarantine(request: SignedInRequest, matter: Matter, document_uid: UUID) -> HttpResponse:
    """Put a suspected child image into quarantine."""
    return document_steps.quarantine(_place(request, matter), document_uid)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded_matter()
def paper_withdraw(request: SignedInRequest, matter: Matter, document_uid: UUID) -> HttpResponse:
    """Withdraw a paper."""
    return document_steps.withdraw(_place(request, matter), document_uid)


@takes_documents
@require_http_methods(["GET", "HEAD", "POST"])
@guarded_matter()
def paper_version(request: SignedInRequest, matter: Matter, document_uid: UUID) -> HttpResponse:
    """Add a newer version of a paper."""
    return document_steps.add_version(_place(request, matter), document_uid)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded_matter()
def paper_expiry(request: SignedInRequest, matter: Matter, document_uid: UUID) -> HttpResponse:
    """Say on which day a paper ends."""
    return document_steps.change_end(_place(request, matter), document_uid)
