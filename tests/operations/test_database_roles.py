"""Application, sealer and auditor on a real PostgreSQL: each signs in, does its own work, and is refused anything else."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connections
from django.test import override_settings

from audit.context import audit_context
from audit.models import Event, Leaf
from audit.protection import Guard, manifest
from casemgmt.operations import bundles, database_grants, prepare
from casemgmt.operations.database_grants import LEDGER, PRUNED, RECORDING, SEAL
from casemgmt.operations.database_roles import as_owner
from casemgmt.operations.errors import NotReady
from tests import make
from tests.audit.bundling.scene import bundle, unpacked, verify
from tests.cast import Cast
from tests.operations.hardened import Roles, committed_cast, roles, signed_in_as  # noqa: F401  fixtures

pytestmark = pytest.mark.postgresql

#: What an insider tries on a table that only grows, as whoever the application signs in as.
ON_EACH_TABLE = (
    'UPDATE "{table}" SET "{key}" = "{key}"',
    'DELETE FROM "{table}"',
    'TRUNCATE "{table}" CASCADE',
    'DROP TABLE "{table}" CASCADE',
    'ALTER TABLE "{table}" DISABLE TRIGGER ALL',
    'ALTER TABLE "{table}" RENAME TO mine',
    'ALTER TABLE "{table}" ALTER "{key}" DROP NOT NULL',
    'DROP TRIGGER haven_keep_truncate ON "{table}"',
    'CREATE TRIGGER mine BEFORE INSERT ON "{table}" FOR EACH ROW EXECUTE FUNCTION haven_keep()',
    'CREATE RULE mine AS ON INSERT TO "{table}" DO INSTEAD NOTHING',
    'INSERT INTO "{table}" SELECT * FROM "{table}" ON CONFLICT ("{key}") DO UPDATE SET "{key}" = 1',
    "COPY \"{table}\" FROM PROGRAM 'true'",
    'SET session_replication_role = replica; DELETE FROM "{table}"',
)
ONCE = (
    "CREATE OR REPLACE FUNCTION haven_keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "DROP FUNCTION haven_keep() CASCADE",
    "INSERT INTO audit_event (id, uid) VALUES (1, gen_random_uuid())",
    "ALTER TABLE audit_event ALTER id RESTART WITH 1",
    "CREATE TABLE mine (id int)",
    "ALTER TABLE audit_event OWNER TO CURRENT_USER",
    "SET ROLE haven",
)


@pytest.fixture(scope="module")
def hardened(committed_cast: Cast, roles: Roles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:  # noqa: F811
    """A case in a hardened database, and something of every kind of row in the ledger."""
    with audit_context("test", "a case"):
        make.case(committed_cast.amina, committed_cast.team_of("amina"))
    call_command("audit_seal", "--once", stdout=io.StringIO())
    roles.harden_with_passwords(tmp_path_factory.mktemp("secret"))
    yield committed_cast


def refused(statement: str, alias: str = "default", parameters: object = None) -> str:
    """What the database says to a statement that it does not run."""
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute(statement, parameters)
    except DatabaseError as caught:
        return str(caught).splitlines()[0]
    return "nothing"


def is_by_right(words: str) -> bool:
    return "permission denied" in words or "must be owner" in words or "must be superuser" in words


def test_the_application_may_only_add_to_ledger_and_histories(hardened: Cast, roles: Roles) -> None:  # noqa: F811
    kept = [one for one in manifest() if one.guard in (Guard.KEEP, Guard.ERASE, Guard.REKEY)]
    assert len(kept) > 40
    with signed_in_as(roles.application):
        for guarded in kept:
            for statement in ON_EACH_TABLE:
                said = refused(statement.format(table=guarded.table, key=guarded.keys[0][0]))
                assert is_by_right(said) or "is append-only" in said, (guarded.table, statement, said)
        for statement in ONCE:
            said = refused(statement)
            assert is_by_right(said), (statement, said)
        refused("GRANT ALL ON audit_event TO CURRENT_USER")  # PostgreSQL only warns that nothing was given
        assert database_grants.problems() == []
        with audit_context("test", "work goes on"):
            make.case(hardened.amina, hardened.team_of("amina"))


def test_the_sealer_seals_and_does_nothing_else(hardened: Cast, roles: Roles) -> None:  # noqa: F811
    waiting = Event.objects.filter(leaf__isnull=True).count()
    assert waiting
    said = io.StringIO()
    with signed_in_as(roles.sealer):
        call_command("audit_seal", "--once", stdout=said)
        assert f"{waiting} events were sealed" in said.getvalue()
        may = {("SELECT", table) for table in (*RECORDING[:3], *SEAL, PRUNED)}
        may |= {("INSERT", table) for table in (*RECORDING, *SEAL)}
        _demand_nothing_but(may)
        for statement in ("UPDATE audit_leaf SET hash = hash", "DELETE FROM audit_checkpoint", "TRUNCATE audit_tile",
                          "SELECT * FROM cases_case", "SELECT email FROM accounts_user",
                          "ALTER TABLE audit_event DISABLE TRIGGER ALL"):  # fmt: skip
            assert is_by_right(refused(statement)), statement
        _demand_only_shared_keys()
    assert not Event.objects.filter(leaf__isnull=True).exists()


def test_the_auditor_verifies_and_writes_only_that_it_was_read(hardened: Cast, roles: Roles) -> None:  # noqa: F811
    call_command("audit_seal", "--once", stdout=io.StringIO())
    said = io.StringIO()
    before = Event.objects.count()
    with signed_in_as(roles.auditor):
        call_command("audit_verify", stdout=said)
        may = {("SELECT", table) for table in LEDGER} | {("INSERT", table) for table in RECORDING}
        _demand_nothing_but(may)
        for statement in ("INSERT INTO audit_leaf (position, event_id, hash) VALUES (99999, 1, '')",
                          "DELETE FROM audit_change", "UPDATE audit_eventdetail SET content = NULL",
                          "SELECT * FROM cases_historicalsurvivor", "SELECT 1 FROM cases_survivor"):  # fmt: skip
            assert is_by_right(refused(statement)), statement
        _demand_only_shared_keys()
    assert "Records and their histories were left out" in said.getvalue()
    assert Event.objects.count() == before + 1
    assert Event.objects.latest("pk").verb == "LEDGER_VERIFIED"
    whole = io.StringIO()
    with signed_in_as(roles.application):
        call_command("audit_verify", stdout=whole)
    assert "history rows are whole" in whole.getvalue()


def test_a_bundle_is_made_by_the_house(hardened: Cast, roles: Roles, tmp_path: Path) -> None:  # noqa: F811
    """As the application it works; sealer and auditor may not ask whose right it is, and are told who may."""
    auditor = getattr(hardened, "elif")
    for role in (roles.auditor, roles.sealer):
        before = Event.objects.count()
        with signed_in_as(role), pytest.raises(CommandError, match="Let the house run audit_bundle"):
            bundle(tmp_path / "no.zip", auditor)
        assert not list(tmp_path.iterdir()) and Event.objects.count() == before
    with audit_context("test", "something that is not sealed yet"):
        make.case(hardened.amina, hardened.team_of("amina"))
    with signed_in_as(roles.application):
        bundle(tmp_path / "out.zip", auditor)
    status, told = verify(unpacked(tmp_path / "out.zip"))
    assert status == 0, told


def test_a_bundle_waits_for_the_sealer_where_only_he_may_seal(
    hardened: Cast,
    roles: Roles,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    auditor = getattr(hardened, "elif")
    with override_settings(SEAL_IN_WORKER=False):
        roles.harden()
        with audit_context("test", "something that is not sealed yet"):
            make.case(hardened.amina, hardened.team_of("amina"))
        waiting = Event.objects.filter(leaf__isnull=True).count()
        with signed_in_as(roles.application):
            monkeypatch.setattr(bundles, "PATIENCE", 0.0)
            with pytest.raises(CommandError, match=f"{waiting} events are not sealed yet"):
                bundle(tmp_path / "out.zip", auditor)
        assert not list(tmp_path.iterdir())
        with signed_in_as(roles.sealer):
            call_command("audit_seal", "--once", stdout=io.StringIO())
        with signed_in_as(roles.application):
            bundle(tmp_path / "out.zip", auditor)
    roles.harden()
    assert verify(unpacked(tmp_path / "out.zip"))[0] == 0


def _demand_nothing_but(may: set[tuple[str, str]]) -> None:
    """Of all tables there are: has this role any other right, on the table or on a column of it?"""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT p.name, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, "
            "unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) AS p(name) "
            "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v') "
            "AND (has_table_privilege(c.oid, p.name) OR (p.name IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') "
            "AND has_any_column_privilege(c.oid, p.name)))"
        )
        assert set(cursor.fetchall()) == may


def _demand_only_shared_keys() -> None:
    """The ledger's own keys can be read; no key of a case, and no key is made."""
    with connections["keystore"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM crypto_sharedkey")
        assert cursor.fetchone()[0]
    for statement in ("SELECT * FROM crypto_casekey", "DELETE FROM crypto_sharedkey",
                      "INSERT INTO crypto_sharedkey (name) VALUES ('x')", "TRUNCATE crypto_casekey"):  # fmt: skip
        assert is_by_right(refused(statement, "keystore")), statement


def test_where_the_sealer_is_a_process_the_application_seals_nothing(hardened: Cast, roles: Roles) -> None:  # noqa: F811
    with override_settings(SEAL_IN_WORKER=False):
        assert f"The role {roles.application} may INSERT" in database_grants.problems()[0]
        roles.harden()
        with signed_in_as(roles.application):
            assert is_by_right(refused("INSERT INTO audit_leaf (position, event_id, hash) VALUES (99999, 1, '')"))
            with pytest.raises(DatabaseError, match="permission denied"):
                call_command("audit_seal", "--once", stdout=io.StringIO())
        with signed_in_as(roles.sealer):
            call_command("audit_seal", "--once", stdout=io.StringIO())
    roles.harden()
    assert database_grants.problems() == []


def test_a_right_too_many_or_too_few_is_told_and_stops_the_start(hardened: Cast, roles: Roles) -> None:  # noqa: F811
    with connections["default"].cursor() as cursor:
        cursor.execute(f"GRANT UPDATE ON audit_event TO {roles.application}")
        cursor.execute(f"GRANT SELECT ON cases_survivor TO {roles.auditor}")
        cursor.execute(f"REVOKE INSERT ON audit_leaf FROM {roles.sealer}")
        cursor.execute("GRANT SELECT (number) ON cases_case TO PUBLIC")
    found = " ".join(database_grants.problems())
    for words in (f"{roles.application} may UPDATE audit_event, SELECT cases_case.number", f"{roles.sealer} may not INSERT",
                  f"{roles.auditor} may SELECT cases_case.number, SELECT cases_survivor"):  # fmt: skip
        assert words in found, found
    with pytest.raises(CommandError):
        call_command("harden_database", "--check", stderr=io.StringIO())
    with signed_in_as(roles.application) as owner, override_settings(DATABASE_OWNERS=owner):
        with pytest.raises(NotReady, match="may UPDATE audit_event"):
            prepare.demand_good_order(lambda _said: None)
        with as_owner("default"):  # what a migration ends with
            call_command("migrate", database="default", run_syncdb=True, verbosity=0)
        assert database_grants.problems() == []


def test_one_role_may_not_become_another(hardened: Cast, roles: Roles) -> None:  # noqa: F811
    with connections["default"].cursor() as cursor:
        cursor.execute(f"GRANT {roles.application} TO {roles.sealer}")
    try:
        with pytest.raises(CommandError, match="kept apart"):
            roles.harden()
    finally:
        with connections["default"].cursor() as cursor:
            cursor.execute(f"REVOKE {roles.application} FROM {roles.sealer}")
    assert Leaf.objects.exists()
