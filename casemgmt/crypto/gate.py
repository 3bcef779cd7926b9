"""The gate: no sealed value is opened without somebody who decides and writes it down.

The vault knows only the protocol. The case room supplies gates that admit what a person may read and record what
was read; jobs open narrower ones. Writing needs no gate.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar
from uuid import UUID

from casemgmt.crypto.errors import GateLeftOpen, SealedShut


class Gate(Protocol):
    """Decides about each value before it is opened, and remembers what it admitted."""

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Return to let the value be opened; raise to refuse."""


G = TypeVar("G", bound=Gate)
_OPEN: ContextVar[Gate | None] = ContextVar("haven_gate", default=None)


@contextmanager
def open_gate(gate: G) -> Iterator[G]:
    """Let ``gate`` decide about every sealed value read inside the block. Gates nest; the inner one decides alone."""
    token = _OPEN.set(gate)
    try:
        yield gate
    finally:
        # A gate left open on one request would stay open for the next one on the same worker thread.
        _OPEN.reset(token)


def current_gate() -> Gate | None:
    """The gate that is open now, or None."""
    return _OPEN.get()


def admit(case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
    """Ask the open gate. Raises SealedShut when none is open, and whatever the gate raises to refuse."""
    gate = _OPEN.get()
    if gate is None:
        raise SealedShut(fid)
    gate.admit(case_uid, section, fid, scope_uid)


def assert_shut() -> None:
    """Fail hard if a gate is open. The outermost middleware calls this before and after every request."""
    if _OPEN.get() is not None:
        # Shut it before complaining, or this worker thread would refuse every later request as well.
        _OPEN.set(None)
        raise GateLeftOpen("A gate was open at the edge of a request.")
