"""Fixtures of all unit tests: both databases, the cast, a client that is signed in, and a context for writing."""

import gc
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from audit import log
from audit.context import audit_context
from casemgmt.accounts import configured
from casemgmt.crypto import keks, keyring
from casemgmt.operations.words.compiling import compile_stale
from tests.accounts import signing_in
from tests.cast import Cast
from tests.recorded_by import RECORDED_BY

BOTH = ["default", "keystore"]


def pytest_configure() -> None:
    """Pages speak the catalogues as they are now, also where pytest was started without make."""
    compile_stale()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever works with records works with their keys: a test that asks for a database gets both.

    First of all hooks, because what is marked ``deep`` here is left out by the next one.
    """
    is_postgresql = os.environ.get("HAVEN_TEST_ENGINE") == "postgresql"
    # Two processes share the files: whoever starts real servers takes minutes, and must not be left for the end.
    items.sort(key=lambda item: "/operations/" not in str(item.path))
    for item in items:
        if is_postgresql and item.get_closest_marker("walks") and not item.get_closest_marker("sql"):
            item.add_marker(pytest.mark.deep)
        mark = item.get_closest_marker("django_db")
        if mark is None and "db" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db(databases=BOTH))


@pytest.fixture(autouse=True)
def _no_key_of_checkpoints_is_left() -> Iterator[None]:
    """A test that seals makes that key anew and its end takes it back, so no process memory of it may be left."""
    yield
    for kept in [one for one in keks._shared if one[0] == keks.CHECKPOINT]:
        keks._shared.pop(kept, None)


@pytest.fixture(autouse=True)
def _nothing_is_configured() -> None:
    """Each test begins with the house as it is shipped: what a test configured went with its transaction."""
    configured.hold_shipped()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[Any]:
    """A test of which ``recorded_by`` says that it records a verb does so, or fails."""
    wanted = {verb for verb, place in RECORDED_BY.items() if place == item.nodeid}
    if not wanted:
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        write, seen = log._write, set()

        def watched(verb: Any, *arguments: Any) -> Any:
            event = write(verb, *arguments)
            seen.add(verb.value)
            return event

        patch.setattr(log, "_write", watched)
        result = yield
    assert wanted <= seen, f"{wanted - seen} was not recorded (tests/recorded_by.py)"
    return result


def pytest_collection_finish() -> None:
    """Look for unused cycles a hundred times less often, and never among thousands of gathered tests: an eighth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The tables, and in them the cast, made once by the real actions: making it anew took two thirds of a test's time."""
    with django_db_blocker.unblock():
        Cast.make()


@pytest.fixture
def ledger() -> Iterator[None]:
    """A context for writing outside a request: actions called by a test say that a test called them."""
    with audit_context("test", "a test"):
        yield


@pytest.fixture
def cast(db: None, ledger: None) -> Cast:
    """The named people; the test may write afterwards, too."""
    keyring.forget()
    return Cast()


@pytest.fixture
def sign_in() -> Callable[..., Client]:
    """``sign_in(cast.amina)``: a client past password, second factor and lock, as a real sign-in leaves it."""
    return signing_in.sign_in
