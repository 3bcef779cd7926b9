"""Files on their way out: a download, a range of a recording, a small picture. Each request passes the door."""

import re
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD, READ_MATTER, Section
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import ask_for_proof, confirmed_lately
from cases import access, handing_out
from cases.errors import CaseError
from cases.errors.files import DocumentIsQuarantined, DocumentIsWithdrawn, FileCannotBeRead, FileIsErased, RangeOutside
from cases.guards import guarded, guarded_matter
from cases.handing_out import Download
from cases.models import Case, Document, Matter

NOT_HANDED_OUT = (FileCannotBeRead, FileIsErased, DocumentIsWithdrawn, DocumentIsQuarantined)
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_BEYOND_EVERY_FILE = 1 << 62


@require_GET
@guarded(READ_CARD)
def download(request: SignedInRequest, case: Case, document_uid: UUID) -> HttpResponseBase:
    """One document, as a file to keep. Recorded before the first byte."""
    return _whole(request, case, document_uid, back=reverse("case-documents", args=[case.uid]))


@require_GET
@guarded_matter(READ_MATTER)
def download_of_matter(request: SignedInRequest, matter: Matter, document_uid: UUID) -> HttpResponseBase:
    """One document of a legal matter, for whoever opens the matter."""
    return _whole(request, _of_matter(matter, document_uid), document_uid, back=reverse("matter", args=[matter.uid]))


@require_GET
@guarded(READ_CARD)
def play(request: SignedInRequest, case: Case, document_uid: UUID) -> HttpResponseBase:
    """A video or sound for the player of its page."""
    return _range(request, case, document_uid, back=reverse("case-documents", args=[case.uid]))


@require_GET
@guarded_matter(READ_MATTER)
def play_of_matter(request: SignedInRequest, matter: Matter, document_uid: UUID) -> HttpResponseBase:
    """The same for a recording of a legal matter."""
    return _range(request, _of_matter(matter, document_uid), document_uid, back=reverse("matter", args=[matter.uid]))


@require_GET
@guarded(READ_CARD)
def preview(request: SignedInRequest, case: Case, document_uid: UUID) -> HttpResponseBase:
    """The small picture of a document, for its page."""
    return _small(request, case, document_uid, back=reverse("case-documents", args=[case.uid]))


@require_GET
@guarded_matter(READ_MATTER)
def preview_of_matter(request: SignedInRequest, matter: Matter, document_uid: UUID) -> HttpResponseBase:
    """The same for a document of a legal matter."""
    return _small(request, _of_matter(matter, document_uid), document_uid, back=reverse("matter", args=[matter.uid]))


def _of_matter(matter: Matter, document_uid: UUID) -> Case:
    """The case of the matter, if the document stands in this very matter. Raises Hidden, Refused."""
    if access.get_record(Document, matter.case, document_uid).matter_uid != matter.uid:
        raise Hidden
    return matter.case


def _range(request: SignedInRequest, case: Case, document_uid: UUID, *, back: str) -> HttpResponseBase:
    """One range at a time (206), or the whole where none is asked for.

    The tag is the document's own uid, which stands in the address anyway: what is kept under it never changes.
    """
    tag = f'"{document_uid.hex}"'
    asked = _range_of(request) if request.headers.get("If-Range", tag) == tag else None
    try:
        if asked is None:
            response: HttpResponseBase = _answer(
                handing_out.stream(request.user, case, document_uid), is_attachment=False
            )
        else:
            part = handing_out.part(request.user, case, document_uid, *asked)
            response = HttpResponse(part.content, status=206, content_type=part.content_type)
            last = part.first + len(part.content) - 1
            response["Content-Range"] = f"bytes {part.first}-{last}/{part.size}"
            response["Content-Length"] = str(len(part.content))
            response["Content-Disposition"] = "inline"
    except RangeOutside as error:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{error.size}"
    except NOT_HANDED_OUT as error:
        return not_handed_out(request, error, back)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    return closed(response)


def _small(request: SignedInRequest, case: Case, document_uid: UUID, *, back: str) -> HttpResponseBase:
    try:
        small = handing_out.preview(request.user, case, document_uid)
    except NOT_HANDED_OUT as error:
        return not_handed_out(request, error, back)
    response = HttpResponse(small, content_type="image/jpeg")
    response["Content-Disposition"] = "inline"
    return closed(response)


def _range_of(request: SignedInRequest) -> tuple[int, int | None] | None:
    """First and last byte of the one range that is asked for (a negative first counts from the end); None for all else.

    Several ranges at once, and what is no range, are answered with the whole file, as the standard allows (RFC 9110 §14).
    """
    found = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    first, last = found.groups() if found else ("", "")
    if first and last:
        return (int(first), int(last)) if int(first) <= int(last) else None
    if first:
        return int(first), None
    if last:
        return (-int(last), None) if int(last) else (_BEYOND_EVERY_FILE, None)
    return None


def _whole(request: SignedInRequest, case: Case, document_uid: UUID, *, back: str) -> HttpResponseBase:
    if _leaves_the_house(request, case, document_uid) and not confirmed_lately(request):
        # Back to the page with the button: a file by itself would leave her on the page of the proof.
        return ask_for_proof(request, back)
    try:
        file = handing_out.stream(request.user, case, document_uid)
    except NOT_HANDED_OUT as error:
        return not_handed_out(request, error, back)
    return closed(_answer(file, is_attachment=True))


def _leaves_the_house(request: SignedInRequest, case: Case, document_uid: UUID) -> bool:
    """Whether an outsider takes a paper of the house along. What stands in an attorney's own file is hers."""
    if request.user.organisation_id == case.organisation_id:
        return False
    return access.get_record(Document, case, document_uid).section != Section.LEGAL_FILE


def _answer(file: Download, *, is_attachment: bool) -> HttpResponseBase:
    response = StreamingHttpResponse(file.pieces, content_type=file.content_type)
    response["Content-Length"] = str(file.size)
    name = content_disposition_header(as_attachment=True, filename=file.name) if is_attachment else "inline"
    response["Content-Disposition"] = name
    return response


def not_handed_out(request: SignedInRequest, error: CaseError, back: str) -> HttpResponse:
    """The page that says why a file is not handed out."""
    is_damaged = isinstance(error, FileCannotBeRead)
    context = {"sentence": str(error), "is_erased": not is_damaged, "back": back}
    return render(request, "cases/document_unreadable.html", context, status=500 if is_damaged else 410)


def closed(response: HttpResponseBase) -> HttpResponseBase:
    """No browser keeps it, guesses what it is, or runs it; no other site shows it."""
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
