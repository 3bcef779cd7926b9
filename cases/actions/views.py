"""Views of the list that somebody keeps for herself. They leave no event and no history, as drafts."""

from datetime import datetime
from uuid import UUID

from audit.action import action
from casemgmt.access.errors import Hidden
from casemgmt.accounts.models import User
from casemgmt.crypto.keyring import ensure_own_keys
from cases import access
from cases.errors.casework import TooManyViews
from cases.models import SavedView

#: As many as can stand above a list and still be found.
MAX_VIEWS = 12


@action
def save_view(*, actor: User, now: datetime, name: str, query: str) -> SavedView:
    """Keep a filter of the list under a name. ``query`` holds codes only, as ``CaseFilter.query`` writes them.

    Raises TooManyViews.
    """
    if access.own(SavedView, actor).count() >= MAX_VIEWS:
        raise TooManyViews
    ensure_own_keys(actor.uid)
    view = SavedView(owner=actor, case_uid=actor.uid, name=name, query=query, saved_at=now)
    view.save()
    return view


@action
def discard_view(*, actor: User, now: datetime, view_uid: UUID) -> None:
    """Throw one's own view away. Raises Hidden for one that is not there, or somebody else's."""
    if not access.own(SavedView, actor).filter(uid=view_uid).delete()[0]:
        raise Hidden
