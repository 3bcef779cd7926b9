"""What a machine found wrong with releases, for whoever can mend it: on her desk in words, and beside the release."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import clock
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import Section, write
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from cases import access, desk
from cases.choices.release_checks import WRONG, Attribute
from cases.models import Case, Release, ReleaseCheck
from cases.release_checks import failing

#: More than one page shows.
MOST = 100


def to_mend(reader: User, now: Any) -> Any:
    """Releases of which something fails, as far as this person answers for them. For the number on a home, too."""
    return desk.duties_for(reader, Release, at=now).filter(pk__in=failing(now).values("release_id"))


def what_is_wrong(codes: list[str]) -> list[Any]:
    """The sentences of these codes."""
    return [WRONG[Attribute(code)] for code in codes]


def check_line(release: Release) -> dict[str, Any]:
    """For the page of one release: what the machine found last, in words. One query."""
    found = access.for_the_house(ReleaseCheck).filter(release=release).first()
    stands = release.in_force(clock.now())
    return {
        "found": found,
        "wrong": what_is_wrong(found.codes) if found is not None else [],
        "waits": found is None and stands,
        "holds": found is not None and stands and not found.codes and not found.is_erased,
    }


@for_roles(*desk.DESK_ROLES)
@require_safe
def release_checks(request: SignedInRequest) -> HttpResponse:
    """Every release in reach of which something fails, the next to end on top. Opens no case: plain columns and codes."""
    reader, now = request.user, clock.now()
    rows = to_mend(reader, now).select_related("recipient", "case__lead", "case__team").order_by("expires_at", "pk")
    releases = list(rows[: MOST + 1])
    checks = access.for_the_house(ReleaseCheck).filter(release__in=releases[:MOST]).in_bulk()
    cases = [release.case_id for release in releases]
    opens = set(access.visible(Case, reader, write(Section.DUTIES), among=cases).values_list("pk", flat=True))
    context = {
        "lines": [
            {
                "release": release, "wrong": what_is_wrong(checks[release.pk].codes), "opens": release.case_id in opens,
                "checked_at": checks[release.pk].checked_at,
            }
            for release in releases[:MOST] if release.pk in checks
        ],
        "is_more": len(releases) > MOST, "most": MOST,
    }  # fmt: skip
    return render(request, "cases/releases/to_mend.html", context)
