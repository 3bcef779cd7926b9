"""Opaque tokens for URLs and sessions: a page's place in a list, a pending secret. Sealed for one owner and purpose.

The text tells nothing but a padded length, and opens for nobody but the owner it was made for.
"""

import base64
import binascii
import json
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgmt.crypto import classes, envelope, keks, keyring
from casemgmt.crypto.errors import BadToken, ContentErased, DecryptionRefused

_SECTION = "TOKEN"


def seal_token(owner_uid: UUID, purpose: str, obj: Any) -> str:
    """Seal a JSON value as URL-safe text. The owner (a person or an organisation) has own keys, else ContentErased."""
    epoch, cipher = _cipher(owner_uid, purpose)
    typed = json.dumps(obj, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    sealed = envelope.seal(cipher, epoch, typed, _bound_to(owner_uid, purpose, epoch))
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def open_token(owner_uid: UUID, purpose: str, text: str) -> Any:
    """The value sealed in a token. Raises BadToken for anything not made for this owner and purpose."""
    fid = f"token.{purpose}"
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        epoch = envelope.epoch_of(sealed, fid, owner_uid)
        cipher = _cipher(owner_uid, purpose, epoch)[1]
        typed = envelope.unseal(cipher, sealed, _bound_to(owner_uid, purpose, epoch), fid, owner_uid)
        return json.loads(typed)
    except (DecryptionRefused, ContentErased, binascii.Error, ValueError):
        # What people paste into an address is no alarm: it is a page that does not exist.
        raise BadToken(f"This is no {purpose} token of {owner_uid}.") from None


def _cipher(owner_uid: UUID, purpose: str, epoch: int | None = None) -> tuple[int, AESGCM]:
    epoch, key = keyring.derived_key(owner_uid, classes.CORE, f"token/{purpose}", epoch)
    try:
        return epoch, AESGCM(key)
    finally:
        keks.wipe(key)


def _bound_to(owner_uid: UUID, purpose: str, epoch: int) -> bytes:
    return envelope.associated_data(f"token.{purpose}", owner_uid, owner_uid, _SECTION, None, epoch)


def resealed_token(owner_uid: UUID, purpose: str, text: str, epoch: int) -> str:
    """A kept token under its owner's newest key; the same text where it is under ``epoch`` or a later one already.

    For renewals (``crypto.rekeying``) only. Raises BadToken where it does not open.
    """
    if epoch_of_token(owner_uid, purpose, text) >= epoch:
        return text
    return seal_token(owner_uid, purpose, open_token(owner_uid, purpose, text))


def epoch_of_token(owner_uid: UUID, purpose: str, text: str) -> int:
    """The epoch of the key that a token is under, by its own bytes. Raises BadToken."""
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return envelope.epoch_of(sealed, f"token.{purpose}", owner_uid)
    except (DecryptionRefused, binascii.Error, ValueError):
        raise BadToken(f"This is no {purpose} token of {owner_uid}.") from None
