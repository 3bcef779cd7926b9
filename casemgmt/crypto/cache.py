"""A small bounded memory of opened things: what was not used for long goes first, and everything grows old."""

import time
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """At most ``size`` entries, none older than ``seconds``. Safe to share between threads.

    Two halves: what is used is in the young one, and when that is full it becomes the old one, whose entries fall
    away unless they are used again. Reading thus takes no lock, and it is what happens for every value on a page.
    """

    def __init__(self, size: int, seconds: float) -> None:
        self._half = max(1, size // 2)
        self.seconds = seconds
        self._young: dict[K, tuple[float, V]] = {}
        self._old: dict[K, tuple[float, V]] = {}
        self._lock = Lock()
        #: How often everything was forgotten. Who fetches an entry notes it before, and says so when putting.
        self.generation = 0

    def get(self, key: K) -> V | None:
        """The entry, or None where there is none or it is too old."""
        entry = self._young.get(key)
        if entry is None:
            entry = self._old.get(key)
            if entry is None:
                return None
            self._remember(key, entry, self.generation)
        if entry[0] < time.monotonic():
            self.drop(key)
            return None
        return entry[1]

    def put(self, key: K, value: V, generation: int) -> None:
        """Remember ``value``, unless everything was forgotten since ``generation``: then it is already out of date."""
        self._remember(key, (time.monotonic() + self.seconds, value), generation)

    def drop(self, key: K) -> None:
        """Forget one entry, if it is there."""
        with self._lock:
            self._young.pop(key, None)
            self._old.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._young = {}
            self._old = {}
            self.generation += 1

    def _remember(self, key: K, entry: tuple[float, V], generation: int) -> None:
        with self._lock:
            if generation != self.generation:
                return
            self._old.pop(key, None)
            self._young[key] = entry
            if len(self._young) >= self._half:
                self._old, self._young = self._young, {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)
