"""Fixtures of the services' tests."""

import pytest

from cases.models import AccessGrant, Case, Matter
from tests import make
from tests.cast import Cast
from tests.services.engaging import at_work, engagement_in


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case that Amina leads."""
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def matter(cast: Cast, case: Case) -> Matter:
    """A matter on which Chidi has worked."""
    return at_work(cast, case)


@pytest.fixture
def engagement(cast: Cast, matter: Matter) -> AccessGrant:
    """Chidi's access to it."""
    return engagement_in(cast, matter)
