"""All implementations of the rule of access give the answer of twenty plain lines, at every instant (docs/access.md)."""

from collections.abc import Collection
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from tests.cases import oracle_wall
from tests.cases.oracle import play_and_compare
from tests.cases.oracle_facts import LAST, Facts
from tests.cases.oracle_stage import Stage
from tests.cases.oracle_worlds import STORIES, Act, worlds
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]
QUICK, LONG = 2, 400
HOURS = range(LAST + 1)


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return Stage(cast)


def compare(
    stage: Stage, examples: int, *, seed: int, phases: tuple[Phase, ...] = (Phase.generate,), first: str = ""
) -> None:
    """Tell the stories, looking at every hour; then play so many worlds. Raises AssertionError at the first difference.

    ``first``: words; stories that share words with them come first.
    """
    prepare()
    nearest_first = sorted(STORIES, key=lambda name: -len(_stems(name) & _stems(first)))
    for looks, glances in (((), HOURS), (HOURS, ())):  # most bugs are seen at a glance, which costs a tenth
        for name in nearest_first:
            play(stage, STORIES[name], looks, glances)
    roll(stage, examples, seed=seed, phases=phases)


def _stems(words: str) -> set[str]:
    """Words, so far as they are the same in one and many."""
    return {word[:5] for word in words.replace(",", " ").split() if len(word) > 3}


def prepare() -> None:
    """On PostgreSQL the policies are asked, too."""
    if connection.vendor == "postgresql":
        oracle_wall.lay()


def roll(stage: Stage, examples: int, *, seed: int, phases: tuple[Phase, ...]) -> None:
    """Play random worlds."""

    @seeded(seed)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=phases, print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(worlds)
    def one_after_the_other(world: tuple[list[Act], set[int]]) -> None:
        acts, looks = world
        play(stage, acts, {*looks, acts[-1].at, acts[-1].at + 1})

    one_after_the_other()


def play(stage: Stage, story: list[Act], looks: Collection[int], glances: Collection[int] = ()) -> None:
    """Play and take back."""
    with transaction.atomic():
        try:
            play_and_compare(stage, story, looks, glances)
        finally:
            transaction.set_rollback(True)


def test_the_door_agrees_with_the_oracle(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A glance at every hour of every story, a whole look at one; the deep run looks at all of them.

    And the oracle is no echo: in every story it says yes and no. A rule that is never asked would prove nothing.
    """
    said: set[bool] = set()
    may = Facts.may

    def heard(*asked: Any) -> bool:
        answer = may(*asked)
        said.add(answer)
        return answer

    monkeypatch.setattr(Facts, "may", heard)
    prepare()
    for number, (name, story) in enumerate(STORIES.items()):
        said.clear()
        play(stage, story, {1 + number % (story[-1].at + 1)}, HOURS)
        assert said == {True, False}, name
    roll(stage, QUICK, seed=20261122, phases=(Phase.generate,))


@pytest.mark.deep
def test_the_door_agrees_with_the_oracle_in_many_worlds(stage: Stage) -> None:
    compare(stage, LONG, seed=4, phases=(Phase.generate, Phase.shrink))
