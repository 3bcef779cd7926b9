"""The one clock. Everybody asks it as ``clock.now()``, so that a test can stop it in one place."""

from datetime import UTC, datetime

from . import circumstances


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def moment() -> datetime:
    """The moment of the running action (its ``now=``); outside an action, this moment."""
    current = circumstances.current()
    if current is not None and current.moment is not None:
        return current.moment
    return now()
