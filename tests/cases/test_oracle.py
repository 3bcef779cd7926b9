"""All implementations of the rule of access give the answer of twenty plain lines, at every instant (docs/access.md)."""

from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from tests.cases.oracle import Act, Stage, play_and_compare, worlds
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]
QUICK, LONG = 12, 400


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return Stage(cast)


def compare(stage: Stage, examples: int, *, seed: int, phases: tuple[Phase, ...] = (Phase.generate,)) -> None:
    """Play that many worlds, each in a savepoint that is taken back. Raises AssertionError at the first difference."""

    @seeded(seed)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=phases, print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(worlds)
    def play(world: tuple[list[Act], set[int]]) -> None:
        story, looks = world
        with transaction.atomic():
            try:
                play_and_compare(stage, story, looks)
            finally:
                transaction.set_rollback(True)

    play()


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
