"""What is done with one document, the same way in a case and in a legal matter: look, compare, quarantine, withdraw.

The place brings its own frame: the case with its tabs, or the matter for whoever holds it and nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import WRITE_MATTER, Section, write
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.actions.documents import withdraw_document
from cases.actions.quarantine import quarantine_document
from cases.errors import CaseError
from cases.errors.files import DocumentIsQuarantined
from cases.forms.documents import QuarantineForm, VerifyForm, WithdrawForm
from cases.models import Case, Document, Matter
from cases.verifying import WORDS, Comparison, verify_document
from cases.views.document_lines import addresses_in_case, addresses_in_matter, line_of, shown_to

#: Renders a template with what is built while the case or matter is open, under a status.
Render = Callable[[str, Callable[[], dict[str, Any]], int], HttpResponse]


@dataclass(frozen=True)
class Place:
    """Where a document is looked at: a case, or with ``matter`` one of its legal matters."""

    request: SignedInRequest
    case: Case
    render: Render
    matter: Matter | None = None

    def find(self, document_uid: UUID) -> Document:
        """The document, through the door, if it is of this matter and still to be shown. Raises Hidden, Refused."""
        document = access.get_record(Document, self.case, document_uid)
        if self.matter is not None and document.matter_uid != self.matter.uid:
            raise Hidden
        shown = access.records(Document, self.case).filter(shown_to(self.request, self.case), uid=document_uid)
        if not shown.exists():
            raise Hidden
        return document

    @property
    def matter_uid(self) -> UUID | None:
        """The matter through whose door the reader came, if she did."""
        return self.matter.uid if self.matter is not None else None

    def at(self, document: Document) -> dict[str, str]:
        """The addresses of what can be done with it here."""
        if self.matter is not None:
            return addresses_in_matter(self.matter.uid, document.uid)
        return addresses_in_case(self.case, document.uid)

    def page(self, template: str, document: Document, form: Any) -> HttpResponse:
        """The page of one step, with its form; 422 where the form has errors."""

        def build() -> dict[str, Any]:
            viewers = access.who_can_see(self.case)
            return {"form": form, "line": line_of(self.request, self.case, viewers, document, self.at(document))}

        return self.render(template, build, 422 if form.errors else 200)


def show(place: Place, document_uid: UUID) -> HttpResponse:
    """What is known of one document, its small picture or player, and what can be done with it."""
    return place.page("cases/document_page.html", place.find(document_uid), VerifyForm())


def verify(place: Place, document_uid: UUID) -> HttpResponse:
    """Compare a copy, or the stored file, with the number in the ledger, and say in words what was found."""
    request = place.request
    document = place.find(document_uid)
    form = VerifyForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            found = verify_document(request.user, place.case, document.uid, form.cleaned_data["copy"])
        except CaseError as error:
            form.add_error("copy", str(error))
        else:
            is_good = found in (Comparison.SAME, Comparison.SAME_AS_SENT)
            (messages.success if is_good else messages.error)(request, str(WORDS[found]))
            return HttpResponseRedirect(place.at(document)["page"])
    return place.page("cases/document_page.html", document, form)


def quarantine(place: Place, document_uid: UUID) -> HttpResponse:
    """Put a suspected child image into quarantine, on a page of its own that says what happens."""
    request = place.request
    document = place.find(document_uid)
    form = QuarantineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            quarantine_document(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=place.case.uid,
                document_uid=document.uid, matter_uid=place.matter_uid,
            )  # fmt: skip
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The file is in quarantine, unopened. Counsel is told."))
            return HttpResponseRedirect(place.at(document)["home"])
    return place.page("cases/document_quarantine.html", document, form)


def withdraw(place: Place, document_uid: UUID) -> HttpResponse:
    """Withdraw a document, on a page of its own that says what happens."""
    request = place.request
    document = place.find(document_uid)
    assert place.case.holding is not None
    if not place.case.holding.writes(document.section, document.matter_uid):
        codename = write(document.section) if document.section != Section.LEGAL_FILE else WRITE_MATTER
        raise access.refusal(place.case.holding, codename, document.matter_uid)
    if document.quarantined_at is not None:
        messages.error(request, str(DocumentIsQuarantined()))
        return HttpResponseRedirect(place.at(document)["home"])
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_document(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=place.case.uid,
                document_uid=document.uid, matter_uid=place.matter_uid, why=form.cleaned_data["why_withdrawn"],
            )  # fmt: skip
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The document is withdrawn."))
            return HttpResponseRedirect(place.at(document)["home"])
    return place.page("cases/document_withdraw.html", document, form)
