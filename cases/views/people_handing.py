"""Cases that wait for a new lead, and teams that wait for a new supervisor."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import Section, write
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Membership, Team, User
from casemgmt.accounts.permits import holds_in_the_house
from casemgmt.accounts.requests import SignedInRequest
from cases import access, opening
from cases.actions.handing import hand_over, hand_over_team, may_hand_over_team, open_hand_overs
from cases.choices.casework import CLOSED_STATUSES
from cases.errors import CaseError
from cases.forms.people import NewOwnerForm
from cases.guards import guarded
from cases.listing import take_hold
from cases.models import Case, HandOver, Task
from cases.views.desk_forms import done
from cases.views.shell import render_case


@for_roles(Role.SUPERVISOR, Role.DIRECTOR)
@never_cache
@require_safe
def hand_overs(request: SignedInRequest) -> HttpResponse:
    """What waits: a supervisor's cases by alias and number; for the rest of the house numbers alone. One event."""
    reader, now = request.user, clock.now()
    is_director = holds_in_the_house(reader, Role.DIRECTOR, at=now)
    waiting = list(open_hand_overs())
    seen = {case.pk: case for case in access.visible(Case, reader).filter(pk__in=[one.case_id for one in waiting])}
    take_hold(reader, list(seen.values()))
    of_teams = set(reader.memberships.supervising().live(now).values_list("team_id", flat=True))
    unseen = [one for one in waiting if one.case_id not in seen and (is_director or one.case.team_id in of_teams)]
    with opening.open_cards(reader, list(seen.values())):
        page = {
            "lines": [_line(one, seen[one.case_id]) for one in waiting if one.case_id in seen],
            "unseen": len(unseen),
            "without_lead": sum(one.interim_id is None for one in unseen),
            "teams": _teams(reader, now) if is_director or of_teams else [],
        }
        return render(request, "cases/people/hand_overs.html", page)


def _line(one: HandOver, case: Case) -> dict[str, Any]:
    writes = case.holding is not None and case.holding.may_write(Section.CARD) and not case.is_closed
    return {
        "case": case, "alias": case.shown_alias, "person": one.person, "interim": one.interim, "since": one.since,
        "leads": one.was_lead, "may_choose": writes,
    }  # fmt: skip


def _teams(reader: User, now: datetime) -> list[dict[str, Any]]:
    """Teams with open cases: who supervises them, and whether anybody does."""
    keys = access.for_the_house(Case).exclude(status__in=CLOSED_STATUSES).values("team")
    teams = Team.objects.open().with_supervisor(now).filter(pk__in=keys)
    if not holds_in_the_house(reader, Role.DIRECTOR, at=now):
        teams = teams.filter(pk__in=reader.memberships.supervising().live(now).values("team"))
    return [
        {"team": team, "has_supervisor": team.has_supervisor}  # type: ignore[attr-defined]
        for team in teams.order_by("name")
    ]


@require_http_methods(["GET", "POST"])
@guarded(write(Section.CARD))
def case(request: SignedInRequest, case: Case) -> HttpResponse:
    """Choose the new lead of a case: what goes to her, then one button. For a supervisor of the case."""
    reader, now = request.user, clock.now()
    if not reader.holds_role(Role.SUPERVISOR, at=now):
        raise Refused(write(Section.CARD))
    people = _who_may_lead(reader, case, now)
    form = NewOwnerForm(request.POST if request.method == "POST" else None, people=people)
    led = done(
        request, form,
        lambda: hand_over(actor=reader, now=now, form_key=form.key, case_uid=case.uid, person=form.chosen_person),
        words=_("The case has its new lead."),
    )  # fmt: skip
    if led is not None:
        return HttpResponseRedirect(reverse("case-overview", args=[case.uid]))

    def build() -> dict[str, Any]:
        gone = list(open_hand_overs([case.pk]))
        tasks = access.records(Task, case).filter(assigned_to__in=[one.person_id for one in gone], done_at__isnull=True)
        return {"form": form, "tasks": [task.title for task in tasks], "gone": gone}

    return render_case(
        request, case, "overview", "cases/people/hand_over.html", build, status=422 if form.errors else 200
    )


def _who_may_lead(reader: User, case: Case, now: datetime) -> list[User]:
    """Active colleagues of the case's team first, then caseworkers of the house, and the supervisor herself."""
    team = Membership.objects.live(now).filter(team=case.team_id).values("user")
    able = User.objects.holding(Role.CASEWORKER, Role.HOTLINE_ADVOCATE, Role.SUPERVISOR, at=now)
    able = able.filter(organisation=case.organisation_id)
    people = list(able.filter(pk__in=team).by_name()) + list(able.exclude(pk__in=team).by_name())
    return [one for one in people if one.pk != case.lead_id or one.pk == reader.pk]


@for_roles(Role.SUPERVISOR, Role.DIRECTOR)
@never_cache
@require_http_methods(["GET", "POST"])
def team(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Give a team's supervisor the supervision of its cases. Shows numbers; the reader need not see a case."""
    reader, now = request.user, clock.now()
    found = Team.objects.open().filter(uid=uid).first()
    if found is None or not may_hand_over_team(reader, found, now):
        raise Hidden
    supervisors = Membership.objects.supervising().live(now).filter(team=found, user__is_active=True)
    people = list(User.objects.filter(pk__in=supervisors.values("user")).exclude(pk=reader.pk).by_name())
    form = NewOwnerForm(request.POST if request.method == "POST" else None, people=people)
    if form.is_bound and form.is_valid():
        try:
            given = hand_over_team(actor=reader, now=now, form_key=form.key, team=found, person=form.chosen_person)
        except CaseError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            if isinstance(given, int):  # a form that was sent twice was counted the first time
                words = ngettext("Done: supervision of %(count)s case.", "Done: supervision of %(count)s cases.", given)
                messages.success(request, words % {"count": given})
            return HttpResponseRedirect(reverse("hand-overs"))
    open_cases = access.for_the_house(Case).filter(~Q(status__in=CLOSED_STATUSES), team=found)
    page = {"team": found, "form": form, "cases": open_cases.count(), "has_people": bool(people)}
    return render(request, "cases/people/hand_over_team.html", page, status=422 if form.errors else 200)
