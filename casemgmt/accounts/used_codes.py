"""Codes of authenticator apps work once, for as long as any of the clock's steps would take them.

The library remembers a used code for one step of 30 seconds. Because the steps before and after count too, the same six
digits, read over somebody's shoulder, would have opened a second session for up to a minute more.
"""

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from django.core.cache import cache

from casemgmt.accounts.models import User


def was_used(user: User, code: str) -> bool:
    """Whether this person has shown these digits while they still count."""
    return cache.get(_key(user, code)) is not None


def remember(user: User, code: str) -> bool:
    """Note that a code was taken. False where another request took it at the same moment."""
    seconds = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    return bool(cache.add(_key(user, code), "used", timeout=seconds))


def _key(user: User, code: str) -> str:
    return f"haven.totp.used:{user.pk}:{normalize_user_code(code)}"
