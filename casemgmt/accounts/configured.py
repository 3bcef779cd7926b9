"""What an administrator configured, as each process remembers it: read again after a few seconds, at once where it changed.

Every page asks for it, so it may cost no query. A process believes what it read for ``HAVEN_CONFIGURED_SECONDS``; the one
in which something was changed forgets it with the change, every other one follows within these seconds. Nothing of it
decides a right, so being late by seconds harms nobody.
"""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.conf import settings
from django.db import transaction

from casemgmt.interface import house
from casemgmt.interface.house import HouseWords

from .choices import Language
from .models.configuration import HouseSettings

Read = TypeVar("Read")


class Kept(Generic[Read]):
    """One thing that is read from the database and believed for a while. ``shipped`` stands before anything was configured."""

    def __init__(self, read: Callable[[], Read], shipped: Callable[[], Read]) -> None:
        self._read, self._shipped = read, shipped
        self._value: Read | None = None
        self._looked_at = 0.0
        _ALL.append(self)

    def now(self) -> Read:
        """What stands now. A query only where this process has not looked for some seconds."""
        if self._value is None or time.monotonic() - self._looked_at > settings.HAVEN_CONFIGURED_SECONDS:
            self._value, self._looked_at = self._read(), time.monotonic()
        return self._value

    def forget(self) -> None:
        """Read again at the next question, within this transaction and once more after it."""
        self._value = None
        # Another request of this process may read the former state until the change is committed.
        transaction.on_commit(self._drop)

    def _drop(self) -> None:
        self._value = None

    def hold_shipped(self) -> None:
        """Stand where nothing was configured, without asking: the tests begin so."""
        self._value, self._looked_at = self._shipped(), time.monotonic()


_ALL: list[Kept] = []


def hold_shipped() -> None:
    """All of it as it is shipped, without asking; for tests."""
    for kept in _ALL:
        kept.hold_shipped()
    house.say(HouseWords())


def settings_row() -> HouseSettings | None:
    """The row of this house, where anything was ever chosen. One query."""
    return HouseSettings.objects.filter(house=1).first()


def _read() -> HouseWords:
    row = settings_row()
    return HouseWords() if row is None else row.words


_WORDS = Kept(_read, HouseWords)


def words() -> HouseWords:
    """What was chosen for this house, as far as this process knows; the shop window is told with it."""
    found = _WORDS.now()
    house.say(found)
    return found


def languages_offered() -> list[tuple[str, str]]:
    """Choices of a form: the languages this house offers, each in its own words."""
    offered = dict(words().languages)
    return [one for one in Language.choices if one[0] in offered]


def usual_language() -> str:
    """The language of this house, as the first value of a form."""
    return words().language


def forget() -> None:
    """The settings were changed."""
    _WORDS.forget()
