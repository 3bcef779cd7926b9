"""What other rooms know of the end of a case: its last day of work, the help she had, and what goes on afterwards.

The case room knows no services; a room above it registers what it can say (``AppConfig.ready()``), as with
``cases.holds``. The rules of closing are ``cases.actions.cases.close_case`` (domain.md R9).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from casemgmt.accounts.models import User
from cases.choices.casework import ToldHer
from cases.models import Case


@dataclass(frozen=True)
class Farewell:
    """How the work with her ended. ``told``: whether she knows; ``agreed``: what was agreed for afterwards, in words.

    ``safety_reviewed``: the safety plan was looked at now; ``follow_up``: she may be asked later how she is.
    """

    told: str
    agreed: str = ""
    safety_reviewed: bool = False
    follow_up: bool = False

    @property
    def as_json(self) -> dict[str, Any]:
        """As ``Case.closing`` keeps it."""
        return {"told": ToldHer(self.told).value, "agreed": self.agreed}


class Room(Protocol):
    """What a room says of a case that ends. Nothing here opens the case: its caller has, or reads plain dates alone."""

    def last_day(self, case: Case) -> date | None:
        """The local day of the newest service, of which no case may close before; None where there is none."""

    def help_given(self, case: Case) -> Iterable[tuple[str, int]]:
        """Kinds of help in the active language, with how often each was given. Inside an opening of SERVICES."""

    def follow_ups(self, case: Case) -> Iterable[date]:
        """The days on which she will be asked how she is, those still to come, in their order."""

    def plan_follow_ups(self, *, actor: User, now: datetime, case: Case, exit_on: date) -> None:
        """Plan them from the day of the exit. Inside the transaction of the closing. Raises Refused."""


_ROOMS: list[Room] = []


def register(room: Room) -> None:
    """For the ``ready()`` of a room."""
    _ROOMS.append(room)


def last_day(case: Case) -> date | None:
    """The local day of the newest service of any room."""
    return max((day for room in _ROOMS if (day := room.last_day(case)) is not None), default=None)


def help_given(case: Case) -> list[tuple[str, int]]:
    """Kinds of help with how often, the most frequent first. Inside an opening of SERVICES."""
    return sorted((line for room in _ROOMS for line in room.help_given(case)), key=lambda line: (-line[1], line[0]))


def follow_ups(case: Case) -> list[date]:
    """The days on which she will be asked how she is."""
    return sorted(day for room in _ROOMS for day in room.follow_ups(case))


def plan_follow_ups(*, actor: User, now: datetime, case: Case, exit_on: date) -> None:
    """Hand her over to those who ask later. Raises Refused."""
    for room in _ROOMS:
        room.plan_follow_ups(actor=actor, now=now, case=case, exit_on=exit_on)
