"""Which page a role starts at. The order is fixed: whoever holds several roles starts at the first of these."""

from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse

from .choices import Role

if TYPE_CHECKING:
    from .models import User

#: The page of everybody who has no other.
LAST_RESORT = "my-account"

#: (role, name of its page). The names belong to rooms above this one, so they are looked up when asked for;
#: a page that this installation does not have yet leads to one's own account.
HOMES: list[tuple[str, str]] = [
    (Role.SUPERVISOR, "team"),
    (Role.CASEWORKER, "day"),
    (Role.HOTLINE_ADVOCATE, "day"),
    (Role.INTAKE_COORDINATOR, "match-queue"),
    (Role.CLINICIAN, "day"),
    (Role.STAFF_ATTORNEY, "attorney-home"),
    (Role.ACCREDITED_REPRESENTATIVE, "attorney-home"),
    (Role.PRO_BONO_ATTORNEY, "attorney-home"),
    (Role.PARALEGAL, "attorney-home"),
    (Role.SHELTER_WORKER, "house"),
    (Role.INTERNAL_AUDITOR, "auditor-home"),
    (Role.EXTERNAL_AUDITOR, "auditor-home"),
    (Role.ADMINISTRATOR, "people"),
    (Role.PRIVACY_OFFICER, "desk"),
    (Role.DIRECTOR, "desk"),
    (Role.FINANCE, LAST_RESORT),
    (Role.GRANTS, LAST_RESORT),
    (Role.PARTNER_STAFF, "cases"),
    (Role.INTERPRETER, "bookings"),
    (Role.VOLUNTEER, "bookings"),
]


def address_of(url_name: str) -> str:
    """The address of a home page; one's own account where the room of that page is not built."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return reverse(LAST_RESORT)


def homes_of(user: "User") -> list[tuple[str, str]]:
    """(words of the role, address) of each home this person has, in the fixed order. One query."""
    held = user.roles_now()
    return [(str(Role(role).label), address_of(url_name)) for role, url_name in HOMES if role in held]
