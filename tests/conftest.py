"""Fixtures of all unit tests: both databases, the cast, a client that is signed in, and a context for writing."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from audit.context import audit_context
from tests.cast import Cast


@pytest.fixture
def db_all(request: pytest.FixtureRequest) -> None:
    """Both databases, in a transaction that is rolled back."""
    request.getfixturevalue("_django_db_helper")


@pytest.fixture
def ledger() -> Iterator[None]:
    """A context for writing outside a request: actions called by a test say that a test called them."""
    with audit_context("test", "a test"):
        yield


@pytest.fixture
def cast(db: None) -> Cast:
    """The named people, made by the real actions."""
    return Cast()


@pytest.fixture
def sign_in() -> Callable[..., Client]:
    """``sign_in(cast.amina)``: a client past password, second factor and lock, as the demo's sign-in leaves it."""

    def signed_in(user: object) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")  # type: ignore[arg-type]
        return client

    return signed_in
