"""Finding a case by name, alias, number, phone or date of birth. The term is posted, compared and forgotten."""

from uuid import UUID, uuid4

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import listing
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.requests import SignedInRequest
from cases import access, opening
from cases.actions.drafts import SEARCH, keep_search
from cases.actions.intake import OPENING_ROLES
from cases.drafts import kept_draft, uids_in
from cases.forms.search import SearchForm
from cases.listing import rows_of
from cases.search import MOST_HITS, find_cases, read_question
from cases.views.listing import sections_of_list, shows_names


@listing(READ_CARD)
@require_POST
def search(request: SignedInRequest) -> HttpResponse:
    """Compare, keep what was found under an opaque uid, and go there. People of other organisations search nobody."""
    if not request.user.organisation.is_ours:
        raise Hidden
    form = SearchForm(request.POST)
    if not form.is_valid():
        return render(request, "cases/search.html", {"form": form}, status=422)
    found = find_cases(request.user, read_question(form.cleaned_data["q"]))
    uid = uuid4()
    keep_search(actor=request.user, now=clock.now(), search_uid=uid, found=found.uids, newest_only=found.newest_only)
    return redirect("case-search-result", search_uid=uid)


@listing(READ_CARD)
@require_safe
def result(request: SignedInRequest, search_uid: UUID) -> HttpResponse:
    """What was found, as far as the reader may still open it."""
    reader = request.user
    if not reader.organisation.is_ours:
        raise Hidden
    with opening.open_own(reader):
        kept = kept_draft(reader, SEARCH, search_uid)
    if kept is None:
        raise Hidden
    uids = uids_in(kept.fields.get("found", []))
    found, _older = access.page(reader, READ_CARD, where=Q(uid__in=uids), size=MOST_HITS)
    with_names = shows_names(request)
    with opening.open_list(reader, found, sections=sections_of_list(with_names)):
        context = {
            "form": SearchForm(),
            "rows": rows_of(reader, found, with_names=with_names),
            "with_names": with_names,
            "is_result": True,
            "is_capped": len(uids) >= MOST_HITS,
            "newest_only": "newest_only" in kept.fields,
            "may_open_cases": reader.holds_role(*OPENING_ROLES),
        }
        return render(request, "cases/search.html", context)
