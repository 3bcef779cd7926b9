"""Reviews of access: who knows of which, and who decides. Nothing of a case is opened for it."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Team, User
from cases import access
from cases.choices.casework import DueKind
from cases.models import AccessReview, Case, HouseDue, ReviewLine

#: These see all of it and open none of it.
WHOLE_HOUSE_ROLES = (Role.DIRECTOR, Role.PRIVACY_OFFICER)
REVIEW_ROLES = (Role.SUPERVISOR, *WHOLE_HOUSE_ROLES)


def reviews_for(actor: User, *, at: datetime) -> QuerySet[AccessReview]:
    """The reviews this person may know of: of the whole house, or of the teams she supervises; newest first."""
    rows = access.for_the_house(AccessReview).filter(team__organisation_id=actor.organisation_id)
    if not actor.holds_role(*WHOLE_HOUSE_ROLES, at=at):
        rows = rows.filter(team__in=Team.objects.supervised_by(actor, at))
    return rows.select_related("team", "begun_by").order_by("-begun_at", "-pk")


def lines_for(actor: User, review: AccessReview, *, at: datetime) -> QuerySet[ReviewLine]:
    """The lines of a review this person may know of: none of a case she is kept away from, nor, for a supervisor, of a
    restricted case that does not name her. Those go to the director.
    """
    rows = access.for_the_house(ReviewLine).filter(review=review).exclude(case__in=access.walled_cases(actor))
    if not actor.holds_role(*WHOLE_HOUSE_ROLES, at=at):
        rows = rows.filter(Q(case__is_restricted=False) | Q(case__in=access.visible(Case, actor).values("pk")))
    people = ("decided_by", "grant__person__organisation", "grant__team", "grant__granted_by", "grant__release")
    parents = ("grant__parent__release", "grant__parent__shift", "grant__shift", "grant__matter")
    return rows.select_related("case", "review__team", *people, *parents).order_by("pk")


def reviews_due(actor: User, *, at: datetime) -> list[tuple[AccessReview, date]]:
    """The reviews that stand on this person's list, each with the day until which she has time, the nearest first."""
    rows = access.own(HouseDue, actor, "person").filter(kind=DueKind.ACCESS_REVIEW, done_at__isnull=True)
    until = {due.subject_uid: due.due_on for due in rows.order_by("due_on", "pk")}
    known = {review.uid: review for review in reviews_for(actor, at=at).filter(uid__in=until)}
    return [(known[uid], day) for uid, day in until.items() if uid in known]


def may_decide(actor: User, review: AccessReview, *, at: datetime) -> bool:
    """Whether this person decides in this review at all: who supervises the team, or the director of the house."""
    if review.ended_at is not None or actor.organisation_id != review.team.organisation_id:
        return False
    if actor.holds_role(Role.DIRECTOR, at=at):
        return True
    return actor.holds_role(Role.SUPERVISOR, at=at) and actor.supervises(review.team, at)


def last_decisions(case: Case) -> dict[int, ReviewLine]:
    """The newest decision of a person on each access of a case: key of the grant → line. One query."""
    decided = access.within(ReviewLine, case).filter(decided_by__isnull=False)
    return {line.grant_id: line for line in decided.select_related("decided_by").order_by("decided_at", "pk")}
