"""The desk of those who answer for the whole house and open no case: what waits for them, and every place they look after."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from audit import clock
from casemgmt.access.rules import for_roles
from casemgmt.accounts.actions.house import LOCKING_ROLES
from casemgmt.accounts.choices import Role
from casemgmt.accounts.requests import SignedInRequest
from cases import access, conflicts, desk
from cases.actions.organisations import SUSPENDING_ROLES
from cases.choices.casework import DueKind
from cases.choices.erasing import OPEN_STATES
from cases.models import HouseDue
from cases.views.decisions import also_for
from cases.views.seeing import AT_DATE_ROLES

HOUSE_DESK_ROLES = (Role.PRIVACY_OFFICER, Role.DIRECTOR)
_BOTH = frozenset(HOUSE_DESK_ROLES)


@dataclass(frozen=True)
class Place:
    """A page of the whole house: its address, its word, what one does there, and whose it is."""

    url_name: str
    words: Promise
    does: Promise
    icon: str
    roles: frozenset[str] = _BOTH


PLACES = (
    Place("erasure", gettext_lazy("Erasure"), gettext_lazy("Two people destroy the keys, after time to think."), "eraser"),
    Place("retention", gettext_lazy("Retention"), gettext_lazy("How long things are kept, and what is due to go."), "archive"),
    Place("holds", gettext_lazy("Legal holds"), gettext_lazy("What must be kept, and until when."), "anchor"),
    Place(
        "duties", gettext_lazy("Duties of law"), gettext_lazy("Reports the law demands, subpoenas and orders."),
        "gavel", frozenset(desk.DUTY_ROLES),
    ),
    Place(
        "breaches", gettext_lazy("Incidents"), gettext_lazy("Something happened to records: what first, and until when."),
        "shield-alert",
    ),
    Place("given-out", gettext_lazy("Given out"), gettext_lazy("What left the house, to whom, on which ground."), "send"),
    Place(
        "walls", gettext_lazy("Walls"), gettext_lazy("Who is kept away from a case."),
        "brick-wall", frozenset({Role.PRIVACY_OFFICER}),
    ),
    Place(
        "colleagues", gettext_lazy("Colleagues"), gettext_lazy("Somebody leaves, moves, is away or lost a telephone."),
        "user-round-cog",
    ),
    Place(
        "organisations", gettext_lazy("Other organisations"), gettext_lazy("Suspend one, end an agreement, incidents."),
        "building-2", frozenset(SUSPENDING_ROLES),
    ),
    Place(
        "access-reviews", gettext_lazy("Review of access"), gettext_lazy("Every quarter: who keeps which access."),
        "shield-check",
    ),
    Place(
        "who-could-see", gettext_lazy("Who could see a case on a date"), gettext_lazy("For any moment of the past."),
        "calendar-search", frozenset(AT_DATE_ROLES),
    ),
    Place(
        "which-case", gettext_lazy("Which case an auditor means"), gettext_lazy("Asked by one, allowed by another."),
        "search-check",
    ),
    Place(
        "client-address", gettext_lazy("Open a client address"), gettext_lazy("After an intrusion, for 30 days, with a reason."),
        "network", frozenset({Role.PRIVACY_OFFICER}),
    ),
    Place(
        "samples", gettext_lazy("Samples for auditors"), gettext_lazy("Redacted sheets of releases, drawn by the system."),
        "dices", frozenset({Role.PRIVACY_OFFICER}),
    ),
    Place(
        "possible-conflicts", gettext_lazy("Possible conflicts"),
        gettext_lazy("Same family name or telephone as somebody of the house."), "users-round",
        frozenset({Role.PRIVACY_OFFICER}),
    ),
    Place(
        "audit-queue", gettext_lazy("Hints of the ledger"), gettext_lazy("What somebody should look at, as the second person."),
        "list-checks", frozenset({Role.PRIVACY_OFFICER}),
    ),
    Place("small-house", gettext_lazy("Keeping roles apart"), gettext_lazy("For a house of very few people."), "scale"),
    Place(
        "office", gettext_lazy("Lock the office"), gettext_lazy("For a raid or a theft: everybody is signed out at once."),
        "lock", frozenset(LOCKING_ROLES),
    ),
)  # fmt: skip


@for_roles(*HOUSE_DESK_ROLES)
@require_safe
def house_desk(request: SignedInRequest) -> HttpResponse:
    """What waits for a privacy officer or a director, and the way to everything they look after. Opens nothing sealed."""
    if not request.user.organisation.is_ours:
        return redirect("my-account")  # a partner's director looks after none of the house
    now = clock.now()
    roles = request.user.roles_at(now)
    under_way = desk.orders_for(request.user, at=now).filter(state__in=OPEN_STATES).count()
    kept = access.own(HouseDue, request.user, "person").filter(kind=DueKind.RETENTION, done_at__isnull=True)
    context: dict[str, Any] = {
        "conflicts": conflicts.waiting(conflicts.told(request.user, at=now), at=now).count(),
        "also": also_for(request.user), "under_way": under_way, "kept_too_long": kept.count(),
        "places": [(place, reverse(place.url_name)) for place in PLACES if roles & place.roles],
    }  # fmt: skip
    return render(request, "home/desk.html", context)
