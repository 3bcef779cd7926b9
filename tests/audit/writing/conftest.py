"""A case and a task in databases of their own, for the tests of all ways of writing."""

from collections.abc import Iterator
from typing import Any

import pytest

from audit import clock
from audit.context import audit_context
from cases.models import Task
from tests import make
from tests.audit import committed
from tests.audit.writing.paths import added, new_task, write
from tests.cast import Cast


@pytest.fixture(scope="module")
def cast(tmp_path_factory: Any, django_db_blocker: Any) -> Iterator[Cast]:
    with committed.databases(tmp_path_factory.mktemp("own"), django_db_blocker):
        Cast.make()
        yield Cast()


@pytest.fixture(scope="module")
def case(cast: Cast) -> Any:
    with audit_context("test", "write paths"):
        return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def task(cast: Cast, case: Any) -> Task:
    with audit_context("test", "write paths"):
        return write(actor=cast.amina, now=clock.now(), how=lambda: added(new_task(case, cast.amina)))
