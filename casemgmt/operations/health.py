"""Is the house in order? Answered from the databases themselves, never from memory."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connections
from django.db.migrations.executor import MigrationExecutor

from casemgmt.crypto import keyring
from casemgmt.crypto.errors import RootKeyUnavailable, VaultError
from casemgmt.operations.models import Installation
from casemgmt.operations.sealing import sealing_state

OK = "ok"
ALIASES = ("default", "keystore")
#: The one app of a database that holds no other. Migrating the rest there would do nothing, slowly.
APP_OF = {"keystore": "crypto"}

#: What ``django_migrations`` looked like when nothing was waiting: while it looks the same, nothing is.
_complete: dict[str, tuple[int, int]] = {}


def health_report() -> dict[str, Any]:
    """``{"status": "ok" | "not ready", "default": …, "keystore": …}``; each part says "ok" or what is wrong with it.

    In the demo ``demo`` says whether its people and cases are complete. ``sealing`` says how many seconds the seal of the
    ledger is behind and whether that is late; people go on working meanwhile, so the status is not touched. Costs six
    short queries, and the comparison of all migrations only when their table has changed since the last good answer.
    """
    report: dict[str, Any] = {alias: database_state(alias) for alias in ALIASES}
    if report["keystore"] == OK:
        report["keystore"] = _vault_state()
    if settings.HAVEN_DEMO:
        report["demo"] = _demo_state() if report["default"] == OK else "waiting"
    report["status"] = OK if set(report.values()) == {OK} else "not ready"
    if report["default"] == OK:
        state = sealing_state()
        report["sealing"] = {"late": state.is_late, "seconds": int(state.seconds), "waiting": state.waiting}
    return report


def database_state(alias: str) -> str:
    """One database: "ok", "unreachable" or "migrations waiting"."""
    connection = connections[alias]
    if (
        connection.vendor == "sqlite"
        and not _is_memory(connection)
        and not Path(connection.settings_dict["NAME"]).exists()
    ):
        connection.close()  # an open connection would go on answering from a file that is gone
        return "unreachable"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*), MAX(id) FROM django_migrations")
            seen = cursor.fetchone()
    except (DatabaseError, InterfaceError, ImproperlyConfigured):
        _complete.pop(alias, None)
        return _why_silent(alias)
    if _complete.get(alias) == seen:
        return OK
    if is_migration_waiting(alias):
        return "migrations waiting"
    _complete[alias] = seen
    return OK


def is_migration_waiting(alias: str) -> bool:
    """Whether a migration has not been applied to this database. The key store holds the vault's tables alone."""
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes(APP_OF.get(alias))))


def _is_memory(connection: Any) -> bool:
    """Whether this SQLite database lives in memory, as in tests."""
    name = str(connection.settings_dict["NAME"])
    return ":memory:" in name or "mode=memory" in name


def _why_silent(alias: str) -> str:
    """A database that answers, but knows no migrations, waits for its first; any other is out of reach."""
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError, ImproperlyConfigured):
        connections[alias].close()
        return "unreachable"
    return "migrations waiting"


def _vault_state() -> str:
    """Whether the keys in use can be opened."""
    try:
        keyring.begin_request()
        keyring.ledger_key("health")
    except RootKeyUnavailable:
        return "root key unavailable"
    except VaultError:
        return "keys unavailable"
    return OK


def _demo_state() -> str:
    """The demo's people and cases, complete or not."""
    try:
        complete = Installation.objects.filter(is_demo=True, demo_completed_at__isnull=False).exists()
    except (DatabaseError, InterfaceError):
        return "unreachable"
    return OK if complete else "demo data not complete"
