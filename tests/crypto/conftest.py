"""Fixtures of the vault's tests."""

import uuid
from collections.abc import Iterator

import pytest

from casemgmt.crypto import keyring


@pytest.fixture(autouse=True)
def _no_keys_from_another_test() -> Iterator[None]:
    """The rows of the test before were rolled back; what this process opened of them goes too."""
    keyring.forget()
    keyring._seen_version.clear()
    yield


@pytest.fixture
def case_uid(db: None) -> uuid.UUID:
    """A case with keys of all classes."""
    uid = uuid.uuid4()
    keyring.create_case_keys(uid)
    return uid


@pytest.fixture
def other_case_uid(db: None) -> uuid.UUID:
    uid = uuid.uuid4()
    keyring.create_case_keys(uid)
    return uid
