"""The second wall, table by table: with no door at all, no reader gets a row of a case that is not hers."""

from typing import Any

import pytest
from django.db import connection

from audit import clock
from audit.history import history_model_of
from casemgmt.access.session import as_reader
from casemgmt.accounts.choices import OrganisationKind
from casemgmt.accounts.models import Organisation, Team, User
from casemgmt.crypto import keyring
from casemgmt.operations import row_security
from cases.models import Case, HouseContact, Proceeding, SharedMapping, TextTemplate
from tests.cast import Cast
from tests.house.world import World, south, world  # noqa: F401  fixtures
from tests.operations.row_security_role import as_bound_role, lay_policies

pytestmark = [
    pytest.mark.sql,
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
    pytest.mark.postgresql,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="Policies are a matter of PostgreSQL."),
]


def _rows_of(case: Case) -> dict[str, int]:
    """How many rows each guarded table shows of this case."""
    found = {}
    with connection.cursor() as cursor:
        for guarded in row_security.guarded_tables():
            column = "id" if guarded.table in CASES else "case_id"
            if column in _columns(cursor, guarded.table) and _is_of_a_case(cursor, guarded.table):
                cursor.execute(f'SELECT count(*) FROM "{guarded.table}" WHERE {column} = %s', [case.pk])
                found[guarded.table] = cursor.fetchone()[0]
    return found


def _give_one_to_another_house() -> None:
    """Of callers and inquiries, one each that another organisation wrote down; and a proceeding and a contact of its own."""
    elsewhere = Organisation(name="Elsewhere", kind=OrganisationKind.SERVICE_PROVIDER, created_at=clock.now())
    elsewhere.save()
    shared = Proceeding(organisation=elsewhere, fingerprint=1, made_at=clock.now())
    keyring.create_case_keys(shared.uid, ["CORE"])
    shared.facts, shared.sides = {}, []
    shared.save()
    keyring.ensure_own_keys(elsewhere.uid)
    noted_by = User.objects.order_by("pk")[0]
    HouseContact(organisation=elsewhere, about={}, noted_at=clock.now(), noted_by=noted_by).save()
    TextTemplate(
        case_uid=elsewhere.uid, kind="LETTER", name="Letter", language="en", body="Dear …", changed_by=noted_by,
        changed_at=clock.now(),
    ).save()  # fmt: skip
    SharedMapping(
        organisation=elsewhere, team=Team.objects.order_by("pk")[0], content={}, shared_at=clock.now(), shared_by=noted_by
    ).save()  # fmt: skip
    with connection.cursor() as cursor:
        for table in ("cases_contact", "cases_inquiry"):
            cursor.execute(
                f'UPDATE "{table}" SET organisation_id = %s WHERE id = (SELECT min(id) FROM "{table}")', [elsewhere.pk]
            )


def _own_rows_of_others(reader: User) -> dict[str, int]:
    """How many rows each guarded table shows that are sealed for another person, or an organisation that is not hers."""
    found = {}
    with connection.cursor() as cursor:
        for guarded in row_security.guarded_tables():
            if not _is_of_a_case(cursor, guarded.table):
                # Callers and inquiries are the house's: each has a key of its own, and names the organisation.
                is_of_house = "organisation_id" in _columns(cursor, guarded.table)
                condition = "organisation_id <> %s" if is_of_house else "case_uid NOT IN (%s, %s)"
                own = [reader.organisation_id] if is_of_house else [reader.uid, reader.organisation.uid]
                cursor.execute(f'SELECT count(*) FROM "{guarded.table}" WHERE {condition}', own)
                found[guarded.table] = cursor.fetchone()[0]
    return found


def _columns(cursor: Any, table: str) -> set[str]:
    return {one.name for one in connection.introspection.get_table_description(cursor, table)}


def _is_of_a_case(cursor: Any, table: str) -> bool:
    return table in CASES or ("case_id" in _columns(cursor, table) and table not in ONES_OWN)


#: Sealed for whoever uploaded the sheet, also when the row has become a case.
ONES_OWN = ("cases_importrow",)
CASES = (Case._meta.db_table, history_model_of(Case)._meta.db_table)
#: Guarded tables in which the world of the matrix has nothing to show; a new table is filled there, or named here.
EMPTY = frozenset({"services_filing", "services_historicalfiling"})  # nobody holds the southern matter


def test_every_table_refuses_every_foreign_row(cast: Cast, world: World, south: Case) -> None:  # noqa: F811
    """Open queries, table by table, for a neighbour, an outsider, an administrator, a clinician; and all of it for its own."""
    _give_one_to_another_house()
    there = _rows_of(south)
    own = _own_rows_of_others(cast.dana)
    empty = {table for table, rows in (there | own).items() if not rows}
    assert empty == EMPTY, " ".join(sorted(empty ^ EMPTY))
    assert there.keys() | own.keys() == {one.table for one in row_security.guarded_tables()}
    lay_policies()
    for reader in (cast.amina, cast.chidi, cast.hugo, cast.farid, cast.gita):
        with as_bound_role(), as_reader(reader):
            shown = _rows_of(south) | _own_rows_of_others(reader)
        assert {table: rows for table, rows in shown.items() if rows} == {}, reader
    with as_bound_role(), as_reader(cast.dana):
        assert _rows_of(south) == there
        assert not any(_own_rows_of_others(cast.dana).values())
