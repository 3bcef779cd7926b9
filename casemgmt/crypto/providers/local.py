"""The root key in a file of this machine: sealed under a passphrase, or plain for the demo and development.

Beside ``root.key`` there may be ``root.key.new`` and ``root.key.old`` while the root key is changed
(``crypto.root_rotation``). Which of them opens a wrapped key is told by the mark, never tried.
"""

import os
from pathlib import Path
from threading import RLock

from django.conf import settings

from casemgmt.crypto.errors import RootKeyUnavailable, WrongSecret
from casemgmt.crypto.providers import asking, keyfile
from casemgmt.crypto.providers.asking import PASSPHRASE, TRIES, Question
from casemgmt.crypto.providers.keyfile import KeyFile
from casemgmt.crypto.providers.root import ANOTHER, DAMAGED, FORMAT, KEY_BYTES, Rewraps, RootKey, mark_of


def create(path: Path | None = None, passphrase: str | None = None) -> Path:
    """Make a new root key and return where it lies; plain without a passphrase. Never overwrites: FileExistsError."""
    path = path or Path(settings.ROOT_KEY_FILE)
    keyfile.write(path, RootKey.new(), passphrase)
    return path


def may_create() -> bool:
    """Whether this home may make its root key by itself: the demo and development, or where a setting says so."""
    return bool(getattr(settings, "ROOT_KEY_AUTOCREATE", getattr(settings, "HAVEN_DEMO", False)))


def may_be_plain() -> bool:
    """Whether this home may keep its root key without a passphrase."""
    return may_create() or bool(getattr(settings, "ROOT_KEY_PLAIN", False))


def exists() -> bool:
    """Whether this home has a root key file."""
    return Path(settings.ROOT_KEY_FILE).exists()


class LocalFile(Rewraps):
    """Keeps an opened root key in the memory of this process. A plain file is read each time it is needed."""

    kind = "local"

    def __init__(self) -> None:
        self._held: dict[bytes, RootKey] = {}
        self._current: bytes | None = None
        self._lock = RLock()

    # ---- using it ----

    def wrap(self, key: bytes | bytearray, *, context: bytes) -> bytes:
        return self._root().wrap(key, context=context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytearray:
        if wrapped[:1] != FORMAT:
            raise RootKeyUnavailable(DAMAGED)
        return self._root(mark_of(wrapped)).unwrap(wrapped, context=context)

    def describe(self) -> str:
        if self._current is not None:
            return f"local file, root key {self._current.hex()}"
        file = keyfile.read(_path())
        return f"local file{'' if file.is_sealed else ' without a passphrase'}, root key {file.mark.hex()}"

    def health(self) -> None:
        self._root()

    # ---- opening and putting away ----

    def is_present(self) -> bool:
        return self._current is not None or exists()

    def must_ask(self, mark: bytes | None = None) -> bool:
        if (mark or self._current) in self._held:
            return False
        return (keyfile.read(_path()) if mark is None else _file_of(mark)).is_sealed

    def open(self, mark: bytes | None = None) -> None:
        if self.must_ask(mark):
            self._root(mark)

    def make_first(self) -> None:
        if not exists() and may_create():
            create()

    def hand_over(self) -> bytes:
        held = sorted(self._held.values(), key=lambda root: root.mark != self._current)
        return b"".join(root.reveal() for root in held)

    def take_over(self, secret: bytes) -> None:
        for start in range(0, len(secret), KEY_BYTES):
            root = RootKey(secret[start : start + KEY_BYTES])
            self._hold(root, is_current=start == 0)

    def lock(self) -> None:
        with self._lock:
            for root in self._held.values():
                root.wipe()
            self._held.clear()
            self._current = None

    def hang_up(self) -> None:
        """Nothing is open that a fork must not share."""

    # ---- changing it (crypto.root_rotation) ----

    def marks(self) -> dict[str, bytes]:
        found = {name: _path(name) for name in ("current", "next", "old")}
        return {name: keyfile.read(path).mark for name, path in found.items() if path.exists()}

    def stage(self, secret: str | None) -> bytes:
        root = RootKey.new()
        keyfile.write(_path("next"), root, secret)
        self._hold(root, is_current=False)
        return root.mark

    def wrap_next(self, key: bytes | bytearray, *, context: bytes) -> bytes:
        return self._root(keyfile.read(_path("next")).mark).wrap(key, context=context)

    def promote(self) -> None:
        marks = self.marks()
        if marks.get("old") not in (None, marks.get("current")):
            raise RootKeyUnavailable("An older root key still lies there. Run `manage.py root_key drop-old` first.")
        if "old" not in marks and "current" in marks:
            os.link(_path("current"), _path("old"))
            keyfile.sync_folder(_path().parent)
        os.replace(_path("next"), _path("current"))
        keyfile.sync_folder(_path().parent)
        with self._lock:
            self._current = marks["next"] if marks["next"] in self._held else None

    def drop(self, which: str) -> None:
        marks = self.marks()
        _path(which).unlink(missing_ok=True)
        keyfile.sync_folder(_path().parent)
        # A crash may have left two names of one file: then the other name still counts.
        if which in marks and list(marks.values()).count(marks[which]) == 1:
            with self._lock:
                root = self._held.pop(marks[which], None)
            if root is not None:
                root.wipe()

    # ---- inside ----

    def _root(self, mark: bytes | None = None) -> RootKey:
        """The root key of this mark, or the current one; opened by its passphrase where it is sealed."""
        wanted = mark or self._current
        if wanted is not None and wanted in self._held:
            return self._held[wanted]
        with self._lock:
            if wanted is not None and wanted in self._held:
                return self._held[wanted]
            file = keyfile.read(_path()) if mark is None else _file_of(mark)
            if not file.is_sealed:
                return file.open()
            root = _ask_and_open(file)
            self._hold(root, is_current=file.path == _path())
            return root

    def _hold(self, root: RootKey, *, is_current: bool) -> None:
        with self._lock:
            self._held[root.mark] = root
            if is_current:
                self._current = root.mark

    def __repr__(self) -> str:
        return "<local file>"

    def __reduce__(self) -> str:
        raise TypeError("A keeper of the root key is never pickled.")


def _path(which: str = "current") -> Path:
    path = Path(settings.ROOT_KEY_FILE)
    return path if which == "current" else path.with_name(f"{path.name}.{ {'next': 'new', 'old': 'old'}[which] }")


def _file_of(mark: bytes) -> KeyFile:
    """The file that holds the root key of this mark. Raises RootKeyUnavailable where none does."""
    first = keyfile.read(_path())  # a missing or damaged file is said as such, whatever else lies there
    for file in (first, *(keyfile.read(path) for path in (_path("next"), _path("old")) if path.exists())):
        if file.mark == mark:
            return file
    raise RootKeyUnavailable(ANOTHER)


def _ask_and_open(file: KeyFile) -> RootKey:
    problem = ""
    for attempt in range(1, TRIES + 1):
        answer = asking.ask(Question(PASSPHRASE, file.mark.hex(), attempt=attempt, problem=problem))
        try:
            return file.open(answer)
        except WrongSecret as wrong:
            problem = str(wrong)
    raise WrongSecret(problem)
