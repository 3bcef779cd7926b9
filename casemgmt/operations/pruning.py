"""Carrying out approved orders to destroy, as whatever role the process has in the database."""

from django.db import DEFAULT_DB_ALIAS, connections

from audit.models import Event
from cases.actions.retention import carry_out_destructions


def may_prune() -> bool:
    """Whether this role of the database may take events out. On PostgreSQL a hardened application may not."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'DELETE')", [Event._meta.db_table])
        return bool(cursor.fetchone()[0])


def destroy_what_was_approved() -> int:
    """Go on with every approved order, as far as this role may; say how many were finished. For the schedule."""
    return carry_out_destructions(may_prune=may_prune())
