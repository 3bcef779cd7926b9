"""What the database itself refuses, whoever asks: changes to the ledger, and writes that nobody accounts for.

Guards laid on tables by ``manifest()``:

* KEEP: no UPDATE, no DELETE, no TRUNCATE, no REPLACE. Events, streams, the seal over them, heads that left the house, and
  every history table. Where rows are of an event (KEEP and ERASE with ``prunes``), the named path (``audit.pruning``) may
  delete those of an event that has its leaf and has left a row in ``audit_prunedevent``; and it alone adds rows there
  (``path``).
* REKEY: the same, for histories with sealed columns: the named path (``audit.rekeying``) may put a ciphertext in the
  place of a ciphertext of an older key, of the same format and length, with the row's mark that covers them, and
  may touch nothing else of the row. Another (``audit.correcting``) may put the marker of a removal in the place of a
  ciphertext that was written into the wrong record, and touch nothing else either.
* SIGNED: of a live table whose model names ``set_once``: no DELETE, and no UPDATE but of those columns, from empty to
  something; and of ciphertexts, when they are put under a newer key of the same case or filled where there were none.
* CONTEXT: no write outside an action, a job or a command. Every table of the case room and the workshops, and
  those of reception that decide who belongs where.
* NET: every change leaves a line in a table of the ledger, with its transaction (``audit.net``); nothing is refused.
* ERASE: the same, but the named path (``audit.log.erase_detail``) may empty a row.
* LINES: of that table: no UPDATE, no DELETE but by the named path (``audit.net``), and no INSERT but by the net.
* APART: no row that may not meet another in one person: a role that watches the house, and access to a case.

Django's remake of a table on SQLite loses its triggers silently, so a migration takes all of ours off first and
puts the manifest's back at its end. ``check_protection`` compares what is there with the manifest.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

from casemgmt.crypto.sealing import ROW_MARK, has_mark, sealed_fields_of

from . import apart, authorizer, circumstances, net_tokens, triggers_postgresql, triggers_sqlite
from .history import AuditedModel, Version, history_model_of
from .models import (
    Anchor,
    Change,
    Checkpoint,
    Disposition,
    Event,
    EventCase,
    EventDetail,
    Hint,
    Leaf,
    PrunedEvent,
    SeenHead,
    Stream,
    Tile,
)

#: Tables of reception that decide who may open what.
RECEPTION = (
    "accounts.Organisation",
    "accounts.Team",
    "accounts.Membership",
    "accounts.RoleAssignment",
    "accounts.AccountState",
)
ROOMS = ("cases", "services")

_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|MERGE|WITH|TRUNCATE|COPY)\b", re.IGNORECASE)
#: Which named path is open: "", "erase", "rekey", "correct", "tidy" or "prune".
_path: ContextVar[str] = ContextVar("haven_path", default="")


class Guard(Enum):
    """What a table is guarded against."""

    KEEP = "keep"
    ERASE = "erase"
    REKEY = "rekey"
    CONTEXT = "context"
    SIGNED = "signed"
    APART = "apart"
    NET = "net"
    LINES = "lines"


@dataclass(frozen=True)
class Guarded:
    """One guard on one table. ``keys`` are its unique sets of columns, for the guard against REPLACE.

    ``sealed`` are the columns that REKEY and SIGNED let through, ``once`` those that SIGNED lets be set, ``plain`` all others.
    ``rule`` is what APART keeps apart. ``plain`` of NET is the key of a row, ``once`` what the net catches.
    ``prunes`` is the column that names the event of a row that may be pruned, ``path`` the named path that alone adds rows.
    """

    table: str
    guard: Guard
    keys: tuple[tuple[str, ...], ...] = field(default=())
    sealed: tuple[str, ...] = field(default=())
    plain: tuple[str, ...] = field(default=())
    once: tuple[str, ...] = field(default=())
    rule: apart.Apart | None = None
    prunes: str = ""
    path: str = ""


def manifest() -> list[Guarded]:
    """Every guard that must be in the main database, from the models themselves."""
    kept = (Stream, Leaf, Tile, Checkpoint, Anchor, SeenHead, Hint, Disposition)
    guards = [Guarded(model._meta.db_table, Guard.KEEP, _unique_sets(model)) for model in kept]
    guards.append(Guarded(PrunedEvent._meta.db_table, Guard.KEEP, _unique_sets(PrunedEvent), path="prune"))
    for kept_model, guard, column in (
        (Event, Guard.KEEP, "id"), (EventCase, Guard.KEEP, "event_id"), (EventDetail, Guard.ERASE, "event_id"),
    ):  # fmt: skip
        guards.append(Guarded(kept_model._meta.db_table, guard, _unique_sets(kept_model), prunes=column))
    for model in apps.get_models(include_auto_created=True):
        if hasattr(model._meta, "simple_history_manager_attribute"):
            versions = history_model_of(model)
            if issubclass(versions, Version):
                guards.append(_guard_of_history(versions))
        if hasattr(model, "set_once") and not issubclass(model, Version):
            guards.append(_guard_of_signed(model))
        if _needs_context(model):
            guards.append(Guarded(model._meta.db_table, Guard.CONTEXT))
    guards += [Guarded(rule.table, Guard.APART, rule=rule) for rule in apart.rules()]
    guards += [*_nets(), Guarded(Change._meta.db_table, Guard.LINES)]
    return sorted(guards, key=lambda guarded: (guarded.table, guarded.guard.value))


def _guard_of_signed(model: Any) -> Guarded:
    """SIGNED: what was signed or given out is never put right in place; a new record says what changed."""
    once = tuple(str(model._meta.get_field(name).column) for name in model.set_once)
    sealed = tuple(str(column.column) for column in sealed_fields_of(model))
    if has_mark(model):
        sealed = (*sealed, ROW_MARK)
    columns = (str(column.column) for column in model._meta.concrete_fields)
    plain = tuple(column for column in columns if column not in (*sealed, *once))
    return Guarded(model._meta.db_table, Guard.SIGNED, sealed=sealed, plain=plain, once=once)


def _guard_of_history(versions: type[models.Model]) -> Guarded:
    """KEEP, and REKEY where there are ciphertexts."""
    table, keys = versions._meta.db_table, _unique_sets(versions)
    sealed = tuple(str(column.column) for column in sealed_fields_of(versions))
    if not sealed:
        return Guarded(table, Guard.KEEP, keys)
    if has_mark(versions):
        sealed = (*sealed, ROW_MARK)  # it covers the ciphertexts, so it changes with them
    plain = tuple(str(column.column) for column in versions._meta.concrete_fields if str(column.column) not in sealed)
    return Guarded(table, Guard.REKEY, keys, sealed, plain)


def _nets() -> Iterator[Guarded]:
    """NET on every record with a history, on its versions, on whatever gives permissions, and on the events."""
    yield _net(Event, "INSERT")
    for model in apps.get_models(include_auto_created=True):
        has_history = hasattr(model._meta, "simple_history_manager_attribute")
        if has_history or gives_permissions(model):
            yield _net(model, "INSERT", "UPDATE", "DELETE")
        if has_history:
            yield _net(history_model_of(model), "UPDATE", "DELETE")  # an added one is named by an event, or found


def _net(model: type[models.Model], *operations: str) -> Guarded:
    return Guarded(model._meta.db_table, Guard.NET, plain=(str(model._meta.pk.column),), once=operations)


def gives_permissions(model: type[models.Model]) -> bool:
    """Whether rows of this table, which has no history, let somebody do something: objects, groups, roles."""
    if model._meta.auto_created:
        return True  # a table between two others
    names = {column.name for column in model._meta.concrete_fields}
    return model._meta.managed and "permission" in names and bool(names & {"user", "group"})


def _needs_context(model: type[models.Model]) -> bool:
    """Whether somebody must account for a write to this table."""
    return model._meta.managed and (
        model._meta.app_label in ROOMS or model._meta.label in RECEPTION or issubclass(model, AuditedModel)
    )


def _unique_sets(model: type[models.Model]) -> tuple[tuple[str, ...], ...]:
    """The sets of columns of which the database allows each value once."""
    single = [(str(f.column),) for f in model._meta.concrete_fields if f.primary_key or f.unique]
    several = [
        tuple(str(model._meta.get_field(name).column) for name in constraint.fields)  # type: ignore[union-attr]
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields and constraint.condition is None
    ]
    return tuple(dict.fromkeys([*single, *several]))


# ---- laying the guards, and taking them off ----


def install(alias: str = DEFAULT_DB_ALIAS) -> None:
    """Take off what is there and lay the manifest's guards on the tables that exist."""
    connection = connections[alias]
    dialect = _dialect(connection)
    existing = set(connection.introspection.table_names())
    guards = [guarded for guarded in manifest() if guarded.table in existing]
    with authorizer.lifted(connection), transaction.atomic(using=alias), connection.cursor() as cursor:
        for statement in dialect.drop_statements(cursor):
            cursor.execute(statement)
        for statement in dialect.create_statements(guards):
            cursor.execute(statement)


def remove(alias: str = DEFAULT_DB_ALIAS) -> None:
    """Take all our guards off: for migrations alone."""
    connection = connections[alias]
    with authorizer.lifted(connection), transaction.atomic(using=alias), connection.cursor() as cursor:
        for statement in _dialect(connection).drop_statements(cursor):
            cursor.execute(statement)


def check_protection(alias: str = DEFAULT_DB_ALIAS) -> list[str]:
    """What is missing, foreign or altered among the guards, one sentence each; empty where all is well."""
    connection = connections[alias]
    dialect = _dialect(connection)
    guards = manifest()
    expected = dialect.expected(guards)
    with connection.cursor() as cursor:
        live = dialect.live(cursor)
        foreign = dialect.foreign(cursor, {guarded.table for guarded in guards})
    problems = [f"{name} is not ours, and may keep rows from being written." for name in foreign]
    problems += [f"The guard {name} is missing." for name in sorted(expected.keys() - live.keys())]
    problems += [f"The guard {name} is not in the manifest." for name in sorted(live.keys() - expected.keys())]
    problems += [
        f"The guard {name} is not what the manifest says."
        for name in sorted(expected.keys() & live.keys())
        if expected[name] != live[name]
    ]
    return problems


def _dialect(connection: Any) -> Any:
    """How this engine says it."""
    return triggers_postgresql if connection.vendor == "postgresql" else triggers_sqlite


def drop_before_migrate(using: str, **_arguments: Any) -> None:
    """Before a migration of the main database: a remade table would lose its triggers, or die on them."""
    if using == DEFAULT_DB_ALIAS:
        authorizer.lift(connections[using], "migration")  # sent for each app
        remove(using)


def create_after_migrate(using: str, **_arguments: Any) -> None:
    """After the last app of a migration: lay the guards again."""
    if using == DEFAULT_DB_ALIAS:
        install(using)
        authorizer.lower(connections[using], "migration")


# ---- what a connection knows ----


def prepare_connection(connection: Any, **_arguments: Any) -> None:
    """Teach a new connection to answer the guards: functions on SQLite, settings of the transaction on PostgreSQL.

    A connection that Haven did not open has neither, so its writes are refused.
    """
    if connection.vendor == "sqlite":
        connection.connection.create_function("haven_may_write", 0, _may_write)
        connection.connection.create_function("haven_may_erase", 0, _may_erase)
        connection.connection.create_function("haven_may_rekey", 0, _may_rekey)
        connection.connection.create_function("haven_may_correct", 0, lambda: int(_path.get() == "correct"))
        connection.connection.create_function("haven_may_tidy", 0, lambda: int(_path.get() == "tidy"))
        connection.connection.create_function("haven_may_prune", 0, lambda: int(_path.get() == "prune"))
        connection.connection.create_function("haven_context", 0, _label)
        connection.connection.create_function("haven_transaction", 0, net_tokens.of(connection))
        authorizer.bind(connection)
    elif _announce not in connection.execute_wrappers:
        connection.execute_wrappers.append(_announce)


def _may_write() -> int:
    """1 where somebody accounts for a write now."""
    running = circumstances.current()
    return int(running is not None and running.may_write)


def _label() -> str:
    """Who accounts for a write now; empty where nobody does."""
    running = circumstances.current()
    return "" if running is None else running.label


def _may_erase() -> int:
    """1 inside the path that empties details."""
    return int(_path.get() == "erase")


def _may_rekey() -> int:
    """1 inside the path that puts ciphertexts under a newer key."""
    return int(_path.get() == "rekey")


@contextmanager
def erasing() -> Iterator[None]:
    """The named path that empties details; for ``erase_detail`` alone."""
    with _opened("erase"):
        yield


@contextmanager
def rekeying() -> Iterator[None]:
    """The named path through the REKEY guard; for ``audit.rekeying`` alone."""
    with _opened("rekey"):
        yield


@contextmanager
def correcting() -> Iterator[None]:
    """The named path through the REKEY guard that puts markers of removals; for ``audit.correcting`` alone."""
    with _opened("correct"):
        yield


@contextmanager
def tidying() -> Iterator[None]:
    """The named path that takes verified lines out of the net; for ``audit.net`` alone."""
    with _opened("tidy"):
        yield


@contextmanager
def pruning() -> Iterator[None]:
    """The named path that takes pruned events out; for ``audit.pruning`` alone."""
    with _opened("prune"):
        yield


@contextmanager
def _opened(path: str) -> Iterator[None]:
    token = _path.set(path)
    try:
        yield
    finally:
        _path.reset(token)


def _announce(execute: Callable[..., Any], sql: Any, params: Any, many: bool, about: dict[str, Any]) -> Any:
    """On PostgreSQL: tell the transaction who accounts for it, before a statement that writes."""
    if not (isinstance(sql, str) and _WRITES.match(sql)):
        return execute(sql, params, many, about)
    connection = about["connection"]
    running = circumstances.current()
    label = running.label if running is not None and running.may_write else ""
    wanted = f"{label}|{_path.get()}"
    if connection.in_atomic_block:
        _tell_transaction(connection, wanted)
        return execute(sql, params, many, about)
    triggers_postgresql.tell(connection, wanted, local=False)
    try:
        return execute(sql, params, many, about)
    finally:
        triggers_postgresql.tell(connection, "|", local=False)


def _tell_transaction(connection: Any, wanted: str) -> None:
    """Set the transaction's own setting, once as long as it stays the same.

    Whether it still holds is read from Django's list of callbacks, which a rolled back savepoint shortens as
    it takes the setting back.
    """
    told: list[tuple[Callable[[], None], str]] = connection.__dict__.setdefault("haven_told", [])
    while told and not any(entry[1] is told[-1][0] for entry in reversed(connection.run_on_commit)):
        told.pop()
    if (told[-1][1] if told else "|") == wanted:
        return
    triggers_postgresql.tell(connection, wanted, local=True)

    def marker() -> None:
        """Nothing to do after the commit: the setting ends with the transaction."""

    transaction.on_commit(marker, using=connection.alias)
    told.append((marker, wanted))
