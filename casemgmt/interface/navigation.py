"""The main navigation: which doors a person is shown. Showing is a courtesy; every view checks for itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Roles as stored (casemgmt.accounts.choices.Role); text here, because the shop window imports no domain.
CASE_ROLES = frozenset(
    {"CASEWORKER", "HOTLINE_ADVOCATE", "CLINICIAN", "SUPERVISOR", "INTAKE_COORDINATOR", "DIRECTOR", "PRIVACY_OFFICER"}
)
MATTER_ROLES = frozenset({"STAFF_ATTORNEY", "PRO_BONO_ATTORNEY", "ACCREDITED_REPRESENTATIVE", "PARALEGAL"})
#: Everybody of the house who may be asked about a person at the door (cases.callers.STAFF_ROLES).
STAFF_ROLES = CASE_ROLES | {"SHELTER_WORKER", "STAFF_ATTORNEY", "FINANCE", "GRANTS"}


@dataclass(frozen=True)
class Item:
    """One entry of the navigation: the name of its address, its word, its icon and for which roles it is meant."""

    url_name: str
    label: str | Promise
    icon: str
    roles: frozenset[str]
    #: Addresses of the same room that lie elsewhere: there this entry is the current one, too.
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownItem:
    """An entry as drawn on one page."""

    label: str | Promise
    icon: str
    url: str
    is_current: bool


ITEMS: tuple[Item, ...] = (
    Item(
        "day",
        _("Today"),
        "sun",
        frozenset({"CASEWORKER", "HOTLINE_ADVOCATE", "CLINICIAN", "INTAKE_COORDINATOR"}),
        ("/week/",),
    ),
    Item("team", _("Team"), "users", frozenset({"SUPERVISOR"}), ("/week/team/",)),
    Item("desk", _("Desk"), "layout-dashboard", frozenset({"PRIVACY_OFFICER", "DIRECTOR"})),
    Item("cases", _("Cases"), "folder-open", CASE_ROLES | {"PARTNER_STAFF"}),
    Item("bookings", _("Appointments"), "calendar-days", frozenset({"INTERPRETER", "VOLUNTEER"})),
    Item("match-queue", _("Possible matches"), "user-search", frozenset({"INTAKE_COORDINATOR"})),
    Item("attorney-home", _("Matters"), "scale", MATTER_ROLES),
    Item("house", _("House"), "house", frozenset({"SHELTER_WORKER"})),
    Item("tasks", _("Tasks"), "list-checks", CASE_ROLES | MATTER_ROLES | {"SHELTER_WORKER"}),
    Item("inquiries", _("Somebody asks"), "circle-question-mark", STAFF_ROLES),
    Item(
        "auditor-home", _("Audit"), "scroll-text", frozenset({"INTERNAL_AUDITOR", "EXTERNAL_AUDITOR"}), ("/reports/",)
    ),
    Item("erasure", _("Erasure"), "eraser", frozenset({"PRIVACY_OFFICER", "DIRECTOR", "SUPERVISOR"})),
    Item(
        "holds",
        _("Legal holds"),
        "anchor",
        frozenset({"STAFF_ATTORNEY", "ACCREDITED_REPRESENTATIVE"}),
    ),
    Item(
        "duties",
        _("Duties of law"),
        "gavel",
        frozenset({"STAFF_ATTORNEY", "ACCREDITED_REPRESENTATIVE"}),
    ),
    Item("given-out", _("Given out"), "send", frozenset({"GRANTS"})),
    Item("walls", _("Walls"), "brick-wall", frozenset({"SUPERVISOR"})),
    Item(
        "colleagues",
        _("Colleagues"),
        "user-round-cog",
        frozenset({"SUPERVISOR", "DIRECTOR", "PRIVACY_OFFICER", "ADMINISTRATOR"}),
    ),
    Item(
        "small-house",
        _("Keeping roles apart"),
        "scale",
        frozenset({"INTERNAL_AUDITOR", "EXTERNAL_AUDITOR"}),
    ),
    Item("access-reviews", _("Access"), "shield-check", frozenset({"SUPERVISOR", "DIRECTOR", "PRIVACY_OFFICER"})),
    Item("people", _("People"), "contact-round", frozenset({"ADMINISTRATOR"})),
    Item("this-office", _("This office"), "settings", frozenset({"ADMINISTRATOR"})),
    Item("retention", _("Retention"), "archive", frozenset({"ADMINISTRATOR"})),
    Item("tags", _("Tags"), "list-filter", frozenset({"ADMINISTRATOR"})),
)


#: Who writes notes on cases, and so finds the quick note in the header; counsel writes on the page of the matter.
NOTE_ROLES = frozenset({"CASEWORKER", "HOTLINE_ADVOCATE", "CLINICIAN", "SUPERVISOR", "SHELTER_WORKER"})


def note_url_for(request: HttpRequest) -> str:
    """Where the quick note of this person begins, or empty. Asks for the roles as ``items_for`` does, and with it once."""
    items = (Item("note-where", "", "square-pen", NOTE_ROLES),)
    return next((item.url for item in items_for(request, items)), "")


def items_for(request: HttpRequest, items: Iterable[Item] = ITEMS) -> list[ShownItem]:
    """The entries this person is shown, in order: their role fits and the page exists in this installation.

    Costs what ``user.roles_now()`` costs, once a request. Somebody who is not signed in sees none.
    """
    roles = _roles_of(request)
    found: list[tuple[Item, str]] = []
    for item in items:
        if not roles & item.roles:
            continue
        try:
            found.append((item, reverse(item.url_name)))
        except NoReverseMatch:
            continue
    # The longest address that leads here is the current one, so that /cases/import/ does not light up two entries.
    places = [(place, url) for item, url in found for place in (url, *item.also) if request.path.startswith(place)]
    current = max(places, key=lambda place: len(place[0]), default=("", ""))[1]
    return [ShownItem(item.label, item.icon, url, url == current) for item, url in found]


def _roles_of(request: HttpRequest) -> frozenset[str]:
    """The roles of who asks, asked once a request; none of somebody who is not signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not hasattr(user, "roles_now"):
        return frozenset()
    known: tuple[Any, frozenset[str]] | None = getattr(request, "_roles_shown", None)
    if known is None or known[0] is not user:
        known = (user, frozenset(user.roles_now()))
        request._roles_shown = known  # type: ignore[attr-defined]
    return known[1]
