"""The one way to a client address in clear: an act with a reason. The page that calls it is the privacy officer's alone."""

import datetime
from typing import Any

from . import addresses
from .action import action
from .errors import LedgerError
from .log import record
from .verbs import Outcome, Verb


@action
def open_address(*, actor: Any, now: datetime.datetime, name: str, reason: str) -> str | None:
    """The address behind a pseudonym; nothing where it is not kept any more. That it was asked is recorded either way.

    Records LEDGER_READ, as FAILED where nothing was found.
    """
    if not reason.strip():
        raise LedgerError("A reason is required.")
    try:
        found: str | None = addresses.unsealed(name, now)
    except addresses.AddressGone:
        found = None
    outcome = Outcome.OK if found else Outcome.FAILED
    detail = {"page": "ADDRESS", "result": name}
    record(Verb.LEDGER_READ, actor=actor, reason=reason, outcome=outcome, detail=detail)
    return found
