"""Whether a reviewer is too near to the person of a hint to have the last word (ledger.md §6)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from casemgmt.accounts.choices import AUDITOR_ROLES, MembershipStatus
from casemgmt.accounts.models import Membership, User

#: Who worked together within this time still knows each other.
STILL_NEAR = timedelta(days=365)


def is_own_team(reviewer: User, person_uid: UUID, at: datetime) -> bool:
    """Both belong to one team, or did within the last year; or both are auditors. Three queries at most."""
    person = User.objects.filter(uid=person_uid).first()
    if person is None:
        return False
    if person.holds_role(*AUDITOR_ROLES, at=at) and reviewer.holds_role(*AUDITOR_ROLES, at=at):
        return True
    accepted = Membership.objects.filter(status=MembershipStatus.ACCEPTED)
    lately = accepted.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at - STILL_NEAR))
    return lately.filter(user=reviewer, team__in=lately.filter(user=person).values("team")).exists()
