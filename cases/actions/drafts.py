"""Drafts: what is typed and not yet saved, sealed for its writer alone. They leave no event and no history."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from audit.action import action
from casemgmt.accounts.models import User
from casemgmt.crypto.keyring import ensure_own_keys
from cases import access
from cases.errors.casework import DraftTooLong
from cases.models import Draft

SEARCH = "search"
LIFE = timedelta(days=14)
#: A long statement in any script; more is not typed in one sitting.
MAX_CHARACTERS = 400_000
#: As many as one person can have begun; the oldest make room.
MAX_DRAFTS = 100


@action
def save_draft(
    *, actor: User, now: datetime, kind: str, about_uid: UUID, fields: Mapping[str, Sequence[str]], page: str = ""
) -> Draft:
    """Keep what stands in a form, as its field names and values; one draft for one thing, 14 days from the last word.

    ``page`` is the address of the form, so that its writer finds back. Nothing typed is an empty draft: forgotten.
    Raises DraftTooLong.
    """
    typed = {name: list(values) for name, values in fields.items()}
    body = json.dumps({"fields": typed, "page": page}, ensure_ascii=False)
    if len(body) > MAX_CHARACTERS:
        raise DraftTooLong
    ensure_own_keys(actor.uid)
    drafts = access.own(Draft, actor)
    draft = drafts.filter(kind=kind, about_uid=about_uid).first()
    if draft is None:
        draft = Draft(owner=actor, case_uid=actor.uid, kind=kind, about_uid=about_uid)
        surplus = list(drafts.order_by("-saved_at").values_list("pk", flat=True)[MAX_DRAFTS - 1 :])
        drafts.filter(pk__in=surplus).delete()
    draft.body, draft.saved_at, draft.expires_at = body, now, now + LIFE
    draft.save()
    return draft


@action
def keep_search(
    *, actor: User, now: datetime, search_uid: UUID, found: Sequence[UUID], newest_only: bool = False
) -> Draft:
    """Keep the uids of a search result, never the term, for a page to come back to; only the last one stays.

    ``newest_only``: part of a name was compared with the newest cases alone.
    """
    access.own(Draft, actor).filter(kind=SEARCH).delete()
    fields = {"found": [str(uid) for uid in found], **({"newest_only": ["1"]} if newest_only else {})}
    return save_draft(actor=actor, now=now, kind=SEARCH, about_uid=search_uid, fields=fields)


@action
def discard_draft(*, actor: User, now: datetime, kind: str, about_uid: UUID) -> None:
    """Throw one's own draft away."""
    forget_draft(actor=actor, kind=kind, about_uid=about_uid)


@action
def sweep_drafts(*, actor: None, now: datetime) -> int:
    """Throw away drafts that were not touched for 14 days, and say how many. For the schedule."""
    return Draft._base_manager.filter(expires_at__lte=now).delete()[0]


def forget_draft(*, actor: User, kind: str, about_uid: UUID) -> None:
    """Inside an action that saved what the draft was for: nothing of the draft stays."""
    access.own(Draft, actor).filter(kind=kind, about_uid=about_uid).delete()


def forget_drafts_about(uids: Iterable[UUID]) -> int:
    """Inside the action that erases a case: nobody's scratch paper about it may stay. Says how many there were."""
    return Draft._base_manager.filter(about_uid__in=list(uids)).delete()[0]
