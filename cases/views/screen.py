"""The page of the list that stands on the screen, as a sheet."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import ask_for_proof, confirmed_lately
from cases import opening
from cases.actions.exports import file_name
from cases.actions.screen import sheet_of
from cases.choices.listing import EXPORTING_ROLES
from cases.listing import CaseFilter, rows_of, teams_of
from cases.models import Case
from cases.narrowing import tags_to_find
from cases.views.listing import page_of_list, sections_of_list, shows_names


@for_roles(*EXPORTING_ROLES)
@require_GET
def sheet(request: SignedInRequest) -> HttpResponse:
    """The same filters, the same page, the same columns as the list: what the reader sees, and nothing beside it.

    For colleagues inside the house. What goes outside takes the way of releases (``export``). A file is out of our hands
    for good, so a fresh proof comes first.
    """
    reader = request.user
    if not reader.organisation.is_ours:
        raise Hidden
    if not confirmed_lately(request):
        # With filters and page: after the proof the very rows come that stood on the screen.
        return ask_for_proof(request, request.get_full_path())
    chosen = CaseFilter.read(request.GET, teams_of(reader), tags_to_find(reader))
    found, _older = page_of_list(reader, chosen, request.GET.get("before", ""))
    return handed_out(request, found)


def handed_out(request: SignedInRequest, found: list[Case]) -> HttpResponse:
    """These cases of a list as a sheet, with the columns that the list has on the screen."""
    reader, with_names = request.user, shows_names(request)
    sections = sections_of_list(with_names)
    with opening.open_list(reader, found, sections=sections):
        rows = rows_of(reader, found, with_names=with_names)
        body = sheet_of(actor=reader, rows=rows, with_names=with_names, sections=sections)
    response = HttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name(timezone.localdate())}"'
    response["Cache-Control"] = "no-store"
    return response
