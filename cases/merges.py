"""Which merges of two files somebody may know of, and who agrees to one (domain.md R23)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from cases import access
from cases.choices.merging import MergeState
from cases.desk import Standing
from cases.models import CaseMerge

#: So long a merge can be taken back (domain.md R23).
WAY_BACK = timedelta(days=30)
#: Who finds merges: who proposes them, and who agrees to those of a restricted file.
MERGE_ROLES = (Role.INTAKE_COORDINATOR, Role.SUPERVISOR)


def merges_for(actor: User, *, now: datetime) -> QuerySet[CaseMerge]:
    """The merges that this person may know of, the newest first: she may open both files now, and the merge waits or can
    still be taken back.
    """
    hers = access.opened_by(actor, READ_CARD) & access.opened_by(actor, READ_CARD, "other_id")
    recent = Q(state=MergeState.WAITS) | Q(merged_at__gt=now - WAY_BACK) | Q(ended_at__gt=now - WAY_BACK)
    rows = access.for_the_house(CaseMerge).filter(hers, recent)
    return rows.select_related("case", "other", "proposed_by", "merged_by", "ended_by").order_by("-pk")


def merge_for(actor: User, merge_uid: UUID, *, now: datetime) -> CaseMerge:
    """One merge of two files that this person may open, however old. Raises Hidden."""
    hers = access.opened_by(actor, READ_CARD) & access.opened_by(actor, READ_CARD, "other_id")
    rows = access.for_the_house(CaseMerge).filter(hers, uid=merge_uid)
    found = rows.select_related("case", "other", "proposed_by", "merged_by", "ended_by").first()
    if found is None or not actor.holds_role(*MERGE_ROLES, at=now):
        raise Hidden
    return found


def may_agree(merge: CaseMerge, actor: User, *, now: datetime) -> bool:
    """Whether this person may be the second one: not who proposed it, and a supervisor of each restricted file."""
    return _agreeing(merge, actor, Standing.of_each(actor, (merge.case, merge.other), at=now))


def _agreeing(merge: CaseMerge, actor: User, each: dict[int, Standing]) -> bool:
    restricted = [case for case in (merge.case, merge.other) if case.is_restricted] or [merge.case, merge.other]
    return actor.pk != merge.proposed_by_id and all(each[case.pk].supervises for case in restricted)


def merges_to_agree(actor: User, *, now: datetime) -> list[CaseMerge]:
    """The merges that wait for this person as the second one, the newest first. No query for who supervises nothing."""
    if not actor.holds_role(Role.SUPERVISOR, at=now):
        return []
    waiting = list(merges_for(actor, now=now).filter(state=MergeState.WAITS))
    each = Standing.of_each(actor, [case for row in waiting for case in (row.case, row.other)], at=now)
    return [row for row in waiting if _agreeing(row, actor, each)]
