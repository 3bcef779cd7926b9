"""How the vault asks a person for what opens the root key. It knows the question; the engine room knows the terminal."""

from collections.abc import Callable
from dataclasses import dataclass

from casemgmt.crypto.errors import RootKeyUnavailable

PASSPHRASE, SHARE, PIN = "passphrase", "share", "pin"
#: How often a person may try before the command ends.
TRIES = 3


@dataclass(frozen=True)
class Question:
    """What is asked: the kind, which root key (its mark) or token, which sheet, and what was wrong with the last answer."""

    kind: str
    subject: str = ""
    number: int = 1
    attempt: int = 1
    problem: str = ""


Asker = Callable[[Question], str]

_askers: list[Asker] = []


def ask_with(asker: Asker | None) -> None:
    """Who asks the person from now on. None: nobody, as in a server that already runs."""
    _askers[:] = [] if asker is None else [asker]


def ask(question: Question) -> str:
    """The answer. Raises RootKeyUnavailable where there is nobody to ask, or the person gives up."""
    if not _askers:
        raise RootKeyUnavailable("The root key is locked, and there is nobody here to open it. Start Haven again.")
    return _askers[0](question)
