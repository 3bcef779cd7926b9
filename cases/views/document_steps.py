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
from cases.access import Viewer
from cases.actions.document_ends import set_end
from cases.actions.documents import seal_version, withdraw_document
from cases.actions.quarantine import quarantine_document
from cases.document_versions import versions_of
from cases.errors import CaseError
from cases.errors.files import DocumentIsQuarantined
from cases.forms.documents import EndForm, QuarantineForm, VerifyForm, VersionForm, WithdrawForm
from cases.models import Case, Document, Matter
from cases.verifying import WORDS, Comparison, verify_document
from cases.views.document_lines import addresses_in_case, addresses_in_matter, line_of, shown_to
from cases.views.document_sharing import outside_lines

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

    def find_to_write(self, document_uid: UUID) -> Document:
        """The same, for who may write its section. Raises Hidden, Refused."""
        document = self.find(document_uid)
        assert self.case.holding is not None
        if not self.case.holding.writes(document.section, document.matter_uid):
            codename = write(document.section) if document.section != Section.LEGAL_FILE else WRITE_MATTER
            raise access.refusal(self.case.holding, codename, document.matter_uid)
        return document

    @property
    def matter_uid(self) -> UUID | None:
        """The matter through whose door the reader came, if she did."""
        return self.matter.uid if self.matter is not None else None

    def at(self, document: Document) -> dict[str, str]:
        """The addresses of what can be done with it here."""
        return self.address_of(document.uid)

    def address_of(self, document_uid: UUID) -> dict[str, str]:
        """The same by its uid."""
        if self.matter is not None:
            return addresses_in_matter(self.matter.uid, document_uid)
        return addresses_in_case(self.case, document_uid)

    def versions(self, document: Document, viewers: list[Viewer]) -> list[dict[str, Any]]:
        """All versions of a paper in words, the newest first; empty where there is but one. Read while it is open."""
        rows = access.records(Document, self.case).filter(shown_to(self.request, self.case))
        found = list(versions_of(rows.select_related("uploaded_by", "withdrawn_by", "quarantined_by"), document))
        if len(found) < 2:
            return []
        return [
            {**line_of(self.request, self.case, viewers, one, self.at(one)), "is_this": one == document}
            for one in found
        ]

    def page(self, template: str, document: Document, form: Any) -> HttpResponse:
        """The page of one step, with its form; 422 where the form has errors."""

        def build() -> dict[str, Any]:
            viewers = access.who_can_see(self.case)
            line = line_of(self.request, self.case, viewers, document, self.at(document))
            versions = self.versions(document, viewers)
            standing = [one["number"] for one in versions if not (one["withdrawn_at"] or one["quarantined_at"])]
            is_newest = not standing or document.number == standing[0]
            outside = outside_lines(self.request.user, self.case, viewers, document)
            return {"form": form, "line": line, "versions": versions, "is_newest": is_newest, "outside": outside}

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
            is_good = found in (Comparison.SAME, Comparison.SAME_AS_SENT, Comparison.HANDED_OUT)
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
    document = place.find_to_write(document_uid)
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


def add_version(place: Place, document_uid: UUID) -> HttpResponse:
    """Add a newer file of a paper, and say why; the older versions stay reachable from its page."""
    request = place.request
    document = place.find_to_write(document_uid)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = VersionForm(*posted)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            newer = seal_version(
                actor=request.user, now=clock.now(), form_key=form.key, case=place.case, document=document,
                upload=facts["upload"], why=facts["why_new"], expires_on=facts["expires_on"],
            )  # fmt: skip
        except CaseError as error:
            form.add_error("upload", str(error))
        else:
            messages.success(request, _("The newer version is kept, encrypted. The older ones stay below it."))
            return HttpResponseRedirect(place.address_of(newer.uid)["page"])
    return place.page("cases/document_version.html", document, form)


def change_end(place: Place, document_uid: UUID) -> HttpResponse:
    """Say on which day a paper ends; it comes on the lists before that."""
    request = place.request
    document = place.find_to_write(document_uid)
    form = EndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            set_end(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=place.case.uid,
                document_uid=document.uid, matter_uid=place.matter_uid, expires_on=form.cleaned_data["expires_on"],
            )  # fmt: skip
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The day is kept."))
            return HttpResponseRedirect(place.at(document)["page"])
    return place.page("cases/document_expiry.html", document, form)
