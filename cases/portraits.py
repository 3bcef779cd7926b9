"""Whether a picture of her face may show now: asked at every look, so that it is gone at once when she takes it back.

Only inside the house, for who reads who she is and what she allowed; never for a minor. In no list, export or print.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access, minors
from cases.choices.releases import InfoCategory
from cases.models import Case, Portrait, Release, Survivor
from cases.opening import held


@dataclass(frozen=True)
class PhotoState:
    """What the survivor's page says of a picture. ``portrait``: the one that stands, also where it may not show."""

    is_allowed: bool
    is_minor: bool
    portrait: Portrait | None
    is_shown: bool = False


def may_look(reader: User, case: Case) -> bool:
    """Whether this reader may know of a picture at all: of the house, and reads identity and releases."""
    holding = held(case)
    is_own = reader.organisation_id == case.organisation_id
    return is_own and all(holding.reads(section) for section in (Section.IDENTITY, Section.DUTIES))


def allows_photos(releases: Iterable[Release], at: datetime) -> bool:
    """Whether one of these releases stands and names photos. While the case is open."""
    return any(one.in_force(at) and InfoCategory.PHOTO_MEDIA in one.terms.get("categories", []) for one in releases)


def is_young(row: Survivor | None, case: Case, at: datetime) -> bool:
    """Whether she is under 18, or may be. While the case is open."""
    return row is not None and bool(minors.is_minor(row, case.alerts or [], timezone.localdate(at)))


def state_of(reader: User, case: Case, at: datetime, *, is_shown: bool = False) -> PhotoState | None:
    """What may be said of her picture to this reader; None where nothing may. While the case is open."""
    if not may_look(reader, case):
        return None
    standing = access.records(Portrait, case).filter(removed_at__isnull=True).first()
    releases = access.records(Release, case).filter(withdrawn_at__isnull=True)
    young = is_young(access.records(Survivor, case).first(), case, at)
    allowed = not young and allows_photos(releases, at)
    return PhotoState(
        is_allowed=allowed, is_minor=young, portrait=standing, is_shown=is_shown and allowed and standing is not None
    )
