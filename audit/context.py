"""Why something is written: from a web page, a command, a job, the demo or a test, and in whose name.

A context is set by the outermost middleware (``request_context``: facts of the request, never an actor), by
commands and jobs (``audit_context``) and by the demo (``demo_context``). ``@action`` sets the actor and the
moment on top of it. History, triggers and ``record()`` read it here. It lives in a ``ContextVar`` and is
always taken back in ``finally``, so nothing of one request is left for the next on the same thread.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from . import pseudonyms
from .errors import LedgerError, NoContext

AGENT_LENGTH = 200


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
    agent: str = ""
    in_action: bool = False
    actor_uid: uuid.UUID | None = None
    moment: datetime | None = None
    #: (history model, history id) of rows written and not yet named by an event; shared by nested actions.
    unrecorded: list[tuple[type[models.Model], int]] = field(default_factory=list)
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
def audit_context(source: str, reason: str, on_behalf_of: Any = None) -> Iterator[Context]:
    """For commands, jobs and tests: ``with audit_context("command", "import of paper files", on_behalf_of=user):``.

    ``reason`` is a sentence and required. ``on_behalf_of`` is a User and only a command may give it: the actions
    run with that person's rights, and the events say that an operator claimed to act for that person.
    """
    chosen = Source(source)
    if chosen in (Source.WEB, Source.DEMO):
        raise LedgerError("A page has request_context and the demo has demo_context.")
    if not reason.strip():
        raise LedgerError("A reason is required.")
    if on_behalf_of is not None and chosen != Source.COMMAND:
        raise LedgerError("Only a command acts on behalf of a person.")
    behalf = None if on_behalf_of is None else on_behalf_of.uid
    with run_in(Context(source=chosen, reason=reason, on_behalf_of=behalf)) as context:
        yield context


@contextmanager
def demo_context() -> Iterator[Context]:
    """For ``manage.py demo`` alone: actions may lie in the past, and every event says that it is made up.

    Refused where settings do not say ``HAVEN_DEMO`` (or ``HAVEN_MAY_BACKDATE``, which only tests set).
    """
    if not (settings.HAVEN_DEMO or getattr(settings, "HAVEN_MAY_BACKDATE", False)):
        raise LedgerError("Only the demo acts in the past.")
    with run_in(Context(source=Source.DEMO, reason="Fictional people for the demo.")) as context:
        yield context


@contextmanager
def request_context(request: HttpRequest) -> Iterator[Context]:
    """For the outermost middleware: the client's address as a keyed pseudonym, its agent, and no actor."""
    address = pseudonyms.of_address(request.META.get("REMOTE_ADDR", ""))
    agent = request.META.get("HTTP_USER_AGENT", "")[:AGENT_LENGTH]
    with run_in(Context(source=Source.WEB, address=address, agent=agent)) as context:
        yield context


@contextmanager
def acting(actor_uid: uuid.UUID | None, moment: datetime) -> Iterator[Context]:
    """For ``@action`` alone: the running context with its actor and moment."""
    yield_from = replace(require(), in_action=True, actor_uid=actor_uid, moment=moment, unrecorded=[])
    with run_in(yield_from) as context:
        yield context
