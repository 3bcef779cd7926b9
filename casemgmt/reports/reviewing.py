"""Settling a hint, with what follows from it in the house."""

from datetime import datetime
from uuid import UUID

from audit.action import action
from audit.log import Ref
from audit.models import Disposition
from audit.workspace import queue
from audit.workspace.models import Outcome
from casemgmt.accounts.models import User
from casemgmt.reports.own_team import is_own_team
from cases.actions.organisations import open_incident

#: The kind of an incident that began with a hint.
INCIDENT_HINT = "LEDGER_HINT"


@action
def settle_hint(
    *, actor: User, now: datetime, hint_uid: UUID, person_uid: UUID, outcome: str, words: str, agrees: bool = True
) -> Disposition:
    """Keep what a reviewer found; the last word INCIDENT opens an incident for the privacy officer and the director.

    Raises and records as ``queue.review_hint``; INCIDENT_OPENED besides.
    """
    found = queue.review_hint(
        actor=actor, now=now, hint_uid=hint_uid, outcome=outcome, words=words, agrees=agrees,
        is_own_team=is_own_team(actor, person_uid, now),
    )  # fmt: skip
    if found.is_final and found.outcome == Outcome.INCIDENT:
        open_incident(actor=actor, now=now, kind=INCIDENT_HINT, refs=[Ref("hint", hint_uid)])
    return found
