"""Views of the list: those that somebody keeps for herself, and those that she shares with her team.

One's own leave no event and no history, as drafts. A shared one leaves both: others work by it.
"""

from datetime import datetime
from uuid import UUID

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.accounts.models import Team, User
from casemgmt.crypto.keyring import ensure_own_keys
from cases import access
from cases.errors.casework import TooManySharedViews, TooManyViews
from cases.models import SavedView, SharedView

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


@action
def share_view(*, actor: User, now: datetime, team_uid: UUID, query: str) -> SharedView:
    """Offer a filter of the list to a team of one's own. ``query`` as in ``save_view``; it opens nothing to anybody.

    What is shared with the team already stays as it is. Raises Hidden for a team that is not hers, TooManySharedViews.
    Records VIEW_SHARED.
    """
    team = Team.objects.filter(uid=team_uid, group_id__in=actor.team_group_ids()).first()
    if team is None:
        raise Hidden
    standing = access.for_the_house(SharedView).filter(team=team, ended_at__isnull=True)
    same = standing.filter(query=query).first()
    if same is not None:
        return same
    if standing.count() >= MAX_VIEWS:
        raise TooManySharedViews
    view = SharedView(team=team, query=query, shared_at=now, shared_by=actor)
    view.save()
    record(Verb.VIEW_SHARED, actor=actor, subject=view, refs=[team])
    return view


@action
def unshare_view(*, actor: User, now: datetime, view_uid: UUID) -> SharedView:
    """Take a shared view back: by whoever shared it, or who supervises the team. Raises Hidden. Records VIEW_UNSHARED."""
    rows = access.for_the_house(SharedView).filter(uid=view_uid, team__group_id__in=actor.team_group_ids())
    view = rows.select_related("team").first()
    if view is None or not (view.shared_by_id == actor.pk or actor.supervises(view.team, at=now)):
        raise Hidden
    if view.ended_at is None:
        view.ended_at, view.ended_by = now, actor
        view.save(update_fields=["ended_at", "ended_by"])
        record(Verb.VIEW_UNSHARED, actor=actor, subject=view, refs=[view.team])
    return view
