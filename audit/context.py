"""The doors into the ledger's circumstances: a request, a command or job, the demo.

``request_context`` is for the outermost middleware: facts of the request, never an actor. ``audit_context`` is for
commands, jobs and tests, ``demo_context`` for the demo. ``@action`` sets the actor and the moment on top.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest

from casemgmt.access.session import for_house, for_nobody

from . import addresses, denials
from .circumstances import Context, Source, current, require, run_in
from .errors import LedgerError

__all__ = ["Context", "Source", "audit_context", "current", "demo_context", "request_context", "require", "run_in"]

AGENT_LENGTH = 200


@contextmanager
def audit_context(source: str, reason: str, on_behalf_of: Any = None) -> Iterator[Context]:
    """For commands, jobs and tests: ``with audit_context("command", "import of paper files", on_behalf_of=user):``.

    ``reason`` is a sentence and required. ``on_behalf_of`` is a User and only a command may give it: the actions
    run with that person's rights, and the events say that an operator claimed to act for that person. Readings
    that a failure handed over are written at the end.
    """
    chosen = Source(source)
    if chosen in (Source.WEB, Source.DEMO):
        raise LedgerError("A page has request_context and the demo has demo_context.")
    if not reason.strip():
        raise LedgerError("A reason is required.")
    if on_behalf_of is not None and chosen != Source.COMMAND:
        raise LedgerError("Only a command acts on behalf of a person.")
    behalf = None if on_behalf_of is None else on_behalf_of.uid
    with _closed(Context(source=chosen, reason=reason, on_behalf_of=behalf)) as context:
        yield context


@contextmanager
def demo_context() -> Iterator[Context]:
    """For ``manage.py demo`` alone: actions may lie in the past, and every event says that it is made up.

    Refused where settings do not say ``HAVEN_DEMO`` (or ``HAVEN_MAY_BACKDATE``, which only tests set).
    """
    if not (settings.HAVEN_DEMO or getattr(settings, "HAVEN_MAY_BACKDATE", False)):
        raise LedgerError("Only the demo acts in the past.")
    with _closed(Context(source=Source.DEMO, reason="Fictional people for the demo.")) as context:
        yield context


@contextmanager
def request_context(request: HttpRequest) -> Iterator[Context]:
    """For the outermost middleware: the client's address as a keyed pseudonym, its agent, and no actor."""
    address, raw = addresses.of_request(request)
    agent = request.META.get("HTTP_USER_AGENT", "")[:AGENT_LENGTH]
    with for_nobody(), run_in(Context(source=Source.WEB, address=address, raw_address=raw, agent=agent)) as context:
        yield context


@contextmanager
def _closed(context: Context) -> Iterator[Context]:
    """Run in ``context``, and at its end write what a failure handed over, as the middleware does for a request."""
    outer = current()
    with for_house(), run_in(context):
        try:
            yield context
        finally:
            if not context.handed_over:
                pass
            elif outer is not None:
                outer.handed_over.extend(context.handed_over)
            elif connections[DEFAULT_DB_ALIAS].needs_rollback:
                # Somebody opened a context inside a transaction that is broken by now: nothing can be written there.
                structlog.get_logger("haven").error("readings_not_recorded", count=len(context.handed_over))
            else:
                denials.write_pending()
