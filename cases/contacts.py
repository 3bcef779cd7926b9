"""Contacts at other organisations, as a case shows them: who it is, and whether a release lets anybody say anything."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import clock
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from casemgmt.crypto.errors import SealedShut
from casemgmt.crypto.gate import open_gate
from casemgmt.interface.lines import in_a_row
from cases import access
from cases.models import Case, CaseContact, HouseContact, Release


class AddressBookGate:
    """Admits the contacts that one organisation keeps, and nothing else of its pseudo-case."""

    def __init__(self, organisation_uid: UUID) -> None:
        self.organisation_uid = organisation_uid

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Raise ``SealedShut`` for anything else."""
        if case_uid != self.organisation_uid or fid != "house_contact.about":
            raise SealedShut(fid)


@contextmanager
def _open_book(reader: User) -> Iterator[None]:
    keyring.prefetch([reader.organisation.uid])
    with open_gate(AddressBookGate(reader.organisation.uid)):
        yield


def book_of(reader: User) -> list[tuple[str, str]]:
    """The contacts that the reader's organisation keeps, as something to choose: uid and words, by name. One query."""
    rows = access.of_house(HouseContact, reader).order_by("pk")
    with _open_book(reader):
        said = [(str(row.uid), _words(row.about)) for row in rows]
    return sorted(said, key=lambda one: one[1].casefold())


def _words(about: dict[str, str]) -> str:
    return in_a_row(part for part in (about.get("name"), about.get("role"), about.get("at")) if part)


def standing_in(case: Case) -> list[CaseContact]:
    """Who outside has to do with the case, the first linked first. From the door. One query."""
    return list(access.records(CaseContact, case).filter(ended_at__isnull=True).order_by("pk"))


def facts_behind(reader: User, rows: Collection[CaseContact]) -> dict[UUID, tuple[HouseContact, dict[str, str]]]:
    """The contact behind each row of an opened case and what is kept of it, by the uid of the row. One query.

    Inside the case's opening, whose event names the row that was read.
    """
    wanted = {UUID(row.what["contact"]): row.uid for row in rows if row.what}
    found = access.of_house(HouseContact, reader).filter(uid__in=list(wanted)).select_related("partner")
    with _open_book(reader):
        return {wanted[row.uid]: (row, dict(row.about)) for row in found}


def lines_of(reader: User, case: Case) -> list[dict[str, Any]]:
    """The contacts of a case as its page shows them. Inside its opening. Three queries."""
    rows = standing_in(case)
    behind = facts_behind(reader, rows)
    until = _released_until(case)
    return [
        {"row": row, "words": row.what.get("words", ""), **about, **_release_of(contact, until)}
        for row in rows if row.uid in behind for contact, about in [behind[row.uid]]
    ]  # fmt: skip


def _released_until(case: Case) -> dict[int, Any] | None:
    """The last moment of the releases that stand, by the key of whom they name; None for whoever reads no releases."""
    if case.holding is None or not case.holding.reads(Section.DUTIES):
        return None
    now = clock.now()
    rows = access.records(Release, case).filter(starts_at__lte=now, expires_at__gt=now, withdrawn_at__isnull=True)
    return dict(rows.order_by("expires_at").values_list("recipient_id", "expires_at"))


def _release_of(contact: HouseContact, until: dict[int, Any] | None) -> dict[str, Any]:
    """Whether anything may be said to this contact, in words; what may be, only the release itself says."""
    if until is None:
        return {"release": _("Ask who keeps her releases before you say anything"), "is_released": False}
    end = until.get(contact.partner_id or 0)
    if end is None:
        return {"release": _("No release: nothing may be said"), "is_released": False}
    words = _("A release stands until %(day)s: say only what it names") % {"day": date_format(timezone.localdate(end))}
    return {"release": words, "is_released": True}
