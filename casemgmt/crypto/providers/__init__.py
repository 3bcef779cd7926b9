"""Who holds the root key. A provider wraps the few key-encryption keys and nothing else."""

from functools import cache
from typing import Protocol

from casemgmt.crypto.providers.local import LocalFile


class Provider(Protocol):
    """Keeps the root key and uses it; where it can, the root key never leaves it.

    ``context`` is authenticated with the wrapped key: a wrapped key moved to another row does not unwrap.
    Everything raises KeystoreUnavailable where the root key is missing, locked or another one.
    """

    def wrap(self, key: bytes | bytearray, *, context: bytes) -> bytes:
        """Seal a key under the root key."""

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytearray:
        """Open a wrapped key. The caller wipes what it gets."""

    def rewrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Wrap the same key again, under the root key as it is now."""

    def describe(self) -> str:
        """One line for the operator, without a secret: what holds the root key, and which one it is."""

    def health(self) -> None:
        """Return if the root key can be used now."""


@cache
def current() -> Provider:
    """The provider of this installation. There is one so far: the local file."""
    return LocalFile()
