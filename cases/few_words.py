"""Opening a few sealed words of cases for people who open no case: orders, holds, walls, appointments."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from audit.context import require
from audit.log import record
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Refused
from casemgmt.access.sections import read
from casemgmt.crypto import keyring
from casemgmt.crypto.gate import open_gate

#: What was read: uid of a case → field ids.
Read = Mapping[UUID, set[str]]


class WordsGate:
    """Admits, of some cases, the fields whose ids begin with one of ``fids``, and no other. Remembers of which case."""

    def __init__(self, case_uids: Iterable[UUID], fids: tuple[str, ...]) -> None:
        self.case_uids, self.fids = frozenset(case_uids), fids
        self.read: dict[UUID, set[str]] = {}

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Raise ``Refused`` for any other field, and for any other case."""
        if case_uid not in self.case_uids or not fid.startswith(self.fids):
            raise Refused(read(section))
        self.read.setdefault(case_uid, set()).add(fid)


@contextmanager
def open_words(
    case_uids: Iterable[UUID], fids: tuple[str, ...], events: Callable[[Read], Iterable[dict[str, Any]]]
) -> Iterator[WordsGate]:
    """Open such fields of these cases for a page. Records CASE_VIEWED for each of ``events``, made of what was read.

    Where the page fails, the events are handed over, and written once its transaction is gone.
    """
    gate, done = WordsGate(case_uids, fids), False
    keyring.prefetch(gate.case_uids)
    try:
        with open_gate(gate):
            yield gate
        done = True
    finally:
        for event in events(gate.read):
            if done:
                record(Verb.CASE_VIEWED, **event)
            else:
                require().handed_over.append({"verb": Verb.CASE_VIEWED, **event, "outcome": Outcome.ROLLED_BACK})
