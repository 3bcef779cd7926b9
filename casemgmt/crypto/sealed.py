"""What a sealed value is in memory: opaque bytes that remember which record they belong to."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.functional import cached_property

from casemgmt.crypto import envelope


class _Place(NamedTuple):
    record_uid: UUID
    case_uid: UUID
    section: str
    scope_uid: UUID | None


class Binding(_Place):
    """The record, case, section and scope a ciphertext was sealed for."""

    #: (version and epoch, generation of the opened keys, cipher) of the last value opened here; never pickled.
    opened_by: tuple[bytes, int, AESGCM] | None = None

    def __reduce__(self) -> Any:
        return Binding, tuple(self)

    @cached_property
    def place(self) -> bytes:
        """The part of the associated data that all fields of this place share. It never changes: a Binding does not."""
        return envelope.place_of(*self)


class Sealed(bytes):
    """A ciphertext. It says its size and nothing else; only the attribute of its record opens it.

    ``bound`` is None as long as the ciphertext sits in the record it was loaded with.
    """

    bound: Binding | None = None

    @classmethod
    def bound_to(cls, raw: bytes, bound: Binding | None) -> "Sealed":
        """A ciphertext that knows what it was sealed for, so that it may travel."""
        sealed = cls(raw)
        sealed.bound = bound
        return sealed

    @property
    def raw(self) -> bytes:
        """The bytes as the database holds them."""
        return bytes(self)

    def __repr__(self) -> str:
        return f"<sealed {len(self)} B>"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        return Sealed.bound_to, (bytes(self), self.bound)


class Removed(NamedTuple):
    """What stands in the place of a value whose bytes were destroyed: when, and by which correction."""

    at: datetime
    uid: UUID

    @property
    def marker(self) -> bytes:
        """Zero (no version of a ciphertext), the second (8 bytes), the correction (16 bytes)."""
        return _REMOVED.pack(0, int(self.at.timestamp()), self.uid.bytes)


#: The guard of histories knows this shape, too (``audit.protection``, REKEY).
_REMOVED = struct.Struct(">BQ16s")
REMOVED_BYTES = _REMOVED.size


def removal_in(raw: bytes | None) -> Removed | None:
    """What was removed here, where a cell holds the marker and no ciphertext."""
    if raw is None or len(raw) != REMOVED_BYTES or raw[0] != 0:
        return None
    _zero, second, uid = _REMOVED.unpack(bytes(raw))
    return Removed(datetime.fromtimestamp(second, UTC), UUID(bytes=uid))


_CARRYING: ContextVar[bool] = ContextVar("haven_carrying_sealed", default=False)


@contextmanager
def carrying() -> Iterator[None]:
    """Move sealed values without opening them: inside, attributes hand out ciphertexts and ask no gate."""
    token = _CARRYING.set(True)
    try:
        yield
    finally:
        _CARRYING.reset(token)


#: Whether attributes hand out ciphertexts now.
is_carrying = _CARRYING.get
