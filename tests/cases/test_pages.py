"""Pages of the list of cases: the same cases as ``visible()`` in the same order, whichever way they are found."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from audit import clock
from casemgmt.access.sections import READ_CARD, Section, read
from casemgmt.accounts.models import User
from cases import access
from cases.access import pages
from cases.actions.grants import give_access, revoke_access
from cases.actions.walls import place_wall, restrict_case
from cases.choices.casework import CLOSED_STATUSES
from cases.choices.sharing import GrantKind
from cases.models import Case
from tests import make
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

OPEN = ~Q(status__in=CLOSED_STATUSES)


@pytest.fixture
def cases(cast: Cast) -> list[Case]:
    """Seven cases of Amina's with everything that decides: a team beside a person, two grants, a wall, a revocation."""
    found = [make.case(cast.amina, cast.team_of("amina")) for _number in range(7)]
    now, dana, team = clock.now(), cast.dana, cast.team_of("dana")
    for number in (0, 2, 3, 5):
        give_access(actor=cast.amina, now=now, case_uid=found[number].uid, kind=GrantKind.ASSIGNMENT, team=team)
    for number in (1, 2, 4):
        give_access(actor=cast.bea, now=now, case_uid=found[number].uid, kind=GrantKind.ASSIGNMENT, person=dana)
    gone = give_access(actor=cast.bea, now=now, case_uid=found[6].uid, kind=GrantKind.ASSIGNMENT, person=dana)
    revoke_access(actor=cast.bea, now=now, grant_uid=gone.uid)
    place_wall(actor=cast.bea, now=now, case_uid=found[4].uid, person=dana)
    restrict_case(actor=cast.amina, now=now, case_uid=found[3].uid, is_restricted=True)
    make.closed(found[1], cast.amina)
    return found


def _walk(reader: User, size: int, **narrowed: Any) -> list[int]:
    """The keys of all pages, one after the other."""
    keys: list[int] = []
    before = None
    while True:
        found, before = access.page(reader, READ_CARD, before=before, size=size, **narrowed)
        keys += [case.pk for case in found]
        if before is None:
            return keys
        assert len(found) == size


@pytest.mark.parametrize("merged_up_to", [pages.MERGED_UP_TO, 0], ids=["merged", "led by cases"])
@pytest.mark.parametrize("where", [None, OPEN], ids=["all", "open"])
def test_a_walk_finds_what_is_visible_once_and_newest_first(
    cast: Cast, cases: list[Case], monkeypatch: pytest.MonkeyPatch, merged_up_to: int, where: Q | None
) -> None:
    monkeypatch.setattr(pages, "MERGED_UP_TO", merged_up_to)
    for reader in (cast.amina, cast.bea, cast.dana, cast.elif_, cast.gita):
        rows = access.visible(Case, reader, READ_CARD)
        rows = rows.filter(where) if where is not None else rows
        wanted = list(rows.order_by("-pk").values_list("pk", flat=True))
        for size in (1, 2, 3, 50):
            assert _walk(reader, size, where=where) == wanted
    expected = [cases[number].pk for number in (5, 2, 1, 0)]
    assert _walk(cast.dana, 2) == expected
    assert _walk(cast.dana, 2, where=OPEN) == [key for key in expected if key != cases[1].pk]


def test_a_page_says_what_may_be_done_with_each(cast: Cast, cases: list[Case]) -> None:
    found, _more = access.page(cast.dana)
    assert [case.holding.may(read(Section.IDENTITY)) for case in found if case.holding] == [True] * 4
    assert access.page(cast.dana, where=Q(pk__in=[])) == ([], None)


def test_nobody_inactive_and_nobody_without_access_gets_a_page(cast: Cast, cases: list[Case]) -> None:
    assert access.page(cast.elif_) == ([], None)
    dana = cast.dana
    assert access.page(dana)[0]
    dana.is_active = False
    assert access.page(dana) == ([], None)


def test_a_page_asks_each_principal_for_no_more_than_it_shows(cast: Cast, cases: list[Case]) -> None:
    with CaptureQueriesContext(connection) as asked:
        access.page(cast.dana, size=2, with_holdings=False)
    merged = [one["sql"] for one in asked if "UNION" in one["sql"] and "LIMIT" in one["sql"]]
    assert len(merged) == 1
    assert merged[0].count("LIMIT 3") == 3  # her own rows, her team's, and the two together
    assert "OFFSET" not in merged[0] and "COUNT" not in merged[0]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps no plans")
def test_a_page_that_is_asked_again_and_again_is_planned_once(cast: Cast, cases: list[Case]) -> None:
    """And answers as before: with the plan that is kept, other keys, a later page, a right that has ended meanwhile."""
    everybody = (cast.amina, cast.bea, cast.dana)
    before = {reader.pk: _walk(reader, 2) for reader in everybody}
    for _time in range(12):
        assert {reader.pk: _walk(reader, 2) for reader in everybody} == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements")
        kept = dict(cursor.fetchall())
    for part in ("accounts_membership", "UNION", "lead_name"):
        assert any(part in statement and plans > 5 for statement, plans in kept.items()), (part, kept)
    place_wall(actor=cast.bea, now=clock.now(), case_uid=cases[2].uid, person=cast.dana)
    assert _walk(cast.dana, 2) == [key for key in before[cast.dana.pk] if key != cases[2].pk]
