"""Who holds the root key. A provider wraps the few key-encryption keys and nothing else.

One more provider (a cloud's key management, say) is one file here with the methods of ``Provider``, one line in
``KINDS``, and a row in the conformance suite of ``tests/crypto/test_providers.py``.
"""

from collections.abc import Callable
from typing import Protocol

from django.conf import settings

from casemgmt.crypto.errors import RootKeyUnavailable
from casemgmt.crypto.providers.local import LocalFile
from casemgmt.crypto.providers.punctual import Punctual
from casemgmt.crypto.providers.shares import PaperShares
from casemgmt.crypto.providers.token import Token


class Provider(Protocol):
    """Keeps the root key and uses it; where it can, the root key never leaves it.

    ``context`` is authenticated with the wrapped key: a wrapped key moved to another row does not unwrap.
    A wrapped key is ``format u8 | mark 8 | …``: the mark says which root key wrapped it. Everything raises
    RootKeyUnavailable where the root key is missing, locked, slow, down or another one.
    """

    kind: str

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

    # ---- opening and putting away ----

    def is_present(self) -> bool:
        """Whether there is a root key, as far as can be told without asking anybody."""

    def must_ask(self, mark: bytes | None = None) -> bool:
        """Whether using the root key (of this mark) now would take a person's answer."""

    def open(self, mark: bytes | None = None) -> None:
        """Have the root key (of this mark) ready, asking a person (``asking``) where that is needed."""

    def make_first(self) -> None:
        """Make the root key where a home may do so by itself; elsewhere do nothing."""

    def hand_over(self) -> bytes:
        """What a child process needs so as not to ask again. A secret: for a pipe, never for a file or an argument."""

    def take_over(self, secret: bytes) -> None:
        """Take what ``hand_over`` of the parent gave."""

    def lock(self) -> None:
        """Wipe what this process holds."""

    def hang_up(self) -> None:
        """End what a fork must not share (a session), and keep what opens it again."""

    # ---- changing the root key (crypto.root_rotation) ----

    def marks(self) -> dict[str, bytes]:
        """The marks of the root keys that are there: ``current``, and perhaps ``next`` and ``old``."""

    def stage(self, secret: str | None) -> bytes:
        """Make the root key that is to follow, beside the current one, and return its mark."""

    def wrap_next(self, key: bytes | bytearray, *, context: bytes) -> bytes:
        """Seal a key under the root key that is to follow."""

    def promote(self) -> None:
        """The next becomes the current one and the current one the old. Safe to repeat after a crash."""

    def drop(self, which: str) -> None:
        """Destroy the ``next`` or the ``old`` one, if there is one."""


KINDS: dict[str, Callable[[], Provider]] = {"local": LocalFile, "shares": PaperShares, "pkcs11": Token}

_current: list[Provider] = []


def current() -> Provider:
    """The provider that ROOT_KEY_PROVIDER names, the same one for the life of the process; no call of it hangs."""
    if not _current:
        kind = getattr(settings, "ROOT_KEY_PROVIDER", "local")
        if kind not in KINDS:
            raise RootKeyUnavailable(f"ROOT_KEY_PROVIDER is none of {', '.join(KINDS)}.")
        _current.append(Punctual(KINDS[kind](), getattr(settings, "ROOT_KEY_SECONDS", 5.0)))
    return _current[0]


def use(provider: Provider | None) -> None:
    """Use this provider from now on; None: the one of the settings, made anew."""
    _current[:] = [] if provider is None else [provider]
