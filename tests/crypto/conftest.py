"""Fixtures of the vault's tests."""

import uuid
from collections.abc import Iterator
from datetime import date

import pytest

from casemgmt.crypto import keyring
from tests.crypto.vaulted.models import Guest


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


@pytest.fixture
def guest(case_uid: uuid.UUID) -> Guest:
    """A record with a value of every type."""
    return Guest.objects.create(
        case_uid=case_uid, name="Ana Canary", born_on=date(1991, 5, 4), answers={"a": [1, {"b": None}]}, pregnant="no"
    )
