"""A large house for measuring access: a hundred thousand or a million cases, 500 people, 50 teams, loaded in bulk.

Each case carries five accesses of people and one of a team, as access.md was measured. Below a million every access
has the permissions of its whole kind; from a million on ``read_card`` and two further ones, or the disk would be measured
and not the door. The rows are those that real actions write: one template case is made by its action and multiplied
inside the database. ``HAVEN_BENCH_ACCESS`` says how many cases (100,000 where it is not set).
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection, connections, models, transaction

from audit import authorizer, clock, protection
from audit.context import audit_context
from benchmarks.world import say
from casemgmt.access.permissions import permission_id
from casemgmt.accounts.models import AccountState, Membership, Team, User
from cases.actions.kinds import PERMISSIONS_OF_KIND
from cases.choices.sharing import GrantKind
from cases.models import AccessGrant, Case, CaseGroupPermission, CaseUserPermission
from tests import make
from tests.cast import Cast

CASES = int(os.environ.get("HAVEN_BENCH_ACCESS", "100000"))
COMPACT_FROM = 1_000_000
PEOPLE, TEAMS = 500, 50
SUPERVISORS, CASEWORKERS, DEPUTIES, CLINICIANS = 7, 33, 300, 100
#: One case in so many is the measured attorney's: 0.07 %.
ATTORNEYS_SHARE = 1429
_AT_ONCE = 50_000
GRANTS = 6


@dataclass
class House:
    """What was built. The measured people are the first supervisor, the first caseworker and the attorney."""

    cases: int
    people: list[User] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    first: int = 0

    @property
    def measured(self) -> dict[str, User]:
        return {
            "supervisor": self.people[0], "caseworker": self.people[SUPERVISORS], "attorney": self.people[PEOPLE - 1],
        }  # fmt: skip


def build(cast: Cast, cases: int = CASES) -> House:
    """Build the house in the databases that are open now."""
    began = time.monotonic()
    house = House(cases)
    now = clock.now()
    say(f"Building a house of {cases:,} cases …")
    with audit_context("test", "a house to measure"), transaction.atomic():
        _people(house, cast, now - timedelta(days=30))
        template = make.case(cast.amina, cast.team_of("amina"))
    grant = AccessGrant._base_manager.filter(case=template, person=cast.amina).get()
    house.first = template.pk + 1
    with _bare_tables((Case, AccessGrant, CaseUserPermission, CaseGroupPermission)):
        _cases(house, template)
        _grants(house, grant, now - timedelta(days=1), now + timedelta(days=365))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        for model in (Case, AccessGrant, CaseUserPermission, CaseGroupPermission):
            cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')
            house.rows[model.__name__] = cursor.fetchone()[0]
    house.seconds = time.monotonic() - began
    say(f"  built in {house.seconds:.0f} seconds: {house.rows}")
    return house


def _people(house: House, cast: Cast, since: datetime) -> None:
    """500 people in 50 teams; also in guardian's groups, so that it finds what their teams hold."""
    ours = cast.amina.organisation
    for number in range(TEAMS):
        group = Group.objects.create(name=f"bench {number}")
        team = Team(name=f"Bench {number}", organisation=ours, discipline="CASEWORK", group=group, created_at=since)
        team.save()
        house.teams.append(team)
    for number in range(PEOPLE):
        person = User(
            email=f"bench{number}@example.org",
            name=f"Bench {number}",
            organisation=ours,
            is_active=True,
            created_at=since,
        )
        person.save()
        AccountState(user=person, starts_at=since).save()
        house.people.append(person)
        for team in _teams_of(house, number):
            Membership(
                user=person, team=team, status="ACCEPTED", proposed_at=since, proposed_by=cast.farid, accepted_at=since,
                accepted_by=cast.bea, starts_at=since,
            ).save()  # fmt: skip
            person.groups.add(team.group)


def _teams_of(house: House, number: int) -> Sequence[Team]:
    """Supervisors are in two teams of which they see all cases anyway, the attorney in none, everybody else in one."""
    if number < SUPERVISORS:
        return house.teams[number * 7 : number * 7 + 2]
    return [] if number == PEOPLE - 1 else [house.teams[number % 49]]


@contextmanager
def _bare_tables(kinds: Sequence[type[models.Model]]) -> Iterator[None]:
    """Without triggers, foreign keys being asked row by row, and indexes that can be made at the end."""
    protection.remove()
    authorizer.lift(connections["default"], "benchmark")
    tables = [model._meta.db_table for model in kinds]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(
                "SELECT i.indexname, i.indexdef FROM pg_indexes i LEFT JOIN pg_constraint c ON c.conname = i.indexname "
                "WHERE i.tablename = ANY(%s) AND c.oid IS NULL",
                [tables],
            )
        else:
            cursor.execute("PRAGMA foreign_keys=OFF")
            cursor.execute("PRAGMA synchronous=OFF")
            places = ", ".join(["%s"] * len(tables))
            cursor.execute(
                f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({places})",
                tables,
            )
        indexes = cursor.fetchall()
        for name, _sql in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    say("  indexes …")
    with connection.cursor() as cursor:
        for _name, sql in indexes:
            cursor.execute(sql)
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = origin")
        else:
            cursor.execute("PRAGMA foreign_keys=ON")
    authorizer.lower(connections["default"], "benchmark")
    protection.install()


# ---- rows, made inside the database ----


def _numbers(first: int, after: int) -> str:
    """A query of whole numbers, as ``n.i``."""
    if connection.vendor == "postgresql":
        return f"(SELECT i FROM generate_series({first}, {after - 1}) AS g(i)) AS n"
    return f"(WITH RECURSIVE g(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM g WHERE i + 1 < {after}) SELECT i FROM g) AS n"


def _uid(number: str) -> str:
    """A uid made of a number."""
    if connection.vendor == "postgresql":
        return f"lpad(to_hex({number}), 32, '0')::uuid"
    return f"printf('%%032x', {number})"


def _copy(template: models.Model, changes: dict[str, str], source: str, parameters: Sequence[Any] = ()) -> None:
    """Insert a row for each of a query's, with the template's values where nothing else is said."""
    table = template._meta.db_table
    columns = [str(column.column) for column in template._meta.concrete_fields]
    values = [changes.get(column, f't."{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {", ".join(values)} FROM {source}, "{table}" t WHERE t.id = %s',
            [*parameters, template.pk],
        )


def _spans(cases: int) -> Iterator[tuple[int, int]]:
    for first in range(0, cases, _AT_ONCE):
        yield first, min(first + _AT_ONCE, cases)


def _pick(keys: Sequence[int], number: str) -> str:
    """The key at a place that is computed: one CASE for each distinct key would be long, and keys are consecutive."""
    assert list(keys) == list(range(keys[0], keys[0] + len(keys)))
    return f"({keys[0]} + ({number}) %% {len(keys)})"


def _cases(house: House, template: Case) -> None:
    teams = [team.pk for team in house.teams]
    for first, after in _spans(house.cases):
        changes = {
            "id": f"{house.first} + n.i", "uid": _uid("n.i + 1"), "case_uid": _uid("n.i + 1"),
            "number": "'BENCH-' || n.i", "team_id": _pick(teams[:49], "n.i"),
            "status": "CASE WHEN n.i %% 50 = 0 THEN 'ON_HOLD' ELSE 'ACTIVE' END",
        }  # fmt: skip
        _copy(template, changes, _numbers(first, after))
        say(f"  {after:,} cases")


@dataclass(frozen=True)
class _Access:
    """One of the six accesses of a case: to whom (as SQL over ``n.i``), of which kind."""

    kind: str
    owner: str
    of_team: bool = False


def _accesses(house: House) -> list[_Access]:
    people = [person.pk for person in house.people]
    deputies = people[SUPERVISORS + CASEWORKERS :][:DEPUTIES]
    clinicians = people[SUPERVISORS + CASEWORKERS + DEPUTIES :][:CLINICIANS]
    counsel = people[SUPERVISORS + CASEWORKERS + DEPUTIES + CLINICIANS : PEOPLE - 1]
    of_attorney = f"CASE WHEN n.i %% {ATTORNEYS_SHARE} = 0 THEN {people[-1]} ELSE {_pick(counsel, 'n.i')} END"
    groups = [team.group_id for team in house.teams]
    return [
        _Access(GrantKind.SUPERVISION, _pick(people[:SUPERVISORS], "n.i")),
        _Access(GrantKind.ASSIGNMENT, _pick(people[SUPERVISORS:][:CASEWORKERS], "n.i")),
        _Access(GrantKind.ASSIGNMENT, _pick(deputies, "n.i * 7")),
        _Access(GrantKind.CLINICAL, _pick(clinicians, "n.i * 3")),
        _Access(GrantKind.STAFF_COUNSEL, of_attorney),
        _Access(GrantKind.RESIDENCE, _pick(groups[:49], "(n.i %% 7) * 7 + (n.i / 7) %% 7"), of_team=True),
    ]


def _grants(house: House, template: AccessGrant, start: datetime, end: datetime) -> None:
    """The accesses and their permission rows. Keys of accesses follow from the number of the case."""
    giver, base = template.granted_by_id, template.pk + 1000
    teams = {team.group_id: team.pk for team in house.teams}
    shift = next(iter(teams.values())) - next(iter(teams))
    assert all(team - group == shift for group, team in teams.items())
    for place, access in enumerate(_accesses(house)):
        codenames = [one for one in PERMISSIONS_OF_KIND[access.kind] if not one.endswith("_matter")]
        if house.cases >= COMPACT_FROM:
            codenames = codenames[:3]
        permissions = [permission_id("cases", "case", codename) for codename in codenames]
        table = (CaseGroupPermission if access.of_team else CaseUserPermission)._meta.db_table
        owner = "group_id" if access.of_team else "user_id"
        say(f"  {access.kind} …")
        for first, after in _spans(house.cases):
            key, case = f"{base} + n.i * {GRANTS} + {place}", f"{house.first} + n.i"
            changes = {
                "id": key, "uid": _uid(f"(n.i * {GRANTS} + {place} + 7000000000)"), "case_uid": _uid("n.i + 1"),
                "case_id": case, "kind": f"'{access.kind}'", "granted_by_id": str(giver),
                "person_id": "NULL" if access.of_team else access.owner,
                "team_id": f"{access.owner} + {shift}" if access.of_team else "NULL",
            }  # fmt: skip
            _copy(template, changes, _numbers(first, after))
            each = " UNION ALL ".join(f"SELECT {one} AS permission" for one in permissions)
            with connection.cursor() as cursor:
                cursor.execute(
                    f'INSERT INTO "{table}" (permission_id, {owner}, content_object_id, grant_id, valid_from, expires_at) '
                    f"SELECT p.permission, {access.owner}, {case}, {key}, %s, %s FROM {_numbers(first, after)}, ({each}) AS p",
                    [start, end],
                )
