"""The root key on paper only: at the start two of three sheets are typed in, and nothing of it is ever on a disk."""

from threading import RLock

from casemgmt.crypto.errors import RootKeyUnavailable, WrongSecret
from casemgmt.crypto.providers import asking, sheets
from casemgmt.crypto.providers.asking import SHARE, TRIES, Question
from casemgmt.crypto.providers.root import KEY_BYTES, Rewraps, RootKey, mark_of
from casemgmt.crypto.providers.sheets import NEEDED, Sheet


class PaperShares(Rewraps):
    """Keeps the root key in the memory of this process once two sheets were typed."""

    kind = "shares"

    def __init__(self) -> None:
        self._held: RootKey | None = None
        self._next: RootKey | None = None
        self._lock = RLock()

    # ---- using it ----

    def wrap(self, key: bytes | bytearray, *, context: bytes) -> bytes:
        return self._root().wrap(key, context=context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytearray:
        root = self._root()
        if mark_of(wrapped) != root.mark and wrapped[:1] == b"\x01":
            raise RootKeyUnavailable(
                f"These sheets make root key {root.mark.hex()}, and the key store was made with another root key. "
                "Take the sheets that carry its name and the last date."
            )
        return root.unwrap(wrapped, context=context)

    def describe(self) -> str:
        return f"paper sheets, root key {self._held.mark.hex()}" if self._held else "paper sheets, not typed in yet"

    def health(self) -> None:
        self._root()

    # ---- opening and putting away ----

    def is_present(self) -> bool:
        return True  # on paper; whether it is the right one is known when it is typed

    def must_ask(self, mark: bytes | None = None) -> bool:
        return self._held is None

    def open(self, mark: bytes | None = None) -> None:
        self._root()

    def make_first(self) -> None:
        """Only a person makes a root key on paper: ``manage.py root_key create``."""

    def hand_over(self) -> bytes:
        return self._held.reveal() if self._held else b""

    def take_over(self, secret: bytes) -> None:
        if secret:
            self._held = RootKey(secret[:KEY_BYTES])

    def lock(self) -> None:
        with self._lock:
            for root in (self._held, self._next):
                if root is not None:
                    root.wipe()
            self._held = self._next = None

    def hang_up(self) -> None:
        """Nothing is open that a fork must not share."""

    # ---- changing it (crypto.root_rotation) ----

    def marks(self) -> dict[str, bytes]:
        roots = {"current": self._held, "next": self._next}
        return {name: root.mark for name, root in roots.items() if root is not None}

    def stage(self, secret: str | None) -> bytes:
        """Take the root key that two typed sheets of the new set made: only what is on paper can follow."""
        if self._next is None:
            raise RootKeyUnavailable("Make the new sheets first.")
        return self._next.mark

    def expect(self, root: RootKey) -> None:
        """The root key that is to follow, after its sheets were written and two of them typed back."""
        self._next = root

    def wrap_next(self, key: bytes | bytearray, *, context: bytes) -> bytes:
        if self._next is None:
            raise RootKeyUnavailable("Make the new sheets first.")
        return self._next.wrap(key, context=context)

    def promote(self) -> None:
        with self._lock:
            if self._next is not None:
                self._held, self._next = self._next, None

    def drop(self, which: str) -> None:
        if which == "next":
            self._next = None

    # ---- inside ----

    def _root(self) -> RootKey:
        if self._held is None:
            with self._lock:
                if self._held is None:
                    self._held = ask_for_two()
        return self._held

    def __repr__(self) -> str:
        return "<paper shares>"

    def __reduce__(self) -> str:
        raise TypeError("A keeper of the root key is never pickled.")


def ask_for_two() -> RootKey:
    """Ask for two sheets, each anew as long as it is misread, and make the root key. Raises WrongSecret."""
    problem = ""
    for _again in range(TRIES):
        first, second = (_ask_for(number, problem if number == 1 else "") for number in range(1, NEEDED + 1))
        try:
            return sheets.combine(first, second)
        except WrongSecret as wrong:
            problem = str(wrong)
    raise WrongSecret(problem)


def _ask_for(number: int, problem: str) -> Sheet:
    for attempt in range(1, TRIES + 1):
        answer = asking.ask(Question(SHARE, number=number, attempt=attempt, problem=problem))
        try:
            return sheets.read(answer, number)
        except WrongSecret as wrong:
            problem = str(wrong)
    raise WrongSecret(problem)
