"""Fixtures of the accounts' tests."""

import pytest
from django.core.cache import cache

from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from tests.accounts.signing_in import joined
from tests.cast import Cast


@pytest.fixture(autouse=True)
def no_limits_left_over(db: None) -> None:
    """Attempts are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def noor(cast: Cast) -> User:
    """A caseworker with a password of her own and no second factor yet."""
    return joined(cast, Role.CASEWORKER)
