"""What tests of anchors share."""

import pytest

from audit.context import audit_context


@pytest.fixture
def in_context(db):
    """Someone accounts for what the test itself records."""
    with audit_context("test", "testing"):
        yield
