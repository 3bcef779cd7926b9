"""How the story is told: every act of every case is planned first, then done in the order of time, by the real actions.

So keys, events and lists come out in the order in which they would have grown.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from casemgmt.accounts.models import Organisation, Team, User
from casemgmt.operations.demo.people import Figure

SATURDAY = 5
#: Between two acts of one course, at least.
A_WHILE = timedelta(minutes=4)
Act = Callable[[datetime], Any]


@dataclass(frozen=True)
class Planned:
    """One act: in which course, in which order, at which moment."""

    course: str
    in_order: tuple[int, str, int]
    at: datetime
    act: Act


@dataclass
class Telling:
    """The cast and their teams, the moment at which the story ends, and what is still to be done."""

    now: datetime
    cast: dict[str, User]
    teams: dict[str, Team]
    organisations: dict[str, Organisation]
    planned: list[Planned] = field(default_factory=list)

    def day(self, ago: int) -> date:
        """The working day about ``ago`` days before now; a negative number lies ahead. Today is today on Sundays, too."""
        day = self.now.date() - timedelta(days=ago)
        over = day.weekday() - SATURDAY + 1
        if ago == 0 or over <= 0:
            return day
        return day - timedelta(days=over) if ago > 0 else day + timedelta(days=3 - over)

    def moment(self, ago: int, clock: str) -> datetime:
        """A time of the day on that working day."""
        hours, minutes = clock.split(":")
        return datetime.combine(self.day(ago), time(int(hours), int(minutes)), UTC)

    def plan(self, course: str, ago: int, clock: str, act: Act) -> None:
        """Let ``act`` happen in this course then, after what was planned before it for the same moment."""
        in_order = (-ago, clock, len(self.planned))
        self.planned.append(Planned(course, in_order, self.moment(ago, clock), act))

    def in_time(self) -> list[tuple[datetime, Act]]:
        """All acts, the oldest first. A course keeps its order where a weekend puts several days into one."""
        latest = self.now - timedelta(minutes=1)
        before: dict[str, datetime] = {}
        acts = []
        for one in sorted(self.planned, key=lambda one: one.in_order):
            when = max(one.at, before[one.course] + A_WHILE) if one.course in before else one.at
            when = before[one.course] = min(when, latest)
            acts.append((when, one.in_order, one.act))
        acts.sort(key=lambda entry: entry[:2])
        return [(when, act) for when, _order, act in acts]

    def tell(self, say: Callable[[int, int], None]) -> None:
        """Do everything, the oldest first. ``say`` hears how many acts are done, and of how many."""
        everything = self.in_time()
        for number, (when, act) in enumerate(everything, start=1):
            act(when)
            say(number, len(everything))


class Thread:
    """One case among the others: its figure, its worker, and what its acts have made so far."""

    def __init__(self, telling: Telling, figure: Figure) -> None:
        self.telling, self.figure = telling, figure
        self.worker = telling.cast[figure.worker]
        #: What the acts have made so far: uids by the names the story gives them.
        self.made: dict[str, UUID] = {}

    @property
    def uid(self) -> UUID:
        """The case; known once the intake is done."""
        return self.made["case"]

    def who(self, key: str = "") -> User:
        """A person of the cast, or the worker of this case."""
        return self.telling.cast[key] if key else self.worker

    def plan(self, ago: int, clock: str, act: Act, *, name: str = "") -> None:
        """Plan one act of this case; ``name`` keeps the uid of what it makes."""

        def do(now: datetime) -> None:
            made = act(now)
            if name:
                self.made[name] = made.uid

        self.telling.plan(self.figure.key, ago, clock, do)
