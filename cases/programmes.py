"""Programmes of one house (28 CFR 90.4): where the house keeps them apart, what one learned of a survivor is not open to
another without her release.

A programme is what the teams of a house name as theirs (``Team.programme``); a case belongs to its team's. Somebody
belongs to the programmes of her teams, and whoever belongs to no team to none. A team that names no programme is in one
with the other teams that name none. PROGRAMMES_KEPT_APART turns the rule on. Access across then rests on a release in
force that names a team of that programme, opens what the release names and nothing else, and ends with it.

It holds for what people give each other. An emergency, an alert to whoever is on duty and an appointment ask for no
release: the first two are for danger, and looked at afterwards; the last opens no part of the record. Nor does opening a
case: who hears her first keeps what she said.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from casemgmt.access.sections import READ_MATTER, WRITE_MATTER, Section, section_of
from casemgmt.accounts.models import Membership, Organisation, Team, User
from cases import access
from cases.choices.sharing import GrantKind
from cases.errors.releases import ReleaseLacks
from cases.errors.sharing import NeedsReleaseAcross, NothingNamedAcross
from cases.models import AccessGrant, Case, Release

#: The kinds that follow the rule.
FOLLOWING = frozenset(
    {
        GrantKind.ASSIGNMENT, GrantKind.SUPERVISION, GrantKind.CLINICAL, GrantKind.STAFF_COUNSEL, GrantKind.RESIDENCE,
        GrantKind.DELEGATION,
    }
)  # fmt: skip
#: House notes are the shelter's own work: no release names them, and of the case they open nothing.
_OWN_WORK = {GrantKind.RESIDENCE: frozenset({Section.SHELTER_OPS})}


def are_kept_apart() -> bool:
    """Whether this house keeps its programmes apart."""
    return bool(settings.PROGRAMMES_KEPT_APART)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def programmes_of(
    *, person: User | None = None, team: Team | None = None, organisation_id: int, at: datetime
) -> set[str]:
    """The programmes of a house to which a person (by her teams), or a team, belongs at that moment. At most one query."""
    if team is not None:
        return {_folded(team.programme)} if team.organisation_id == organisation_id else set()
    teams = Membership.objects.live(at).filter(user=person, team__organisation=organisation_id)
    return {_folded(name) for name in teams.values_list("team__programme", flat=True)}


def crosses(case: Case, *, person: User | None = None, team: Team | None = None, at: datetime) -> bool:
    """Whether access of this person or team to the case would go across programmes of the house. At most one query."""
    hers = programmes_of(person=person, team=team, organisation_id=case.organisation_id, at=at)
    return are_kept_apart() and _folded(case.team.programme) not in hers


def is_another_programme(case: Case, team: Team) -> bool:
    """Whether a team belongs to the house that keeps a case, and to another programme than the case."""
    return team.organisation_id == case.organisation_id and _folded(team.programme) != _folded(case.team.programme)


def check_recipient(case: Case, recipient: Organisation, team: Team | None) -> None:
    """Of the house itself only a team of another programme is a recipient of a release. Raises ReleaseLacks."""
    is_own_house = recipient.pk == case.organisation_id
    if team is None and not is_own_house:
        return
    if team is None or not is_own_house or not is_another_programme(case, team):
        raise ReleaseLacks("recipient_team")


def teams_across(case: Case) -> list[Team]:
    """The open teams of other programmes of the house, by programme; none where the house keeps none apart."""
    if not are_kept_apart():
        return []
    teams = Team.objects.open().filter(organisation=case.organisation_id).order_by("programme", "name")
    return [team for team in teams if is_another_programme(case, team)]


def names(
    release: Release, *, person: User | None = None, team: Team | None = None, organisation_id: int, at: datetime
) -> bool:
    """Whether a release is in force and names a programme to which this person or team belongs; and no other person."""
    named = release.recipient_team
    if named is None or not release.in_force(at) or release.recipient_person_id not in (None, person and person.pk):
        return False
    return _folded(named.programme) in programmes_of(person=person, team=team, organisation_id=organisation_id, at=at)


def demand_release(
    *, case: Case, kind: str, person: User | None, team: Team | None, release: Release | None, parent: AccessGrant | None,
    now: datetime,
) -> None:  # fmt: skip
    """That an access which goes across programmes rests on a release which names that programme. Raises NeedsReleaseAcross."""
    if kind not in FOLLOWING or not crosses(case, person=person, team=team, at=now):
        return
    ground = release or (parent.release if parent is not None else None)
    if ground is None or not names(ground, person=person, team=team, organisation_id=case.organisation_id, at=now):
        raise NeedsReleaseAcross


def releases_across(case: Case, *, at: datetime) -> list[Release]:
    """The releases of a case in force that name another programme of the house, the last to end first. One query."""
    rows = access.within(Release, case).filter(recipient_team__isnull=False).select_related("recipient_team")
    return [release for release in rows.order_by("-expires_at", "-pk") if release.in_force(at)]


def standing_release(case: Case, *, team: Team, at: datetime) -> Release | None:
    """The release on which access of a team across programmes may rest; None where none is needed, or there is none."""
    if not crosses(case, team=team, at=at):
        return None
    house = case.organisation_id
    found = (one for one in releases_across(case, at=at) if names(one, team=team, organisation_id=house, at=at))
    return next(found, None)


def narrowed(permissions: Iterable[str], *, kind: str, named: Iterable[Section]) -> list[str]:
    """What of a kind's permissions a release opens: the card, what it names, and the receiver's own work.

    Raises NothingNamedAcross where that is the card alone.
    """
    own = _OWN_WORK.get(GrantKind(kind), frozenset())
    opened = {Section.CARD, *named, *own} - {Section.LOCATION}
    left = [name for name in permissions if name in (READ_MATTER, WRITE_MATTER) or section_of(name) in opened]
    if all(name not in (READ_MATTER, WRITE_MATTER) and section_of(name) == Section.CARD for name in left):
        raise NothingNamedAcross
    return left
