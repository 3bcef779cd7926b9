"""What Django and allauth tell us about signing in, written into the ledger.

Signals are banned for our own behaviour; these are others' behaviour, and signals are their only voice.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.http import HttpRequest

from audit.log import record
from audit.verbs import Verb

from .devices import meet, words_of
from .models import User
from .stepup import is_demo_session_of, mark_second_factor


def connect() -> None:
    """Called once, when the app is ready."""
    for signal, receiver in (
        (user_logged_in, note_sign_in),
        (user_logged_out, note_sign_out),
        (user_login_failed, note_failed_sign_in),
        (authentication_failed, note_failed_factor),
        (authenticator_added, note_added_factor),
        (authenticator_removed, note_removed_factor),
        (authenticator_reset, note_new_codes),
        (authenticator_used, note_used_factor),
    ):
        signal.connect(receiver, dispatch_uid=f"accounts.{receiver.__name__}")


def note_sign_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """SIGNED_IN, or DEMO_SIGN_IN by the demo's button; the row of the session learns whose it is."""
    verb = Verb.DEMO_SIGN_IN if is_demo_session_of(request, user) else Verb.SIGNED_IN
    request.session.claim(words_of(request.META.get("HTTP_USER_AGENT", "")))  # type: ignore[attr-defined]
    if verb == Verb.SIGNED_IN:
        meet(request, user)
    with transaction.atomic():
        record(verb, actor=user, subject=user)


def note_sign_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """SIGNED_OUT."""
    if user is not None:
        with transaction.atomic():
            record(Verb.SIGNED_OUT, actor=user, subject=user)


def note_failed_sign_in(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """SIGN_IN_FAILED. What was typed is not kept: people type passwords into the wrong box."""
    email = credentials.get("email") or credentials.get("username") or ""
    subject = User.objects.filter(email=User.objects.normalize_email(str(email))).first()
    with transaction.atomic():
        record(Verb.SIGN_IN_FAILED, actor=None, subject=subject, outcome="FAILED", detail={"factor": "PASSWORD"})


def note_failed_factor(user: User, authenticator: Authenticator, reauthentication: bool = False, **kwargs: Any) -> None:
    """SECOND_FACTOR_FAILED, or STEP_UP_FAILED inside a session."""
    verb = Verb.STEP_UP_FAILED if reauthentication else Verb.SECOND_FACTOR_FAILED
    with transaction.atomic():
        record(verb, actor=None, subject=user, outcome="FAILED", detail=_factor(authenticator))


def note_used_factor(
    request: HttpRequest, user: User, authenticator: Authenticator, reauthenticated: bool = False, **kwargs: Any
) -> None:
    """SECOND_FACTOR_PASSED or STEP_UP_PASSED; the session remembers that the second factor was shown."""
    mark_second_factor(request, user)
    with transaction.atomic():
        record(
            Verb.STEP_UP_PASSED if reauthenticated else Verb.SECOND_FACTOR_PASSED,
            actor=user,
            subject=user,
            detail=_factor(authenticator),
        )
        if authenticator.type == Authenticator.Type.RECOVERY_CODES:
            record(Verb.RECOVERY_CODE_USED, actor=user, subject=user)


def note_added_factor(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """SECOND_FACTOR_ADDED or RECOVERY_CODES_MADE. Setting one up has just shown it."""
    is_codes = authenticator.type == Authenticator.Type.RECOVERY_CODES
    if not is_codes:
        mark_second_factor(request, user)
    with transaction.atomic():
        if is_codes:
            record(Verb.RECOVERY_CODES_MADE, actor=user, subject=user)
        else:
            record(Verb.SECOND_FACTOR_ADDED, actor=user, subject=user, detail=_factor(authenticator))


def note_removed_factor(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """SECOND_FACTOR_REMOVED."""
    with transaction.atomic():
        record(Verb.SECOND_FACTOR_REMOVED, actor=user, subject=user, detail=_factor(authenticator))


def note_new_codes(user: User, **kwargs: Any) -> None:
    """RECOVERY_CODES_MADE."""
    with transaction.atomic():
        record(Verb.RECOVERY_CODES_MADE, actor=user, subject=user)


def _factor(authenticator: Authenticator) -> dict[str, str]:
    return {"factor": authenticator.type.upper()}
