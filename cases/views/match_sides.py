"""One case of a possible match, as the intake coordinator may know it: whom to ask, and no word of its content."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from audit.log import record
from audit.verbs import Verb
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.models import User
from cases import access
from cases.models import Case


@dataclass(frozen=True)
class Side:
    """One case of a pair: whom to ask, and since when it is there. ``case`` only where she may open it."""

    lead: str
    team: str
    opened_on: date
    is_closed: bool
    case: Case | None


def open_to(reader: User, cases: Mapping[int, Case]) -> set[int]:
    """Keys of those cases that the coordinator may open anyway; that their numbers were shown is recorded."""
    permitted = access.permissions_on(reader, cases.values())
    shown = [case for key, case in cases.items() if READ_CARD in permitted.get(key, ())]
    if shown:
        record(Verb.CASES_LISTED, actor=reader, refs=shown, sections=[Section.CARD], detail={"count": len(shown)})
    return {case.pk for case in shown}


def side_of(case: Case, open_to_her: set[int]) -> Side:
    """One side in words; its number only where she may open it."""
    return Side(
        lead=case.lead.name if case.lead else "", team=case.team.name, opened_on=case.opened_on,
        is_closed=case.is_closed, case=case if case.pk in open_to_her else None,
    )  # fmt: skip
