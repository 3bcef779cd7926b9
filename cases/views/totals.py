"""What the organisation gave out: totals without persons, and, for whoever answers for it, disclosures by their plain facts."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.rules import for_roles
from casemgmt.accounts.choices import Role
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import proven_from_the_start
from cases import desk
from cases.actions.totals import TOTALS_ROLES, record_totals, totals_for
from cases.choices.releases import DisclosureBasis, DisclosureHow, TotalsKind
from cases.forms.totals import TotalsForm
from cases.models import Disclosure, TotalsGiven
from cases.views.desk_forms import done

#: More than one page shows, of each kind; the latest first.
MOST = 100
#: Who sees disclosures of cases here, without opening one: date, ground, recipient, whether she was told.
_SEE_CASES = (Role.PRIVACY_OFFICER, Role.DIRECTOR, Role.SUPERVISOR)


@for_roles(*TOTALS_ROLES)
@require_safe
def given_out(request: SignedInRequest) -> HttpResponse:
    """The organisation's list of disclosures: totals for all who give them, those of cases for whoever answers for them."""
    now, reader = clock.now(), request.user
    lines = []
    if reader.holds_role(*_SEE_CASES, at=now):
        rows = desk.duties_for(reader, Disclosure, at=now, by="disclosed_by").select_related("recipient")
        lines = [_line(one) for one in rows.order_by("-disclosed_at", "-pk")[:MOST]]
    context = {
        "totals": [_totals_line(one) for one in totals_for(reader)[:MOST]], "lines": lines,
        "sees_cases": reader.holds_role(*_SEE_CASES, at=now),
    }  # fmt: skip
    return render(request, "cases/duties/given_out.html", context)


def _totals_line(given: TotalsGiven) -> dict[str, Any]:
    return {
        "given": given, "what": TotalsKind(given.kind).label, "basis": given.basis.label,
        "how": dict(DisclosureHow.choices).get(given.how, given.how),
    }  # fmt: skip


def _line(disclosure: Disclosure) -> dict[str, Any]:
    """One disclosure of a case, from plain columns alone."""
    by_law = disclosure.basis in (DisclosureBasis.STATUTORY_MANDATE, DisclosureBasis.COURT_ORDER)
    return {
        "disclosure": disclosure, "basis": DisclosureBasis(disclosure.basis).label,
        "to": disclosure.recipient.name if disclosure.recipient else "",
        "how": dict(DisclosureHow.choices).get(disclosure.how, disclosure.how),
        "must_be_told": by_law and disclosure.notified_at is None,
    }  # fmt: skip


@for_roles(*TOTALS_ROLES)
@require_http_methods(["GET", "POST"])
@proven_from_the_start
def totals_new(request: SignedInRequest) -> HttpResponse:
    """Note that totals without persons were given out. Whatever could name a case is refused."""
    form = TotalsForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: record_totals(actor=request.user, now=clock.now(), form_key=form.key, totals=form.totals),
        words=_("It stands in the list of what was given out."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("given-out"))
    return render(request, "cases/duties/totals_form.html", {"form": form}, status=422 if form.errors else 200)
