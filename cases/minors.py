"""Whether the survivor is a minor, by her date of birth, a doubt about it or the alert on her card; and what follows.

Nothing here is kept: every page and every action asks anew, so that nobody stays a minor because a job did not run, and no
plain date says when she was born.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases.answers import (
    AGE_DISPUTED,
    ASSENT,
    BEST_INTERESTS,
    GROWN_UP_ASKED,
    GUARDIAN,
    GUARDIAN_CHECK,
    REPORT_LOOKED_AT,
    is_answered,
    years_between,
)
from cases.choices.safety import AlertCode
from cases.choices.survivor import BestInterests, GuardianCheck, TriState
from cases.models import Case, Survivor
from cases.opening import open_job
from cases.rules import ADULT

#: Until when protections of a child and of a family last in some laws (8 CFR 214.11, 214.14).
LATER_AGE = 21
#: So many days before a birthday people are told what ends with it.
AHEAD = 90


def is_minor(row: Survivor, alerts: Collection[str], today: date) -> bool | None:
    """Whether she is under 18; while her age is in doubt she is (domain.md §8.5). While her row is open.

    None where nobody knows: a date of birth that nobody has asked for does not make her one, because a name and a date
    are never a condition of help.
    """
    if AlertCode.MINOR in alerts or (row.about or {}).get(AGE_DISPUTED) == TriState.YES:
        return True
    return None if row.birth_date is None else years_between(row.birth_date, today) < ADULT


def age_of(actor: User, case: Case, now: datetime) -> tuple[bool | None, Collection[str]]:
    """Whether she is a minor (``is_minor``), and the alerts of her card. Inside an action that holds the case.

    Records JOB_RUN.
    """
    today = timezone.localdate(now, actor.zone)
    with open_job("age_check", [Section.CARD, Section.IDENTITY], actor=actor):
        alerts = frozenset(case.alerts or [])
        if case.has_erased(Section.IDENTITY):
            return (True if AlertCode.MINOR in alerts else None), alerts
        return is_minor(case.survivor, alerts, today), alerts


def grows_up_on(actor: User, case: Case) -> date | None:
    """Her eighteenth birthday; None where her date of birth is not known. Inside an action that holds the case.

    Records JOB_RUN.
    """
    if case.has_erased(Section.IDENTITY):
        return None
    with open_job("age_check", [Section.IDENTITY], actor=actor):
        born = case.survivor.birth_date
    return None if born is None else birthday(born, ADULT)


def birthday(born: date, age: int) -> date:
    """The day on which she reaches an age; whoever was born on 29 February, on 1 March where there is none."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def prompts(row: Survivor, alerts: Collection[str], today: date) -> list[str]:
    """What is to be done because she is a minor, or has just ceased to be one. While her row is open."""
    said: dict[str, Any] = row.minority or {}
    found = _of_age(row.birth_date, said, today)
    if not is_minor(row, alerts, today):
        return found
    if (row.about or {}).get(AGE_DISPUTED) == TriState.YES:
        found.append(_("Her age is in doubt. She is treated as a minor until it is settled."))
    check = said.get(GUARDIAN_CHECK)
    if check == GuardianCheck.INVOLVED or AlertCode.GUARDIAN_IS_PERPETRATOR in alerts:
        found.append(_("No contact with her guardian. Ask counsel for a representative who can speak for her."))
    elif not said.get(GUARDIAN):
        found.append(_("Find out who may speak for her."))
    elif check != GuardianCheck.CLEAR:
        found.append(_("Check that her guardian had no part in what happened, before you speak with them."))
    if said.get(ASSENT) != TriState.YES:
        found.append(_("Ask her too whether she agrees, in words she understands."))
    if said.get(BEST_INTERESTS) != BestInterests.DONE:
        found.append(_("See to the determination of her best interests."))
    if said.get(REPORT_LOOKED_AT) != TriState.YES:
        found.append(_("Look at whether the law asks for a report, with counsel or your supervisor."))
    found.append(_("Take no photographs of her, and write to her only as was agreed for her."))
    return found


def ahead(born: date | None, today: date) -> list[str]:
    """What her eighteenth and her twenty-first birthday ask for, in the ninety days before each."""
    if born is None:
        return []
    found = []
    days = (birthday(born, ADULT) - today).days
    if 0 < days <= AHEAD:
        found.append(
            ngettext(
                "She turns 18 in %(days)s day. From then on she decides alone: prepare to ask her anew.",
                "She turns 18 in %(days)s days. From then on she decides alone: prepare to ask her anew.",
                days,
            )
            % {"days": days}
        )
    days = (birthday(born, LATER_AGE) - today).days
    if 0 < days <= AHEAD:
        found.append(
            ngettext(
                "She turns 21 in %(days)s day. Some protections of a child or a family end then: ask counsel.",
                "She turns 21 in %(days)s days. Some protections of a child or a family end then: ask counsel.",
                days,
            )
            % {"days": days}
        )
    return found


def is_ahead(born: date | None, year: int | None, today: date) -> list[int]:
    """Which of both ages somebody reaches within ninety days, or may: where only the year is known, all of it counts."""
    if born is not None:
        return [age for age in (ADULT, LATER_AGE) if 0 < (birthday(born, age) - today).days <= AHEAD]
    years = {today.year, (today + timedelta(days=AHEAD)).year}
    return [age for age in (ADULT, LATER_AGE) if year is not None and year + age in years]


def _of_age(born: date | None, said: dict[str, Any], today: date) -> list[str]:
    """What her eighteenth and her twenty-first birthday ask for, from ninety days before; and what is left after the first."""
    found = ahead(born, today)
    is_grown = born is not None and birthday(born, ADULT) <= today
    if is_grown and any(is_answered(value) for value in said.values()) and said.get(GROWN_UP_ASKED) != TriState.YES:
        words = _(
            "She has turned 18. Ask her anew for her consent and for each release, end what a guardian was told, and "
            "look again at which protections have an age."
        )
        found.insert(0, words)
    return found
