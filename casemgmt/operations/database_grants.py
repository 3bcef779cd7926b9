"""What each role may do in the tables on PostgreSQL: the application, the sealer, and the auditor.

The application adds to ledger and histories and changes nothing there; the sealer reads events and adds the seal over
them; the auditor reads ledger and heads, no survivor's table, and adds what reading records. Everything follows from
the guards' manifest (``audit.protection``), so a new history or a new table of the ledger is named by its guard. The
names of the roles stand in a comment on the events' table, so that a migration can give new tables their grants.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction
from psycopg import sql

from audit.models import (
    Anchor,
    Change,
    Checkpoint,
    Event,
    EventCase,
    EventDetail,
    Leaf,
    PrunedEvent,
    SeenHead,
    Stream,
    Tile,
)
from audit.protection import Guard, manifest
from casemgmt.crypto.router import KEYSTORE
from casemgmt.operations import row_security
from casemgmt.operations.errors import NotReady

Done = TypeVar("Done")
#: What PostgreSQL calls it when it ended one of two that waited for each other; and the rests after our tries, in seconds.
_DEADLOCK, RESTS = "40P01", (0.5, 1.0, 2.0, 0.0)

APPLICATION, SEALER, AUDITOR = "application", "sealer", "auditor"
KINDS = (APPLICATION, SEALER, AUDITOR)
#: Privilege → the columns it is given on, or nothing for the whole table.
Privileges = dict[str, tuple[str, ...] | None]
#: (table, column or nothing, privilege): one line of what a role may do.
Line = tuple[str, str, str]

_MIGRATIONS = "django_migrations"
_CRUD: Privileges = dict.fromkeys(("SELECT", "INSERT", "UPDATE", "DELETE"))
_READ: Privileges = {"SELECT": None}
_MARK = "haven roles: "
#: What the sealer and the auditor need of the key store: the ledger's own keys and what they are wrapped with, no case's.
_SHARED_KEYS = ("crypto_keyencryptionkey", "crypto_sharedkey", "crypto_keystoreversion")


def _table(model: Any) -> str:
    return str(model._meta.db_table)


#: What the sealer writes, and nobody else where it is a process of its own.
SEAL = tuple(map(_table, (Leaf, Tile, Checkpoint)))
#: What recording one event writes; the last by the database's own net.
RECORDING = tuple(map(_table, (Stream, Event, EventDetail, EventCase, Change)))
#: What is left of events whose period ended: without it nobody can follow a stream over the gap.
PRUNED = _table(PrunedEvent)
#: What the auditor's role reads: the ledger, and the heads that left the house.
LEDGER = (*RECORDING, *SEAL, PRUNED, *map(_table, (Anchor, SeenHead)))


# ---- what each may ----


def wanted(kind: str, alias: str = DEFAULT_DB_ALIAS) -> dict[str, Privileges]:
    """Table → what a role of this kind may do there. One query."""
    columns = _columns(alias)
    if alias == KEYSTORE:
        return {table: _in_key_store(kind, table) for table in columns if _in_key_store(kind, table)}
    if kind == APPLICATION:
        kept = dict(_kept(columns)) | dict.fromkeys(row_security.views(), _READ)
        return {table: _of_application(table, kept) for table in columns}
    reads = LEDGER if kind == AUDITOR else (*RECORDING[:3], *SEAL, PRUNED)
    adds = RECORDING if kind == AUDITOR else (*RECORDING, *SEAL)
    found: dict[str, Privileges] = {}
    for table in dict.fromkeys((*reads, *adds)):
        found[table] = (_READ if table in reads else {}) | ({"INSERT": columns[table]} if table in adds else {})
    return found


def _kept(columns: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, Privileges]]:
    """What the application may do in tables that only grow: add rows, never choosing their keys; and the named paths."""
    for guarded in manifest():
        adds: Privileges = {"SELECT": None, "INSERT": columns.get(guarded.table)}
        if guarded.guard == Guard.KEEP:
            if guarded.table in SEAL and not settings.SEAL_IN_WORKER:
                del adds["INSERT"]
            yield guarded.table, adds
        elif guarded.guard == Guard.ERASE:
            yield guarded.table, adds | {"UPDATE": ("content", "erased_at", "salt")}
        elif guarded.guard == Guard.REKEY:
            yield guarded.table, adds | {"UPDATE": guarded.sealed}
        elif guarded.guard == Guard.LINES:
            yield guarded.table, adds | {"DELETE": None}


def _of_application(table: str, kept: dict[str, Privileges]) -> Privileges:
    return _READ if table == _MIGRATIONS else kept.get(table, _CRUD)


def _in_key_store(kind: str, table: str) -> Privileges:
    if kind == APPLICATION:
        return _READ if table == _MIGRATIONS else _CRUD
    return _READ if table in _SHARED_KEYS else {}


def _columns(alias: str) -> dict[str, tuple[str, ...]]:
    """Each table and view with its columns, without those whose numbers the database gives."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, coalesce(array_agg(a.attname::text ORDER BY a.attname) FILTER (WHERE a.attidentity = ''), '{}') "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
            "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v') GROUP BY c.relname"
        )
        return {table: tuple(columns) for table, columns in cursor.fetchall()}


def _lines(of: dict[str, Privileges]) -> set[Line]:
    """The same as lines."""
    return {
        (table, column, privilege)
        for table, privileges in of.items()
        for privilege, columns in privileges.items()
        for column in (("",) if columns is None else columns)
    }


# ---- what each has ----


def live(role: str, alias: str = DEFAULT_DB_ALIAS) -> set[Line]:
    """What this role may do now, and what everybody may, as PostgreSQL's own lists say."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "WITH tables AS (SELECT c.oid, c.relname, c.relacl FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v')), "
            "asked AS (SELECT oid FROM pg_roles WHERE rolname = %s UNION SELECT 0::oid) "
            "SELECT t.relname, '', x.privilege_type FROM tables t, aclexplode(t.relacl) x "
            "WHERE x.grantee IN (SELECT oid FROM asked) "
            "UNION SELECT t.relname, a.attname, x.privilege_type FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid, "
            "aclexplode(a.attacl) x WHERE x.grantee IN (SELECT oid FROM asked)",
            [role],
        )
        return {(table, column, privilege) for table, column, privilege in cursor.fetchall()}


def give(role: str, kind: str, alias: str = DEFAULT_DB_ALIAS) -> bool:
    """Let a role do what its kind may, and nothing else. For the owner of the tables. Whether anything changed."""
    of = wanted(kind, alias)
    if live(role, alias) == _lines(of):
        return False
    despite_deadlocks(alias, lambda: _give(role, of, alias))
    return True


def _give(role: str, of: dict[str, Privileges], alias: str) -> None:
    name = sql.Identifier(role)
    hold_tables(alias)
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        place = sql.Identifier(cursor.fetchone()[0])
        for statement in (
            "REVOKE CREATE ON SCHEMA {place} FROM PUBLIC, {name}",
            "GRANT USAGE ON SCHEMA {place} TO {name}",
            "REVOKE ALL ON ALL TABLES IN SCHEMA {place} FROM PUBLIC, {name}",
        ):
            cursor.execute(sql.SQL(statement).format(place=place, name=name))
        for privileges, tables in _alike(of):
            words = sql.SQL(", ").join(_words(privilege, columns) for privilege, columns in privileges)
            names = sql.SQL(", ").join(map(sql.Identifier, tables))
            cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(words, names, name))


def hold_tables(alias: str) -> None:
    """Keep every table, in the order of its name, from being cleaned up or altered by others until the transaction ends.

    A right is a change of the table's row in the catalogue. A clean-up that had begun before would wait for that row and
    hold the table meanwhile, and the next statement about the table would wait for it: a deadlock. Nobody who reads or
    writes rows waits for this, and PostgreSQL's own clean-up gives way.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') ORDER BY c.relname"
        )
        names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in cursor.fetchall())
        cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE").format(names))


def despite_deadlocks(alias: str, work: Callable[[], Done]) -> Done:
    """Do it in a transaction, and anew where PostgreSQL ended that because somebody and we waited for each other.

    Inside another transaction once only: that one is over then. Raises NotReady after some tries.
    """
    if connections[alias].in_atomic_block:
        with transaction.atomic(using=alias):
            return work()
    for rest in RESTS:
        try:
            with transaction.atomic(using=alias):
                return work()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != _DEADLOCK:
                raise
            time.sleep(rest)
    raise NotReady(
        "Others work in the tables, and each time somebody and this command waited for each other. Nothing was changed. "
        "Run it again when less is going on."
    )


def _alike(of: dict[str, Privileges]) -> list[tuple[tuple[tuple[str, tuple[str, ...] | None], ...], list[str]]]:
    """Tables with the same privileges together: one statement for them."""
    found: dict[tuple[tuple[str, tuple[str, ...] | None], ...], list[str]] = {}
    for table, privileges in sorted(of.items()):
        if privileges:
            found.setdefault(tuple(sorted(privileges.items())), []).append(table)
    return list(found.items())


def _words(privilege: str, columns: Iterable[str] | None) -> sql.Composable:
    if columns is None:
        return sql.SQL(privilege)
    return sql.SQL("{} ({})").format(sql.SQL(privilege), sql.SQL(", ").join(map(sql.Identifier, columns)))


# ---- the names of the roles, and what is amiss with them ----


#: The table of each database whose comment names its roles.
_NAMED_ON = {DEFAULT_DB_ALIAS: _table(Event), KEYSTORE: "crypto_sharedkey"}


def roles(alias: str = DEFAULT_DB_ALIAS) -> dict[str, str]:
    """Kind → the role that this database was hardened for. Empty where it was not."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT coalesce(obj_description(to_regclass(%s), 'pg_class'), '')", [_NAMED_ON[alias]])
        text = str(cursor.fetchone()[0])
        named: dict[str, str] = json.loads(text.removeprefix(_MARK)) if text.startswith(_MARK) else {}
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(named.values())])
        there = {name for (name,) in cursor.fetchall()}
    return {kind: name for kind, name in named.items() if name in there}


def remember(named: dict[str, str], alias: str) -> None:
    """Write the names of the roles down. For the owner of the tables."""
    text = sql.Literal(_MARK + json.dumps(named, sort_keys=True))
    with connections[alias].cursor() as cursor:
        cursor.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(sql.Identifier(_NAMED_ON[alias]), text))


def problems() -> list[str]:
    """What the roles may beyond their work, or may not though they must, one sentence for each role and direction."""
    named = roles()
    if set(named) != set(KINDS):
        return ["The roles of application, sealer and auditor are not all named. Run harden_database again."]
    found = []
    for kind, role in named.items():
        has, may = live(role), _lines(wanted(kind))
        if has - may:
            found.append(f"The role {role} may {_some(has - may)}.")
        if may - has:
            found.append(f"The role {role} may not {_some(may - has)}.")
    return found


def _some(lines: set[Line]) -> str:
    named = [f"{privilege} {table}{f'.{column}' if column else ''}" for table, column, privilege in sorted(lines)]
    return ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")


def give_after_migrate(using: str, **_arguments: Any) -> None:
    """After the last app of a migration: new tables are given to the roles of a hardened database, each in its measure."""
    if using in _NAMED_ON and connections[using].vendor == "postgresql":
        for kind, role in roles(using).items():
            give(role, kind, using)
