"""Who decides on a trafficking status, and what a decision must say (domain.md R5, §9.1; access.md §3 "write on approvals").

Haven only suggests (``cases.signs``). "Possible" needs nobody: whoever writes what happened may say it. What another body
decided (police, court, authority) is written down from its decision by whoever writes what happened, or by the supervisor of
the case: kind of organisation, person, day. What this house finds by itself (``NGO``), its supervisor of the case decides,
and nobody else changes it afterwards.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import rules
from cases.answers import is_answered
from cases.desk import Standing
from cases.errors.survivor import AnswerImpossible, DecisionIsTheSupervisors, DecisionLacks
from cases.htcds.codes import DecisionMakingOrganisation
from cases.htcds.fields import STATUS_DECIDED_ON, STATUS_SOURCE
from cases.models import Case

STATUS, SOURCE = "vic_TraffickingStatus", STATUS_SOURCE
#: Status and decision: what only these rules change.
NAMES = (STATUS, *rules.DECISION)


def is_own(answers: Mapping[str, Any]) -> bool:
    """Whether a status is decided, and by this house itself."""
    own = answers.get("vic_TraffickingStatusDecisionMakingOrg") == DecisionMakingOrganisation.NGO
    return own and answers.get(STATUS) in rules.DECIDED


def may_write_down(actor: User, case: Case, *, at: datetime) -> bool:
    """Whether this person may write down what another body decided. ``case.holding`` is set."""
    assert case.holding is not None  # the door has set it
    return case.holding.writes(Section.NARRATIVE) or may_decide(actor, case, at=at)


def may_decide(actor: User, case: Case, *, at: datetime) -> bool:
    """Whether this person decides for the house: the supervisor of the case who reads what happened."""
    assert case.holding is not None  # the door has set it
    return case.holding.reads(Section.NARRATIVE) and Standing(actor, case, at=at).supervises


def is_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether status or decision differ; a reason for having no answer is none."""
    return any(
        before.get(name) != after.get(name) and (is_answered(before.get(name)) or is_answered(after.get(name)))
        for name in NAMES
    )


def demand_decision(
    actor: User, case: Case, before: Mapping[str, Any], after: Mapping[str, Any], *, now: datetime
) -> None:
    """Look at a changed status: whole, of a day that has come, and by whom it may be decided.

    Raises DecisionLacks (R5), AnswerImpossible, DecisionIsTheSupervisors.
    """
    gaps = rules.decision_gaps(after)
    if gaps:
        raise DecisionLacks(gaps)
    if (is_own(before) or is_own(after)) and not may_decide(actor, case, at=now):
        raise DecisionIsTheSupervisors
    on = after.get(STATUS_DECIDED_ON)
    if (
        is_answered(on)
        and before.get(STATUS_DECIDED_ON) != on
        and _is_ahead(str(on), now.astimezone(actor.zone).date())
    ):
        raise AnswerImpossible([STATUS_DECIDED_ON])


def _is_ahead(text: str, today: date) -> bool:
    """Whether a day lies ahead; text of an import that is no day does not."""
    try:
        return date.fromisoformat(text) > today
    except ValueError:
        return False
