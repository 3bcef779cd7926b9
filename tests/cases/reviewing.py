"""Builders for the tests of explanations, stand-ins and reviews: everything through the real actions."""

from datetime import datetime, timedelta

from audit import clock
from audit.action import action
from audit.context import demo_context
from casemgmt.accounts.actions.people import accept_invitation, invite_person
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from cases import access
from cases.actions.grants import change_end
from cases.actions.reviews import begin_review
from cases.models import AccessGrant, AccessReview, Case, ReviewLine
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
