"""Format version 1 of a sealed value, byte by byte.

``version u8 | epoch u16 | nonce 12 | AES-256-GCM(padded typed value) | tag 16``

The version fixes algorithm, padding and encoding; the epoch names the key, which is never guessed. The associated
data binds the ciphertext to one field of one record of one case, its section and its scope, so bytes moved anywhere
else do not open. The padded value is one type tag and canonical bytes; ``docs/vault.md`` describes both.
"""

import os
import struct
from collections.abc import Callable
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgmt.crypto.errors import DecryptionRefused, OddCiphertext

VERSION = 1
HEADER = struct.Struct(">BH")
NONCE_BYTES = 12
TAG_BYTES = 16
LARGEST_EPOCH = 0xFFFF
_BODY = HEADER.size + NONCE_BYTES
_NONCE, _REST = slice(HEADER.size, _BODY), slice(_BODY, None)
_MARK, _ZERO = b"\x80", b"\x00"
_SHORTEST = _BODY + 32 + TAG_BYTES
_NO_SCOPE = b"\x00"
_SCOPE = b"\x01"

#: Where new nonces come from. Only the tests of the frozen vectors replace it.
fresh_nonce: Callable[[], bytes] = lambda: os.urandom(NONCE_BYTES)  # noqa: E731


def pad(typed: bytes) -> bytes:
    """ISO 7816-4 padding to 32, 64, 128 and then multiples of 256 bytes, so that a length tells little."""
    length = len(typed) + 1
    for size in (32, 64, 128):
        if length <= size:
            break
    else:
        size = -(-length // 256) * 256
    return typed + _MARK + bytes(size - length)


def unpad(padded: bytes) -> bytes:
    """The typed value inside its padding. Raises ValueError where the padding is not ISO 7816-4."""
    bare = padded.rstrip(_ZERO)
    if not bare.endswith(_MARK):
        raise ValueError("no padding mark")
    return bare[:-1]


def associated_data(
    fid: str, record_uid: UUID, case_uid: UUID, section: str, scope_uid: UUID | None, epoch: int
) -> bytes:
    """What a ciphertext is bound to. Texts carry their length and uids are of fixed size: no two meanings collide."""
    return associate(with_length(fid), place_of(record_uid, case_uid, section, scope_uid), epoch)


def associate(named: bytes, place: bytes, epoch: int) -> bytes:
    """The associated data from its parts: the fid ``with_length``, ``place_of`` the record, and the epoch."""
    return named + place + HEADER.pack(VERSION, epoch)


def place_of(record_uid: UUID, case_uid: UUID, section: str, scope_uid: UUID | None) -> bytes:
    """The part that all fields of one record in one section and scope share."""
    record, case = record_uid.int.to_bytes(16, "big"), case_uid.int.to_bytes(16, "big")
    scope = _NO_SCOPE if scope_uid is None else _SCOPE + scope_uid.bytes
    return b"".join((record, case, with_length(section), scope))


@lru_cache(maxsize=4096)
def with_length(name: str) -> bytes:
    """A fid or a section, of which there are few, after its length."""
    encoded = name.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def seal(cipher: AESGCM, epoch: int, typed: bytes, bound_to: bytes) -> bytes:
    """Pad and encrypt a typed value under the key of ``epoch``."""
    nonce = fresh_nonce()
    return HEADER.pack(VERSION, epoch) + nonce + cipher.encrypt(nonce, pad(typed), bound_to)


def epoch_of(sealed: bytes, fid: str, uid: UUID | None) -> int:
    """Which key a ciphertext names. Raises OddCiphertext where the bytes are not of format version 1."""
    if len(sealed) < _SHORTEST or sealed[0] != VERSION:
        raise OddCiphertext(fid, uid)
    return sealed[1] << 8 | sealed[2]


def unseal(cipher: AESGCM, sealed: bytes, bound_to: bytes, fid: str, uid: UUID | None) -> bytes:
    """Decrypt a ciphertext whose epoch was read before. Raises DecryptionRefused or OddCiphertext; returns no blank."""
    try:
        padded = cipher.decrypt(sealed[_NONCE], sealed[_REST], bound_to)
    except InvalidTag:
        raise DecryptionRefused(fid, uid) from None
    # ``unpad`` in place: this runs for every value of every page.
    bare = padded.rstrip(_ZERO)
    if bare[-1:] != _MARK:
        raise OddCiphertext(fid, uid)
    return bare[:-1]
