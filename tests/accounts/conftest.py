"""Fixtures of the accounts' tests."""

import pytest
from django.core.cache import cache

from audit import clock
from casemgmt.accounts.actions import people
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from tests.accounts.signing_in import PASSWORD
from tests.cast import Cast


@pytest.fixture(autouse=True)
def no_limits_left_over(db: None) -> None:
    """Attempts are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def noor(cast: Cast) -> User:
    """A caseworker with a password of her own and no second factor yet."""
    invitation = people.invite_person(
        actor=cast.farid,
        now=clock.now(),
        email="noor@example.org",
        name="Noor Test",
        organisation=cast.amina.organisation,
        roles=(Role.CASEWORKER,),
    )
    return people.accept_invitation(
        actor=invitation.user, now=clock.now(), token=invitation.token, name="Noor Test", password=PASSWORD
    )
