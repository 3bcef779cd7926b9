"""``manage.py harden_database`` on a real PostgreSQL: two roles that really sign in, and migrations by the owner."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import ProgrammingError, connections
from django.test import override_settings

from audit.context import audit_context
from audit.models import Event
from casemgmt.access.session import as_reader, for_nobody
from casemgmt.operations import row_security
from casemgmt.operations.database_roles import as_owner
from cases.models import Case
from tests import make
from tests.cast import Cast
from tests.operations.hardened import PASSWORD, Roles, committed_cast, roles, signed_in_as  # noqa: F401  fixtures

pytestmark = pytest.mark.postgresql


def test_from_one_role_to_two(committed_cast: Cast, roles: Roles, tmp_path: Path) -> None:  # noqa: F811
    """One story, because each step stands on the one before."""
    cast = committed_cast
    with audit_context("test", "a case"):
        case = make.case(cast.amina, cast.team_of("amina"))
    with pytest.raises(CommandError):
        call_command("harden_database", "--check", stderr=io.StringIO())
    with pytest.raises(CommandError, match="small letters"):
        call_command("harden_database", "--role", 'x"; DROP')
    with pytest.raises(CommandError, match="a name of its own"):
        call_command("harden_database", "--role", roles.sealer, "--sealer", roles.sealer)

    said = roles.harden_with_passwords(tmp_path)
    for role in (roles.application, roles.sealer, roles.auditor):
        assert f"Made the role {role}" in said
    assert PASSWORD not in said
    assert Event.objects.filter(verb="CONFIGURATION_CHANGED").count() == 1
    assert "nothing was changed" in roles.harden()
    assert Event.objects.filter(verb="CONFIGURATION_CHANGED").count() == 1

    with signed_in_as(roles.application) as owner, override_settings(DATABASE_OWNERS=owner):
        _as_the_application(cast, case, roles.application)


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
