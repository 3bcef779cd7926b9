"""Under which circumstances something is written: where it comes from, why, in whose name, at which moment.

The ledger's one ``ContextVar``. It is entered by the doors of ``audit.context`` and by ``@action``, read by
history, triggers and ``record()``, and always taken back in ``finally``, so nothing of one request is left for
the next on the same thread.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from .errors import NoContext

if TYPE_CHECKING:
    from .history_rows import Noted


class Source(models.TextChoices):
    """Where a write came from. Lower-case, because commands and tests name it in words."""

    WEB = "web", _("Web page")
    COMMAND = "command", _("Command on the server")
    JOB = "job", _("Job of the system")
    DEMO = "demo", _("Demo data")
    TEST = "test", _("Test")


@dataclass(frozen=True)
class Context:
    """The running context. ``actor_uid`` and ``moment`` are set by ``@action`` only."""

    source: Source
    reason: str = ""
    on_behalf_of: uuid.UUID | None = None
    address: str = ""
    #: The address itself, for ``addresses.keep`` alone; it stands in no event.
    raw_address: str = field(default="", repr=False)
    agent: str = ""
    in_action: bool = False
    actor_uid: uuid.UUID | None = None
    moment: datetime | None = None
    #: The verbs that were recorded meanwhile; shared by nested actions.
    recorded: list[str] = field(default_factory=list)
    #: Rows of history written and not yet named by an event; shared by nested actions.
    unrecorded: list["Noted"] = field(default_factory=list)
    #: Versions put under a newer key and not yet named by an event: history id → digest before.
    rekeyed: dict[type[models.Model], dict[int, str]] = field(default_factory=dict)
    #: Events that could not be written where they happened, because that transaction rolled back.
    handed_over: list[dict[str, Any]] = field(default_factory=list)

    @property
    def may_write(self) -> bool:
        """Records of a case are written by actions; a page by itself may not."""
        return self.in_action or self.source != Source.WEB

    @property
    def label(self) -> str:
        """What the database's own triggers are told: never empty where writing is allowed."""
        return f"{self.source}:{self.actor_uid or ''}"


_current: ContextVar[Context | None] = ContextVar("haven_audit_context", default=None)


def current() -> Context | None:
    """The running context, or ``None`` outside all."""
    return _current.get()


def require() -> Context:
    """The running context. Raises NoContext outside all."""
    context = _current.get()
    if context is None:
        raise NoContext("Nothing is written outside a request, a job or audit_context(source, reason).")
    return context


@contextmanager
def run_in(context: Context) -> Iterator[Context]:
    """Make ``context`` the running one; the one before it returns whatever happens."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


@contextmanager
def acting(actor_uid: uuid.UUID | None, moment: datetime) -> Iterator[Context]:
    """For ``@action`` alone: the running context with its actor and moment."""
    entered = replace(require(), in_action=True, actor_uid=actor_uid, moment=moment, unrecorded=[], rekeyed={})
    with run_in(entered) as context:
        yield context
