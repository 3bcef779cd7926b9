"""What the engine room has to say on the pages of those who look after the house. Those rooms cannot ask it: it is above."""

from typing import Any

from django import template

from casemgmt.operations.backup import reminders

register = template.Library()


@register.inclusion_tag("operations/_reminders.html")
def house_reminders() -> dict[str, Any]:
    """What is overdue of the installation itself, for the administrator and the director; nothing where all is done."""
    return {"reminders": reminders.standing_lines()}
