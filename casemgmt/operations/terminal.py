"""Asking the person at the terminal for what opens the root key; or reading it from a mounted file.

Never from an argument or a variable of the environment: both can be read by others while a process runs.
"""

import getpass
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from casemgmt.crypto.errors import RootKeyUnavailable, WrongSecret
from casemgmt.crypto.providers.asking import PASSPHRASE, PIN, Question

#: A passphrase is guessed at leisure by whoever holds the file, so it is longer than a password.
SHORTEST, FEWEST_SIGNS = 15, 6
#: Clears the screen and what was scrolled away, on every terminal of the last thirty years.
_CLEAR = "\033[H\033[2J\033[3J"

_FILE_OF = {PASSPHRASE: "ROOT_PASSPHRASE_FILE", PIN: "PKCS11_PIN_FILE"}
_THING_OF = {PASSPHRASE: "passphrase of the root key", PIN: "PIN of the token"}


def is_there() -> bool:
    """Whether a person sits at a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def answer(question: Question) -> str:
    """What the vault wants to know, from the mounted file or the terminal. Raises RootKeyUnavailable with a sentence."""
    setting = _FILE_OF.get(question.kind)
    path = getattr(settings, setting, "") if setting else ""
    if path:
        if question.attempt > 1:
            raise WrongSecret(f"{question.problem} It was read from {setting}.")
        return read_file(path, setting or "")
    if not is_there():
        raise RootKeyUnavailable(_nobody_there(question.kind))
    if question.problem:
        tell(question.problem)
    if question.kind == PASSPHRASE:
        return _hidden(f"Passphrase of root key {question.subject}: ")
    if question.kind == PIN:
        return _hidden(f"PIN of the token “{question.subject}”: ")
    return ask_sheet(question.number)


def read_file(path: str, setting: str) -> str:
    """The first line of a mounted file. Raises RootKeyUnavailable where it cannot be read or is empty."""
    try:
        text = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise RootKeyUnavailable(f"The file that {setting} names cannot be read.") from None
    if not text or not text[0]:
        raise RootKeyUnavailable(f"The file that {setting} names is empty.")
    return text[0]


def new_passphrase(path: str = "") -> str:
    """A new passphrase: from ``path``, or typed twice. Raises RootKeyUnavailable where nobody is there to type it."""
    if path:
        typed = read_file(path, "the option")
        problem = why_weak(typed)
        if problem:
            raise RootKeyUnavailable(problem)
        return typed
    if not is_there():
        raise RootKeyUnavailable(
            "A new passphrase is typed at a terminal, or read from a file: name it in ROOT_PASSPHRASE_FILE, or by the "
            "option --new-passphrase-file."
        )
    tell(f"Choose a passphrase of at least {SHORTEST} letters, best five or six words that nobody would put together.")
    while True:
        typed = _hidden("New passphrase of the root key: ")
        problem = why_weak(typed)
        if not problem and typed != _hidden("The same passphrase again: "):
            problem = "The two are not the same."
        if not problem:
            return typed
        tell(problem)


def why_weak(passphrase: str) -> str:
    """Why this passphrase is refused; empty where it is fine."""
    if len(passphrase) < SHORTEST:
        return f"The passphrase is too short: it needs at least {SHORTEST} letters."
    if len(set(passphrase.lower())) < FEWEST_SIGNS:
        return f"The passphrase is too simple: it needs at least {FEWEST_SIGNS} different letters."
    try:
        CommonPasswordValidator().validate(passphrase)
    except ValidationError:
        return "The passphrase is one that many people use."
    return ""


def ask_sheet(number: int) -> str:
    """The words of one sheet. They are seen while they are typed, because 33 unseen words go wrong; then cleared."""
    tell(f"Sheet {number} of the two: type its words in the order of the numbers, the first four letters are enough.")
    tell("End with an empty line.")
    lines: list[str] = []
    try:
        while True:
            line = input("> ").strip()
            if not line and lines:
                break
            lines.append(line)
    except EOFError:
        raise RootKeyUnavailable("The sheets were not typed to their end.") from None
    finally:
        clear()
    return " ".join(lines)


def clear() -> None:
    """Leave no words on the screen."""
    if sys.stdout.isatty():
        sys.stdout.write(_CLEAR)
        sys.stdout.flush()


def tell(text: str) -> None:
    """Say something to the person, not to a file that takes the output."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _hidden(prompt: str) -> str:
    try:
        return getpass.getpass(prompt)
    except EOFError:
        raise RootKeyUnavailable("Nothing was typed.") from None


def _nobody_there(kind: str) -> str:
    if kind in _FILE_OF:
        return (
            f"The {_THING_OF[kind]} is needed, and there is no terminal to ask at. Run this at a terminal, or name a "
            f"mounted file that holds it in {_FILE_OF[kind]}."
        )
    return "Two sheets of the root key are needed, and there is no terminal to type them at. Run this at a terminal."
