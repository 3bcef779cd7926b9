"""Whether the survivor is a minor: by her date of birth, or by the alert on her card."""

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone

from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases.answers import years_between
from cases.choices.safety import AlertCode
from cases.models import Case
from cases.opening import open_job
from cases.rules import ADULT


def age_of(actor: User, case: Case, now: datetime) -> tuple[bool | None, Collection[str]]:
    """Whether she is under 18, or is flagged as a minor (also while her age is disputed), and the alerts of her card.

    None where nobody knows: a date of birth that nobody has asked for does not make her one, because a name and a date
    are never a condition of help. Inside an action that holds the case. Records JOB_RUN.
    """
    with open_job("age_check", [Section.CARD, Section.IDENTITY], actor=actor):
        born = None if case.has_erased(Section.IDENTITY) else case.survivor.birth_date
        alerts = frozenset(case.alerts or [])
    if AlertCode.MINOR in alerts:
        return True, alerts
    return (None if born is None else years_between(born, timezone.localdate(now, actor.zone)) < ADULT), alerts
