"""How a rule of the database says that a window is not longer than it may be: the same on both engines."""

from datetime import timedelta
from typing import Any

from django.db.models import FloatField, Func, Q
from django.db.models.lookups import LessThanOrEqual

#: The engines reckon in fractions of seconds; a rule must not stumble over the last of them.
_SLACK = 1


class SecondsBetween(Func):
    """From the second moment to the first, in seconds. Only what both engines have built in: a backup checks it, too."""

    arity = 2
    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """By Julian days: SQLite keeps moments as text."""
        template = "((julianday(%(expressions)s)) * 86400.0)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """By the length of the interval."""
        template = "EXTRACT(EPOCH FROM (%(expressions)s))"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **extra)


def at_most(end: Any, start: Any, limit: timedelta) -> Q:
    """The condition of a CheckConstraint: from ``start`` to ``end`` (names of columns or expressions) no longer than that."""
    return Q(LessThanOrEqual(SecondsBetween(end, start), limit.total_seconds() + _SLACK))
