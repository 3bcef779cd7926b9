"""``manage.py harden_database`` on a real PostgreSQL: two roles that really sign in, and migrations by the owner."""

import io
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import ProgrammingError, connections
from django.test import override_settings

from audit.context import audit_context
from audit.models import Event
from casemgmt.access.session import as_reader, for_nobody
from casemgmt.crypto import keyring
from casemgmt.operations import row_security
from casemgmt.operations.database_roles import as_owner
from cases.models import Case
from tests import make, postgres
from tests.cast import Cast

pytestmark = pytest.mark.postgresql
PASSWORD = "a password for a test"


@pytest.fixture(scope="module")
def role() -> str:
    return f"haven_app_{secrets.token_hex(3)}"


@pytest.fixture(scope="module")
def cast(django_db_blocker: Any, role: str) -> Iterator[Cast]:
    """The cast in two databases of its own, in which rows are really committed."""
    if connections["default"].vendor != "postgresql":
        pytest.skip("Roles and policies are a matter of PostgreSQL.")
    with django_db_blocker.unblock():
        connections.close_all()
        keyring.forget()
        kept = {alias: dict(connections[alias].settings_dict) for alias in connections}
        for alias in kept:
            connections[alias].settings_dict["NAME"] = f"hard_{secrets.token_hex(4)}"
            postgres.create_database(connections[alias].settings_dict["NAME"])
        made = {alias: connections[alias].settings_dict["NAME"] for alias in kept}
        try:
            for alias in reversed(kept):
                call_command("migrate", database=alias, run_syncdb=True, verbosity=0)
            Cast.make()
            yield Cast()
        finally:
            connections.close_all()
            keyring.forget()
            for alias, options in kept.items():
                connections[alias].settings_dict.update(options)
                postgres.drop_database(made[alias])
            with psycopg.connect(f"{postgres.throwaway_cluster()}/postgres", autocommit=True) as connection:
                connection.execute(f"DROP ROLE IF EXISTS {role}")


def _harden(role: str, *more: str) -> str:
    said = io.StringIO()
    call_command("harden_database", "--role", role, *more, stdout=said, stderr=said)
    return said.getvalue()


def test_from_one_role_to_two(cast: Cast, role: str, tmp_path: Path) -> None:
    """One story, because each step stands on the one before."""
    with audit_context("test", "a case"):
        case = make.case(cast.amina, cast.team_of("amina"))
    secret = tmp_path / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("harden_database", "--check", stderr=io.StringIO())
    with pytest.raises(CommandError, match="small letters"):
        _harden('x"; DROP')

    said = _harden(role, "--password-file", str(secret))
    assert f"Made the role {role}" in said and PASSWORD not in said
    assert Event.objects.filter(verb="CONFIGURATION_CHANGED").count() == 1
    assert "nothing was changed" in _harden(role)
    assert Event.objects.filter(verb="CONFIGURATION_CHANGED").count() == 1

    owner = {alias: dict(connections[alias].settings_dict) for alias in ("default", "keystore")}
    for alias in owner:
        connections[alias].close()
        connections[alias].settings_dict.update(USER=role, PASSWORD=PASSWORD)
    keyring.forget()
    try:
        with override_settings(DATABASE_OWNERS=owner):
            _as_the_application(cast, case, role)
    finally:
        connections.close_all()
        for alias, options in owner.items():
            connections[alias].settings_dict.update(options)


def _as_the_application(cast: Cast, case: Case, role: str) -> None:
    assert row_security.problems() == [] == row_security.role_problems()
    call_command("harden_database", "--check", stdout=io.StringIO())
    with as_reader(cast.amina):
        assert Case._base_manager.filter(pk=case.pk).exists()
    for reader in (as_reader(cast.dana), for_nobody()):
        with reader:
            assert not Case._base_manager.exists()
    with audit_context("test", "work goes on"):
        new = make.case(cast.dana, cast.team_of("dana"))
    with as_reader(cast.dana):
        assert set(Case._base_manager.values_list("pk", flat=True)) == {new.pk}
    for statement in (
        "ALTER TABLE cases_case DISABLE ROW LEVEL SECURITY",
        "DROP POLICY haven_read ON cases_case",
        "CREATE TABLE mine (id int)",
        "TRUNCATE cases_case CASCADE",
        "DELETE FROM django_migrations",
        "SET ROLE haven",
    ):
        with pytest.raises(ProgrammingError), connections["default"].cursor() as cursor:
            cursor.execute(statement)
    with as_owner("default"):
        call_command("migrate", database="default", run_syncdb=True, verbosity=0)
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone()[0] != role
    assert row_security.problems() == [] and row_security.is_laid()
    with as_reader(cast.amina):
        assert set(Case._base_manager.values_list("pk", flat=True)) == {case.pk}


@pytest.mark.skipif(connections["default"].vendor == "postgresql", reason="This is about SQLite.")
@pytest.mark.django_db(databases=["default", "keystore"])
def test_sqlite_has_no_such_wall() -> None:
    with pytest.raises(CommandError, match="PostgreSQL"):
        call_command("harden_database")
    assert not row_security.is_laid()
