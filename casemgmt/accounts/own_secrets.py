"""What is kept sealed as text under a person's own key: second factors, the PIN, forms that a locked screen kept.

Whoever renews that key goes through these. Tokens in addresses and sessions are not kept: they are made anew.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import models

from casemgmt.crypto.errors import BadToken
from casemgmt.crypto.tokens import epoch_of_token, resealed_token

from .actions.sessions import PIN_PURPOSE
from .held import PURPOSE as HELD_FORM
from .models import HeldForm, UnlockPin, User

#: The sealed members of what allauth keeps of a factor. Passkeys keep public halves only.
_FACTOR_MEMBERS = ("secret", "seed")

#: The tables in which such secrets stand.
TABLES: tuple[type[models.Model], ...] = (HeldForm, UnlockPin, Authenticator)


@dataclass(frozen=True)
class Secret:
    """One kept secret: its purpose, its text, and how to put another text in its place if it is still the same."""

    name: str
    purpose: str
    text: str
    put: Callable[[str], int]


def secrets_of(user: User) -> Iterator[Secret]:
    """Every kept secret of one person. Three queries."""
    for pin in UnlockPin.objects.filter(user=user):
        yield Secret(
            "pin", PIN_PURPOSE, pin.sealed_digest, _putting(UnlockPin, pin.pk, "sealed_digest", pin.sealed_digest)
        )
    for held in HeldForm.objects.filter(user=user):
        yield Secret(
            f"held form {held.uid}", HELD_FORM, held.sealed, _putting(HeldForm, held.pk, "sealed", held.sealed)
        )
    for factor in Authenticator.objects.filter(user=user).order_by("pk"):
        for member in _FACTOR_MEMBERS:
            kind, colon, token = str(factor.data.get(member) or "").partition(":")
            if colon:
                yield Secret(f"factor {factor.pk}", kind, token, _putting_factor(factor.pk, member, kind, token))


def _putting(model: Any, key: Any, column: str, before: str) -> Callable[[str], int]:
    """Compare and set, so that what its owner changed meanwhile stays."""
    return lambda text: model.objects.filter(**{"pk": key, column: before}).update(**{column: text})


def _putting_factor(key: int, member: str, kind: str, before: str) -> Callable[[str], int]:
    def put(text: str) -> int:
        factor = Authenticator.objects.select_for_update().filter(pk=key).first()
        if factor is None or factor.data.get(member) != f"{kind}:{before}":
            return 0
        factor.data = {**factor.data, member: f"{kind}:{text}"}
        factor.save(update_fields=["data"])
        return 1

    return put


def reseal_secrets(user: User, epoch: int, damaged: set[str]) -> int:
    """Put every kept secret of a person under the newest key, and say how many. Notes in ``damaged`` what does not open."""
    done = 0
    for secret in secrets_of(user):
        try:
            text = resealed_token(user.uid, secret.purpose, secret.text, epoch)
        except BadToken:
            damaged.add(f"token.{secret.purpose} {user.uid}")
            continue
        if text != secret.text:
            done += secret.put(text)
    return done


def has_old_secret(user: User, epoch: int, damaged: set[str]) -> bool:
    """Whether a kept secret of a person is under an older key that is not known to be damaged."""
    for secret in secrets_of(user):
        if f"token.{secret.purpose} {user.uid}" in damaged:
            continue
        try:
            if epoch_of_token(user.uid, secret.purpose, secret.text) < epoch:
                return True
        except BadToken:
            return True
    return False
