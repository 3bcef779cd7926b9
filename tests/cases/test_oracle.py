"""All implementations of the rule of access give the answer of twenty plain lines, at every instant (docs/access.md)."""

from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from tests.cases.oracle import LAST, STORIES, Act, Stage, play_and_compare, worlds
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]
QUICK, LONG = 5, 400


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return Stage(cast)


def compare(stage: Stage, examples: int, *, seed: int, phases: tuple[Phase, ...] = (Phase.generate,)) -> None:
    """Play the stories, then so many worlds, each in a savepoint of its own. Raises AssertionError at the first difference."""

    for story in STORIES.values():
        _play(stage, story, set(range(LAST)))

    @seeded(seed)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=phases, print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(worlds)
    def play(world: tuple[list[Act], set[int]]) -> None:
        _play(stage, *world)

    play()


def _play(stage: Stage, story: list[Act], looks: set[int]) -> None:
    with transaction.atomic():
        try:
            play_and_compare(stage, story, looks)
        finally:
            transaction.set_rollback(True)


def test_the_door_agrees_with_the_oracle(stage: Stage) -> None:
    compare(stage, QUICK, seed=20261122)


@pytest.mark.deep
def test_the_door_agrees_with_the_oracle_in_many_worlds(stage: Stage) -> None:
    compare(stage, LONG, seed=4, phases=(Phase.generate, Phase.shrink))


def test_the_oracle_is_no_echo(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says yes and no, for every reason there is: a rule that is never asked would prove nothing."""
    from tests.cases import oracle

    said: set[bool] = set()
    may: Callable[..., bool] = oracle.Facts.may
    monkeypatch.setattr(oracle.Facts, "may", lambda *asked: said.add(may(*asked)) or may(*asked))
    compare(stage, 2, seed=7)
    assert said == {True, False}
