"""The stage of the oracle: people, teams, rotas, cases and a matter of their own, made once and played on often."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest import mock

from django.contrib.auth.models import Group

from audit import clock
from casemgmt.access.sections import Section
from casemgmt.accounts.models import AccountState, Organisation, Rota, Team, User
from cases.actions.trail import add_line
from cases.models import Matter, TimelineEntry
from tests import make
from tests.cases.oracle_facts import CASES, HOUSES, PEOPLE, TEAMS
from tests.cast import Cast

#: Whose case it is, so that one of them can be declared.
NAMES = ("Aldercombe", "Brackenridge", "Coldharbour")


class Stage:
    """People, teams, cases and a matter of their own, on which no other access stands. Made once, played on often."""

    def __init__(self, cast: Cast) -> None:
        self.begin = clock.now() + timedelta(days=1)
        self.giver, self.second, ours = cast.bea, cast.kemi, cast.amina.organisation
        partner = Organisation(name="Oracle partner", kind=cast.hugo.organisation.kind, created_at=self.begin)
        partner.save()
        self.houses = (ours, partner)
        self.people = [self._person(number) for number in range(PEOPLE)]
        self.teams = [self._team(number) for number in range(TEAMS)]
        self.rotas = [self._rota(team) for team in self.teams]
        self.cases = [make.case(cast.amina, cast.team_of("amina"), second_name=name) for name in NAMES]
        self.keys = {case.pk: number for number, case in enumerate(self.cases)}
        assert [case.pk for case in self.cases] == list(range(self.cases[0].pk, self.cases[0].pk + CASES))
        self.matter = Matter(case=self.cases[0], title="A matter")
        self.matter.save()
        add_line(
            case=self.cases[0], section=Section.IDENTITY, kind="SURVIVOR_CHANGED", line="Her name", subject=self.cases[0],
            author=cast.amina, at=self.moment(-1),
        )  # fmt: skip
        rows = TimelineEntry._base_manager.filter(case__in=self.keys)
        #: What stands on the timelines: key of the case, section, moment.
        self.lines = list(rows.values_list("case_id", "section", "at"))

    def _person(self, number: int) -> User:
        person = User(
            email=f"oracle{number}@example.org", name=f"Person {number}", organisation=self.houses[HOUSES[number]],
            is_active=True, created_at=self.begin,
        )  # fmt: skip
        person.save()
        AccountState(user=person, starts_at=self.moment(-1)).save()
        return person

    def _team(self, number: int) -> Team:
        group = Group.objects.create(name=f"oracle {number}")
        team = Team(
            name=f"Oracle {number}",
            organisation=self.houses[0],
            discipline="CASEWORK",
            group=group,
            created_at=self.begin,
        )
        team.save()
        return team

    def _rota(self, team: Team) -> Rota:
        group = Group.objects.create(name=f"duty of {team.name}")
        rota = Rota(team=team, group=group, begun_at=self.moment(-1), begun_by=self.giver)
        rota.save()
        return rota

    def moment(self, hour: int) -> datetime:
        """A whole hour of the story, UTC."""
        return self.begin + timedelta(hours=hour)

    @contextmanager
    def at(self, hour: int) -> Iterator[datetime]:
        """The clock stands at this hour."""
        moment = self.moment(hour)
        with mock.patch.object(clock, "now", lambda: moment):
            yield moment
