"""A keeper of the root key that hangs must not hang the house: every call has a deadline."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

from casemgmt.crypto.errors import RootKeyUnavailable
from casemgmt.crypto.providers.root import mark_of

T = TypeVar("T")


class _KeptFailure:
    """What a call raised, kept for the thread that asked for it and raised there."""

    error: BaseException | None = None

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        self.error = error
        return True


class Punctual:
    """Wraps a provider. A call that takes longer than ``seconds`` raises RootKeyUnavailable.

    The call itself cannot be stopped (it may wait inside a maker's library), so it is left alone in its thread, and
    until it ends every other call is refused at once instead of queueing behind it. Questions to a person are asked
    before the clock runs.
    """

    def __init__(self, provider: Any, seconds: float) -> None:
        self.provider, self.seconds = provider, seconds
        self._stuck: threading.Thread | None = None

    def wrap(self, key: bytes | bytearray, *, context: bytes) -> bytes:
        self._have_open()
        return self._in_time(lambda: self.provider.wrap(key, context=context))

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytearray:
        self._have_open(mark_of(wrapped))
        return self._in_time(lambda: self.provider.unwrap(wrapped, context=context))

    def rewrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        self._have_open(mark_of(wrapped))
        self._have_open()
        return self._in_time(lambda: self.provider.rewrap(wrapped, context=context))

    def wrap_next(self, key: bytes | bytearray, *, context: bytes) -> bytes:
        self._have_open(self._in_time(self.provider.marks).get("next"))
        return self._in_time(lambda: self.provider.wrap_next(key, context=context))

    def describe(self) -> str:
        return self._in_time(self.provider.describe)

    def health(self) -> None:
        self._have_open()
        self._in_time(self.provider.health)

    def __getattr__(self, name: str) -> Any:
        """Everything else is the provider's own: opening, handing over, changing."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.provider, name)

    def _have_open(self, mark: bytes | None = None) -> None:
        """A person may take as long as she likes; finding out whether to ask her may not."""
        if self._in_time(lambda: self.provider.must_ask(mark)):
            self.provider.open(mark)

    def _in_time(self, call: Callable[[], T]) -> T:
        if self._stuck is not None and self._stuck.is_alive():
            raise RootKeyUnavailable("What keeps the root key still does not answer.")
        answer: list[T] = []
        kept = _KeptFailure()

        def run() -> None:
            with kept:
                answer.append(call())

        thread = threading.Thread(target=run, name="root key", daemon=True)
        thread.start()
        thread.join(self.seconds)
        if thread.is_alive():
            self._stuck = thread
            raise RootKeyUnavailable("What keeps the root key does not answer in time.")
        if kept.error is not None:
            raise kept.error
        return answer[0]

    def __repr__(self) -> str:
        return f"{self.provider!r}"

    def __reduce__(self) -> str:
        raise TypeError("A keeper of the root key is never pickled.")
