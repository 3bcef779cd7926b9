"""What the workshops know of a case that ends: its last service, the help she had, the follow-ups to come."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Max

from casemgmt.accounts.models import User
from cases import access, closing, codes
from cases.choices.configuration import ListName
from cases.models import Case
from services.actions.reintegration import plan_follow_ups
from services.choices import COUNTING
from services.models import FollowUp, ServiceRecord, ShelterStay


class Workshops:
    """As ``cases.closing.Room``."""

    def last_day(self, case: Case) -> date | None:
        """Of services and stays. Follow-ups go on after the end and do not count (R10)."""
        days = (
            access.within(ServiceRecord, case).aggregate(last=Max("given_on"))["last"],
            access.within(ShelterStay, case).aggregate(last=Max("left_on"))["last"],
        )
        return max((day for day in days if day is not None), default=None)

    def help_given(self, case: Case) -> Iterable[tuple[str, int]]:
        """Services that were given, wholly or in part, by their type."""
        facts = [row.facts for row in access.records(ServiceRecord, case)]
        counts = Counter(one["service"] for one in facts if one["outcome"] in COUNTING)
        return [(codes.label(ListName.SERVICE_TYPE, code), times) for code, times in counts.items()]

    def follow_ups(self, case: Case) -> Iterable[date]:
        """Those nobody has done yet."""
        return access.within(FollowUp, case).filter(done_on__isnull=True).values_list("planned_on", flat=True)

    def plan_follow_ups(self, *, actor: User, now: datetime, case: Case, exit_on: date) -> None:
        """After 30 and 90 days, 6 and 12 months (domain.md §5.4). Records FOLLOW_UP_PLANNED."""
        plan_follow_ups(actor=actor, now=now, case_uid=case.uid, exit_on=exit_on)


def register() -> None:
    """Tell the case room."""
    closing.register(Workshops())
