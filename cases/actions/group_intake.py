"""Several people of one incident, taken in from one page: each has her own case, her own keys and her own transaction."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.accounts.models import User
from cases.actions.drafts import forget_draft
from cases.actions.linking import link_incident

GROUP_DRAFT = "intake-group"


@action
def finish_group(*, actor: User, now: datetime, draft_uid: UUID, case_uids: Collection[UUID]) -> None:
    """Link the cases of one incident to each other, and forget the draft of the page.

    A case from which a declaration keeps its opener is linked to nothing: she may not know of it. Records INTAKE_GROUPED
    beside what ``link_incident`` records.
    """
    link_incident(actor=actor, now=now, case_uids=case_uids)
    forget_draft(actor=actor, kind=GROUP_DRAFT, about_uid=draft_uid)
    record(Verb.INTAKE_GROUPED, actor=actor, subject=actor, detail={"count": len(case_uids)})
