"""Each test makes the key of its checkpoints anew, so no process memory of the test before may be left."""

import pytest

from casemgmt.crypto import keyring


@pytest.fixture(autouse=True)
def _nothing_remembered():
    keyring.forget()
    yield
    keyring.forget()
