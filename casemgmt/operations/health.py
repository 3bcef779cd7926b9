"""Is the house in order? Answered from the databases themselves, never from memory."""

from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from casemgmt.operations.models import Installation


def health_report() -> dict[str, Any]:
    """``{"status": "ok" | "not ready", "default": …, "keystore": …, "demo": …}``; each part says "ok" or what is missing."""
    report: dict[str, Any] = {alias: _database_state(alias) for alias in ("default", "keystore")}
    if settings.HAVEN_DEMO:
        report["demo"] = _demo_state() if report["default"] == "ok" else "waiting"
    report["status"] = "ok" if set(report.values()) == {"ok"} else "not ready"
    return report


def _database_state(alias: str) -> str:
    """One database: reachable, and no migration waiting."""
    try:
        executor = MigrationExecutor(connections[alias])
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "unreachable"
    return "migrations waiting" if waiting else "ok"


def _demo_state() -> str:
    """The demo's people and cases, complete or not."""
    complete = Installation.objects.filter(is_demo=True, demo_completed_at__isnull=False).exists()
    return "ok" if complete else "demo data not complete"
