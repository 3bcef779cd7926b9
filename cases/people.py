"""Who works on a case, for "Who does it", and by which name a reader hears of them."""

from collections.abc import Sequence
from uuid import UUID

from audit import clock
from casemgmt.access.sections import Section
from casemgmt.accounts.models import Membership, User
from cases.access import Viewer
from cases.models import Case


def shown_name(reader: User, case: Case, person: User | None) -> str:
    """Who did something, as this reader may know it: to an outsider the organisation speaks, and nobody of its staff.

    Empty for nobody, and for people of a third organisation.
    """
    if person is None:
        return ""
    if reader.organisation_id in (case.organisation_id, person.organisation_id):
        return person.name
    return case.organisation.name if person.organisation_id == case.organisation_id else ""


def colleagues_on(reader: User, case: Case, viewers: Sequence[Viewer]) -> list[User]:
    """The reader first, then the others by name. An outsider is shown nobody but herself. At most one query."""
    if reader.organisation_id != case.organisation_id:
        return [reader]
    writing = [viewer.grant for viewer in viewers if viewer.writes]
    found = {grant.person.pk: grant.person for grant in writing if grant.person is not None}
    teams = [grant.team_id for grant in writing if grant.team_id is not None]
    if teams:
        live = Membership.objects.live(clock.now()).filter(team_id__in=teams)
        members = User.objects.filter(is_active=True, pk__in=live.values("user_id"))
        found |= {person.pk: person for person in members}
    others = [one for one in found.values() if one.pk != reader.pk and one.is_active]
    insiders = [one for one in others if one.organisation_id == case.organisation_id]
    return [reader, *sorted(insiders, key=lambda one: one.name)]


def reads_section(viewer: Viewer, section: str, matter_uid: UUID | None = None) -> bool:
    """Whether this access opens a section; the attorney's file and its docket by their matter."""
    matter = viewer.grant.matter
    of_matter = Section.LEGAL_FILE in viewer.sections and matter is not None and matter.uid == matter_uid
    if section == Section.LEGAL_FILE:
        return of_matter
    # Whoever holds a matter reads its docket, too.
    return section in viewer.sections or (section == Section.LEGAL and of_matter)


def others_who_read(
    reader: User, case: Case, viewers: Sequence[Viewer], section: str, matter_uid: UUID | None
) -> list[User]:
    """Everybody else who reads a section of a case now, by name; to an outsider nobody. At most two queries."""
    return everybody_on(reader, case, [one for one in viewers if reads_section(one, section, matter_uid)])[1:]


def everybody_on(reader: User, case: Case, viewers: Sequence[Viewer]) -> list[User]:
    """The reader first, then everybody else who holds anything of the case now, by name: by name or through a team.

    An outsider is shown nobody but herself. At most two queries.
    """
    if reader.organisation_id != case.organisation_id:
        return [reader]
    grants = [viewer.grant for viewer in viewers if not viewer.rests]
    found = {grant.person.pk: grant.person for grant in grants if grant.person is not None}
    teams = [grant.team_id for grant in grants if grant.team_id is not None]
    if teams:
        live = Membership.objects.live(clock.now()).filter(team_id__in=teams)
        found |= {person.pk: person for person in User.objects.filter(is_active=True, pk__in=live.values("user_id"))}
    others = [one for one in found.values() if one.pk != reader.pk and one.is_active]
    return [reader, *sorted(others, key=lambda one: one.name)]
