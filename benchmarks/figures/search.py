"""Search at 10,000 and 100,000 people: by index and by comparing, for somebody who may open every case.

The people are made up here: sealed cards, permission rows and tokens as the real actions leave them, written in bulk.
"""

import os
import random
from collections.abc import Iterator
from datetime import date, timedelta
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction

from audit import clock
from audit.context import audit_context
from benchmarks.measure import Figure, Times, median, p95, without_collector
from benchmarks.world import World, say
from casemgmt.access.permissions import permission_id
from casemgmt.access.sections import READ_CARD, RetentionClass, Section, read
from casemgmt.crypto import keyring
from cases import search_index
from cases.actions import indexing
from cases.models import AccessGrant, Case, CaseUserPermission, ContactInstruction, Person, SearchIndex, Survivor
from cases.naming import new_alias, new_case_number
from cases.search import find_cases, read_question

FEW, MANY = 10_000, int(os.environ.get("HAVEN_BENCH_PEOPLE", "100000"))
_AT_ONCE = 2_000
ROUNDS = 200
SCANS = 5
#: vault.md §10.
LIMIT_MS = 50

_GIVEN = (
    "Ana", "Maria", "Fatima", "Aisha", "Natalia", "Olga", "Thi Anh", "Phuong", "Guadalupe", "Zainab", "Maryam", "Irina",
    "Blessing", "Grace", "Linh", "Mai", "Rosa", "Carmen", "Nour", "Khadija", "Yulia", "Svetlana", "Esperanza", "Luz",
)  # fmt: skip
_SYLLABLES = (
    "ba",
    "ko",
    "ren",
    "li",
    "sha",
    "mor",
    "vi",
    "tan",
    "du",
    "ze",
    "hal",
    "or",
    "pi",
    "gu",
    "nes",
    "fa",
    "quil",
)


class Town:
    """Made-up people, all open to one person."""

    def __init__(self, world: World) -> None:
        self.reader = world.people["amina"]
        self.team = world.north
        self.random = random.Random(7)
        self.people: list[tuple[str, str, date, str]] = []
        self.indexed, self.filled_a_second = 0, 0.0

    def name(self) -> tuple[str, str]:
        """A given name as common as names are, and one of some ten thousand family names."""
        first = self.random.choice(_GIVEN) + self.random.choice(["", "", " " + self.random.choice(_GIVEN)])
        return first, "".join(self.random.choices(_SYLLABLES, k=3)).capitalize()

    def grow(self, size: int) -> None:
        """As many people as that, with cards, rights and tokens."""
        with audit_context("test", "a town to search in"):
            template = AccessGrant._base_manager.filter(person=self.reader).first()
            while len(self.people) < size:
                with transaction.atomic():
                    self._settle(min(_AT_ONCE, size - len(self.people)), template)
                say(f"  {len(self.people)} people")
            # People written in bulk are in no index yet: the back-fill goes on from where it was.
            SearchIndex._base_manager.update(state=SearchIndex.State.FILLING)
            behind, start = len(self.people) - self.indexed, perf_counter()
            indexing.fill(reason="a measurement")
            self.filled_a_second = behind / (perf_counter() - start)
            self.indexed = len(self.people)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")

    def _settle(self, number: int, template: Any) -> None:
        uids = [uuid4() for _ in range(number)]
        keyring.create_keys_of_cases(uids, [RetentionClass.CORE, RetentionClass.LEGAL])
        persons = Person._base_manager.bulk_create([Person() for _ in uids])
        facts = [(*self.name(), date(1960, 1, 1) + timedelta(days=self.random.randrange(18_000)),
                  f"+49 151 {self.random.randrange(10**7):07}") for _ in uids]  # fmt: skip
        made = [
            Case(
                uid=uid, case_uid=uid, number=new_case_number(), person=person, organisation=self.team.organisation,
                team=self.team, status="ACTIVE", opened_on=date(2026, 1, 1), language="en", alerts=[], alias=new_alias(),
            )
            for uid, person in zip(uids, persons, strict=True)
        ]  # fmt: skip
        cases = _insert(Case, made)
        _insert(Survivor, [
            Survivor(case=case, first_name=first, second_name=family, birth_date=born, contact={}, about={})
            for case, (first, family, born, _phone) in zip(cases, facts, strict=True)
        ])  # fmt: skip
        _insert(ContactInstruction, [
            ContactInstruction(case=case, rule={}, value=phone, verified_on=date(2026, 1, 1))
            for case, (_first, _family, _born, phone) in zip(cases, facts, strict=True)
        ])  # fmt: skip
        rights = [permission_id("cases", "case", name) for name in (READ_CARD, read(Section.IDENTITY))]
        CaseUserPermission.objects.bulk_create([
            CaseUserPermission(
                permission_id=right, content_object_id=case.pk, user=self.reader, grant=template,
                valid_from=template.valid_from, expires_at=clock.now() + timedelta(days=900),
            )
            for case in cases for right in rights
        ], batch_size=5_000)  # fmt: skip
        self.people += [(first, family, born, phone) for first, family, born, phone in facts]


def _insert(model: type[Any], rows: list[Any]) -> list[Any]:
    """Plain inserts without history, which no search reads."""
    return list(model._base_manager.bulk_create(rows, batch_size=1_000))


def figures(world: World) -> Iterator[Figure]:
    """First the small town, by both ways; then the large one by index."""
    town = Town(world)
    for size in (FEW, MANY):
        settings.CASE_SEARCH = "index"
        town.grow(size)
        yield Figure(name=f"search: back-fill, {size:,} people", measured=town.filled_a_second, unit="cases/s")
        yield from _by_index(town, size)
        if size == FEW:
            yield _by_scan(town, size)
    settings.CASE_SEARCH = "auto"


def _by_index(town: Town, size: int) -> Iterator[Figure]:
    assert search_index.ready()
    whose = town.random.sample(town.people, ROUNDS)
    for what, asked in (
        ("whole name", [f"{family} {first}" for first, family, _born, _phone in whose]),
        ("beginning and year of birth", [f"{family[:4]} {born.year}" for _first, family, born, _phone in whose]),
        ("date of birth", [born.isoformat() for _first, _family, born, _phone in whose]),
        ("phone", [phone for _first, _family, _born, phone in whose]),
    ):
        times, found = _timed(town, asked)
        assert found == len(asked), f"{what}: {found} of {len(asked)} questions found somebody"
        yield Figure(
            name=f"search by index, {size:,} people: {what}, p95", measured=p95(times) * 1000, unit="ms",
            limit=LIMIT_MS, more={"median_ms": median(times) * 1000, "questions": len(asked)},
        )  # fmt: skip
    times, _found = _timed(town, [f"Nobody Xanthippopoulos{number}" for number in range(20)])
    yield Figure(
        name=f"search, {size:,} people: a name that is not there, p95", measured=p95(times) * 1000, unit="ms",
        more={"note": "parts of names compared with the newest cases"},
    )  # fmt: skip


def _by_scan(town: Town, size: int) -> Figure:
    settings.CASE_SEARCH = "scan"
    whose = town.random.sample(town.people, SCANS)
    times, found = _timed(town, [f"{family} {first}" for first, family, _born, _phone in whose])
    assert found == SCANS
    return Figure(
        name=f"search by comparing, {size:,} people: whole name, median", measured=median(times) * 1000, unit="ms"
    )


def _timed(town: Town, asked: list[str]) -> tuple[Times, int]:
    """The clock for each question, from the words to the event in the ledger; and how many found somebody."""
    times, found = Times(), 0
    with audit_context("test", "a town to search in"), without_collector():
        find_cases(town.reader, read_question("Warm Up"))
        for text in asked:
            question = read_question(text)
            hits: list[Any] = []
            times.take(lambda question=question, hits=hits: hits.extend(find_cases(town.reader, question).uids))
            found += bool(hits)
    return times, found
