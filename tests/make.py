"""Builders for tests: everything through the real actions, so that rights, events and rows are real too."""

from datetime import date
from typing import Any

from audit import clock
from cases.actions.intake import Intake, take_in
from cases.choices import ContactChannel
from cases.models import Case


def intake(**changes: Any) -> Intake:
    """A plainly fictional intake; ``changes`` replace fields."""
    facts: dict[str, Any] = {
        "opened_on": date(2026, 3, 2),
        "language": "en",
        "contact_channel": ContactChannel.SMS,
        "contact_rule": "Text on weekday mornings only.",
        "contact_value": "+1 202 555 0123",
        "first_name": "Zoraida",
        "second_name": "Quillfeather",
        "birth_date": date(1998, 4, 5),
    }
    return Intake(**{**facts, **changes})


def case(opener: Any, team: Any, **changes: Any) -> Case:
    """A case opened by ``opener`` in ``team``, inside an audit context that the caller holds."""
    return take_in(actor=opener, now=clock.now(), team=team, intake=intake(**changes))
