"""For whom the database reads: one reader while her page is made, the house in jobs and actions, otherwise nobody.

On PostgreSQL the policies of ``manage.py harden_database`` ask two settings of the transaction: ``haven.reader`` (a
person's uid) and ``haven.house``. Both end with the transaction, so a pooled connection never hands one reader's name
to the next. SQLite has no policies and is told nothing.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction

#: The settings that policies of the database read; empty outside a page, and outside jobs and actions.
SETTING = "haven.reader"
HOUSE_SETTING = "haven.house"

NOBODY, HOUSE = "", "*"
_reading: ContextVar[str] = ContextVar("haven_reading", default=NOBODY)

#: Statements that touch tables which may have policies.
_GUARDED = re.compile(r'"(?:cases|services)_|haven_(?:reader|held|own|team|holds)')
_TOLD, _HARDENED = "haven_reading_told", "haven_is_hardened"


@contextmanager
def _as(wanted: str) -> Iterator[None]:
    token = _reading.set(wanted)
    try:
        yield
    finally:
        _reading.reset(token)


def for_house() -> AbstractContextManager[None]:
    """Read for the house itself, until the block ends: an action under its lock, a job, a control that shows no value."""
    return _as(HOUSE)


def is_for_house() -> bool:
    """Whether the house itself reads now: an action, a job, a command."""
    return _reading.get() == HOUSE


def for_nobody() -> AbstractContextManager[None]:
    """Read for nobody: a request begins so, whatever ran on this thread before."""
    return _as(NOBODY)


def as_reader(actor: Any) -> AbstractContextManager[None]:
    """Read as ``actor`` without a transaction of its own: what a page reads before and after its action."""
    return _as(str(actor.uid))


@contextmanager
def session(actor: Any) -> Iterator[None]:
    """Read as ``actor``: on PostgreSQL inside one transaction that knows the reader's uid, and forgets it with its end.

    For reading only: a write is an action, which brings its own transaction.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    with as_reader(actor):
        if connection.vendor != "postgresql":
            yield
            return
        outer = _told(connection)
        with transaction.atomic(using=DEFAULT_DB_ALIAS):
            _tell_transaction(connection, str(actor.uid))
            yield
            if outer is not None:
                _tell_transaction(connection, outer)


def announce(execute: Callable[..., Any], sql: Any, params: Any, many: bool, about: dict[str, Any]) -> Any:
    """Around every statement of a PostgreSQL connection: where there are policies, say for whom it is asked.

    Nothing is said where the database was not hardened, or to a role that policies do not bind.
    """
    connection = about["connection"]
    if not (isinstance(sql, str) and _GUARDED.search(sql)) or not is_hardened(connection):
        return execute(sql, params, many, about)
    wanted = _reading.get()
    if connection.in_atomic_block:
        if _told(connection) != wanted:
            _tell_transaction(connection, wanted)
        return execute(sql, params, many, about)
    if wanted == NOBODY:
        return execute(sql, params, many, about)
    with transaction.atomic(using=connection.alias):
        _tell_transaction(connection, wanted)
        return execute(sql, params, many, about)


def prepare_connection(connection: Any, **_arguments: Any) -> None:
    """A new connection to the main database on PostgreSQL learns to say for whom it is asked."""
    forget(connection)
    is_main = connection.vendor == "postgresql" and connection.alias == DEFAULT_DB_ALIAS
    if is_main and announce not in connection.execute_wrappers:
        connection.execute_wrappers.append(announce)


def forget(connection: Any) -> None:
    """What was learned of a connection counts no more: it is new, or its role or the policies changed."""
    connection.__dict__.pop(_TOLD, None)
    connection.__dict__.pop(_HARDENED, None)


def is_hardened(connection: Any) -> bool:
    """Whether policies bind this connection's role. Asked once for each connection."""
    known = connection.__dict__.get(_HARDENED)
    if known is None:
        with connection.connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(row_security_active(to_regclass('cases_case')::oid), false)")
            known = connection.__dict__[_HARDENED] = bool(cursor.fetchone()[0])
    return bool(known)


def _told(connection: Any) -> str | None:
    """What the running transaction was told last; None where it was told nothing, or there is none.

    Read from Django's list of callbacks, which a rolled back savepoint shortens as it takes the settings back.
    """
    told: list[tuple[Callable[[], None], str]] = connection.__dict__.setdefault(_TOLD, [])
    while told and not any(entry[1] is told[-1][0] for entry in reversed(connection.run_on_commit)):
        told.pop()
    return told[-1][1] if told else (NOBODY if connection.in_atomic_block else None)


def _tell_transaction(connection: Any, wanted: str) -> None:
    """Set both settings, for this transaction alone."""
    reader, house = ("", "on") if wanted == HOUSE else (wanted, "")
    with connection.connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config(%s, %s, true), set_config(%s, %s, true)", [SETTING, reader, HOUSE_SETTING, house]
        )

    def marker() -> None:
        """Nothing to do after the commit: the settings end with the transaction."""

    transaction.on_commit(marker, using=connection.alias)
    connection.__dict__.setdefault(_TOLD, []).append((marker, wanted))
