"""The list of cases: those the reader may open, newest first, narrowed by codes."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from casemgmt.access.rules import listing
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.requests import SignedInRequest
from cases import access, opening
from cases.actions.cases import show_names
from cases.actions.intake import OPENING_ROLES
from cases.forms.search import FilterForm, SearchForm
from cases.listing import CaseFilter, rows_of, teams_of
from cases.tokens import open_place, seal_place
from cases.views.exports import EXPORTING_ROLES

PAGE = 50
PLACES = "cases"
#: In the session: names are shown in lists until she signs out.
NAMES_MARK = "haven_names_shown"


@listing(READ_CARD)
@require_safe
def cases(request: SignedInRequest) -> HttpResponse:
    """One page of cards, and the token of the next one."""
    reader = request.user
    teams = teams_of(reader)
    chosen = CaseFilter.read(request.GET, teams)
    token = request.GET.get("before", "")
    before = open_place(reader, PLACES, token) if token else None
    found, older = access.page(reader, READ_CARD, before=before, size=PAGE, where=chosen.where(reader))
    with_names = shows_names(request)
    with opening.open_list(reader, found, sections=sections_of_list(with_names)):
        context = {
            "rows": rows_of(reader, found, with_names=with_names),
            "with_names": with_names,
            "chosen": chosen,
            "tags": [(words, _address(query)) for words, query in chosen.tags(teams)],
            "filter_form": FilterForm(chosen, teams),
            "search_form": SearchForm(),
            "is_first": before is None,
            "newer": _address(chosen.query) if before else "",
            "older": _address(chosen.query, before=seal_place(reader, PLACES, older)) if older else "",
            "may_open_cases": reader.holds_role(*OPENING_ROLES),
            "may_search": reader.organisation.is_ours,
            "may_export": reader.holds_role(*EXPORTING_ROLES),
        }
        return render(request, "cases/list.html", context)


@listing(READ_CARD)
@require_POST
def names(request: SignedInRequest) -> HttpResponse:
    """Show names in lists until signing out; recorded once. The same button hides them again."""
    if request.POST.get("names") == "hide":
        request.session.pop(NAMES_MARK, None)
    elif not shows_names(request):
        show_names(actor=request.user, now=clock.now())
        request.session[NAMES_MARK] = str(request.user.uid)
    return redirect("cases")


def shows_names(request: SignedInRequest) -> bool:
    """Whether this person had the names of her caseload shown in this session."""
    return request.session.get(NAMES_MARK) == str(request.user.uid)


def sections_of_list(with_names: bool) -> list[Section]:
    """What a list opens."""
    return [Section.CARD, Section.IDENTITY] if with_names else [Section.CARD]


def _address(query: str, before: str = "") -> str:
    parts = "&".join(filter(None, (query, f"before={before}" if before else "")))
    return f"{reverse('cases')}?{parts}" if parts else reverse("cases")
