"""Gates for the tests: one that admits everything and remembers it, one that admits some sections."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from casemgmt.crypto.gate import open_gate


class NotAdmitted(Exception):
    """What a gate of the tests raises to refuse."""


@dataclass
class RecordingGate:
    sections: set[str] | None = None
    admitted: list[tuple[UUID, str, str, UUID | None]] = field(default_factory=list)

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        if self.sections is not None and section not in self.sections:
            raise NotAdmitted(section)
        self.admitted.append((case_uid, section, fid, scope_uid))


@contextmanager
def reading(*sections: str) -> Iterator[RecordingGate]:
    """A gate for these sections, or for all."""
    with open_gate(RecordingGate(set(sections) or None)) as gate:
        yield gate
