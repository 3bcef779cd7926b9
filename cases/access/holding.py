"""What one person may do with one case at one moment, and on which ground."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from casemgmt.access.sections import READ_CARD, Section, read, write
from cases.models import Case, Matter


@dataclass(frozen=True)
class Basis:
    """Why somebody may do something: the grant it rests on, as the ledger keeps it."""

    grant_uid: UUID
    kind: str
    purpose: str
    until: datetime
    by_team: bool

    def snapshot(self) -> dict[str, Any]:
        """What an event keeps of it: uid, kind, purpose and end, with no name and no value."""
        return {
            "grant": str(self.grant_uid),
            "kind": self.kind,
            "purpose": self.purpose,
            "until": self.until.isoformat(),
            "by_team": self.by_team,
        }


@dataclass
class Holding:
    """What one person may do with one case at one moment."""

    permissions: dict[str, Basis] = field(default_factory=dict)
    matters: dict[UUID, Basis] = field(default_factory=dict)
    writable_matters: set[UUID] = field(default_factory=set)

    def may(self, permission: str) -> bool:
        """Whether one codename of the case is held."""
        return permission in self.permissions

    def reads(self, section: str, matter_uid: UUID | None = None) -> bool:
        """Whether a record of this section (and matter) may be read. An attorney's file is read with its matter only."""
        if section == Section.LEGAL_FILE:
            return matter_uid in self.matters
        if section == Section.LEGAL and matter_uid in self.matters:
            return True
        return read(section) in self.permissions

    def writes(self, section: str, matter_uid: UUID | None = None) -> bool:
        """Whether a record of this section (and matter) may be written."""
        if section == Section.LEGAL_FILE:
            return matter_uid in self.writable_matters
        if section == Section.LEGAL and matter_uid in self.writable_matters:
            return True
        return write(section) in self.permissions

    @property
    def readable(self) -> list[Section]:
        """The sections of the case that may be read, in the order of the enumeration."""
        return [section for section in Section if section != Section.LEGAL_FILE and read(section) in self.permissions]

    def basis_for(self, section: str, matter_uid: UUID | None = None, *, writing: bool = False) -> Basis | None:
        """The ground on which this section is opened."""
        if matter_uid in self.matters and section in (Section.LEGAL, Section.LEGAL_FILE):
            return self.matters[matter_uid]
        codename = write(section) if writing else read(section)
        return self.permissions.get(codename) or self.permissions.get(READ_CARD)

    @property
    def card_basis(self) -> Basis | None:
        """The ground on which the card is opened; of a matter, where there is no card."""
        return self.permissions.get(READ_CARD) or next(iter(self.matters.values()), None)


@dataclass(frozen=True)
class Held:
    """A case whose row is locked, and the ground on which the actor writes to it."""

    case: Case
    holding: Holding
    basis: dict[str, Any]
    matter: Matter | None = None
