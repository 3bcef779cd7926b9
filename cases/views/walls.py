"""Walls and restricted cases: the page of those who may place them, and the act that closes a case to named people."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import Section, write
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm
from cases import access, walls
from cases.actions.walls import lift_wall, place_wall, restrict_case
from cases.errors import CaseError
from cases.forms.walls import LiftForm, WallForm
from cases.guards import guarded
from cases.models import Case, Wall, WallReason
from cases.views.desk_forms import done
from cases.views.shell import render_case
from cases.walls import WALL_ROLES, open_walls, words_in

#: More walls than one page should show; the newest come first.
MOST = 100


def wall_line(wall: Wall, words: WallReason | None, at: datetime) -> dict[str, Any]:
    """One wall in words: against whom, what for, since when, by whom."""
    whom = wall.person or wall.team or wall.organisation
    return {
        "wall": wall,
        "whom": whom.name if whom else "",
        "kind": wall.get_kind_display(),
        "by": wall.placed_by.name if wall.placed_by else "",
        "reason": words_in(words, "reason"),
        "lifted_why": words_in(words, "lifted_why"),
        "stands": wall.lifted_at > at,
    }


@for_roles(*WALL_ROLES)
@require_safe
def all_walls(request: SignedInRequest) -> HttpResponse:
    """The walls one may know of: those that stand, and those that were lifted."""
    now = clock.now()
    found = list(walls.walls_for(request.user, at=now)[:MOST])
    with open_walls(request.user, found) as words:
        lines = [wall_line(wall, words.get(wall.pk), now) for wall in found]
        context = {
            "standing": [line for line in lines if line["stands"]],
            "lifted": [line for line in lines if not line["stands"]],
        }
        return render(request, "cases/walls/walls.html", context)


@for_roles(*WALL_ROLES)
@require_http_methods(["GET", "POST"])
def wall_new(request: SignedInRequest) -> HttpResponse:
    """Place a wall on a case that is found by its number."""
    reader, posted = request.user, request.POST if request.method == "POST" else None
    known = _case_of(request, request.GET.get("case", ""))
    form = WallForm(
        posted,
        house=reader.organisation,
        knows_case=known is not None,
        initial={"number": known.number if known else ""},
    )
    case = _case_of(request, form.cleaned_data.get("number", "")) if posted is not None and form.is_valid() else None
    if posted is not None and form.is_valid() and case is None:
        form.add_error("number", _("No case of this number is within your reach. Check the number."))
    if case is not None:
        facts = form.cleaned_data
        placed = done(
            request, form,
            lambda: place_wall(
                actor=reader, now=clock.now(), form_key=form.key, case_uid=case.uid, kind=facts["kind"],
                reason=facts["reason"], **{name: facts[name] for name in ("person", "team", "organisation")},
            ),
            words=_("The wall stands, and counts from this moment. Whoever is behind it is told nothing."),
        )  # fmt: skip
        if placed is not None:
            return HttpResponseRedirect(reverse("walls"))
    return render(request, "cases/walls/wall_form.html", {"form": form}, status=422 if form.errors else 200)


def _case_of(request: SignedInRequest, number: str) -> Case | None:
    try:
        return walls.find_case(request.user, number, at=clock.now()) if number else None
    except Hidden:
        return None


@for_roles(*WALL_ROLES)
@require_http_methods(["GET", "POST"])
def wall_lift(request: SignedInRequest, wall_uid: UUID) -> HttpResponse:
    """Lift a wall, with the reason. The page says whose, of which case, and what will count again."""
    now = clock.now()
    found = walls.walls_for(request.user, at=now).filter(uid=wall_uid).first()
    if found is None:
        raise Hidden
    form = LiftForm(request.POST if request.method == "POST" else None)
    lifted = done(
        request, form,
        lambda: lift_wall(
            actor=request.user, now=clock.now(), form_key=form.key, wall_uid=wall_uid, reason=form.cleaned_data["reason"]
        ),
        words=_("The wall is lifted. What was given before counts again."),
    )  # fmt: skip
    if lifted is not None:
        return HttpResponseRedirect(reverse("walls"))
    with open_walls(request.user, [found]) as words:
        context = {**wall_line(found, words.get(found.pk), now), "form": form}
        return render(request, "cases/walls/wall_lift.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES), even_erased=True)
def restrict(request: SignedInRequest, case: Case) -> HttpResponse:
    """Close a case to the people who have it by name, or open it to their teams again. The page says who loses it."""
    form = HavenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            restrict_case(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid,
                is_restricted=request.POST.get("restrict") == "yes",
            )  # fmt: skip
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved. It counts from this moment."))
            # Whoever had it by a team alone has just closed it to herself, as the page had said.
            still = access.visible(Case, request.user, among=[case.pk]).exists()
            return HttpResponseRedirect(reverse("case-sharing", args=[case.uid]) if still else reverse("home"))
    viewers = access.who_can_see(case)
    context = {
        "form": form,
        "named": sorted({viewer.who for viewer in viewers if viewer.grant.person_id}),
        "teams": sorted({viewer.who for viewer in viewers if viewer.grant.team_id}),
    }
    status = 422 if form.errors else 200
    return render_case(request, case, "sharing", "cases/walls/restrict.html", lambda: context, status=status)
