"""The list of cases: those the reader may open, newest first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casemgmt.access.rules import listing
from casemgmt.access.sections import READ_CARD
from cases import access, opening


@listing(READ_CARD)
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """One page of cards."""
    found, _older = access.page(request.user, READ_CARD)
    with opening.open_cards(request.user, found):
        return render(request, "cases/list.html", {"cases": found})
