"""Contacts at other organisations: put on a case, changed, taken off. None of it tells them anything, or opens anything."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, write
from casemgmt.accounts.models import Organisation, User
from casemgmt.crypto.gate import open_gate
from casemgmt.crypto.keyring import ensure_own_keys
from cases import access
from cases.access import Held
from cases.contacts import AddressBookGate
from cases.errors.contacts import ContactIsOff, ContactIsThere, ContactNeedsOne
from cases.marks import assign
from cases.models import CaseContact, HouseContact
from cases.opening import open_to_change


@dataclass(frozen=True)
class SaidOfContact:
    """What is kept of somebody at another organisation. ``partner``: theirs, where releases can name it."""

    name: str = ""
    role: str = ""
    at: str = ""
    phone: str = ""
    email: str = ""
    partner: Organisation | None = None

    @property
    def about(self) -> dict[str, str]:
        """As ``HouseContact.about`` keeps it."""
        at = self.at or (self.partner.name if self.partner else "")
        return {"name": self.name, "role": self.role, "at": at, "phone": self.phone, "email": self.email}


@action
def link_contact(
    *, actor: User, now: datetime, case_uid: UUID, words: str, contact_uid: UUID | None = None,
    said: SaidOfContact | None = None,
) -> CaseContact:  # fmt: skip
    """Put somebody outside on a case: one whom the house knows, or somebody new whom it keeps from now on.

    Raises Hidden, Refused, CaseIsClosed, ContactNeedsOne, ContactIsThere. Records CASE_CONTACT_LINKED.
    """
    held = _locked(actor, case_uid)
    if (contact_uid is None) == (said is None or not said.name):
        raise ContactNeedsOne
    contact = None
    if contact_uid is not None:
        contact = access.of_house(HouseContact, actor).filter(uid=contact_uid).first()
        if contact is None:
            raise Hidden
        rows = access.within(CaseContact, held.case).filter(ended_at__isnull=True)
        with open_to_change(actor, held, Section.ADVOCACY):
            if any(row.what.get("contact") == str(contact_uid) for row in rows):
                raise ContactIsThere
    elif said is not None:
        ensure_own_keys(actor.organisation.uid)
        contact = HouseContact(
            organisation=actor.organisation, partner=said.partner, about=said.about, noted_at=now, noted_by=actor
        )  # fmt: skip
        contact.save()
    assert contact is not None
    row = CaseContact(
        case=held.case, what={"contact": str(contact.uid), "words": words}, linked_at=now, linked_by=actor
    )  # fmt: skip
    row.save()
    record(
        Verb.CASE_CONTACT_LINKED, actor=actor, subject=row, held=held, sections=[Section.ADVOCACY],
        fields=["case_contact.what"],
    )  # fmt: skip
    return row


@action
def change_contact(
    *, actor: User, now: datetime, case_uid: UUID, row_uid: UUID, words: str, said: SaidOfContact
) -> CaseContact:  # fmt: skip
    """Change what is kept of a contact, for every case of the house, and what they have to do with this one.

    What is the same writes nothing. Raises Hidden, Refused, CaseIsClosed, ContactIsOff. Records CASE_CONTACT_CHANGED.
    """
    held = _locked(actor, case_uid)
    row = _standing(held, row_uid)
    with open_to_change(actor, held, Section.ADVOCACY):
        uid = row.what["contact"]
    contact = access.of_house(HouseContact, actor).select_for_update(of=("self",)).filter(uid=uid).first()
    if contact is None:
        raise Hidden
    fields = [f"case_contact.{name}" for name in assign(row, what={"contact": uid, "words": words})]
    if fields:
        row.save(update_fields=["what"])
    with open_gate(AddressBookGate(actor.organisation.uid)):
        is_same = contact.about == said.about and contact.partner == said.partner
    if not is_same:
        contact.about, contact.partner = said.about, said.partner
        contact.save(update_fields=["about", "partner"])
        fields.append("house_contact.about")
    if fields:
        record(
            Verb.CASE_CONTACT_CHANGED, actor=actor, subject=row, held=held, sections=[Section.ADVOCACY], fields=fields
        )  # fmt: skip
    return row


@action
def unlink_contact(*, actor: User, now: datetime, case_uid: UUID, row_uid: UUID) -> CaseContact:
    """Take a contact off a case; the house keeps it for others. On a closed case too.

    Raises Hidden, Refused, ContactIsOff. Records CASE_CONTACT_ENDED.
    """
    held = _locked(actor, case_uid, even_closed=True)
    row = _standing(held, row_uid)
    row.ended_at, row.ended_by = now, actor
    row.save(update_fields=["ended_at", "ended_by"])
    record(Verb.CASE_CONTACT_ENDED, actor=actor, subject=row, held=held, sections=[Section.ADVOCACY])
    return row


def _locked(actor: User, case_uid: UUID, *, even_closed: bool = False) -> Held:
    """The case, locked for somebody of its house: outsiders have address books of their own."""
    held = access.lock_for_write(actor, case_uid, Section.ADVOCACY, even_closed=even_closed)
    if actor.organisation_id != held.case.organisation_id:
        raise Refused(write(Section.ADVOCACY))
    return held


def _standing(held: Held, row_uid: UUID) -> CaseContact:
    row = access.within(CaseContact, held.case).filter(uid=row_uid).first()
    if row is None:
        raise Hidden
    if row.ended_at is not None:
        raise ContactIsOff
    return row
