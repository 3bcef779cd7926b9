"""What every page knows before its view has said a word: name, theme, language, direction, navigation."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, get_language_bidi

from . import house
from .navigation import items_for, note_url_for

THEME_COOKIE = "haven_theme"
THEMES = ("light", "dark")
DIRECTION_COOKIE = "haven_dir"

#: Addresses that base.html links to when they exist in this installation.
DOORS = {
    "home_url": "home",
    "theme_url": "theme",
    "language_url": "language",
    "stay_url": "stay",
    "lock_url": "lock",
    "unlock_url": "unlock",
    "account_url": "my-account",
    "at_the_door_url": "at-the-door",
    "sign_in_url": "sign-in",
    "sign_out_url": "sign-out",
    "ui_url": "ui",
}


def theme_of(request: HttpRequest) -> str:
    """``light``, ``dark`` or empty, which means: as the device says. Read by the server, so that nothing flashes."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else ""


def direction_of(request: HttpRequest) -> str:
    """``rtl`` or ``ltr``. The demo can turn an English page around (``?dir=rtl``), to look for faults of layout."""
    if getattr(settings, "HAVEN_DEMO", False):
        asked = request.GET.get("dir") or request.COOKIES.get(DIRECTION_COOKIE, "")
        if asked in ("rtl", "ltr"):
            return asked
    return "rtl" if get_language_bidi() else "ltr"


def door(url_name: str) -> str:
    """The address of that name, or empty where this installation has none."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def plain(request: HttpRequest) -> dict[str, Any]:
    """The part that asks nobody and nothing: error pages use it when the database or the session is away."""
    said = house.words()
    return {
        "SITE_NAME": said.site_name,
        # The one place that knows the word for her: tabs and headings say {{ her }}, sentences say "she".
        "her": said.her,
        "theme": theme_of(request),
        "language": get_language() or settings.LANGUAGE_CODE,
        "direction": direction_of(request),
        "is_demo": bool(getattr(settings, "HAVEN_DEMO", False)),
        "doors": {key: door(name) for key, name in DOORS.items()},
    }


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: everything ``base.html`` needs around a page. No value from a case is ever in it."""
    return {
        **plain(request),
        "languages": house.words().languages,
        "other_theme": "light" if theme_of(request) == "dark" else "dark",
        # Called by base.html only: an error page draws no navigation and asks the database nothing.
        "nav_items": lambda: items_for(request),
        "note_url": lambda: note_url_for(request),
        "idle_warn_seconds": getattr(settings, "HAVEN_IDLE_WARN_SECONDS", 480),
        "idle_lock_seconds": getattr(settings, "HAVEN_IDLE_LOCK_SECONDS", 600),
    }
