"""What was written for speed decides as the plain rule does: few rows asked one by one, ranges of dates, kept texts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit import clock
from casemgmt.access import compiled
from casemgmt.access.sections import READ_CARD, Section, read, write
from casemgmt.accounts.models import User
from cases import access
from cases.access import dates
from cases.actions.tasks import add_task
from cases.actions.walls import place_wall, restrict_case
from cases.desk import Standing
from cases.models import Case, Due
from tests import make
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


@pytest.fixture
def several(cast: Cast) -> list[Case]:
    """Cases of two houses: open, walled from Gita, restricted to those named."""
    team = cast.team_of("amina")
    made = [make.case(cast.amina, team) for _ in range(3)]
    make.colleague(made[0], cast.bea, cast.gita, "CLINICAL")
    make.colleague(made[1], cast.bea, cast.gita, "CLINICAL")
    place_wall(actor=cast.bea, now=clock.now(), case_uid=made[1].uid, person=cast.gita)
    restrict_case(actor=cast.bea, now=clock.now(), case_uid=made[2].uid, is_restricted=True)
    return [*made, make.case(cast.dana, cast.team_of("dana"))]


def everybody(cast: Cast) -> list[User]:
    return [cast.amina, cast.bea, cast.gita, cast.dana, cast.elif_, cast.chidi, cast.mara, cast.hugo]


def test_few_rows_asked_one_by_one_are_those_of_the_rule(cast: Cast, several: list[Case]) -> None:
    seen = 0
    for person in everybody(cast):
        for permission in (READ_CARD, write(Section.DUTIES), read(Section.HEALTH)):
            plain = set(access.visible(Case, person, permission).values_list("pk", flat=True))
            asked = access.for_the_house(Case).filter(access.opened_by(person, permission, "pk"))
            assert set(asked.values_list("pk", flat=True)) == plain, (person, permission)
            seen += len(plain)
    assert seen > 6, "somebody sees something, or nothing was compared"
    resting = cast.amina
    resting.is_active = False
    assert not access.for_the_house(Case).filter(access.opened_by(resting, READ_CARD, "pk")).exists()


def test_standings_looked_up_for_many_are_those_of_each(cast: Cast, several: list[Case]) -> None:
    """Somebody else's house, walls, restricted cases and roles of a house; with hardly more queries for four than for one."""

    def says(standing: Standing) -> dict[str, bool]:
        facts = vars(standing) | {name: getattr(standing, name) for name in ("may_wall", "may_approve", "sees")}
        return {name: value for name, value in facts.items() if isinstance(value, bool)}

    now, told = clock.now(), set()
    for person in [*everybody(cast), cast.kemi, cast.jonas]:
        each = Standing.of_each(person, several, at=now)
        assert list(each) == [case.pk for case in several]
        for case in several:
            assert says(each[case.pk]) == says(Standing(person, case, at=now)), (person.name, case.number)
            told |= {name for name, value in says(each[case.pk]).items() if value}
    assert told >= {"is_privacy_officer", "writes_duties", "supervises", "may_wall", "may_approve", "sees"}
    bea = User.objects.get(pk=cast.bea.pk)
    bea.roles_at(now)
    with CaptureQueriesContext(connection) as one:
        Standing.of_each(bea, several[:1], at=now)
    with CaptureQueriesContext(connection) as four:
        assert sum(says(each)["supervises"] for each in Standing.of_each(bea, several, at=now).values()) > 1
    # Walls and grounds that were lent are asked once for all, and for none where the first case needs neither.
    assert len(four) <= len(one) + 2, [query["sql"] for query in four]


def test_a_section_is_held_by_the_key_of_its_own_permission_and_no_other(cast: Cast, several: list[Case]) -> None:
    for person in everybody(cast):
        found = set(access.visible(Due, person, None).values_list("case_id", "section", "pk"))
        held = access.holdings(person, several)
        for due in access.for_the_house(Due).filter(case__in=several):
            holding = held.get(due.case_id)
            is_hers = holding is not None and holding.holds(due.section, due.matter_uid)
            assert ((due.case_id, due.section, due.pk) in found) == is_hers, (person, due.section)


@pytest.mark.parametrize("near", [1, 3, 100])
def test_the_first_dates_are_the_first_of_the_rule_however_many_are_looked_at(cast, several, near, monkeypatch) -> None:
    monkeypatch.setattr(dates, "_NEAR", near)
    today = timezone.localdate()
    for case, days in ((several[0], 9), (several[2], 3), (several[0], 1)):
        add_task(
            actor=cast.amina, now=clock.now(), case_uid=case.uid, title="Wagtailina", due_on=today - timedelta(days=days)
        )  # fmt: skip
    everything = Q(case__in=several)
    late = access.for_the_house(Due).filter(everything, done_at__isnull=True, due_on__lte=today)
    assert late.count() > 4
    for person in everybody(cast):
        rows = access.visible(Due, person, None).filter(everything, done_at__isnull=True, due_on__lte=today)
        plain = list(rows.order_by("due_on", "-case", "-pk").values_list("pk", flat=True))
        for at_most in (1, 2, 50):
            first = access.first_dates(person, everything, today, at_most)
            assert [due.pk for due in first] == plain[:at_most], (person, at_most)


def test_a_kept_text_names_its_constants_and_never_who_reads_or_when() -> None:
    """PostgreSQL plans it once, without its values; on SQLite nothing is planned by them."""
    asked = "SELECT 1 WHERE a = %s AND b IN (%s, %s) AND c LIKE '%%x' AND d > %s AND e = %s AND f = %s"
    sql, left = compiled.told(
        asked,
        [compiled.READER, Section.LEGAL, "it's 100%", compiled.MOMENT, compiled.THESE, compiled.stand_in_groups(2)[1]],
    )
    if connection.vendor != "postgresql":
        assert sql == asked and len(left) == 6
        return
    assert "b IN ('LEGAL', 'it''s 100%%')" in sql and sql.count("%s") == 4 and "LIKE '%%x'" in sql
    assert left == (compiled.READER, compiled.MOMENT, compiled.THESE, compiled.stand_in_groups(2)[1])
