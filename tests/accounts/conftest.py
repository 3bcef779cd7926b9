"""Fixtures of the accounts' tests."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def no_limits_left_over(db: None) -> None:
    """Attempts are counted in the cache, which outlives a test."""
    cache.clear()
