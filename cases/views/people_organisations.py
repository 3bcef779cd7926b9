"""Organisations that work with the house: suspended, restored, or their agreement ends; and the incidents that opens."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.errors import ReceptionError
from casemgmt.accounts.models import Incident, Organisation
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from cases import access
from cases.access import Loss
from cases.actions.organisations import (
    SUSPENDING_ROLES,
    close_incident,
    end_agreement,
    foresee_agreement,
    grants_to_teams,
    may_restore,
    may_suspend,
    restore_organisation,
    suspend_organisation,
    total,
)
from cases.errors import CaseError
from cases.forms.people import ConfirmForm
from cases.models import PeopleChange
from cases.views.losing import losses_by_person

_ACTS: dict[str, Callable[..., PeopleChange]] = {
    "suspend": suspend_organisation, "restore": restore_organisation, "end": end_agreement,
}  # fmt: skip


@for_roles(*SUSPENDING_ROLES)
@never_cache
@require_safe
def organisations(request: SignedInRequest) -> HttpResponse:
    """The other organisations, how each stands, and the incidents that are open."""
    now = clock.now()
    if not may_suspend(request.user, now):
        raise Hidden
    page = {
        "organisations": list(Organisation.objects.filter(is_ours=False).order_by("name")),
        "incidents": list(Incident.objects.filter(closed_at=None).select_related("organisation", "opened_by")),
        "may_suspend": True,
        "may_restore": may_restore(request.user, now),
    }
    return render(request, "cases/people/organisations.html", page)


@for_roles(*SUSPENDING_ROLES)
@never_cache
@freshly_confirmed
@require_http_methods(["GET", "POST"])
def act(request: SignedInRequest, uid: UUID, deed: str) -> HttpResponse:
    """Suspend, restore, or end the agreement: what it means in numbers, then one button."""
    now = clock.now()
    organisation = Organisation.objects.filter(uid=uid, is_ours=False).first()
    allowed = may_suspend(request.user, now) if deed == "suspend" else may_restore(request.user, now)
    if organisation is None or deed not in _ACTS or not allowed:
        raise Hidden
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = _ACTS[deed](actor=request.user, now=now, form_key=form.key, organisation=organisation)
        except (ReceptionError, CaseError) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Done."))
            if deed == "end":
                return HttpResponseRedirect(reverse("people-changed", args=[made.uid]))
            return redirect("organisations")
    page: dict[str, Any] = {
        "organisation": organisation, "deed": deed, "form": form,
        "people": organisation.people.filter(is_active=True).count(),
    }  # fmt: skip
    if deed != "restore":
        page["losing"] = losses_by_person(_losses(organisation, deed, now))
    if deed == "end":
        page["counts"] = total(foresee_agreement(organisation, now))
        page["of_teams"] = len(grants_to_teams(organisation, now))
    return render(request, "cases/people/organisation_act.html", page, status=422 if form.errors else 200)


def _losses(organisation: Organisation, deed: str, now: Any) -> list[Loss]:
    """What its people would no longer open: all of it while it is suspended; without what they keep, when it ends."""
    if deed == "suspend":
        people = organisation.people.filter(is_active=True).select_related("organisation")
        return access.losses_of_people(people, at=now)
    teams = {grant.team_id for grant in grants_to_teams(organisation, now) if grant.team_id is not None}
    found = foresee_agreement(organisation, now)
    return [loss for one in found for loss in access.losses_of_change(one.person, one.grants, teams=teams, at=now)]


@for_roles(*SUSPENDING_ROLES)
@require_POST
def incident_close(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Say that an incident has been looked into."""
    incident = Incident.objects.filter(uid=uid).first()
    if incident is None or not may_restore(request.user, clock.now()):
        raise Hidden
    try:
        close_incident(actor=request.user, now=clock.now(), incident=incident)
    except ReceptionError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The incident is closed."))
    return redirect("organisations")
