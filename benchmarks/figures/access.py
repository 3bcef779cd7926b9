"""The door at size: pages, counts and checks against guardian's own way and against the same rows without permission."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Q
from guardian.core import ObjectPermissionChecker
from guardian.shortcuts import get_objects_for_user

from benchmarks.access import CASES, COMPACT_FROM, House
from benchmarks.measure import Figure, in_turn, median, queries, ratio_of, timed
from casemgmt.access import session
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.models import User
from casemgmt.operations import row_security
from cases import access
from cases.access.pages import load
from cases.models import Case

ROUNDS, PAGE = 25, 50
#: access.md: page 1 and deep page against the same rows without permission.
PAGE_LIMIT = {"postgresql": 2.5, "sqlite": 4.0}
#: Ten times faster than guardian's shortcut at a million.
PEER_LIMIT = 0.1
ROLE = "haven_bench_app"
NARROW = Q(status="ON_HOLD")

Run = Callable[[], Any]


class Asked:
    """One person and what she asks, four ways each: ours, guardian's, the rows alone as Django reads them, and as we do."""

    def __init__(self, person: User) -> None:
        self.person = person
        self.everybody = access.for_the_house(Case).select_related("team", "lead")
        self.first = self.page()
        self.seen = access.visible(Case, person, READ_CARD).count()
        keys = access.visible(Case, person, READ_CARD).order_by("-pk").values_list("pk", flat=True)
        self.before = keys[self.seen // 2]
        self.deep = self.page(before=self.before)
        self.narrowed = self.page(where=NARROW)

    def page(self, **how: Any) -> list[Case]:
        return access.page(self.person, READ_CARD, size=PAGE, with_holdings=False, **how)[0]

    def guardians(self, rows: Any) -> list[Case]:
        return list(get_objects_for_user(self.person, f"cases.{READ_CARD}", klass=rows).order_by("-pk")[: PAGE + 1])

    def bare(self, cases: list[Case]) -> Run:
        """The same rows by their keys, as many as a page reads."""
        keys = [case.pk for case in cases]
        return lambda: list(self.everybody.filter(pk__in=keys).order_by("-pk"))

    @staticmethod
    def lean(cases: list[Case]) -> Run:
        """The same rows by the statement that a page loads them with."""
        keys = [case.pk for case in cases]
        return lambda: load(keys)

    def pages(self) -> dict[str, tuple[Run, Run, Run, Run]]:
        """What is asked → ours, guardian's, the rows alone, the rows alone as a page loads them."""
        all_cases = self.everybody
        asked: dict[str, tuple[Run, Run, Run, Run]] = {
            "page 1": (self.page, lambda: self.guardians(all_cases), self.bare(self.first), self.lean(self.first)),
            "deep page": (
                lambda: self.page(before=self.before),
                lambda: self.guardians(all_cases.filter(pk__lt=self.before)),
                self.bare(self.deep),
                self.lean(self.deep),
            ),
            "filter": (
                lambda: self.page(where=NARROW),
                lambda: self.guardians(all_cases.filter(NARROW)),
                self.bare(self.narrowed),
                self.lean(self.narrowed),
            ),
        }
        for name, (ours, theirs, *_rows) in asked.items():
            same = [case.pk for case in ours()] == [case.pk for case in theirs()][:PAGE]
            if not same:
                raise RuntimeError(f"{name}: guardian and the door disagree.")
        return asked

    def checks(self) -> dict[str, tuple[Run, Run]]:
        """Counts and checks → ours, guardian's."""
        cases, one = self.first, self.first[0]
        shortcut = f"cases.{READ_CARD}"
        return {
            "count": (
                lambda: access.count(self.person),
                lambda: get_objects_for_user(self.person, shortcut, klass=self.everybody).count(),
            ),
            "filtered count": (
                lambda: access.count(self.person, where=NARROW),
                lambda: get_objects_for_user(self.person, shortcut, klass=self.everybody.filter(NARROW)).count(),
            ),
            "single check": (
                lambda: access.get_for(self.person, one.uid),
                lambda: ObjectPermissionChecker(self.person).has_perm(READ_CARD, one),
            ),
            "50 checks": (
                lambda: access.permissions_on(self.person, cases),
                lambda: [ObjectPermissionChecker(self.person).has_perm(READ_CARD, case) for case in cases],
            ),
        }


def figures(house: House) -> Iterator[Figure]:
    """All questions for the three people; on PostgreSQL the pages once more behind the second wall."""
    about = {"cases": house.cases, "rows": house.rows, "seconds to build": round(house.seconds)}
    asked_by = {name: Asked(person) for name, person in house.measured.items()}
    for name, asked in asked_by.items():
        share = f"{name} ({100 * asked.seen / house.cases:.2g} %)"
        for what, ways in asked.pages().items():
            times = timed(*ways, rounds=ROUNDS, warm=1)
            limit = PAGE_LIMIT[connection.vendor] if what != "filter" else None
            yield _figure(f"{share}: {what}", times[0], times[2], "the same rows alone", limit, about)
            yield _figure(f"{share}: {what}", times[0], times[3], "the same rows, lean", None, about)
            peer_limit = PEER_LIMIT if CASES >= COMPACT_FROM and what != "filter" else None
            yield _figure(f"{share}: {what}", times[0], times[1], "get_objects_for_user", peer_limit, about)
        for what, (ours, theirs) in asked.checks().items():
            times = timed(ours, theirs, rounds=ROUNDS, warm=1)
            yield _figure(f"{share}: {what}", times[0], times[1], "guardian", None, about)
    yield from _counted(asked_by)
    if connection.vendor == "postgresql":
        yield from _behind_the_wall(asked_by, about)


def _figure(
    name: str, ours: list[float], theirs: list[float], peer: str, limit: float | None, about: dict[str, Any]
) -> Figure:
    return Figure(
        name=f"access: {name}", measured=median(ours) * 1000, unit="ms", peer=peer, peer_value=median(theirs) * 1000,
        ratio=ratio_of(ours, theirs), limit=limit, of="ratio", more=about,
    )  # fmt: skip


def _counted(asked_by: dict[str, Asked]) -> Iterator[Figure]:
    """The statements of a page: the same whoever asks, and however deep."""
    pages = [
        len(queries(run))
        for one in asked_by.values()
        for run in (one.page, lambda one=one: one.page(before=one.before))
    ]
    yield Figure(name="access: queries of a page, most", measured=max(pages), unit="", limit=3)
    yield Figure(name="access: queries of a page, difference", measured=max(pages) - min(pages), unit="", limit=0)


def _behind_the_wall(asked_by: dict[str, Asked], about: dict[str, Any]) -> Iterator[Figure]:
    """What row-level security adds to a page of each person."""
    with hardened() as switch:
        for name, asked in asked_by.items():
            for what, run in (
                ("page 1", asked.page),
                ("deep page", lambda asked=asked: asked.page(before=asked.before)),
            ):
                expected = [case.pk for case in run()]
                bound = switch(run, asked.person)
                if [case.pk for case in bound()] != expected:
                    raise RuntimeError(f"{name}, {what}: another answer behind the wall.")
                plain = switch(run, asked.person, is_bound=False)
                times = in_turn(bound, plain, rounds=ROUNDS, warm=2)
                yield _figure(f"{name}: {what}, with row-level security", times[0], times[1], "without", None, about)


@contextmanager
def hardened() -> Iterator[Callable[..., Run]]:
    """Policies on the tables; ``switch(run, reader)`` runs as a role that they bind, inside the reader's session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [ROLE])
        if not cursor.fetchone()[0]:
            cursor.execute(f"CREATE ROLE {ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS")
        row_security.lay()
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}")

    def switch(run: Run, reader: User, *, is_bound: bool = True) -> Run:
        def bound() -> Any:
            # Both sides change their role, so that only the policies differ.
            with connection.cursor() as cursor:
                cursor.execute(f"SET ROLE {ROLE if is_bound else 'none'}")
            session.forget(connection)
            try:
                with access.session(reader):
                    return run()
            finally:
                with connection.cursor() as cursor:
                    cursor.execute("SET ROLE none")
                session.forget(connection)

        return bound

    try:
        yield switch
    finally:
        row_security.remove()
