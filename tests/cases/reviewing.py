"""Builders for the tests of explanations, stand-ins and reviews: everything through the real actions."""

from datetime import date, datetime, timedelta
from typing import Any

from audit import clock
from audit.action import action
from audit.context import demo_context
from casemgmt.accounts.actions.people import accept_invitation, invite_person
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from cases import access
from cases.actions.grants import change_end
from cases.actions.reviews import begin_review, decide_on_access
from cases.choices.sharing import ReviewDecision
from cases.models import AccessGrant, AccessReview, Case, HouseDue, Notice, ReviewLine
from tests.cast import Cast


def colleagues(cast: Cast, number: int, role: str = Role.CASEWORKER, first: int = 0) -> list[User]:
    """So many more people of the house with one role and no team: Person 000, Person 001 …"""
    found = []
    with demo_context():
        now = clock.now() - timedelta(days=400)
        for place in range(first, first + number):
            invitation = invite_person(
                actor=cast.farid, now=now, email=f"person{place:03}@example.org", name=f"Person {place:03}",
                organisation=cast.amina.organisation, roles=(role,),
            )  # fmt: skip
            user, token = invitation.user, invitation.token  # type: ignore[attr-defined]
            found.append(accept_invitation(actor=user, now=now, token=token, name=user.name, password=None))
    return found


@action
def give_new_end(*, actor: User, now: datetime, grant: AccessGrant, until: datetime) -> None:
    """Let an access end at another moment, as the actions do that have a reason for it."""
    access.lock_case(grant.case.uid)
    change_end(actor=actor, now=now, grant=access.grants_with_grounds().get(pk=grant.pk), until=until)


def reviewed(cast: Cast, case: Case, now: datetime | None = None) -> AccessReview:
    """The review of the case's team, begun by the schedule."""
    return begin_review(actor=None, now=now or clock.now(), team=case.team)


def line_of(review: AccessReview, person: User | None = None, kind: str = "") -> ReviewLine:
    """The line of one person (or of one kind) in a review."""
    rows = access.for_the_house(ReviewLine).filter(review=review)
    if person is not None:
        rows = rows.filter(grant__person=person)
    if kind:
        rows = rows.filter(grant__kind=kind)
    return rows.select_related("grant", "review__team", "case").get()


def open_lines(review: AccessReview) -> set[str]:
    """Whose access waits for a decision."""
    rows = access.for_the_house(ReviewLine).filter(review=review, decision="")
    return {line.grant.person.name if line.grant.person else line.grant.team.name for line in rows}


def decide(actor: User, line: ReviewLine, decision: str = ReviewDecision.KEEP, **changes: Any) -> ReviewLine:
    """A decision with a reason, now."""
    facts = {"reason": "She works with her every week.", **changes}
    return decide_on_access(actor=actor, now=clock.now(), line_uid=line.uid, decision=decision, **facts)


def notices(person: User, kind: str) -> int:
    """How many of a kind somebody has."""
    return access.own(Notice, person, "person").filter(kind=kind).count()


def fresh(row: Any) -> Any:
    """The row as it stands in the database."""
    return access.for_the_house(type(row)).get(pk=row.pk)


def listed(person: User) -> list[date]:
    """What of a review stands on somebody's list: its days."""
    rows = access.own(HouseDue, person, "person").filter(kind="ACCESS_REVIEW", done_at__isnull=True)
    return [due.due_on for due in rows.order_by("due_on")]
