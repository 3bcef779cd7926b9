"""Drawing by lot, the same every time: words, and times of day."""

import random
from collections.abc import Sequence
from typing import Any, TypeVar

One = TypeVar("One")


class Lot:
    """Draws from lists of words without taking one twice in the same case, until all are used up."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.left: dict[tuple[Any, ...], list[Any]] = {}

    def draw(self, pool: Sequence[One]) -> One:
        """The next of this pool."""
        left = self.left.setdefault(tuple(pool), [])
        if not left:
            left += self.chance.sample(pool, len(pool))
        drawn: One = left.pop()
        return drawn

    def clock(self, earliest: int = 9, latest: int = 16) -> str:
        """A time in office hours."""
        return f"{self.chance.randint(earliest, latest):02}:{self.chance.choice((0, 5, 10, 15, 20, 30, 35, 40, 45, 50)):02}"
