"""The attorney's home: next dates, her matters, what she may see of each and what not, and what has ended."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from audit.verbs import Verb
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import Section, read
from casemgmt.accounts.choices import Role
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.choices.sharing import GrantKind
from cases.erased import erased_words
from cases.models import Due, Matter, Release
from cases.opening import open_list
from cases.views.decisions import also_for
from cases.views.shell import own_releases


@require_GET
@for_roles(Role.PRO_BONO_ATTORNEY, Role.STAFF_ATTORNEY, Role.ACCREDITED_REPRESENTATIVE, Role.PARALEGAL)
def attorney_home(request: SignedInRequest) -> HttpResponse:
    """The attorney's home: next dates first, then her matters, what she may see of each, and what has ended."""
    held = access.visible_matters(request.user)
    cases = {matter.case_id: matter.case for matter in held}
    holdings = access.holdings(request.user, list(cases))
    for key, case in cases.items():
        case.holding = holdings.get(key)
    now = timezone.localdate()
    dues = list(
        access.visible(Due, request.user, None)
        .filter(done_at__isnull=True, matter__in=held)
        .select_related("case", "matter")
        .order_by("due_on")[:20]
    )
    own = own_releases(request.user, cases.values())
    with open_list(
        request.user, list(cases.values()), sections=(Section.CARD, Section.LEGAL), verb=Verb.MATTERS_LISTED,
        own_releases=[release for releases in own.values() for release in releases],
    ):  # fmt: skip
        cards: dict[int | None, dict[str, Any]] = {
            matter.pk: _card(matter, own.get(matter.case_id, [])) for matter in held
        }
        context = {
            "today": now,
            "dues": [_due_line(due, cards[due.matter_id], is_one_of_many=len(cards) > 1) for due in dues],
            "matters": [card for card in cards.values() if not card["read_only_until"]],
            "closing": [card for card in cards.values() if card["read_only_until"]],
            "ended": access.ended_matters(request.user),
            "also": also_for(request.user),
        }
        return render(request, "services/attorney_home.html", context)


def _due_line(due: Due, card: dict[str, Any], *, is_one_of_many: bool) -> dict[str, Any]:
    """One date on the attorney's home; of whom and of which matter, where she has several."""
    of_which = (card["alias"], card["title"]) if is_one_of_many else ()
    return {
        "on": due.due_on,
        "title": due.line,
        "url": reverse("matter", args=[due.matter_uid]),
        "meta": " · ".join(filter(None, (*of_which, str(due.get_kind_display())))),
    }


def _card(matter: Matter, own: list[Release]) -> dict[str, Any]:
    """One matter on the attorney's home; of the releases behind it, what she did not want told."""
    holding = matter.case.holding
    is_written = holding is not None and matter.uid in holding.writable_matters
    card = holding.permissions.get(read(Section.CARD)) if holding else None
    return {
        "matter": matter,
        "title": erased_words(matter.case, Section.LEGAL) if matter.case.has_erased(Section.LEGAL) else matter.title,
        "alias": matter.case.shown_alias if card else "",
        "released": [section.label for section in holding.readable if section != Section.CARD]
        if holding and card
        else [],
        "until": card.until if card and card.kind == GrantKind.PRO_BONO else None,
        "engaged_until": holding.writable_matters[matter.uid].until if holding and is_written else None,
        "read_only_until": holding.only_reads_until(matter.uid) if holding else None,
        "excluded": [words for release in own if (words := release.terms.get("excluded", ""))],
    }
