"""The summary of a case on one printable page, for an audience: recorded as a print, with for whom it was made."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from audit import clock
from casemgmt.access.errors import Refused
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from cases import summaries
from cases.forms.cases import AudienceForm
from cases.guards import guarded
from cases.models import Case
from cases.opening import open_printed
from cases.summaries import Audience
from cases.views.shell import viewers_of


@guarded(READ_CARD)
@require_GET
@freshly_confirmed
def summary(request: SignedInRequest, case: Case) -> HttpResponse:
    """One page for whom it is meant: only what that person may have, and only what its reader holds. Records PRINT_MADE.

    Without a choice nothing of the case is read but its card. Somebody outside prints what is open to her, elsewhere.
    """
    holding = case.holding
    assert holding is not None  # the guard has set it
    if request.user.organisation_id != case.organisation_id:
        raise Refused(READ_CARD)
    outsiders = summaries.outsiders_of(case, viewers_of(case))
    people = [(one.uid, one.name) for one in outsiders]
    form = AudienceForm(request.GET or None, people=people)
    chosen = form.cleaned_data["audience"] if form.is_bound and form.is_valid() else ""
    outsider = next((one for one in outsiders if one.uid == chosen), None)
    kind = "SUMMARY_OUTSIDE" if outsider else f"SUMMARY_{chosen}" if chosen else "SUMMARY"
    with open_printed(request.user, case, detail={"kind": kind}):
        context: dict[str, Any] = {
            "case": case,
            "form": form,
            "chosen": chosen,
            "outsider": outsider,
            "names_case": chosen and chosen != Audience.FUNDER,
            "alias": case.alias,
            "excluded": summaries.excluded_by_her(case, outsider.releases) if outsider else [],
            "disclosures_url": (
                reverse("case-disclosures", args=[case.uid]) if outsider and holding.holds(Section.DUTIES) else ""
            ),
            "her_url": reverse("case-exit-summary", args=[case.uid]) if holding.reads(Section.SERVICES) else "",
            "printed_by": request.user.name,
            "printed_at": clock.now(),
            "parts": [],
        }
        if outsider:
            context["parts"] = summaries.summary_for_outsider(request.user, case, outsider)
        elif chosen == Audience.COLLEAGUE:
            context["parts"] = summaries.summary_for_colleague(request.user, case)
        elif chosen == Audience.FUNDER:
            context["parts"] = summaries.summary_for_funder(case)
        return render(request, "cases/summary.html", context, status=422 if form.errors else 200)
