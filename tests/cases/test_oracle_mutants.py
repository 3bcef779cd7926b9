"""The oracle kills every bug that is planted: else it would be decoration. Takes minutes, so ``make check-deep`` runs it."""

import inspect
from collections import Counter
from importlib import import_module

import pytest
from django.db import IntegrityError, connection

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


#: That the door agrees with the oracle is asked on both engines. What the oracle would notice depends on no engine, but
#: for the policies that only PostgreSQL has.
OURS = [one for one in MUTANTS if (one.engine or "sqlite") == connection.vendor]


@pytest.mark.deep
@pytest.mark.parametrize("mutant", OURS, ids=str)
def test_the_oracle_kills_it(mutant: Mutant, stage: Stage) -> None:
    # A rule of the database may stop a bug before its answers are compared.
    with planted(mutant), pytest.raises((AssertionError, IntegrityError)):
        compare(stage, WORLDS, seed=1, first=mutant.name)
