"""The root key in the engine room: opened once before serving, handed on by memory or pipe, its faults recorded."""

import os
import resource
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction

from audit.context import audit_context
from audit.errors import LedgerError
from audit.log import record
from audit.verbs import Verb
from casemgmt.crypto import providers, root_rotation
from casemgmt.crypto.errors import RootKeyUnavailable, VaultError
from casemgmt.crypto.providers import asking, keyfile, local
from casemgmt.operations.errors import NotReady
from casemgmt.operations.health import OK, database_state

MANAGE = ".venv/bin/python manage.py"


def demand() -> None:
    """There is a root key, and it is kept as this home must keep it. Raises NotReady with what to do."""
    if settings.ROOT_KEY_PROVIDER not in providers.KINDS:
        raise NotReady(f"ROOT_KEY_PROVIDER must be one of {', '.join(providers.KINDS)}.")
    provider = providers.current()
    if not provider.is_present() and not local.may_create():
        lost = marks_wanted()
        if lost:
            raise NotReady(
                f"The root key {', '.join(lost)}, which opens the key store of this home, is missing. Put its file back, "
                f"or bring it back from two of its sheets with `{MANAGE} root_key combine`. docs/keys.md says how."
            )
        raise NotReady(
            f"This home has no root key yet. Make one with `{MANAGE} root_key create`, make its three sheets with "
            f"`{MANAGE} root_key split`, keep them in three places, and start again. docs/keys.md says how."
        )
    if is_plain() and not local.may_be_plain():
        raise NotReady(
            "The root key of this home lies in a file without a passphrase: whoever copies the disk opens every case. "
            f"Seal it with `{MANAGE} root_key passphrase`, or set ROOT_KEY_PLAIN=1 if this machine must start alone."
        )


def marks_wanted() -> list[str]:
    """The names of the root keys that the key store of this home was made with; none where it is new or unreachable."""
    if database_state("keystore") != OK:
        return []
    return sorted(mark.hex() for mark in root_rotation.marks_in_use())


def unlock() -> None:
    """Have the root key in the memory of this process, asking for what opens it. Raises NotReady.

    A change of the root key that was interrupted is finished or undone first, without any question.
    """
    demand()
    provider = providers.current()
    try:
        if database_state("keystore") == OK:
            finish_change()
        if provider.is_present():
            provider.open()
            provider.health()
    except VaultError as problem:
        raise NotReady(str(problem)) from None


def finish_change() -> str:
    """Finish or undo an interrupted change of the root key, and record a finished one. "", "finished" or "undone"."""
    done = root_rotation.settle()
    if done == "finished" and database_state("default") == OK:
        record_change(kind="FINISHED")
    return done


def record_change(**detail: str) -> bool:
    """Write ROOT_KEY_CHANGED; False where the ledger cannot be written now (a new machine, say)."""
    return note(Verb.ROOT_KEY_CHANGED, "A new root key.", provider=settings.ROOT_KEY_PROVIDER, **detail)


def note(verb: str, reason: str, **detail: str) -> bool:
    """Record what a command did to the root key, where there is a ledger yet. False where there is none."""
    if database_state("default") != OK:
        return False
    with suppress(VaultError, LedgerError, DatabaseError, InterfaceError), audit_context("command", reason):
        with transaction.atomic():
            record(verb, actor=None, detail=detail)
        return True
    return False


def is_plain() -> bool:
    """Whether the root key lies in a file that opens without a passphrase."""
    if settings.ROOT_KEY_PROVIDER != "local" or not local.exists():
        return False
    try:
        return not keyfile.read(Path(settings.ROOT_KEY_FILE)).is_sealed
    except RootKeyUnavailable:
        return False  # opening it says what is wrong


def keep_to_itself() -> None:
    """For a process that goes on for long: nobody is asked any more, and a crash writes no memory to the disk."""
    asking.ask_with(None)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def pipe_to_child() -> int:
    """The reading end of a pipe that holds what a child process needs; the caller closes it after the child has it."""
    reading, writing = os.pipe()
    try:
        secret = providers.current().hand_over()
        if secret:
            os.write(writing, secret)  # some dozens of bytes: a pipe takes them at once
    finally:
        os.close(writing)
    return reading


def take_from_pipe(descriptor: int) -> None:
    """Read what the server handed over, once, and close the pipe."""
    with os.fdopen(descriptor, "rb") as pipe:
        providers.current().take_over(pipe.read())
