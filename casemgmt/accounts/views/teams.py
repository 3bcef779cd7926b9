"""The administrator's pages of teams and organisations."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.errors import Hidden

from ..actions.teams import close_team, create_organisation, create_team, rename_team
from ..errors import ReceptionError
from ..forms.people import OrganisationForm, TeamForm, TeamNameForm
from ..models import Team
from ..requests import SignedInRequest
from .people import administrator


@administrator
@require_http_methods(["GET", "POST"])
def new_team(request: SignedInRequest) -> HttpResponse:
    """Make a team."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = {field: form.cleaned_data[field] for field in ("name", "organisation", "discipline", "programme")}
        try:
            create_team(actor=request.user, now=clock.now(), form_key=form.key, **chosen)
        except ReceptionError as problem:
            form.add_error("name", str(problem))
        else:
            messages.success(request, _("The team is made."))
            return redirect("people")
    return render(request, "accounts/team_form.html", {"form": form})


@administrator
@require_http_methods(["GET", "POST"])
def team_page(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Who belongs to a team; a POST closes it."""
    now = clock.now()
    team = Team.objects.with_supervisor(now).select_related("organisation").filter(uid=uid).first()
    if team is None:
        raise Hidden
    if request.method == "POST":
        try:
            close_team(actor=request.user, now=now, team=team)
        except ReceptionError as problem:
            messages.error(request, str(problem))
        else:
            messages.success(request, _("The team is closed."))
            return redirect("people")
    members = team.memberships.not_over(now).select_related("user").order_by("-is_supervisor", "user__name")
    return render(request, "accounts/team.html", {"team": team, "members": list(members)})


@administrator
@require_http_methods(["GET", "POST"])
def rename(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Call a team otherwise."""
    team = Team.objects.open().select_related("organisation").filter(uid=uid).first()
    if team is None:
        raise Hidden
    form = TeamNameForm(request.POST if request.method == "POST" else None, initial={"name": team.name})
    if request.method == "POST" and form.is_valid():
        try:
            rename_team(actor=request.user, now=clock.now(), form_key=form.key, team=team, **form.answers)
        except ReceptionError as problem:
            form.add_error("name", str(problem))
        else:
            messages.success(request, _("The team has its new name."))
            return redirect("team-page", uid=team.uid)
    return render(request, "accounts/team_form.html", {"form": form, "team": team}, status=422 if form.errors else 200)


@administrator
@require_http_methods(["GET", "POST"])
def new_organisation(request: SignedInRequest) -> HttpResponse:
    """Add an organisation."""
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = {field: form.cleaned_data[field] for field in ("name", "kind", "is_ours")}
        try:
            create_organisation(actor=request.user, now=clock.now(), form_key=form.key, **chosen)
        except ReceptionError as problem:
            form.add_error("name", str(problem))
        else:
            messages.success(request, _("The organisation is added."))
            return redirect("people")
    return render(request, "accounts/organisation_form.html", {"form": form})
