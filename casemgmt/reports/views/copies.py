"""A copy of the ledger: what is in it, a fresh proof of who asks, and the stream."""

from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from audit.forms import EventFilter
from audit.reader import INTERNAL, Reader
from audit.views.shared import workspace
from audit.workspace.copies import CSV, Copy
from audit.workspace.walking import Chosen
from casemgmt.access.rules import for_roles
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from casemgmt.reports.forms import MakeCopy


@for_roles(INTERNAL)
@require_http_methods(["GET", "HEAD", "POST"])
@freshly_confirmed
def ledger_copy(request: SignedInRequest) -> HttpResponseBase:
    """Choose filters and form, and take the copy along. It leaves the house, so a fresh proof comes first.

    Records LEDGER_READ when the copy begins, and LEDGER_EXPORTED with its SHA-256 when the stream ends or breaks off.
    """
    reader = Reader(request.user)
    source: Any = request.POST if request.method == "POST" else request.GET
    asked = {key: value for key, value in source.items() if key in EventFilter.base_fields and value}
    filters = EventFilter(asked or None, reader=reader)
    chosen = filters.chosen(Chosen())
    form = MakeCopy(request.POST if request.method == "POST" else None, initial={"form": CSV, "names": "CODES"})
    if request.method == "POST" and form.is_valid() and chosen is not None:
        given = form.cleaned_data
        reader.leave_trace("COPY", filters=filters.used(), result="BEGUN")
        copy = Copy(reader, chosen, given["form"], filters.used(), with_names=given["names"] == "NAMES")
        return _handed_out(copy)
    if request.method != "POST":
        reader.leave_trace("COPY", filters=filters.used())
    context = {**workspace(reader, "audit-events"), "filter_form": filters, "form": form}
    return render(request, "reports/ledger_copy.html", context, status=422 if request.method == "POST" else 200)


def _handed_out(copy: Copy) -> StreamingHttpResponse:
    kind, ending = ("text/csv; charset=utf-8", "csv") if copy.form == CSV else ("application/x-ndjson", "jsonl")
    response = StreamingHttpResponse(copy, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="ledger-{timezone.localdate():%Y-%m-%d}.{ending}"'
    response["Cache-Control"] = "no-store"
    return response
