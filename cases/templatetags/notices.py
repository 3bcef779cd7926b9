"""What is new for somebody, on the home of every role: rooms below the case room cannot ask it themselves."""

from typing import Any

from django import template

from cases.views.home import notice_lines, notices_of

register = template.Library()


@register.inclusion_tag("home/_notices.html", takes_context=True)
def new_for_you(context: dict[str, Any]) -> dict[str, Any]:
    """What kinds of things wait for the reader, and how many; draws nothing where nothing does. Two queries."""
    lines = notice_lines(notices_of(context["request"].user))
    return {"notices": lines, "csrf_token": context.get("csrf_token")}
