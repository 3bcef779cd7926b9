"""The oracle kills every bug that is planted: else it would be decoration. Takes minutes, so ``make check-deep`` runs it."""

import inspect
from collections import Counter
from importlib import import_module

import pytest
from django.db import connection

from tests.cases.mutants import MUTANTS
from tests.cases.oracle_stage import Stage
from tests.cases.planting import Mutant, is_python, planted
from tests.cases.test_oracle import compare
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]
#: Worlds in which a bug may hide before it counts as a survivor.
WORLDS = 250


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return Stage(cast)


@pytest.mark.once
@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_fits_the_code_as_it_is(mutant: Mutant) -> None:
    source = inspect.getsource(import_module(mutant.module))
    assert source.count(mutant.old) == 1 and is_python(source.replace(mutant.old, mutant.new))
    with planted(mutant):
        pass


@pytest.mark.once
def test_there_are_as_many_as_were_asked_for() -> None:
    assert len(MUTANTS) >= 14 and max(Counter(map(str, MUTANTS)).values()) == 1


@pytest.mark.deep
@pytest.mark.parametrize("mutant", [one for one in MUTANTS if one.engine in ("", connection.vendor)], ids=str)
def test_the_oracle_kills_it(mutant: Mutant, stage: Stage) -> None:
    with planted(mutant), pytest.raises(AssertionError):
        compare(stage, WORLDS, seed=1, first=mutant.name)
