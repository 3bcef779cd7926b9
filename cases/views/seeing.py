"""Why I can see a case, and who could see it on a date: answers in words, for the reader and for whoever answers for it."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit import clock
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.desk import case_named
from cases.forms.reviews import AtDateForm
from cases.guards import guarded
from cases.models import Case
from cases.views.shell import render_case

#: Who may ask who could see a case on a date, without opening it.
AT_DATE_ROLES = (Role.SUPERVISOR, Role.PRIVACY_OFFICER)
#: The right on which that is answered: it is no access to the case.
BASIS = {"kind": "SHARING_DESK"}


@require_GET
@guarded(READ_CARD, even_erased=True)
def why(request: SignedInRequest, case: Case) -> HttpResponse:
    """Why can I see this: a sentence for each ground, where it came from and what it opens."""
    return render_case(
        request, case, "sharing", "cases/why.html", lambda: {"grounds": access.grounds(request.user, case)}
    )


@for_roles(*AT_DATE_ROLES)
@require_http_methods(["GET", "POST"])
def who_could_see(request: SignedInRequest) -> HttpResponse:
    """Who could see a case on a date, by its number. The case is not opened, and that it was asked is recorded."""
    now = clock.now()
    linked = reachable(request.user, request.GET.get("case", ""), at=now)
    posted = request.POST if request.method == "POST" else None
    form = AtDateForm(posted, initial={"number": linked.number if linked else "", "at": now})
    context: dict[str, Any] = {"form": form}
    if posted is not None and form.is_valid():
        case = reachable(request.user, form.cleaned_data["number"], at=now)
        if case is None:
            form.add_error("number", _("No case of this number is within your reach. Check the number."))
        else:
            at = form.cleaned_data["at"]
            context |= {"number": case.number, "at": at, "people": _people(case, at)}
            record(Verb.SHARING_VIEWED, actor=request.user, subject=case, basis=BASIS, detail={"kind": "AT_DATE"})
    return render(request, "cases/who_could_see.html", context, status=422 if form.errors else 200)


def reachable(asker: User, text: str, *, at: datetime) -> Case | None:
    """The case of this number or uid, if this person answers for it: a privacy officer of its organisation, or a supervisor
    who may open its card. None for any other, and for whoever is kept away from it.
    """
    case = case_named(asker, text) if text else None
    if case is None or access.walled_cases(asker).filter(case_id=case.pk).exists():
        return None
    if asker.holds_role(Role.PRIVACY_OFFICER, at=at):
        return case
    return case if READ_CARD in access.permissions_on(asker, [case]).get(case.pk, set()) else None


def _people(case: Case, at: datetime) -> list[dict[str, Any]]:
    """Each person who could see anything of the case then: which sections, on which grounds."""
    return [
        {
            "who": person.name,
            "house": person.organisation.name if person.organisation_id != case.organisation_id else "",
            "sections": [section.label for section in sections],
            "grounds": sorted({str(grant.get_kind_display()) for grants in sections.values() for grant in grants}),
        }
        for person, sections in access.sections_seen(case, at).items()
        if sections
    ]
