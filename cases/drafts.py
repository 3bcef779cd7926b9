"""Reading one's own drafts back into the form they were typed in. Inside an opening (a case, or ``open_own``)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit import clock
from casemgmt.accounts.models import User
from cases import access
from cases.actions.drafts import SEARCH
from cases.models import Draft


def uids_in(texts: Iterable[str]) -> list[UUID]:
    """The uids among some texts that came back from a form."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


@dataclass(frozen=True)
class KeptDraft:
    """What was typed: values by field name, and the page where they were typed."""

    kind: str
    about_uid: UUID
    fields: dict[str, list[str]]
    page: str
    saved_at: datetime

    @property
    def initial(self) -> dict[str, Any]:
        """The values as a form takes them for ``initial``."""
        return {name: values if len(values) > 1 else values[0] for name, values in self.fields.items() if values}


def kept_draft(actor: User, kind: str, about_uid: UUID) -> KeptDraft | None:
    """The actor's draft of one thing, or None. One query."""
    draft = access.own(Draft, actor).filter(kind=kind, about_uid=about_uid, expires_at__gt=clock.now()).first()
    return None if draft is None else _opened(draft)


def kept_drafts(actor: User, *, limit: int = 20) -> list[KeptDraft]:
    """The actor's drafts, the newest first. One query."""
    drafts = access.own(Draft, actor).filter(expires_at__gt=clock.now()).exclude(kind=SEARCH)
    return [_opened(draft) for draft in drafts.order_by("-saved_at", "-pk")[:limit]]


def _opened(draft: Draft) -> KeptDraft:
    content = json.loads(draft.body)
    return KeptDraft(draft.kind, draft.about_uid, content["fields"], content["page"], draft.saved_at)
