"""Places in a list, as opaque tokens: sealed for one person and one list, and meaningless to anybody else.

A page's address must not carry a number from which the count of cases could be guessed.
"""

from typing import Any

from casemgmt.access.errors import Hidden
from casemgmt.accounts.models import User
from casemgmt.crypto.errors import BadToken, ContentErased
from casemgmt.crypto.keyring import ensure_own_keys
from casemgmt.crypto.tokens import open_token, seal_token


def seal_place(actor: User, list_name: str, key: Any) -> str:
    """The token for "older than this" in one list of one person: a key, or a value and a key where it is sorted."""
    try:
        return seal_token(actor.uid, f"place/{list_name}", key)
    except ContentErased:
        # Somebody who has never kept anything of her own has no keys yet.
        ensure_own_keys(actor.uid)
        return seal_token(actor.uid, f"place/{list_name}", key)


def open_place(actor: User, list_name: str, text: str) -> int:
    """The key sealed in a token. Raises ``Hidden`` for anything not made for this person and list."""
    try:
        return int(open_token(actor.uid, f"place/{list_name}", text))
    except BadToken:
        raise Hidden from None


def open_sorted_place(actor: User, list_name: str, text: str) -> tuple[str, int]:
    """As ``open_place`` for a list that is sorted by something else: the value as it was sealed, and the key."""
    try:
        value, key = open_token(actor.uid, f"place/{list_name}", text)
        return str(value), int(key)
    except (BadToken, TypeError, ValueError):
        raise Hidden from None
