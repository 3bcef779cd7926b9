"""For whom the database reads, while a page is made."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction

#: The setting that policies of the database read; empty outside a page.
SETTING = "haven.reader"


@contextmanager
def session(actor: Any) -> Iterator[None]:
    """Read as ``actor``: on PostgreSQL inside one transaction that knows the reader's uid, and forgets it with its end.

    The setting is local to the transaction, so a pooled connection never hands one reader's name to the next. SQLite
    has no policies and needs nothing. For reading only: a write is an action, which brings its own transaction.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        yield
        return
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(using=DEFAULT_DB_ALIAS):
        _tell(connection, str(actor.uid))
        yield
        if not is_outermost:
            _tell(connection, "")


def _tell(connection: Any, reader: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, reader])
