"""The calendar: my week, and my team's. Both show what the lists hold, and only of cases the reader may see."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit import clock
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import Section
from casemgmt.accounts.models import Membership, Shift, Team, User
from casemgmt.accounts.requests import SignedInRequest
from cases import access, opening
from cases.choices.casework import DueKind
from cases.desk import DUTY_ROLES
from cases.models import Due, HouseDue
from cases.views.home import DAY_ROLES, cases_of, due_line
from cases.views.shell import address
from cases.weeks import (
    ATTORNEYS,
    DATES_SHOWN,
    WEEK_ROLES,
    Week,
    dues_in,
    hour_of,
    house_dues_in,
    is_on,
    mine,
    shifts_in,
)

_PAGE_OF_HOUSE_DUE = {
    DueKind.ACCESS_REVIEW: "access-reviews", DueKind.RETENTION: "retention", DueKind.DUTY: "duties",
    DueKind.TELL_HER: "duties",
}  # fmt: skip


@for_roles(*WEEK_ROLES)
@require_safe
def my_week(request: SignedInRequest) -> HttpResponse:
    """My seven days: what is due, hearings at the court's hour, my turns on duty."""
    reader = request.user
    week = Week.asked(request.GET.get("of", ""), timezone.localdate())
    matters = [one.pk for one in access.visible_matters(reader)] if reader.holds_role(*ATTORNEYS) else []
    dues = dues_in(reader, week, mine(reader, matters))
    house = house_dues_in(reader, week)
    shifts = shifts_in(week, Q(user=reader))
    with opening.open_list(reader, cases_of(reader, dues, []), sections=Section):
        lines = [week_line(due) for due in dues[:DATES_SHOWN]]
        days = [
            {
                "on": day,
                "lines": [line for line in lines if line["on"] == day],
                "house": [_house_line(one, reader) for one in house if one.due_on == day],
                "shifts": [one for one in shifts if is_on(one, day)],
            }
            for day in week.days
        ]
        may_see_team = reader.holds_role(*DAY_ROLES) and bool(_teams(reader))
        context = {**_around(week, "week", len(dues)), "days": days, "may_see_team": may_see_team}
        return render(request, "home/week.html", context)


@for_roles(*DAY_ROLES)
@require_safe
def team_week(request: SignedInRequest) -> HttpResponse:
    """The week of the teams one supervises or belongs to, person by person, only of cases one may see oneself."""
    reader = request.user
    week = Week.asked(request.GET.get("of", ""), timezone.localdate())
    teams = _teams(reader)
    keys = [one.pk for one in teams]
    members = Membership.objects.live(clock.now()).filter(team__in=keys).select_related("user")
    dues = dues_in(reader, week, Q(case__team__in=keys))
    shifts = shifts_in(week, Q(rota__team__in=keys))
    with opening.open_list(reader, cases_of(reader, dues, []), sections=Section):
        people = {one.user_id: one.user.name for one in members.order_by("user__name", "user_id")}
        context = {
            **_around(week, "team-week", len(dues)),
            "teams": teams,
            "people": _by_person(people, dues[:DATES_SHOWN], shifts),
        }
        return render(request, "home/team_week.html", context)


def week_line(due: Due) -> dict[str, Any]:
    """A date as the calendar shows it: as the homes do, and with its hour."""
    return {**due_line(due), "hour": hour_of(due)}


def _house_line(due: HouseDue, reader: User) -> dict[str, Any]:
    """Something of the house: what kind it is, and where it is done. A supervisor hears of a duty, and opens no desk."""
    if due.subject_kind == "breach":
        return {"title": due.get_kind_display(), "url": address("breaches")}
    if due.kind in (DueKind.DUTY, DueKind.TELL_HER) and not reader.roles_of(*DUTY_ROLES):
        return {"title": due.get_kind_display(), "url": address("home")}
    return {"title": due.get_kind_display(), "url": address(_PAGE_OF_HOUSE_DUE.get(DueKind(due.kind), "home"))}


def _around(week: Week, url_name: str, number: int) -> dict[str, Any]:
    """What both pages show around the days: which week it is, and the ways to others."""
    today = timezone.localdate()
    here = reverse(url_name)
    return {
        "week": week,
        "today": today,
        "is_this_week": week.first <= today <= week.last,
        "earlier": f"{here}?of={week.other(-1).first.isoformat()}",
        "later": f"{here}?of={week.other(1).first.isoformat()}",
        "has_more": number > DATES_SHOWN,
        "back": url_name,
    }


def _teams(reader: User) -> list[Team]:
    """The teams whose week she may look at: those she belongs to or supervises now. One query."""
    live = reader.memberships.live(clock.now())
    return list(Team.objects.filter(pk__in=live.values("team")).open().order_by("name"))


def _by_person(people: dict[int, str], dues: Iterable[Due], shifts: Iterable[Shift]) -> list[dict[str, Any]]:
    """Members first, by name; then others who have something to do in the teams' cases, and what nobody has."""
    groups: dict[int | None, dict[str, Any]] = {
        key: {"name": name, "lines": [], "shifts": []} for key, name in people.items()
    }
    for due in dues:
        who = due.assigned_to or due.case.lead
        group = groups.setdefault(who.pk if who else None, {"name": who.name if who else "", "lines": [], "shifts": []})
        group["lines"].append(week_line(due))
    for shift in shifts:
        groups.setdefault(shift.user_id, {"name": shift.user.name, "lines": [], "shifts": []})["shifts"].append(shift)
    return list(groups.values())
