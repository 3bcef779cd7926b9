"""Databases of their own in which rows are really committed, on either engine: the ledger lets nobody empty it.

Most tests run inside one transaction that is rolled back. What is about transactions needs real ones.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.core.management import call_command
from django.db import connections

from casemgmt.crypto import keyring
from tests import postgres
from tests.cast import Cast


@contextmanager
def databases(folder: Path, blocker: Any) -> Iterator[None]:
    """Both databases, made anew with all tables and guards; the tests' own come back at the end."""
    with blocker.unblock():
        is_postgresql = connections["default"].vendor == "postgresql"
        kept, last_event = {}, Cast.last_event
        keyring.forget()
        for alias in connections:
            connection = connections[alias]
            if is_postgresql:
                connection.close()
            kept[alias] = (connection.settings_dict["NAME"], connection.connection)
            connection.connection = None  # one in memory would be gone, if it were closed
            name = f"own_{token_hex(4)}" if is_postgresql else str(folder / f"{alias}.sqlite3")
            connection.settings_dict["NAME"] = name
            if is_postgresql:
                postgres.create_database(name)
        try:
            for alias in reversed(list(connections)):
                call_command("migrate", database=alias, run_syncdb=True, verbosity=0)
            yield
        finally:
            keyring.forget()
            Cast.last_event = last_event  # a cast that was made here is nobody's elsewhere
            for alias, (name, held) in kept.items():
                connection = connections[alias]
                connection.close()
                if is_postgresql:
                    postgres.drop_database(connection.settings_dict["NAME"])
                connection.settings_dict["NAME"], connection.connection = name, held
