"""Several things in one line, in the script of the reader."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import pgettext


def comma() -> str:
    """What stands between two things of a list."""
    return pgettext("between two things of a list", ", ")


def in_a_row(things: Iterable[Any]) -> str:
    """Things of a list in one line. It is made of words as they are said now, so it is for the eye, and never kept."""
    return comma().join(str(one) for one in things)
