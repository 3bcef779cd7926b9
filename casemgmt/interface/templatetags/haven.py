"""The tags of Haven's pages: icons, dates in words, who may see what, the key of a form."""

import datetime as dt
import html
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from lucide.templatetags.lucide import lucide

from casemgmt.interface import lines

register = template.Library()

#: Icons that point along the line of reading; they turn around in a right-to-left page. All others stay.
FLIPPED = frozenset(
    {"arrow-left", "arrow-right", "chevron-left", "chevron-right", "log-in", "log-out", "undo-2", "corner-down-right"}
)


#: How all icons are drawn stands once in the style sheet (``svg.i``), and not in each of the hundred of a long page.
_DRAWN_BY_STYLE = re.compile(r' (?:fill="none"|stroke="currentColor"|stroke-(?:width|linecap|linejoin)="(?:2|round)")')


@lru_cache(maxsize=256)
def _drawn(name: str, size: int) -> SafeString:
    css = "i flip" if name in FLIPPED else "i"
    drawn = lucide(name, size=size, **{"class": css, "aria-hidden": "true"})
    opening, rest = drawn.split(">", 1)
    tight = _DRAWN_BY_STYLE.sub("", opening) + ">" + re.sub(r">\s+<", "><", rest.strip()).replace(" />", "/>")
    return mark_safe(tight)  # noqa: S308 - a drawing of the lucide package, no text of anybody's


@register.simple_tag
def icon(name: str, size: int = 18) -> SafeString:
    """An outline icon for the eye only (``aria-hidden``): the word beside it, or a ``.vh`` text, says the same."""
    return _drawn(name, int(size))


register.simple_tag(lines.comma)


@register.filter
def in_a_row(things: Iterable[Any]) -> SafeString:
    """Things of a list in one line, each escaped."""
    return format_html_join(lines.comma(), "{}", ((one,) for one in things))


@register.simple_tag
def form_key() -> SafeString:
    """The hidden key of a plain form: a double click or a retry with the same key makes one record."""
    return format_html('<input type="hidden" name="form_key" value="{}">', uuid4())


@register.simple_tag
def choices_of(widget: dict[str, Any]) -> SafeString:
    """The choices of a list to choose from, as Django's own templates write them, without a template for each."""
    groups = []
    for name, choices, _place in widget["optgroups"]:
        rows = "".join(map(_choice, choices))
        groups.append(f'<optgroup label="{html.escape(str(name))}">{rows}</optgroup>' if name else rows)
    return mark_safe("".join(groups))  # noqa: S308 - every part of it is escaped, here and in _choice()


def _choice(option: dict[str, Any]) -> str:
    """One choice. Values and labels are escaped even where they call themselves safe."""
    attributes = "".join(
        f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'
        for name, value in (("value", option["value"]), *option["attrs"].items()) if value is not False
    )  # fmt: skip
    return f"<option{attributes}>{html.escape(str(option['label']))}</option>"


@register.inclusion_tag("_visible_to.html")
def visible_to(names: str | Iterable[str], private: bool = False) -> dict[str, object]:
    """ "Visible to: Care team". ``names``: one text or several; ``private`` draws a lock instead of people."""
    listed = [names] if isinstance(names, str) else [str(name) for name in names]
    return {"names": listed, "private": private}


def _as_day(value: dt.date | dt.datetime) -> dt.date:
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def days_until(value: dt.date | dt.datetime, today: dt.date | None = None) -> int:
    """Whole days from today (the reader's own) to that day; negative when it has passed."""
    return (_as_day(value) - (today or timezone.localdate())).days


@register.simple_tag
def days_left(value: dt.date | dt.datetime | None, today: dt.date | None = None) -> str:
    """A countdown in words: "34 days left", "due today", "3 days overdue"."""
    if value is None:
        return ""
    days = days_until(value, today)
    if days == 0:
        return _("due today")
    if days > 0:
        return ngettext("%(count)s day left", "%(count)s days left", days) % {"count": days}
    return ngettext("%(count)s day overdue", "%(count)s days overdue", -days) % {"count": -days}


@register.simple_tag
def last_day_words(value: dt.date, today: dt.date | None = None) -> str:
    """When something ends by itself, in words: "ends in 34 days", "ends today"."""
    days = days_until(value, today)
    if days <= 0:
        return _("ends today") if days == 0 else _("has ended")
    return ngettext("ends in %(count)s day", "ends in %(count)s days", days) % {"count": days}


@register.simple_tag
def due_tone(value: dt.date | dt.datetime | None, soon: int = 7, today: dt.date | None = None) -> str:
    """The class of a due date: ``bad`` when overdue, ``warn`` within ``soon`` days, else nothing."""
    if value is None:
        return ""
    days = days_until(value, today)
    return "bad" if days < 0 else "warn" if days <= soon else ""


@register.filter
def local_date(value: dt.date | dt.datetime | None) -> str:
    """A day written out, "21 November 2026", in a ``<time>``. Nothing for no date."""
    if value is None or value == "":
        return ""
    day = _as_day(value)
    shown = date_format(day, pgettext("how a day is written; Django's letters", "j F Y"))
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), shown)


@register.filter
def local_datetime(value: dt.datetime | None) -> str:
    """A moment on the reader's clock, "21 Nov 2026, 09:15", in a ``<time>`` that also holds it exactly."""
    if value is None or value == "":
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    shown = date_format(local, pgettext("how a moment is written; Django's letters", "j M Y, H:i"))
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), shown)


@register.filter
def local_when(value: dt.datetime | dt.date | None) -> str:
    """A moment as one says it: "Today, 09:15", "Yesterday, 16:20", else "19 Nov 2026, 14:00"; a day stays a day."""
    if value is None or value == "":
        return ""
    if not isinstance(value, dt.datetime):
        return local_date(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    ago = (timezone.localdate() - local.date()).days
    clock = date_format(local, "H:i")
    if ago == 0:
        shown = _("Today, %(clock)s") % {"clock": clock}
    elif ago == 1:
        shown = _("Yesterday, %(clock)s") % {"clock": clock}
    else:
        return local_datetime(value)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), shown)


@register.inclusion_tag("_due_box.html")
def due_box(value: dt.date, soon: int = 7, is_done: bool = False) -> dict[str, object]:
    """The little calendar leaf in front of a line of the due list: day over month, amber when it is near.

    What is done or over has no colour, whatever its date.
    """
    day = _as_day(value)
    tone = "" if is_done else due_tone(value, soon)
    return {"day": day, "tone": tone, "other_year": day.year != timezone.localdate().year}


@register.simple_tag
def code_label(choices: Iterable[tuple[str, str]], code: str) -> str:
    """The words for a stored code: ``{% code_label Kind.choices row.kind %}``. An unknown code is shown as it is."""
    return str(dict(choices).get(code, code))
