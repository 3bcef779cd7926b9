"""The people behind an access to a case: a team's members, whoever is on duty; and those whom a wall keeps away."""

from collections.abc import Collection, Iterable
from datetime import datetime

from audit import clock
from casemgmt.accounts.models import Membership, Shift, User
from cases.choices.sharing import GrantKind
from cases.models import AccessGrant, Case, Wall


def people_behind(grants: Iterable[AccessGrant], at: datetime) -> dict[int, list[int]]:
    """Who has a part in each of these grants at that moment: key of the grant → keys of people.

    Of a team's its members then, of a team's ON_CALL access the people on duty. At most two queries.
    """
    grants = list(grants)
    found = {grant.pk: [grant.person_id] for grant in grants if grant.person_id is not None}
    of_rotas = {grant.team_id for grant in grants if grant.team_id and grant.kind == GrantKind.ON_CALL}
    of_teams = {grant.team_id for grant in grants if grant.team_id and grant.kind != GrantKind.ON_CALL}
    members: dict[int, list[int]] = {}
    on_duty: dict[int, list[int]] = {}
    if of_teams:
        for team, user in Membership.objects.live(at).filter(team__in=of_teams).values_list("team_id", "user_id"):
            members.setdefault(team, []).append(user)
    if of_rotas:
        for team, user in (
            Shift.objects.at(at).filter(rota__team__in=of_rotas).values_list("rota__team_id", "user_id").distinct()
        ):
            on_duty.setdefault(team, []).append(user)
    for grant in grants:
        if grant.team_id is not None:
            behind = on_duty if grant.kind == GrantKind.ON_CALL else members
            found[grant.pk] = behind.get(grant.team_id, [])
    return found


class Walls:
    """The walls of one case at one moment. One query, two more where a team is walled off, and one for an organisation."""

    def __init__(self, case: Case, at: datetime) -> None:
        rows = Wall._base_manager.filter(case=case, placed_at__lte=at, lifted_at__gt=at)
        standing = list(rows.values_list("person_id", "team_id", "organisation_id"))
        self.at = at
        self.people = {person for person, _team, _house in standing if person}
        self.teams = {team for _person, team, _house in standing if team}
        self.organisations = {house for _person, _team, house in standing if house}

    def keep_away(self, people: Collection[int]) -> set[int]:
        """Which of these people (keys) stand behind a wall: by themselves, through a team of theirs or one for which they
        are on duty, or with their organisation.
        """
        found = self.people & set(people)
        if self.teams:
            members = Membership.objects.live(self.at).filter(team__in=self.teams, user__in=people)
            found |= set(members.values_list("user_id", flat=True))
            on_duty = Shift.objects.at(self.at).filter(rota__team__in=self.teams, user__in=people)
            found |= set(on_duty.values_list("user_id", flat=True))
        if self.organisations:
            staff = User.objects.filter(organisation__in=self.organisations, pk__in=people)
            found |= set(staff.values_list("pk", flat=True))
        return found


def people_of_teams(grants: Iterable[AccessGrant], at: datetime | None = None) -> dict[int, list[User]]:
    """The people behind the grants of teams among these: key of the grant → people. At most three queries."""
    behind = people_behind((grant for grant in grants if grant.team_id), at or clock.moment())
    people = User.objects.in_bulk({key for keys in behind.values() for key in keys})
    return {grant: [people[key] for key in keys] for grant, keys in behind.items()}
