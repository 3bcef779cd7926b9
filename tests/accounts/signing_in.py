"""Signed-in clients for tests: by password and code as in life, or at once for tests of something else."""

import time
from typing import Any

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.db import connection
from django.test import Client

from audit import clock
from audit.context import audit_context
from audit.models import Event
from casemgmt.accounts.actions import people
from casemgmt.accounts.models import Organisation, User
from casemgmt.accounts.stepup import SECOND_FACTOR_MARK
from casemgmt.crypto.tokens import seal_token
from tests.cast import Cast

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PASSWORD = "quiet harbour at dawn"


def joined(
    cast: Cast, *roles: str, email: str = "noor@example.org", name: str = "Noor Test",
    organisation: Organisation | None = None, password: str = PASSWORD,
) -> User:  # fmt: skip
    """Somebody whom Farid invited with these roles (into his house, where none is named), and who has accepted."""
    invitation = people.invite_person(
        actor=cast.farid, now=clock.now(), email=email, name=name,
        organisation=organisation or cast.amina.organisation, roles=roles,
    )  # fmt: skip
    return people.accept_invitation(
        actor=invitation.user, now=clock.now(), token=invitation.token, name=name, password=password
    )


def by_password(
    email: str = "noor@example.org", password: str = PASSWORD, client: Client | None = None, **extra: Any
) -> tuple[Client, Any]:
    """The first step; returns client and answer."""
    client = client or Client()
    return client, client.post("/sign-in/", {"login": email, "password": password}, **extra)


def last(count: int = 1) -> list[tuple[str, str]]:
    """The last events, oldest first: (verb, outcome)."""
    return list(Event.objects.order_by("-id").values_list("verb", "outcome")[:count])[::-1]


def sign_in(user: User, *, is_fresh: bool = False, **options: Any) -> Client:
    """A client past password and second factor; ``is_fresh``: it has also shown the factor once more just now."""
    client = Client(**options)
    with audit_context("test", "a test signs in"):
        client.force_login(user, backend=BACKEND)
    session = client.session
    session[SECOND_FACTOR_MARK] = str(user.uid)
    if is_fresh:
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time(), "reauthenticated": True}]
        session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
    return client


def fresh(user: User) -> Client:
    """A client that has just shown its second factor once more."""
    return sign_in(user, is_fresh=True)


def give_app(user: User) -> str:
    """Set up an authenticator app behind the pages; returns its secret."""
    secret = generate_totp_secret()
    data = {"secret": f"totp:{seal_token(user.uid, 'totp', secret)}"}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)
    return secret


def code_of(secret: str, at: float | None = None) -> str:
    """The six digits an app shows now, or at that second."""
    return format_hotp_value(hotp_value(secret, int(time.time() if at is None else at) // 30))


def all_columns(table: str) -> str:
    """Everything the database holds in a table, as text."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        return repr(cursor.fetchall())
