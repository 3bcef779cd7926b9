"""What one person may do with one case at one moment, and on which ground."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from casemgmt.access.sections import READ_CARD, RETENTION_CLASS_OF, Section, read, write
from cases.choices.sharing import GrantKind
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
    writable_matters: dict[UUID, Basis] = field(default_factory=dict)
    #: Retention classes of the case whose content was erased: rights to them stay, and open nothing.
    erased: frozenset[str] = frozenset()

    def may(self, permission: str) -> bool:
        """Whether one codename of the case is held."""
        return permission in self.permissions

    def has_erased(self, section: str) -> bool:
        """Whether the content of this section was erased by order."""
        return bool(self.erased) and RETENTION_CLASS_OF[section] in self.erased

    def reads(self, section: str, matter_uid: UUID | None = None) -> bool:
        """Whether a record of this section (and matter) can be read: it is held, and its content was not erased."""
        return not self.has_erased(section) and self.holds(section, matter_uid)

    def holds(self, section: str, matter_uid: UUID | None = None) -> bool:
        """Whether this section (and matter) is this person's to read, erased or not. A file is held with its matter."""
        if section == Section.LEGAL_FILE:
            return matter_uid in self.matters
        if section == Section.LEGAL and matter_uid in self.matters:
            return True
        return read(section) in self.permissions

    def writes(self, section: str, matter_uid: UUID | None = None) -> bool:
        """Whether a record of this section (and matter) can be written: it is hers to write, and was not erased."""
        return not self.has_erased(section) and self.may_write(section, matter_uid)

    def may_write(self, section: str, matter_uid: UUID | None = None) -> bool:
        """Whether this section (and matter) is this person's to write, erased or not."""
        if section == Section.LEGAL_FILE:
            return matter_uid in self.writable_matters
        if section == Section.LEGAL and matter_uid in self.writable_matters:
            return True
        return write(section) in self.permissions

    def keeps(self, section: str, matter_uid: UUID | None = None) -> bool:
        """Whether a withdrawn record of this section is still this person's: who writes there, or whose own file it is."""
        is_own_file = section == Section.LEGAL_FILE and matter_uid in self.matters
        return not self.has_erased(section) and (is_own_file or self.may_write(section, matter_uid))

    @property
    def readable(self) -> list[Section]:
        """The sections of the case that can be read, in the order of the enumeration."""
        return [section for section in self.held if not self.has_erased(section)]

    @property
    def held(self) -> list[Section]:
        """The sections of the case that are this person's to read, erased or not."""
        return [section for section in Section if section != Section.LEGAL_FILE and read(section) in self.permissions]

    def basis_for(self, section: str, matter_uid: UUID | None = None, *, writing: bool = False) -> Basis | None:
        """The ground on which this section is opened."""
        if matter_uid in self.matters and section in (Section.LEGAL, Section.LEGAL_FILE):
            return self.basis_of_matter(matter_uid)
        codename = write(section) if writing else read(section)
        return self.permissions.get(codename) or self.permissions.get(READ_CARD)

    @property
    def card_basis(self) -> Basis | None:
        """The ground on which the card is opened; of a matter, where there is no card."""
        return self.permissions.get(READ_CARD) or next(iter(map(self.basis_of_matter, self.matters)), None)

    def basis_of_matter(self, matter_uid: UUID | None) -> Basis | None:
        """The ground on which a matter is opened: that of writing, while it is written."""
        if matter_uid is None:
            return None
        return self.writable_matters.get(matter_uid) or self.matters.get(matter_uid)

    def only_reads_until(self, matter_uid: UUID) -> datetime | None:
        """Until when an attorney whose engagement is over still reads her own file of this matter; None while it runs."""
        basis = self.matters.get(matter_uid)
        if basis is None or basis.kind != GrantKind.PRO_BONO or matter_uid in self.writable_matters:
            return None
        return basis.until


@dataclass(frozen=True)
class Held:
    """A case whose row is locked, and the ground on which the actor writes to it."""

    case: Case
    holding: Holding
    basis: dict[str, Any]
    matter: Matter | None = None
