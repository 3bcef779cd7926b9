"""Roles on PostgreSQL: the owner makes and migrates the tables; application, sealer and auditor only work in them.

Policies do not bind the owner of a table, so an application that signs in as the owner has no second wall.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import sql

from casemgmt.access.session import forget
from casemgmt.crypto import signing
from casemgmt.crypto.router import KEYSTORE
from casemgmt.operations import database_grants, row_security
from casemgmt.operations.database_grants import despite_deadlocks
from casemgmt.operations.errors import NotReady


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


def harden(named: dict[str, str], passwords: dict[str, str]) -> list[str]:
    """Make the roles (kind → name) and give each what its work needs, then lay the policies. What was done, in words.

    ``passwords``: kind → the password of a role that is to be made. Nothing is done where all of it stands already. For the
    owner of the tables, inside ``as_owner``. Raises NotReady.
    """
    if len(set(named.values())) < len(named):
        raise NotReady("Each role needs a name of its own: application, sealer and auditor are kept apart.")
    signing.signing_key()  # the sealer's role may make no key
    done = despite_deadlocks(DEFAULT_DB_ALIAS, lambda: _harden_main(named, passwords))
    if connections[KEYSTORE].vendor == "postgresql":
        done += despite_deadlocks(KEYSTORE, lambda: _harden_key_store(named))
    forget(connections[DEFAULT_DB_ALIAS])
    return done


def _harden_main(named: dict[str, str], passwords: dict[str, str]) -> list[str]:
    _demand_owner(DEFAULT_DB_ALIAS)
    database_grants.hold_tables(DEFAULT_DB_ALIAS)
    made = [role for kind, role in named.items() if _make_role(role, passwords.get(kind, ""))]
    done = [f"Made the role {role}." for role in made]
    _demand_apart(named)
    if row_security.problems():
        row_security.lay()
        done.append(f"Laid the policies on {len(row_security.guarded_tables())} tables.")
    done += _give(DEFAULT_DB_ALIAS, named, "the main database")
    found = [*row_security.problems(), *database_grants.problems()]
    if found:
        raise NotReady(" ".join(found[:3]))
    return done


def _harden_key_store(named: dict[str, str]) -> list[str]:
    _demand_owner(KEYSTORE)
    database_grants.hold_tables(KEYSTORE)
    return _give(KEYSTORE, named, "the key store")


def _give(alias: str, named: dict[str, str], place: str) -> list[str]:
    if database_grants.roles(alias) != named:
        database_grants.remember(named, alias)
    return [
        f"Gave {role} what its work needs in {place}."
        for kind, role in named.items()
        if database_grants.give(role, kind, alias)
    ]


def _demand_apart(named: dict[str, str]) -> None:
    """None of the roles may become another one: a sealer that may write like the application checks nobody."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        for role, other in permutations(named.values(), 2):
            cursor.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", [role, other])
            if cursor.fetchone()[0]:
                raise NotReady(f"The role {role} may become {other}. Revoke that, so that they are kept apart.")


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
