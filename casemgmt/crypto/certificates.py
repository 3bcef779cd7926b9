"""Certificates of erasure: what was destroyed, when and under which order, signed by the vault and checked offline.

A certificate is JSON without personal data. What is signed is its canonical form: keys sorted, no blanks, UTF-8.
The signing key (Ed25519) is derived from a wrapped key of the key store; its public half may be known to everybody.
"""

import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from casemgmt.crypto import keks
from casemgmt.crypto.errors import VaultError

FORMAT = "haven certificate 1"
_PURPOSE = "certificate/ed25519/1"
_SIGNED_AS = b"haven/certificate/1\n"


class BadCertificate(VaultError):
    """A certificate that this key did not sign, or that was changed afterwards, or is none."""


def canonical(body: dict[str, Any]) -> bytes:
    """The bytes that are signed. Raises ValueError or TypeError for what JSON cannot say."""
    return json.dumps(body, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()


def sign(body: dict[str, Any]) -> dict[str, Any]:
    """A certificate: ``{"format", "body", "key", "signature"}``, key and signature in hex. Raises KeystoreUnavailable."""
    key = _signing_key()
    return {
        "format": FORMAT,
        "body": body,
        "key": key.public_key().public_bytes_raw().hex(),
        "signature": key.sign(_SIGNED_AS + canonical(body)).hex(),
    }


def verify(certificate: Any, public_key: str) -> dict[str, Any]:
    """The body of a certificate that was signed by ``public_key`` (hex). Needs no database and no secret.

    The key that the certificate names is compared, never trusted. Raises BadCertificate with a sentence.
    """
    if not isinstance(certificate, dict) or certificate.get("format") != FORMAT:
        raise BadCertificate("This is no certificate of Haven.")
    body, signature = certificate.get("body"), certificate.get("signature")
    if not isinstance(body, dict) or not isinstance(signature, str):
        raise BadCertificate("A part of this certificate is missing.")
    if certificate.get("key") != public_key:
        raise BadCertificate("This certificate names another key.")
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(
            bytes.fromhex(signature), _SIGNED_AS + canonical(body)
        )
    except (InvalidSignature, ValueError):
        raise BadCertificate(
            "The signature does not fit: the certificate was changed, or is not by this key."
        ) from None
    return body


def public_key() -> str:
    """The public half of the signing key, in hex: publish it, so that anybody can check a certificate."""
    return _signing_key().public_key().public_bytes_raw().hex()


def _signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keks.shared(keks.SIGNING, _PURPOSE))
