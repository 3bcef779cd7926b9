"""The second wall: on a real PostgreSQL the database itself refuses what the reader does not hold."""

import pytest
from django.apps import apps
from django.db import connection

from audit import clock
from casemgmt.access.session import as_reader, for_house, for_nobody
from casemgmt.crypto.fields import SealedField
from casemgmt.operations import row_security
from cases import access
from cases.actions.grants import revoke_access
from cases.models import Case, Note, Survivor
from tests import make
from tests.cast import Cast
from tests.operations.row_security_role import bound_by_policies

pytestmark = [
    pytest.mark.sql,
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
    pytest.mark.postgresql,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="Policies are a matter of PostgreSQL."),
]


@pytest.fixture
def case(cast: Cast) -> Case:
    return make.case(cast.amina, cast.team_of("amina"))


def _all_rows(model: type) -> set[int]:
    """An open queryset: what a page would read that forgot the door."""
    return set(model._base_manager.values_list("pk", flat=True))


def test_the_database_alone_shows_a_reader_what_she_holds(cast: Cast, case: Case) -> None:
    south = make.case(cast.dana, cast.team_of("dana"))
    with bound_by_policies():
        with as_reader(cast.amina):
            assert _all_rows(Case) == {case.pk}
            assert {row.case_id for row in Survivor._base_manager.all()} == {case.pk}
        with as_reader(cast.dana):
            assert _all_rows(Case) == {south.pk}
        with as_reader(cast.farid):
            assert _all_rows(Case) == set() == _all_rows(Survivor)
        with for_nobody():
            assert _all_rows(Case) == set()
        with for_house():
            assert _all_rows(Case) == {case.pk, south.pk}


def test_an_ended_access_ends_here_too(cast: Cast, case: Case) -> None:
    grant = make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    with bound_by_policies():
        with as_reader(cast.gita):
            assert _all_rows(Case) == {case.pk}
        revoke_access(actor=cast.bea, now=clock.now(), grant_uid=grant.uid)
        with as_reader(cast.gita):
            assert _all_rows(Case) == set()


def test_every_table_with_sealed_sections_has_its_policies(cast: Cast) -> None:
    row_security.lay()
    assert row_security.problems() == []
    tables = {one.table for one in row_security.guarded_tables()}
    assert {"cases_case", "cases_note", "services_hearing", Note.history.model._meta.db_table} <= tables
    with connection.cursor() as cursor:
        cursor.execute("ALTER POLICY haven_read ON cases_note USING (true)")
        assert row_security.problems() == ["The policy haven_read of cases_note is not as it must be."]
        cursor.execute("DROP POLICY haven_read ON cases_note")
        cursor.execute("ALTER TABLE cases_case DISABLE ROW LEVEL SECURITY")
    assert len(row_security.problems()) == 2
    row_security.lay()
    assert row_security.problems() == []


def test_a_function_of_the_rule_that_was_altered_is_named(cast: Cast) -> None:
    row_security.lay()
    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION haven_holds_matter(bigint) SECURITY DEFINER")
        cursor.execute(
            "CREATE OR REPLACE FUNCTION haven_holds_card(asked bigint) RETURNS boolean LANGUAGE plpgsql STABLE "
            "AS $$ BEGIN RETURN true; END $$"
        )
    assert row_security.problems() == [
        "The function haven_holds_card is not as it must be.",
        "The function haven_holds_matter is not as it must be.",
    ]
    row_security.lay()
    assert row_security.problems() == []


def test_a_view_of_an_earlier_release_goes(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE VIEW haven_held_cases AS SELECT id AS case_id FROM cases_case")
        row_security.lay()
        cursor.execute("SELECT to_regclass('haven_held_cases'), to_regclass('haven_own_cases')")
        before, now = cursor.fetchone()
    assert before is None and now == "haven_own_cases"


def test_no_table_with_sealed_columns_is_left_out() -> None:
    """The list comes from the models: whoever adds a table with sealed columns has its policy, or fails here by name."""
    ours = [model for model in apps.get_models() if not model._meta.app_config.name.startswith("tests.")]
    tables = {one._meta.db_table for one in ours if any(isinstance(field, SealedField) for field in one._meta.fields)}
    assert tables - {one.table for one in row_security.guarded_tables()} == set()
    assert len(tables) > 40


def test_a_table_without_its_policy_is_named(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is after a migration by hand, or a backup of a database that was never hardened."""
    row_security.lay()
    planted = row_security.Guarded("planted_table", "false")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE planted_table (id int)")
    known = row_security.guarded_tables()
    monkeypatch.setattr(row_security, "guarded_tables", lambda: [*known, planted])
    assert row_security.problems() == [
        "planted_table has no row-level security.",
        "The policy haven_read of planted_table is not as it must be.",
        "The policy haven_write of planted_table is not as it must be.",
    ]
    row_security.lay()
    assert row_security.problems() == []


def test_a_reader_writes_nothing_past_an_action(cast: Cast, case: Case) -> None:
    with bound_by_policies(), as_reader(cast.amina):
        assert Case._base_manager.filter(pk=case.pk).update(stage="LEGAL") == 0
    assert access.for_the_house(Case).get(pk=case.pk).stage != "LEGAL"
