"""Check a file: what the ledger knows of a SHA-256 that a court or a partner gave."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ..checksums import look_up
from ..forms import CheckFile
from ..presenting import lines_of
from ..reader import Reader
from .shared import auditor, workspace


@auditor
@require_http_methods(["GET", "HEAD", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    """The form, and what the ledger says of the number. It is asked by POST: a file's number belongs in no address.

    Records LEDGER_READ with the cases concerned and whether there was a hit, never with the number.
    """
    reader = Reader(request.user)
    form = CheckFile(request.POST if request.method == "POST" else None)
    page = {**workspace(reader, "audit-files"), "form": form}
    if not (form.is_bound and form.is_valid()):
        reader.leave_trace("FILES")
        return render(request, "audit/files.html", page, status=422 if form.errors else 200)
    digest = form.cleaned_data["checksum"]
    known = look_up(digest)
    reader.leave_trace("FILES", case_uids=known.case_uids, result="FOUND" if known.is_hit else "NOT_FOUND")
    page |= {
        "known": known,
        "digest": [digest[place : place + 8] for place in range(0, 64, 8)],
        # From outside one reads whether and how many, not who did what in which case.
        "lines": [] if reader.is_external else lines_of(reader, known.events),
        "compared": [] if reader.is_external else lines_of(reader, known.compared),
    }
    return render(request, "audit/files.html", page)
