"""Events that outlive a rolled back transaction: denials, and readings of a page that failed.

A denial is raised inside a view, and what is written there vanishes with the view's transaction. So the outermost
middleware notes it (``note``, from ``process_exception``) and writes it after the inner stack has returned
(``write_pending``), in a transaction of its own. ``cases.opening`` hands over what was read the same way
(``hand_over``) when an exception passes it.
"""

import uuid
from typing import Any

import structlog
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponseBase

from casemgmt.access.errors import Hidden, Refused

from . import circumstances
from .errors import LedgerError
from .log import Ref, record
from .verbs import Outcome, Verb

#: Arguments of an address that name a case, a matter or another record.
_CASE_ARGUMENTS = ("case_uid",)
_OTHER_ARGUMENTS = ("matter_uid", "uid")


def note(request: HttpRequest, exception: Exception) -> None:
    """Keep a denial (Hidden, Refused) for ``write_pending``. The last one of a request counts."""
    if isinstance(exception, Hidden | Refused):
        request._haven_denial = exception  # type: ignore[attr-defined]


def hand_over(verb: str, **arguments: Any) -> None:
    """Keep an event whose own transaction is rolling back; arguments are those of ``record()``.

    Its outcome becomes ROLLED_BACK: the page failed after the reading. Raises NoContext outside every context.
    """
    running = circumstances.require()
    arguments.setdefault("outcome", Outcome.ROLLED_BACK)
    running.handed_over.append({"verb": verb, **arguments})


def write_pending(request: HttpRequest | None = None, response: HttpResponseBase | None = None) -> int:
    """Write what was noted and handed over, and forget it. Returns how many events.

    Called by the outermost middleware inside ``request_context``, and by ``audit_context`` at its end.
    """
    running = circumstances.require()
    pending = list(running.handed_over)
    running.handed_over.clear()
    denial = getattr(request, "_haven_denial", None)
    if request is not None and denial is not None:
        pending.append(_denial_event(request, denial))
        del request._haven_denial  # type: ignore[attr-defined]
    if pending and connections[DEFAULT_DB_ALIAS].needs_rollback:
        raise LedgerError("The outermost layer runs inside a broken transaction; nothing can be recorded there.")
    for arguments in pending:
        record(arguments.pop("verb"), **arguments)
    if pending:
        structlog.get_logger("haven").info("recorded_after_rollback", count=len(pending))
    return len(pending)


def _denial_event(request: HttpRequest, denial: Exception) -> dict[str, Any]:
    """The event of one denial. The address itself is not kept: its route and the uid in it are."""
    match = request.resolver_match
    arguments = dict(match.kwargs) if match else {}
    route = (match.view_name or "") if match else ""
    permission = getattr(denial, "permission", "")
    user = getattr(request, "user", None)
    return {
        "verb": Verb.ACCESS_REFUSED if isinstance(denial, Refused) else Verb.ACCESS_HIDDEN,
        "actor": user if user is not None and user.is_authenticated else None,
        "subject": what_was_asked_for(arguments, match.route if match else ""),
        "outcome": Outcome.REFUSED,
        "detail": {"route": route, "method": request.method or ""} | ({"permission": permission} if permission else {}),
    }


def what_was_asked_for(arguments: dict[str, Any], route: str) -> Ref | None:
    """The case or record in the address. Whether it exists is not asked."""
    for name in _CASE_ARGUMENTS:
        if isinstance(arguments.get(name), uuid.UUID):
            return Ref("case", arguments[name], arguments[name])
    for name in _OTHER_ARGUMENTS:
        uid = arguments.get(name)
        if isinstance(uid, uuid.UUID):
            if name == "uid" and route.startswith("cases/"):
                return Ref("case", uid, uid)
            return Ref(name.removesuffix("_uid") if name != "uid" else "address", uid)
    return None
