"""Totals without persons that were given out: written down once, on no case (domain.md §0b: the basis AGGREGATE)."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from audit.action import action
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.errors import Refused
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from cases import access
from cases.choices.releases import DisclosureBasis, DisclosureHow, TotalsKind
from cases.errors.releases import TotalsLack
from cases.models import TotalsGiven

#: Who gives out statistics, or answers for what leaves.
TOTALS_ROLES = (Role.PRIVACY_OFFICER, Role.SUPERVISOR, Role.DIRECTOR, Role.GRANTS)
#: What could point to one case or person: numbers of cases and of auditors' pseudonyms, uids, long numbers (telephone,
#: social security, A-number), days, e-mail addresses. A year alone is none of these.
_POINTS_TO_ONE = re.compile(
    r"\b[A-Z]{1,6}-[0-9A-Z]{4}-[0-9A-Z]{4}\b|[0-9a-f]{8}-[0-9a-f]{4}|\d[\d ().\-/]{5,}\d|\d{5,}|\S@\S", re.IGNORECASE
)


@dataclass
class Totals:
    """What was given: for what, to whom, about which time, by which way, on which local day."""

    kind: str
    recipient: str
    period_from: date
    period_until: date
    how: str
    given_on: date
    is_without_persons: bool = False


@action
def record_totals(*, actor: User, now: datetime, totals: Totals) -> TotalsGiven:
    """Write down that totals without persons were given out, in the name of the actor's organisation.

    Raises Refused, TotalsLack. Records DISCLOSURE_MADE without a case.
    """
    if not actor.organisation.is_ours or not actor.holds_role(*TOTALS_ROLES, at=now):
        raise Refused(READ_CARD)
    check_totals(totals, today=timezone.localdate(now, actor.zone))
    given = TotalsGiven(
        organisation=actor.organisation, kind=TotalsKind(totals.kind).value, recipient=totals.recipient.strip(),
        how=DisclosureHow(totals.how).value, period_from=totals.period_from, period_until=totals.period_until,
        is_without_persons=True, given_on=totals.given_on, given_by=actor, recorded_at=now,
    )  # fmt: skip
    given.save()
    record(
        Verb.DISCLOSURE_MADE, actor=actor, subject=Ref("totalsgiven", given.uid),
        detail={"basis": DisclosureBasis.AGGREGATE.value, "kind": given.kind},
    )  # fmt: skip
    return given


def points_to_one(text: str) -> bool:
    """Whether a text holds something that could point to one case or person: a number, an address, a day."""
    return _POINTS_TO_ONE.search(text) is not None


def check_totals(totals: Totals, *, today: date) -> None:
    """Numbers of many, and nothing that names one. Raises TotalsLack."""
    if not totals.recipient.strip() or points_to_one(totals.recipient):
        raise TotalsLack("recipient")
    if not totals.is_without_persons:
        raise TotalsLack("is_without_persons")
    if totals.period_until < totals.period_from:
        raise TotalsLack("period_until")
    if totals.given_on > today:
        raise TotalsLack("given_on")


def totals_for(actor: User) -> QuerySet[TotalsGiven]:
    """What the actor's organisation gave out in totals, the latest first."""
    rows = access.for_the_house(TotalsGiven).filter(organisation=actor.organisation_id)
    return rows.select_related("given_by").order_by("-given_on", "-pk")
