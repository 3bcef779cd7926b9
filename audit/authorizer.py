"""What a connection of ours never does on SQLite, where whoever holds the connection owns the tables.

Triggers refuse changes of rows, but any connection may drop them, put a temporary table of the same name before the
ledger's, attach another file, or write the schema as text. SQLite asks this authorizer whenever a statement is
prepared. On PostgreSQL the role of the application owns nothing and may not do any of it (``manage.py harden_database``).

``lifted`` is for those who must: migrations, and the guards that are laid or taken off (``audit.protection``).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS

#: Under this name a Django connection keeps for what it is lifted now.
ATTRIBUTE = "haven_lifted"

REFUSED = frozenset(
    {
        sqlite3.SQLITE_ALTER_TABLE,
        sqlite3.SQLITE_ATTACH,
        sqlite3.SQLITE_DETACH,
        sqlite3.SQLITE_DROP_INDEX,
        sqlite3.SQLITE_DROP_TABLE,
        sqlite3.SQLITE_DROP_TRIGGER,
        sqlite3.SQLITE_DROP_VIEW,
        sqlite3.SQLITE_DROP_VTABLE,
        sqlite3.SQLITE_CREATE_TRIGGER,
        sqlite3.SQLITE_CREATE_VIEW,
        sqlite3.SQLITE_CREATE_VTABLE,
        # What is temporary stands before what is not: a table of the same name would take the ledger's rows.
        sqlite3.SQLITE_CREATE_TEMP_INDEX,
        sqlite3.SQLITE_CREATE_TEMP_TABLE,
        sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
        sqlite3.SQLITE_CREATE_TEMP_VIEW,
    }
)
#: What may be said with a value; any other setting is only read. Not ``writable_schema``, not ``journal_mode``.
PRAGMAS = frozenset(
    {
        "analysis_limit", "busy_timeout", "cache_size", "foreign_keys", "optimize", "secure_delete", "synchronous",
        "wal_checkpoint",
        # Questions that take a name.
        "foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo", "integrity_check", "quick_check",
        "table_info", "table_list", "table_xinfo",
    }
)  # fmt: skip
_PRAGMA, _FUNCTION = sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_FUNCTION
_ASKED = REFUSED | {_PRAGMA, _FUNCTION}


def decide(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    """SQLite's question about one part of a statement. Answers most of them at once: it is asked for each column."""
    if action not in _ASKED:
        return sqlite3.SQLITE_OK
    if action == _PRAGMA:
        allowed = second is None or (first or "").lower() in PRAGMAS
    elif action == _FUNCTION:
        allowed = second != "load_extension"
    else:
        allowed = False
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def bind(connection: Any) -> None:
    """Put the authorizer on a connection to the main database, unless it is lifted now."""
    if connection.vendor == "sqlite" and connection.alias == DEFAULT_DB_ALIAS and connection.connection is not None:
        connection.connection.set_authorizer(None if connection.__dict__.get(ATTRIBUTE) else decide)


def lift(connection: Any, what_for: object) -> None:
    """Take it off, until ``lower`` is told of the same thing."""
    connection.__dict__.setdefault(ATTRIBUTE, set()).add(what_for)
    bind(connection)


def lower(connection: Any, what_for: object) -> None:
    """Put it back, unless it is lifted for something else, too."""
    connection.__dict__.setdefault(ATTRIBUTE, set()).discard(what_for)
    bind(connection)


@contextmanager
def lifted(connection: Any) -> Iterator[None]:
    """Without authorizer until the block ends."""
    here = object()
    lift(connection, here)
    try:
        yield
    finally:
        lower(connection, here)
