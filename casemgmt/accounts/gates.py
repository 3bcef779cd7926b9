"""Marks on views for the reception's middleware: what stays open while a session is locked or half signed in."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpResponseBase

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def open_when_locked(view: View) -> View:
    """Reachable in a locked session: the lock itself, unlocking, signing out."""
    view.open_when_locked = True  # type: ignore[attr-defined]
    return view


def open_while_enrolling(view: View) -> View:
    """Reachable before the second factor is set up or shown: setting it up, showing it, signing out."""
    view.open_while_enrolling = True  # type: ignore[attr-defined]
    return view


def open_in_locked_office(view: View) -> View:
    """Reachable while the office is locked: the page that opens it, proving who one is, signing out."""
    view.open_in_locked_office = True  # type: ignore[attr-defined]
    return view


def in_background(view: View) -> View:
    """Asked by the page itself, not by the person: does not count as being there, so polling never keeps a
    session open."""
    view.in_background = True  # type: ignore[attr-defined]
    return view
