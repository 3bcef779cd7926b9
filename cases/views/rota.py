"""Who is on duty: one's own shifts, the rota of the teams one supervises, and calling whoever is on duty to a case."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Shift, Team
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm
from cases.actions.kinds import ROLES_OF_KIND
from cases.actions.rota import (
    able_to_be_on_duty,
    add_shift,
    alert_on_duty,
    end_shift,
    on_duty,
    shifts_of,
    teams_of_rota,
)
from cases.choices.sharing import GrantKind
from cases.forms.guarding import ShiftForm
from cases.guards import guarded
from cases.models import Case
from cases.views.desk_forms import done
from cases.views.shell import render_case

ROTA_ROLES = ROLES_OF_KIND[GrantKind.ON_CALL]


@for_roles(*ROTA_ROLES)
@require_safe
def rota(request: SignedInRequest) -> HttpResponse:
    """My shifts, and who is on duty for the teams I supervise."""
    now = clock.now()
    mine = (
        Shift.objects.not_over(now).filter(user=request.user).select_related("rota__team").order_by("starts_at", "pk")
    )
    teams = [_team_line(team) for team in teams_of_rota(request.user, at=now)]
    context = {"mine": [one for one in mine if one.ends_at > one.starts_at], "teams": teams, "now": now}
    return render(request, "cases/guarding/rota.html", context)


def _team_line(team: Team) -> dict[str, Any]:
    return {"team": team, "shifts": shifts_of(team, at=clock.now())}


def _team_of(request: SignedInRequest, team_uid: UUID) -> Team:
    found = next((one for one in teams_of_rota(request.user, at=clock.now()) if one.uid == team_uid), None)
    if found is None:
        raise Hidden
    return found


@for_roles(Role.SUPERVISOR)
@require_http_methods(["GET", "POST"])
def shift_new(request: SignedInRequest, team_uid: UUID) -> HttpResponse:
    """Put somebody on duty for a team that one supervises."""
    team = _team_of(request, team_uid)
    people = able_to_be_on_duty(team, at=clock.now())
    form = ShiftForm(request.POST if request.method == "POST" else None, people=people)
    added = done(
        request, form,
        lambda: add_shift(
            actor=request.user, now=clock.now(), form_key=form.key, team_uid=team.uid, **form.answers
        ),
        words=_("The shift is on the rota."),
    )  # fmt: skip
    if added is not None:
        return HttpResponseRedirect(reverse("rota"))
    context = {"form": form, "team": team}
    return render(request, "cases/guarding/shift_form.html", context, status=422 if form.errors else 200)


@for_roles(Role.SUPERVISOR)
@require_POST
def shift_end(request: SignedInRequest, shift_uid: UUID) -> HttpResponse:
    """End a shift now, or call it off."""
    end_shift(actor=request.user, now=clock.now(), shift_uid=shift_uid)
    messages.success(request, _("The shift has ended. What it opened is closed."))
    return HttpResponseRedirect(reverse("rota"))


@require_http_methods(["GET", "POST"])
@guarded(READ_CARD)
def call_duty(request: SignedInRequest, case: Case) -> HttpResponse:
    """Wake whoever is on duty for the case's team. They can open card and safety until their shift ends."""
    if request.user.organisation_id != case.organisation_id:
        raise Refused(READ_CARD)  # she knows the case, and calls nobody of the house
    form = HavenForm(request.POST if request.method == "POST" else None)
    called = done(
        request, form,
        lambda: alert_on_duty(actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid),
        words=_("Whoever is on duty has been told, and can open this case."),
    )  # fmt: skip
    if called is not None:
        return HttpResponseRedirect(reverse("case-overview", args=[case.uid]))

    def build() -> dict[str, Any]:
        return {"form": form, "on_duty": on_duty(case.team, at=clock.now())}

    return render_case(
        request, case, "overview", "cases/guarding/call_duty.html", build, status=422 if form.errors else 200
    )
