"""Letting cases out: the list as HTCDS CSV, and one case on paper."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts import held
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import ask_for_proof, confirmed_lately, freshly_confirmed
from cases.actions.exports import (
    ExportFile,
    export_inside,
    export_outside,
    file_name,
    find_recipient,
    foresee,
    recipients_for,
)
from cases.choices.listing import EXPORTING_ROLES
from cases.errors import CaseError
from cases.forms.exchange import ExportForm
from cases.guards import guarded
from cases.listing import CaseFilter, teams_of
from cases.models import Case
from cases.narrowing import tags_to_find
from cases.opening import open_printed
from cases.printing import pages_of
from cases.release_words import line_for_recipient
from cases.views.shell import own_releases


@for_roles(*EXPORTING_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: SignedInRequest) -> HttpResponseBase:
    """Choose recipient and columns; see how many rows go and how many stay; then the file.

    The rows are those of the list with the same filter: the filter travels in the address, as codes.
    """
    reader = request.user
    if not reader.organisation.is_ours:
        # What a colleague takes "inside" would be outside the house in her hands, with no release asked.
        raise Hidden
    teams, offered = teams_of(reader), tags_to_find(reader)
    chosen = CaseFilter.read(request.GET, teams, offered)
    form = ExportForm(request.POST if request.method == "POST" else None, recipients=recipients_for(reader))
    context: dict[str, Any] = {
        "form": form,
        "tags": [words for words, _query in chosen.tags(teams, offered)],
        "chosen": chosen,
    }
    if not form.is_bound or not form.is_valid():
        context["outlook"] = foresee(actor=reader, chosen=chosen, profile="", recipient=None, purpose="")
        return render(request, "cases/export.html", context, status=422 if form.errors else 200)
    facts = form.cleaned_data
    recipient = find_recipient(reader, facts["recipient"]) if facts["recipient"] else None
    terms: dict[str, Any] = {"actor": reader, "chosen": chosen, "profile": facts["profile"]}
    if "make" not in request.POST:
        outlook = foresee(**terms, recipient=recipient, purpose=facts["purpose"])
        return render(request, "cases/export_confirm.html", {**context, "outlook": outlook, "recipient": recipient})
    if not confirmed_lately(request):
        # A file is out of our hands for good. What was chosen is kept, and offered again after the proof.
        return ask_for_proof(request, held.hold(request, reader, clock.now()) or request.get_full_path())
    try:
        if recipient is None:
            file = export_inside(**terms)
        else:
            file = export_outside(**terms, now=clock.now(), recipient=recipient, purpose=facts["purpose"])
    except CaseError as error:
        messages.warning(request, str(error))
        context["outlook"] = foresee(**terms, recipient=None, purpose="")
        return render(request, "cases/export.html", context, status=422)
    return _handed_out(file)


_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _handed_out(file: ExportFile) -> StreamingHttpResponse:
    response = StreamingHttpResponse(file.pieces, content_type=_KINDS[file.ending])
    response["Content-Disposition"] = f'attachment; filename="{file_name(timezone.localdate(), file.ending)}"'
    response["Content-Length"] = str(file.size)
    response["Cache-Control"] = "no-store"
    return response


@guarded(READ_CARD)
@require_GET
@freshly_confirmed
def print_case(request: SignedInRequest, case: Case) -> HttpResponse:
    """One case for paper: what the reader may open, with her name and the moment on top. Recorded as PRINT_MADE.

    Paper leaves the house in a bag, so a fresh proof comes first.
    """
    if case.holding is None:
        raise Hidden
    own = own_releases(request.user, [case]).get(case.pk, [])
    with open_printed(request.user, case, own_releases=own):
        context = {
            "case": case,
            "own_releases": [line_for_recipient(release) for release in own],
            "printed_by": request.user.name,
            "printed_at": clock.now(),
            "sections": pages_of(request.user, case),
            "alias": case.alias,
            "words": _(
                "Printed pages cannot be taken back. Keep them locked away, and destroy them when they are not needed."
            ),
        }
        return render(request, "cases/print.html", context)
