"""The root key in a token that speaks PKCS#11: a hardware module, or SoftHSM2. It is made there and never leaves it.

``format u8 = 2 | mark 8 | nonce 12 | AES-256-GCM(key) | tag 16``; the mark is the key's CKA_ID. Settings: PKCS11_MODULE
(the maker's library), PKCS11_TOKEN (the token's label), PKCS11_KEY_LABEL, and a PIN that is asked or read from
PKCS11_PIN_FILE. A key that follows or came before carries the label with ``.next`` or ``.old``.

A module's sessions belong to the process that opened them, so each process opens its own, after the fork.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from types import ModuleType
from typing import Any

from django.conf import settings

from casemgmt.crypto.errors import RootKeyUnavailable, WrongSecret
from casemgmt.crypto.providers import asking
from casemgmt.crypto.providers.asking import PIN, Question
from casemgmt.crypto.providers.root import ANOTHER, DAMAGED, MARK_BYTES, NONCE_BYTES, Rewraps, mark_of

try:
    import pkcs11
except ImportError:  # an optional package: only homes with a token need it
    pkcs11 = None  # type: ignore[assignment]

_NOT_INSTALLED = (
    "The package python-pkcs11 is not installed. Run: .venv/bin/pip install --require-hashes -r requirements-token.txt"
)
_FORMAT = b"\x02"
_SUFFIX = {"current": "", "next": ".next", "old": ".old"}
#: A token locks itself after a few wrong PINs, so a person gets fewer tries than with a passphrase.
_PIN_TRIES = 2


class _Pin:
    """A PIN in memory, overwritten when it is put away and shown by nothing."""

    __slots__ = ("_signs",)

    def __init__(self, signs: bytes) -> None:
        self._signs = bytearray(signs)

    def reveal(self) -> bytes:
        return bytes(self._signs)

    def wipe(self) -> None:
        self._signs[:] = bytes(len(self._signs))

    def __repr__(self) -> str:
        return "<PIN>"


class Token(Rewraps):
    """One session with the token per process, opened when it is first needed and again after it broke."""

    kind = "pkcs11"

    def __init__(self) -> None:
        self._pin: _Pin | None = None
        self._session: Any = None
        self._process = 0
        self._lock = RLock()

    # ---- using it ----

    def wrap(self, key: bytes | bytearray, *, context: bytes) -> bytes:
        return self._wrap("current", key, context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytearray:
        if wrapped[:1] != _FORMAT:
            raise RootKeyUnavailable(ANOTHER if wrapped[:1] == b"\x01" else DAMAGED)
        mark, start = mark_of(wrapped), len(_FORMAT) + MARK_BYTES
        nonce, body = wrapped[start : start + NONCE_BYTES], wrapped[start + NONCE_BYTES :]
        with self._talking() as session:
            root = next((found for found in _keys(session).values() if bytes(found.id) == mark), None)
            if root is None:
                raise RootKeyUnavailable(ANOTHER)
            try:
                return bytearray(root.decrypt(body, **_gcm(nonce, context)))
            except (_module().GeneralError, _module().EncryptedDataInvalid, _module().EncryptedDataLenRange):
                raise RootKeyUnavailable(DAMAGED) from None

    def describe(self) -> str:
        return f"PKCS#11 token “{settings.PKCS11_TOKEN}”, key “{settings.PKCS11_KEY_LABEL}”"

    def health(self) -> None:
        probe, context = bytes(32), b"health"
        if self.unwrap(self.wrap(probe, context=context), context=context) != probe:
            raise RootKeyUnavailable("The token does not give back what it was given.")

    # ---- opening and putting away ----

    def is_present(self) -> bool:
        return True  # in the token; whether it is there is known when a session is open

    def must_ask(self, mark: bytes | None = None) -> bool:
        return self._pin is None

    def open(self, mark: bytes | None = None) -> None:
        if self.must_ask():
            self._ask_for_pin()

    def make_first(self) -> None:
        """Only a person makes a root key in a token: ``manage.py root_key create``."""

    def create(self) -> str:
        """Make the root key in the token and return its mark in hex. Raises FileExistsError where there is one."""
        with self._talking() as session:
            if "current" in _keys(session):
                raise FileExistsError(settings.PKCS11_KEY_LABEL)
            return bytes(_make_key(session, "current").id).hex()

    def hand_over(self) -> bytes:
        return self._pin.reveal() if self._pin else b""

    def take_over(self, secret: bytes) -> None:
        self._pin = _Pin(secret) if secret else None

    def lock(self) -> None:
        with self._lock:
            self._hang_up()
            if self._pin is not None:
                self._pin.wipe()
            self._pin = None

    def hang_up(self) -> None:
        """End the session and keep the PIN: before a fork, and when the token was away."""
        with self._lock:
            self._hang_up()

    # ---- changing it (crypto.root_rotation) ----

    def marks(self) -> dict[str, bytes]:
        with self._talking() as session:
            return {name: bytes(key.id) for name, key in _keys(session).items()}

    def stage(self, secret: str | None) -> bytes:
        with self._talking() as session:
            return bytes(_make_key(session, "next").id)

    def wrap_next(self, key: bytes | bytearray, *, context: bytes) -> bytes:
        return self._wrap("next", key, context)

    def promote(self) -> None:
        with self._talking() as session:
            keys = _keys(session)
            if "old" in keys and "current" in keys:
                raise RootKeyUnavailable("An older root key is still there. Run `manage.py root_key drop-old` first.")
            for name, follows in (("current", "old"), ("next", "current")):
                if name in keys:
                    keys[name][_module().Attribute.LABEL] = settings.PKCS11_KEY_LABEL + _SUFFIX[follows]

    def drop(self, which: str) -> None:
        with self._talking() as session:
            found = _keys(session).get(which)
            if found is not None:
                found.destroy()

    # ---- inside ----

    def _wrap(self, which: str, key: bytes | bytearray, context: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        with self._talking() as session:
            root = _keys(session).get(which)
            if root is None:
                raise RootKeyUnavailable("The root key is missing in the token. Is PKCS11_KEY_LABEL right?")
            return _FORMAT + bytes(root.id) + nonce + root.encrypt(bytes(key), **_gcm(nonce, context))

    @contextmanager
    def _talking(self) -> Iterator[Any]:
        """The session of this process. What the module says becomes one of our sentences, and a new session follows."""
        module = _module()
        self.open()
        with self._lock:
            try:
                if self._session is None or self._process != os.getpid():
                    self._session, self._process = self._call_up(), os.getpid()
                yield self._session
            except module.PKCS11Error as error:
                self._hang_up()
                raise RootKeyUnavailable(_sentence(error)) from None

    def _call_up(self) -> Any:
        """A new session, signed in. A wrong PIN is forgotten, or the next try would bring the token nearer to its lock."""
        module = _module()
        library = module.lib(settings.PKCS11_MODULE)
        if self._process not in (0, os.getpid()):
            library.reinitialize()  # a fork: what the parent had is not ours
        token = library.get_token(token_label=settings.PKCS11_TOKEN)
        try:
            return token.open(user_pin=self.hand_over().decode(), rw=True)
        except (module.PinIncorrect, module.PinLenRange, module.PinInvalid):
            self._pin = None
            raise
        except module.UserAlreadyLoggedIn:
            return token.open(rw=True)  # another thread's session that has not ended yet: signing in is the process's

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None and self._process == os.getpid():
            try:
                session.close()
            except _module().PKCS11Error:
                return  # it was gone already

    def _ask_for_pin(self) -> None:
        problem = ""
        for attempt in range(1, _PIN_TRIES + 1):
            pin = asking.ask(Question(PIN, settings.PKCS11_TOKEN, attempt=attempt, problem=problem))
            self._pin = _Pin(pin.encode())
            try:
                with self._talking():
                    return
            except RootKeyUnavailable as wrong:
                if self._pin is not None:
                    raise  # the token is away; the PIN may be right
                problem = str(wrong)
        raise WrongSecret(problem)

    def __repr__(self) -> str:
        return "<PKCS#11 token>"

    def __reduce__(self) -> str:
        raise TypeError("A keeper of the root key is never pickled.")


def _module() -> ModuleType:
    if pkcs11 is None:
        raise RootKeyUnavailable(_NOT_INSTALLED)
    return pkcs11


def _keys(session: Any) -> dict[str, Any]:
    """Our keys in the token: current, next, old."""
    found = {}
    for name, suffix in _SUFFIX.items():
        wanted = {
            _module().Attribute.CLASS: _module().ObjectClass.SECRET_KEY,
            _module().Attribute.LABEL: settings.PKCS11_KEY_LABEL + suffix,
        }
        keys = list(session.get_objects(wanted))
        if len(keys) > 1:
            raise RootKeyUnavailable("The token holds two root keys of one label. One of them must get another label.")
        if keys:
            found[name] = keys[0]
    return found


def _make_key(session: Any, which: str) -> Any:
    """A new AES-256 key that stays in the token for ever."""
    name = _module().Attribute
    kept = {
        name.TOKEN: True, name.PRIVATE: True, name.SENSITIVE: True, name.EXTRACTABLE: False, name.MODIFIABLE: True,
        name.ENCRYPT: True, name.DECRYPT: True, name.WRAP: False, name.UNWRAP: False, name.SIGN: False, name.VERIFY: False,
    }  # fmt: skip
    label = settings.PKCS11_KEY_LABEL + _SUFFIX[which]
    return session.generate_key(
        _module().KeyType.AES, 256, label=label, id=os.urandom(MARK_BYTES), store=True, template=kept
    )


def _gcm(nonce: bytes, context: bytes) -> dict[str, Any]:
    parameters = _module().GCMParams(bytes(nonce), aad=context, tag_bits=128)
    return {"mechanism": _module().Mechanism.AES_GCM, "mechanism_param": parameters}


def _sentence(error: Exception) -> str:
    """What a person can do about it. A module's own words are often a number."""
    module = _module()
    sentences: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
        ((module.PinIncorrect, module.PinLenRange, module.PinInvalid), "The token refuses this PIN."),
        (
            (module.PinLocked, module.PinExpired),
            "The token's PIN is locked or expired. Its security officer must reset it.",
        ),
        (
            (module.NoSuchToken, module.TokenNotPresent),
            "The token is not there. Is it plugged in, and PKCS11_TOKEN right?",
        ),
    )
    for kinds, sentence in sentences:
        if isinstance(error, kinds):
            return sentence
    return f"The token does not work now ({type(error).__name__})."
