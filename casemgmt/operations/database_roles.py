"""Two roles on PostgreSQL: the owner makes and migrates the tables, the application only works in them.

Policies do not bind the owner of a table, so an application that signs in as the owner has no second wall.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from psycopg import sql

from casemgmt.access.session import forget
from casemgmt.operations import row_security
from casemgmt.operations.errors import NotReady

_WORKS_WITH = "SELECT, INSERT, UPDATE, DELETE"


@contextmanager
def as_owner(alias: str) -> Iterator[None]:
    """Talk to a database as its owner, where the settings name one (OWNER_DATABASE_URL, OWNER_KEYSTORE_URL)."""
    owner = settings.DATABASE_OWNERS.get(alias)
    if not owner:
        yield
        return
    connection = connections[alias]
    kept = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD", "HOST", "PORT")}
    connection.close()
    connection.settings_dict.update({name: owner[name] for name in kept})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(kept)


def harden(role: str, password: str = "") -> list[str]:
    """Make the application's role and give it what its work needs, then lay the policies. What was done, in words.

    Nothing where all of it stands already. For the owner of the tables, inside ``as_owner``. Raises NotReady.
    """
    done: list[str] = []
    with transaction.atomic(using=DEFAULT_DB_ALIAS):
        _demand_owner(DEFAULT_DB_ALIAS)
        if _make_role(role, password):
            done.append(f"Made the role {role}.")
        if _grant(DEFAULT_DB_ALIAS, role):
            done.append(f"Gave {role} what its work needs in the main database.")
        if row_security.problems():
            row_security.lay()
            done.append(f"Laid the policies on {len(row_security.guarded_tables())} tables.")
        found = row_security.problems()
        if found:
            raise NotReady(" ".join(found[:3]))
    if connections["keystore"].vendor == "postgresql":
        with transaction.atomic(using="keystore"):
            _demand_owner("keystore")
            if _grant("keystore", role):
                done.append(f"Gave {role} what its work needs in the key store.")
    forget(connections[DEFAULT_DB_ALIAS])
    return done


def _demand_owner(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE NOT pg_has_role(current_user, relowner, 'USAGE')) FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND relkind IN ('r', 'p')"
        )
        tables, foreign = cursor.fetchone()
    if not tables:
        raise NotReady("There are no tables yet. Run “manage.py prepare” first.")
    if foreign:
        raise NotReady("Only the owner of the tables can do this. Name the owner in OWNER_DATABASE_URL.")


def _make_role(role: str, password: str) -> bool:
    """Make the role where it is missing; refuse one that no policy would bind. Whether it was made."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = %s", [role])
        row = cursor.fetchone()
        if row is None:
            options: sql.Composable = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION")
            if password:
                # Sent as SCRAM makes it: the statement may stand in the server's log.
                secret = connection.connection.pgconn.encrypt_password(
                    password.encode(), role.encode(), b"scram-sha-256"
                )
                options += sql.SQL(" PASSWORD {}").format(sql.Literal(secret.decode()))
            cursor.execute(sql.SQL("CREATE ROLE {} ").format(sql.Identifier(role)) + options)
            return True
        cursor.execute("SELECT pg_has_role(%s, current_user, 'MEMBER')", [role])
        if row[0] or cursor.fetchone()[0]:
            raise NotReady(
                f"No policy would bind the role {role}: it is, or may become, more than an application should be."
            )
    return False


def _grant(alias: str, role: str) -> bool:
    """Let the role work in every table, now and later, and change none. Whether anything was missing."""
    name = sql.Identifier(role)
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(has_table_privilege(%s, c.oid, 'SELECT') AND (relkind = 'v' OR relname = 'django_migrations' "
            "OR has_table_privilege(%s, c.oid, 'UPDATE'))), has_schema_privilege(%s, current_schema(), 'CREATE'), "
            "has_table_privilege(%s, 'django_migrations', 'INSERT'), current_schema() FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = current_schema() AND relkind IN ('r', 'p', 'v')",
            [role] * 4,
        )
        has_all, may_create, may_migrate, schema = cursor.fetchone()
        if has_all and not may_create and not may_migrate:
            return False
        place = sql.Identifier(schema)
        for statement in (
            "REVOKE CREATE ON SCHEMA {place} FROM PUBLIC, {name}",
            "GRANT USAGE ON SCHEMA {place} TO {name}",
            f"GRANT {_WORKS_WITH} ON ALL TABLES IN SCHEMA {{place}} TO {{name}}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {place} TO {name}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {{place}} GRANT {_WORKS_WITH} ON TABLES TO {{name}}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA {place} GRANT USAGE, SELECT ON SEQUENCES TO {name}",
            "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {name}",
        ):
            cursor.execute(sql.SQL(statement).format(place=place, name=name))
    return True
