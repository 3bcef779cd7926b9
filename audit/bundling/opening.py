"""What a bundle tells of an event beside its entry: names made for this bundle, or the values with their salts."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID

from casemgmt.crypto.keyring import ledger_key

from .. import canonical
from ..models import Event

#: Never in a bundle: a client's address is the shelter's, and its pseudonym would still join what one place did.
CLOSED = frozenset({"address"})


def new_engagement() -> str:
    """A name for one bundle, under which its pseudonyms are made: two bundles cannot be joined by them."""
    return secrets.token_hex(8)


def names_in(engagement: str) -> Callable[[Event], dict[str, str]]:
    """How the events of a bundle name case and person. With the engagement, the house finds whom a name means."""
    key = hmac.digest(ledger_key("engagements"), engagement.encode(), hashlib.sha256)

    def name(letter: str, uid: UUID) -> str:
        return f"{letter}-{hmac.digest(key, letter.encode() + uid.bytes, hashlib.sha256)[:6].hex()}"

    def names(event: Event) -> dict[str, str]:
        person = event.actor_uid or event.on_behalf_of
        told = {"case": name("S", event.case_uid)} if event.case_uid else {}
        return told | ({"person": name("P", person)} if person else {})

    return names


def opened(event: Event) -> dict[str, list[Any]]:
    """Every value of an event with the salt of its commitment, by key; without erased details and client addresses."""
    values = {key: [bytes(event.salt), value] for key, value in canonical.column_values(event).items()}
    detail = event.detail
    if detail.salt is not None:
        content = detail.content or {}
        values |= {key: [bytes(detail.salt), content.get(key)] for key in canonical.DETAIL_KEYS}
    return {
        key: [canonical.salt_of(salt, key).hex(), value] for key, (salt, value) in values.items() if key not in CLOSED
    }
